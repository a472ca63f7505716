"""Which values a property takes, and how they are kept: every value is text, an empty one clears the property.

Codes and messages follow bodies quoted in public issue threads and HubSpot's changelog ("Enhanced Validations for
Non-String Properties"): PROPERTY_DOESNT_EXIST, READ_ONLY_VALUE, INVALID_OPTION, INVALID_INTEGER, INVALID_LONG,
INVALID_DATE, INVALID_EMAIL, LEADING_TRAILING_WHITESPACE.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from math import isfinite
from typing import Any

from sandbox.hubspot.properties import Property
from sandbox.hubspot.wire import parse_time, stamp

TEXT_LIMIT = 65_536
DAY_MS = 86_400_000
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


class BadValue(Exception):
    """A value that the property doesn't take: (code, message)."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message


def as_text(value: Any) -> str:
    """A JSON value as HubSpot keeps it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def checked(definition: Property, value: Any, allowed: set[str] | None = None) -> str:
    """The value as it is kept.

    Parameters
    ----------
    allowed : what an enumeration takes whose options live elsewhere (owners, stages); None: its own options.

    Raises
    ------
    BadValue : with HubSpot's code and message.
    """
    text = as_text(value)
    if text == "":
        return ""
    if definition.type != "string" and text != text.strip():
        raise BadValue("LEADING_TRAILING_WHITESPACE", f'"{text}" includes leading or trailing whitespace.')
    check = _CHECKS.get(definition.type)
    if check:
        return check(text)
    if definition.type in ("enumeration", "bool"):
        return _option(definition, text, allowed)
    return _string(definition, text)


def _string(definition: Property, text: str) -> str:
    if len(text) > TEXT_LIMIT:
        raise BadValue("VALUE_TOO_LONG", f"{definition.label} can't be longer than {TEXT_LIMIT} characters.")
    if definition.name == "email":
        if not _EMAIL.fullmatch(text.strip()):
            raise BadValue("INVALID_EMAIL", f"Email address {text} is invalid")
        return text.strip().lower()
    return text


def is_number(text: str) -> bool:
    """Whether this is a number that can be counted with."""
    return bool(_NUMBER.fullmatch(text)) and isfinite(float(text))


def _number(text: str) -> str:
    if not is_number(text):
        raise BadValue("INVALID_INTEGER", f"{text} was not a valid number.")
    return text


def _datetime(text: str) -> str:
    ms = parse_time(text)
    if ms is None:
        raise BadValue("INVALID_LONG", f"{text} was not a valid long.")
    return stamp(ms)


def _date(text: str) -> str:
    ms = parse_time(text)
    if ms is None:
        raise BadValue("INVALID_DATE", f"{text} was not a valid date.")
    if ms % DAY_MS:
        raise BadValue("INVALID_DATE", f"{text} is at {stamp(ms)[11:19]} UTC, not midnight!")
    return stamp(ms)[:10]


def _option(definition: Property, text: str, allowed: set[str] | None) -> str:
    known = definition.values if allowed is None else allowed
    if definition.external and allowed is None and not known:
        return text
    parts = [part for part in text.split(";") if part] if definition.field_type == "checkbox" else [text]
    for part in parts:
        if part not in known:
            listed = ", ".join(sorted(known))
            raise BadValue("INVALID_OPTION", f"{part} was not one of the allowed options: [{listed}]")
    return ";".join(parts)


_CHECKS: dict[str, Callable[[str], str]] = {"number": _number, "datetime": _datetime, "date": _date}
