"""Aggregates: GROUP BY, HAVING, COUNT() and the like.

Source: SOQL and SOSL Reference, Aggregate Functions; GROUP BY; HAVING; GROUP BY and Aliases.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sandbox.salesforce.schema import Field, define
from sandbox.salesforce.soql import functions
from sandbox.salesforce.soql.conditions import NUMBERS, Conditions
from sandbox.salesforce.soql.paths import Getter, Resolver
from sandbox.salesforce.soql.syntax import AllOf, AnyOf, Call, Chosen, NoneOf, Ordering, Path, Query, malformed
from sandbox.salesforce.store import Row

Group = dict[str, Any]
Fold = Callable[[list[Row]], Any]


def _known(get: Getter, rows: list[Row]) -> list[Any]:
    return [value for value in map(get, rows) if value is not None]


FOLDS: dict[str, Callable[[list[Any]], Any]] = {
    "count": len,
    "count_distinct": lambda values: len({value.lower() if isinstance(value, str) else value for value in values}),
    "sum": lambda values: sum(values) if values else None,
    "avg": lambda values: sum(values) / len(values) if values else None,
    "min": lambda values: min(values, default=None),
    "max": lambda values: max(values, default=None),
}


def is_aggregate(what: Any) -> bool:
    return isinstance(what, Call) and what.name.lower() in FOLDS


def aggregates(query: Query) -> bool:
    """Whether the answer has AggregateResult rows (or only a count) instead of records."""
    return query.groups is not None or any(
        isinstance(item, Chosen) and is_aggregate(item.what) for item in query.selection
    )


def only_counts(query: Query) -> bool:
    """`SELECT COUNT() FROM …`: the answer is its totalSize."""
    first = query.selection[0]
    if not (isinstance(first, Chosen) and isinstance(first.what, Call)):
        return False
    return first.what.name.lower() == "count" and not first.what.arguments and len(query.selection) == 1


@dataclass(slots=True)
class _Column:
    """`key`: the value that a group has in common; else `fold`: what its rows come to."""

    name: str
    fold: Fold
    field: Field


class Groups:
    """Groups the rows of one query."""

    def __init__(self, query: Query, resolver: Resolver, conditions: Conditions) -> None:
        self._query = query
        self._resolver = resolver
        self._conditions = conditions
        self._keys = [self._key(one) for one in query.groups or ()]
        self._number = 0
        self._columns = [self._column(item) for item in query.selection]

    def fold(self, rows: Iterable[Row]) -> list[Group]:
        """One AggregateResult per group, ordered and cut as the query says."""
        gathered: dict[tuple[Any, ...], list[Row]] = {}
        getters = [get for _, get, _ in self._keys]
        for row in rows:
            gathered.setdefault(tuple(get(row) for get in getters), []).append(row)
        if self._query.groups is None:
            gathered = gathered or {(): []}
        groups = list(gathered.values())
        if self._query.having is not None:
            keep = self._having(self._query.having)
            groups = [group for group in groups if keep(group)]
        for ordering in reversed(self._query.order):
            groups = ordered(groups, self._value(ordering.what)[0], ordering)
        start = self._query.offset
        stop = None if self._query.limit is None else start + self._query.limit
        return [self._shown(group) for group in groups[start:stop]]

    def _shown(self, rows: list[Row]) -> Group:
        group: Group = {"attributes": {"type": "AggregateResult"}}
        for column in self._columns:
            group[column.name] = column.fold(rows)
        return group

    def _key(self, what: Any) -> tuple[str, Getter, Field]:
        if isinstance(what, Call):
            get, field = functions.compiled(what, self._resolver)
            return _text(what), get, field
        target = self._resolver.target(what)
        if target.field.type in ("textarea", "address") or (
            target.field.type in NUMBERS - {"int"} and not target.field.custom
        ):
            raise self._resolver.refuse(
                what, "MALFORMED_QUERY", f"field '{what.text}' can not be grouped in a query call"
            )
        return what.text.lower(), self._resolver.getter(target), target.field

    def _column(self, item: Any) -> _Column:
        if not isinstance(item, Chosen):
            raise malformed("a sub-select can not be grouped")
        fold, field = self._value(item.what)
        if item.alias:
            name = item.alias
        elif isinstance(item.what, Path):
            name = field.name
        else:
            name = f"expr{self._number}"
            self._number += 1
        return _Column(name, fold, field)

    def _value(self, what: Any) -> tuple[Fold, Field]:
        """What a group's rows come to for an aggregate, a grouped field, or an alias of either."""
        if is_aggregate(what):
            return self._aggregate(what)
        wanted = what.text.lower() if isinstance(what, Path) else _text(what)
        for name, get, field in self._keys:
            if name == wanted:
                return _first(get), field
        for item in self._query.selection:
            if isinstance(item, Chosen) and item.alias and item.alias.lower() == wanted and item.what is not what:
                return self._value(item.what)
        if isinstance(what, Path):
            self._resolver.target(what)
        shown = what.text if isinstance(what, Path) else what.name
        raise self._resolver.refuse(what, "MALFORMED_QUERY", f"Field must be grouped or aggregated: {shown}")

    def _aggregate(self, call: Call) -> tuple[Fold, Field]:
        name = call.name.lower()
        if not call.arguments:
            return len, define("expr", "int", at=-1)
        if not isinstance(call.arguments[0], Path):
            raise self._resolver.refuse(call, "MALFORMED_QUERY", f"{call.name} takes a field")
        target = self._resolver.target(call.arguments[0])
        numeric = target.field.type in NUMBERS
        if (name in ("sum", "avg") and not numeric) or target.field.type in ("textarea", "address"):
            message = f"field {target.field.name} does not support aggregate operator {call.name.upper()}"
            raise self._resolver.refuse(call, "MALFORMED_QUERY", message)
        get, fold = self._resolver.getter(target), FOLDS[name]
        counted = name.startswith("count")
        kind = define("expr", "int", at=-1) if counted else target.field
        return (lambda rows: fold(_known(get, rows))), kind

    def _having(self, condition: Any) -> Callable[[list[Row]], bool]:
        if isinstance(condition, AllOf | AnyOf):
            tests = [self._having(one) for one in condition.conditions]
            combine = all if isinstance(condition, AllOf) else any
            return lambda rows: combine(test(rows) for test in tests)
        if isinstance(condition, NoneOf):
            inner = self._having(condition.condition)
            return lambda rows: not inner(rows)
        fold, field = self._value(condition.left)
        return self._conditions.test(condition, fold, field)


def _first(get: Getter) -> Fold:
    return lambda rows: get(rows[0]) if rows else None


def _text(call: Call) -> str:
    inner = ",".join(one.text if isinstance(one, Path) else _text(one) for one in call.arguments)
    return f"{call.name}({inner})".lower()


def ordered(rows: list[Any], get: Callable[[Any], Any], ordering: Ordering) -> list[Any]:
    """Sorted by one value, those without it first or last; the order of equals is kept."""
    keyed = [(get(row), row) for row in rows]
    missing = [row for value, row in keyed if value is None]
    present = [(value.lower() if isinstance(value, str) else value, row) for value, row in keyed if value is not None]
    present.sort(key=lambda pair: pair[0], reverse=ordering.descending)
    found = [row for _, row in present]
    return missing + found if ordering.nulls_first else found + missing
