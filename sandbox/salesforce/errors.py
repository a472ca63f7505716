"""What the org says when it refuses: a list with one object per error.

`ApiError` fails a request, `RowError` one record of it (which is the whole request where it has one record).
"""

from __future__ import annotations

from typing import Any


class RowError(Exception):
    """One record is refused, with a status code of the API and the fields concerned."""

    def __init__(self, code: str, message: str, *fields: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.fields = list(fields)

    def in_row(self) -> dict[str, Any]:
        """As it stands in the results of a collection."""
        return {"statusCode": self.code, "message": self.message, "fields": self.fields}


class ApiError(Exception):
    """The request is refused as a whole."""

    def __init__(self, status: int, code: str, message: str, fields: list[str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.fields = fields

    def body(self) -> list[dict[str, Any]]:
        error: dict[str, Any] = {"message": self.message, "errorCode": self.code}
        if self.fields is not None:
            error["fields"] = self.fields
        return [error]


STATUSES = {"ENTITY_IS_DELETED": 404, "NOT_FOUND": 404, "INSUFFICIENT_ACCESS": 403, "JSON_PARSER_ERROR": 400}


def refused(error: RowError, status: int | None = None) -> ApiError:
    """The answer to a request about one record that is refused."""
    fields = None if error.code in ("INVALID_FIELD", "JSON_PARSER_ERROR", "NOT_FOUND") else error.fields
    return ApiError(status or STATUSES.get(error.code, 400), error.code, error.message, fields)


def not_found(message: str = "The requested resource does not exist") -> ApiError:
    return ApiError(404, "NOT_FOUND", message)


def bad_request(code: str, message: str) -> ApiError:
    return ApiError(400, code, message)
