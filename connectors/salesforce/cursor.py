"""Where the pull of one Salesforce object stands, as the text that is committed with its rows."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

import orjson

OVERLAP = timedelta(minutes=5)
"""Rows may be committed some time after the instant in their stamp: so far we look back."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """
    Attributes
    ----------
    at : all rows stamped before this instant have come (ISO 8601, Z).
    job, locator : a Bulk 2.0 query whose results up to `locator` have come.
    then : what `at` becomes when that job has been read.
    roles_on : the day of the last snapshot of contact roles.
    whole_on : the day of the last reading of all records, for fields that the org calculates without a stamp.
    counted_at, counted : how many records there were at an instant, to find out whether some were deleted for good.
    """

    at: str | None = None
    job: str | None = None
    locator: str | None = None
    then: str | None = None
    roles_on: str | None = None
    whole_on: str | None = None
    counted_at: str | None = None
    counted: int | None = None

    def __str__(self) -> str:
        return orjson.dumps({name: value for name, value in asdict(self).items() if value is not None}).decode()


def parsed(text: str | None) -> Cursor:
    """The cursor in a text that `str` made; an empty one for None."""
    return Cursor(**orjson.loads(text)) if text else Cursor()


def literal(instant: datetime) -> str:
    """An instant in UTC as a SOQL literal."""
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


def instant_of(stamp: str) -> str:
    """A stamp as the API gives it (`2015-06-26T19:46:47.000+0000`) as a SOQL literal."""
    return f"{stamp[:19]}Z"


def stamped_since(stamp: str, at: str, user: str = "") -> str:
    """The condition on rows stamped from `at` on, and `OVERLAP` before it but for what `user` changed last."""
    early = f"{stamp} >= {literal(datetime.fromisoformat(at) - OVERLAP)}"
    return f"({stamp} >= {at} OR ({early} AND LastModifiedById != '{user}'))" if user else early
