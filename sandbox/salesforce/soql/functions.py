"""Functions of one value: of dates, and those that only change how a value is shown.

Source: SOQL and SOSL Reference, Date Functions; toLabel(); FORMAT(); convertCurrency().
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.salesforce.schema import Field, define
from sandbox.salesforce.soql.paths import Getter, Resolver, Target
from sandbox.salesforce.soql.syntax import Call, Path
from sandbox.salesforce.store import Row
from sandbox.salesforce.values import instant

_PARTS: dict[str, Callable[[date], Any]] = {
    "calendar_year": lambda day: day.year,
    "calendar_quarter": lambda day: (day.month - 1) // 3 + 1,
    "calendar_month": lambda day: day.month,
    "fiscal_year": lambda day: day.year,
    "fiscal_quarter": lambda day: (day.month - 1) // 3 + 1,
    "fiscal_month": lambda day: day.month,
    "day_in_month": lambda day: day.day,
    "day_in_week": lambda day: day.isoweekday() % 7 + 1,
    "day_in_year": lambda day: day.timetuple().tm_yday,
    "week_in_month": lambda day: (day.day - 1) // 7 + 1,
    "week_in_year": lambda day: (day.timetuple().tm_yday - 1) // 7 + 1,
    "day_only": lambda day: day.isoformat(),
}
_SHOWN = {"tolabel", "format", "convertcurrency"}
NAMES = _PARTS.keys() | _SHOWN | {"hour_in_day"}
_NUMBER, _DAY = define("expr", "int", at=-1), define("expr", "date", at=-1)


def compiled(call: Call, resolver: Resolver) -> tuple[Getter, Field]:
    """A function call as a getter, and what its value is like; raises for a function that is not known."""
    name = call.name.lower()
    if name not in NAMES or len(call.arguments) != 1:
        raise resolver.refuse(call, "INVALID_FIELD", f"Invalid function: {call.name}")
    target, in_zone = _argument(call, resolver)
    get = resolver.getter(target)
    if name in _SHOWN:
        return (_labelled(get, target) if name == "tolabel" else get), target.field
    if target.field.type not in ("date", "datetime"):
        raise resolver.refuse(call, "INVALID_FIELD", f"field {target.field.name} does not support function {call.name}")
    zone = resolver.view.zone if in_zone else ZoneInfo("UTC")
    if name == "hour_in_day":
        return _applied(get, lambda text: instant(text).astimezone(zone).hour), _NUMBER
    part = _PARTS[name]
    kind = _DAY if name == "day_only" else _NUMBER
    return _applied(get, lambda text: part(instant(text).astimezone(zone).date())), kind


def _argument(call: Call, resolver: Resolver) -> tuple[Target, bool]:
    inner = call.arguments[0]
    if isinstance(inner, Call) and inner.name.lower() == "converttimezone" and isinstance(inner.arguments[0], Path):
        return resolver.target(inner.arguments[0]), True
    if not isinstance(inner, Path):
        raise resolver.refuse(call, "MALFORMED_QUERY", f"{call.name} takes a field")
    return resolver.target(inner), False


def _applied(get: Getter, function: Callable[[str], Any]) -> Getter:
    def applied(row: Row) -> Any:
        value = get(row)
        return None if value is None else function(value)

    return applied


def _labelled(get: Getter, target: Target) -> Getter:
    labels = {choice.value: choice.label for choice in target.field.choices}

    def labelled(row: Row) -> Any:
        value = get(row)
        return labels.get(value, value)

    return labelled
