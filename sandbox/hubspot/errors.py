"""HubSpot's refusals, in the bodies that its service sends.

The 404 page, both kinds of 403 and the search 429 were recorded. Validation, conflict and authentication bodies
follow https://developers.hubspot.com/docs/api-reference/error-handling and bodies quoted in public issue threads
(hubspot-api-python 51, hubspot-api-nodejs 124 and 148, hubspot-api-ruby 121 and 181).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from starlette.responses import Response

from sandbox.hubspot.wire import JSON

NOT_FOUND_PAGE = """<html>
<head>
<meta http-equiv="Content-Type" content="text/html;charset=utf-8"/>
<title>Error 404 Not Found</title>
</head>
<body><h2>HTTP ERROR 404</h2>
<p>Resource not found</p>
</body>
</html>
"""
SCOPES_ADVICE = (
    "This app hasn't been granted all required scopes to make this call. "
    "Read more about required scopes here: https://developers.hubspot.com/scopes."
)
CREDENTIALS_ADVICE = (
    "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details "
    "at https://developers.hubspot.com/docs/methods/auth/oauth-overview"
)


class Refused(Exception):
    """A request that HubSpot answers with an error: a JSON object, or an HTML page where `body` is empty."""

    def __init__(
        self, status: int, body: dict[str, Any], headers: Mapping[str, str] | None = None, page: str = ""
    ) -> None:
        super().__init__(status, body.get("message"))
        self.status = status
        self.body = body
        self.headers = dict(headers or {})
        self.page = page

    def response(self) -> Response:
        if self.page:
            return Response(self.page, self.status, self.headers, media_type="text/html;charset=iso-8859-1")
        headers = {"X-HubSpot-Correlation-Id": self.body["correlationId"], **self.headers}
        return Response(orjson.dumps(self.body), self.status, headers, media_type=JSON)


def refused(status: int, message: str, *, headers: Mapping[str, str] | None = None, **more: Any) -> Refused:
    """An error in HubSpot's common form: status, message, correlationId, then what is particular to it."""
    return Refused(status, {"status": "error", "message": message, "correlationId": str(uuid.uuid4()), **more}, headers)


def not_found() -> Refused:
    """A record that isn't there: 404 as an HTML page (recorded)."""
    return Refused(404, {}, {"X-HubSpot-NotFound": "true"}, NOT_FOUND_PAGE)


def too_long() -> Refused:
    """414 for an address beyond what the gateway takes."""
    return Refused(414, {}, page="<html><head><title>414 Request-URI Too Large</title></head></html>")


def missing(message: str) -> Refused:
    """A property, pipeline, owner or other piece of set-up that isn't there: 404 as JSON."""
    return refused(404, message, category="OBJECT_NOT_FOUND")


def invalid(message: str, **more: Any) -> Refused:
    """400 VALIDATION_ERROR."""
    return refused(400, message, **more, category="VALIDATION_ERROR")


def invalid_json(problem: str, column: int = 1) -> Refused:
    """400 for a body that can't be read as the request it should be."""
    return invalid(f"Invalid input JSON on line 1, column {column}: {problem}")


def invalid_properties(problems: Sequence[tuple[str, str, str]]) -> Refused:
    """400 for property values: (property, code, message) each.

    The message repeats the problems as a JSON text and `errors` lists them, as the v3 objects API does.
    """
    results = [
        {"isValid": False, "message": message, "error": code, "name": name, "localizedErrorMessage": message}
        for name, code, message in problems
    ]
    errors = [
        {"message": message, "code": code, "context": {"propertyName": [name]}} for name, code, message in problems
    ]
    return invalid(f"Property values were not valid: {orjson.dumps(results).decode()}", errors=errors)


def conflict(message: str) -> Refused:
    """409 CONFLICT."""
    return refused(409, message, category="CONFLICT")


def unauthenticated(
    message: str = CREDENTIALS_ADVICE, category: str = "INVALID_AUTHENTICATION", **more: Any
) -> Refused:
    """401, with the header that names the failure."""
    return refused(401, message, headers={"X-HubSpot-Auth-Failure": "401 Unauthorized"}, **more, category=category)


def missing_scopes(scopes: Sequence[str]) -> Refused:
    """403 for a scope that the app was not given (recorded: no rate-limit headers on it)."""
    error = {
        "message": "One or more of the following scopes are required.",
        "context": {"requiredScopes": [], "requiredGranularScopes": list(scopes)},
    }
    links = {"scopes": "https://developers.hubspot.com/scopes"}
    return refused(403, SCOPES_ADVICE, errors=[error], links=links, category="MISSING_SCOPES")


def unknown_type(text: str) -> Refused:
    """400 for an object type that the portal doesn't know."""
    return invalid(f"Unable to infer object type from: {text}")
