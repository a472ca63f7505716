"""WHERE as a function from a record to yes or no, and the bounds that let an index answer it.

Text is compared without regard to case, ids with it; nothing is less or greater than null, and null differs from any
value. Source: SOQL and SOSL Reference, Comparison Operators; Filtering on Boolean Fields; Comparing null Values.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from datetime import UTC, date, datetime, time
from operator import ge, gt, le, lt
from typing import Any

from sandbox.salesforce import ids
from sandbox.salesforce.schema import Field
from sandbox.salesforce.soql import functions, periods
from sandbox.salesforce.soql.paths import Getter, Resolver
from sandbox.salesforce.soql.syntax import AllOf, AnyOf, Call, Comparison, Literal, NoneOf, Path, Query
from sandbox.salesforce.store import Row
from sandbox.salesforce.values import SOAP_TYPES, TEXT_TYPES, exact, instant, stamp

Predicate = Callable[[Row], bool]
SubSelect = Callable[[Query], Collection[Any]]
NUMBERS = {"currency", "double", "percent", "int"}
ORDERED: dict[str, Callable[[Any, Any], bool]] = {"<": lt, ">": gt, "<=": le, ">=": ge}


class Conditions:
    """Compiles the conditions of one query; `sub_select` answers `IN (SELECT …)`."""

    def __init__(self, resolver: Resolver, sub_select: SubSelect) -> None:
        self._resolver = resolver
        self._sub_select = sub_select

    def predicate(self, condition: Any) -> Predicate:
        if isinstance(condition, AllOf):
            return _all([self.predicate(one) for one in condition.conditions])
        if isinstance(condition, AnyOf):
            return _any([self.predicate(one) for one in condition.conditions])
        if isinstance(condition, NoneOf):
            inner = self.predicate(condition.condition)
            return lambda row: not inner(row)
        get, field = self._left(condition)
        return self.test(condition, get, field)

    def test(self, condition: Comparison, get: Getter, field: Field) -> Predicate:
        """The comparison of what `get` finds, a value of `field`'s type."""
        if condition.operator in ("in", "notin"):
            return self._within(condition, get, field)
        if condition.operator in ("includes", "excludes"):
            return self._includes(condition, get, field)
        if not isinstance(condition.right, Literal):
            raise self._wrong(condition, "unexpected value")
        if condition.operator == "like":
            return self._like(condition, get, field)
        if condition.right.kind == "period":
            return self._in_period(condition, get, field)
        return self._compared(condition, get, field)

    def _compared(self, condition: Comparison, get: Getter, field: Field) -> Predicate:
        value = self.constant(condition, field, condition.right)
        if value is None:
            return self._against_null(condition, get)
        if field.type in TEXT_TYPES and isinstance(value, str):
            value, get = value.lower(), _lowered(get)
        if condition.operator == "=":
            return lambda row: bool(get(row) == value)
        if condition.operator == "!=":
            return lambda row: bool(get(row) != value)
        if field.type == "boolean":
            raise self._wrong(condition, f"invalid operator on boolean field: {field.name}")
        compare = ORDERED[condition.operator]

        def ordered(row: Row) -> bool:
            found = get(row)
            return found is not None and compare(found, value)

        return ordered

    def constant(self, condition: Comparison, field: Field, literal: Literal) -> Any:
        """A literal as the org keeps values of this field; raises where its type does not fit."""
        kind, value = literal.kind, literal.value
        if kind == "null" or (kind == "string" and value == "" and field.type in {*TEXT_TYPES, "id", "reference"}):
            return None
        if field.type in ("id", "reference"):
            if kind == "string" and "EntityDefinition" in field.refers_to:
                return value
            found = ids.normal(value) if kind == "string" else None
            if found is None:
                raise self._refuse(condition, "INVALID_QUERY_FILTER_OPERATOR", f"invalid ID field: {value}")
            return found
        wanted = "number" if field.type in NUMBERS else field.type
        if wanted not in ("number", "boolean", "date", "datetime"):
            wanted = "string"
        if kind != wanted:
            quoted = "should be" if wanted == "string" else "should not be"
            soap = SOAP_TYPES.get(field.type, "xsd:string").split(":")[-1]
            raise self._wrong(
                condition,
                f"value of filter criterion for field '{field.name}' must be of type {soap} and {quoted} enclosed in "
                "quotes",
            )
        return exact(instant(value)) if kind == "datetime" else value

    def _left(self, condition: Comparison) -> tuple[Getter, Field]:
        if isinstance(condition.left, Call):
            return functions.compiled(condition.left, self._resolver)
        target = self._resolver.target(condition.left)
        if not target.field.filterable:
            raise self._wrong(condition, f"field '{condition.left.text}' can not be filtered in a query call")
        return self._resolver.getter(target), target.field

    def _against_null(self, condition: Comparison, get: Getter) -> Predicate:
        if condition.operator == "=":
            return lambda row: get(row) is None
        if condition.operator == "!=":
            return lambda row: get(row) is not None
        return lambda row: False

    def _within(self, condition: Comparison, get: Getter, field: Field) -> Predicate:
        wanted = self.wanted(condition, field)
        if field.type in TEXT_TYPES:
            wanted, get = {_lower(value) for value in wanted}, _lowered(get)
        if condition.operator == "in":
            return lambda row: get(row) in wanted
        return lambda row: get(row) not in wanted

    def wanted(self, condition: Comparison, field: Field) -> set[Any]:
        """The values after IN."""
        if isinstance(condition.right, Query):
            return set(self._sub_select(condition.right))
        return {self.constant(condition, field, literal) for literal in condition.right}

    def _includes(self, condition: Comparison, get: Getter, field: Field) -> Predicate:
        if field.type != "multipicklist":
            raise self._refuse(
                condition,
                "INVALID_QUERY_FILTER_OPERATOR",
                f"includes or excludes operator only valid on multipicklist field, not on {field.name}",
            )
        groups = [set(literal.value.lower().split(";")) for literal in condition.right]

        def includes(row: Row) -> bool:
            has = set((get(row) or "").lower().split(";"))
            return any(group <= has for group in groups)

        return includes if condition.operator == "includes" else lambda row: not includes(row)

    def _like(self, condition: Comparison, get: Getter, field: Field) -> Predicate:
        if field.type not in TEXT_TYPES or condition.right.kind != "string":
            raise self._refuse(
                condition, "INVALID_QUERY_FILTER_OPERATOR", f"invalid operator on {field.type} field: {field.name}"
            )
        pattern = _pattern(condition.right.value)

        def like(row: Row) -> bool:
            found = get(row)
            return found is not None and pattern.fullmatch(found) is not None

        return like

    def _in_period(self, condition: Comparison, get: Getter, field: Field) -> Predicate:
        if field.type not in ("date", "datetime"):
            soap = SOAP_TYPES.get(field.type, "xsd:string").split(":")[-1]
            raise self._wrong(
                condition,
                f"value of filter criterion for field '{field.name}' must be of type {soap} and should not be "
                "enclosed in quotes",
            )
        start, end = self._period(field, condition.right.value)
        tests: dict[str, Callable[[str], bool]] = {
            "=": lambda value: start <= value < end,
            "!=": lambda value: not start <= value < end,
            "<": lambda value: value < start,
            ">": lambda value: value >= end,
            "<=": lambda value: value < end,
            ">=": lambda value: value >= start,
        }
        test, missing = tests[condition.operator], condition.operator == "!="

        def in_period(row: Row) -> bool:
            found = get(row)
            return missing if found is None else test(found)

        return in_period

    def _period(self, field: Field, literal: str) -> tuple[str, str]:
        view = self._resolver.view
        first, after = periods.days(literal, view.now.astimezone(view.zone).date())
        if field.type == "date":
            return first.isoformat(), after.isoformat()
        return self._midnight(first), self._midnight(after)

    def _midnight(self, day: date) -> str:
        return stamp(datetime.combine(day, time(), self._resolver.view.zone).astimezone(UTC))

    def bounds(self, condition: Any, name: str) -> tuple[str | None, str | None]:
        """The least and greatest value of a time or id field that a record can have if the condition holds."""
        if isinstance(condition, AllOf):
            several = [self.bounds(one, name) for one in condition.conditions]
            lows, highs = [low for low, _ in several if low], [high for _, high in several if high]
            return max(lows, default=None), min(highs, default=None)
        if isinstance(condition, AnyOf):
            several = [self.bounds(one, name) for one in condition.conditions]
            lows, highs = [low for low, _ in several if low], [high for _, high in several if high]
            low = min(lows) if len(lows) == len(several) else None
            return low, max(highs) if len(highs) == len(several) else None
        if not isinstance(condition, Comparison) or not isinstance(condition.left, Path):
            return None, None
        if condition.left.text.lower() != name.lower() or not isinstance(condition.right, Literal):
            return None, None
        return self._bounds(condition, self._resolver.target(condition.left).field)

    def _bounds(self, condition: Comparison, field: Field) -> tuple[str | None, str | None]:
        if condition.right.kind == "period":
            start, end = self._period(field, condition.right.value)
        else:
            start = end = self.constant(condition, field, condition.right)
        if condition.operator == "=":
            return start, end
        if condition.operator in (">", ">="):
            return start, None
        return None, end if condition.operator in ("<", "<=") else None

    def _wrong(self, condition: Comparison, message: str) -> Exception:
        return self._refuse(condition, "INVALID_FIELD", message)

    def _refuse(self, condition: Comparison, code: str, message: str) -> Exception:
        return self._resolver.refuse(condition.left, code, message)


def _all(tests: list[Predicate]) -> Predicate:
    if len(tests) == 2:
        first, second = tests
        return lambda row: first(row) and second(row)
    return lambda row: all(test(row) for test in tests)


def _any(tests: list[Predicate]) -> Predicate:
    return lambda row: any(test(row) for test in tests)


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _lowered(get: Getter) -> Getter:
    return lambda row: _lower(get(row))


def _pattern(like: str) -> re.Pattern[str]:
    """LIKE's % and _ as a regular expression; a backslash takes their meaning away."""
    pieces = re.findall(r"\\[%_\\]|%|_|[^%_\\]+|\\", like)
    known = {"%": ".*", "_": "."}
    pattern = "".join(known.get(piece) or re.escape(piece[1:] if piece[:1] == "\\" else piece) for piece in pieces)
    return re.compile(pattern, re.IGNORECASE | re.DOTALL)
