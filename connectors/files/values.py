"""Values of a table file as the store keeps them, checked on the way."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import orjson

from connectors.text import as_text

TRUE, FALSE = {"true", "t", "yes", "1"}, {"false", "f", "no", "0"}


def _number(value: Any) -> str:
    text = str(value).strip()
    float(text)
    return text if isinstance(value, str) else str(as_text(value))


def _count(value: Any) -> str:
    if float(value) != int(float(value)):
        raise ValueError
    return str(int(float(value)))


def _flag(value: Any) -> str:
    text = str(value).strip().lower()
    if text not in TRUE | FALSE:
        raise ValueError
    return "true" if text in TRUE else "false"


def _day(value: Any) -> str:
    if isinstance(value, datetime):
        value = value.date()
    return value.isoformat() if isinstance(value, date) else date.fromisoformat(str(value).strip()[:10]).isoformat()


_SETTLED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ").fullmatch


def _time(value: Any) -> str:
    if isinstance(value, str) and _SETTLED(value):
        datetime.fromisoformat(value)
        return value
    instant = value if isinstance(value, datetime) else datetime.fromisoformat(str(value).strip())
    instant = instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    return instant.isoformat().replace("+00:00", "Z")


def _texts(value: Any) -> str:
    held = orjson.loads(value) if isinstance(value, str) else value
    if not isinstance(held, list):
        raise TypeError
    return orjson.dumps(held).decode()


CONVERT: dict[str, tuple[Callable[[Any], str], str]] = {
    "number": (_number, "a number"),
    "count": (_count, "a whole number"),
    "flag": (_flag, "true or false"),
    "day": (_day, "a date such as 2026-11-21"),
    "time": (_time, "a time such as 2026-11-21T09:00:00Z"),
    "texts": (_texts, 'a list such as ["pricing"]'),
}
"""A column's kind -> what makes text of a value (ValueError or TypeError if it can't), and what it should have been."""
