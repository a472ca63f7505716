"""How HubSpot writes things on the wire: instants, JSON answers, lists in a query string.

Seen in recorded answers: `2022-02-17T19:25:27.631Z`, but `2022-02-17T19:25:29Z` when the milliseconds are zero.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from math import floor
from typing import Any

import orjson
from starlette.datastructures import QueryParams
from starlette.responses import Response

JSON = "application/json;charset=utf-8"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?")


def millis(instant: datetime) -> int:
    """Milliseconds since 1970 of an instant; one without a zone is taken as UTC."""
    aware = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    return floor(aware.timestamp()) * 1000 + aware.microsecond // 1000


def stamp(ms: int) -> str:
    """Milliseconds since 1970 as HubSpot writes them."""
    seconds, rest = divmod(ms, 1000)
    text = (_EPOCH + timedelta(seconds=seconds)).isoformat()[:19]
    return f"{text}.{rest:03d}Z" if rest else f"{text}Z"


def parse_time(text: str) -> int | None:
    """Milliseconds of a time as clients send it (ISO 8601, a date, or epoch milliseconds), or None if it is none."""
    if re.fullmatch(r"-?\d{1,15}", text):
        return int(text)
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        text += "T00:00:00Z"
    if not _ISO.fullmatch(text):
        return None
    try:
        return millis(datetime.fromisoformat(text))
    except ValueError:
        return None


def answer(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer, spelled as HubSpot spells its content type."""
    return Response(orjson.dumps(body), status, dict(headers or {}), media_type=JSON)


def no_content() -> Response:
    """204 with an empty body."""
    return Response(status_code=204)


def listed(query: QueryParams, name: str) -> list[str]:
    """A list parameter, whether sent as `name=a,b` or as `name=a&name=b`; duplicates go."""
    return unique(part for value in query.getlist(name) for part in value.split(","))


def unique(names: Iterable[Any]) -> list[str]:
    """The names without blanks and repetitions, in order."""
    return list(dict.fromkeys(str(name).strip() for name in names if str(name).strip()))


def flag(query: QueryParams, name: str) -> bool:
    return query.get(name, "").lower() == "true"
