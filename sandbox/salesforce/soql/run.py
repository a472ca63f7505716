"""Answers a query: which records, in which order, and how to show them.

Ids, references and times are looked up in the tables' indexes; what the index can't decide is tested record by
record, in the order asked for, and no further than LIMIT.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from sandbox.salesforce.errors import bad_request
from sandbox.salesforce.schema import Field, SObject
from sandbox.salesforce.soql import functions, groups
from sandbox.salesforce.soql.conditions import Conditions, Predicate
from sandbox.salesforce.soql.paths import Getter, Resolver, View
from sandbox.salesforce.soql.selection import Column, Selection
from sandbox.salesforce.soql.syntax import AllOf, Call, Children, Chosen, Comparison, Path, Query, complaint, parse
from sandbox.salesforce.store import Row, Table

LARGEST_OFFSET = 2000
LARGEST_AGGREGATE = 2000
TIMES = ("SystemModstamp", "LastModifiedDate", "CreatedDate", "Id")


@dataclass(slots=True)
class Result:
    """What a query found.

    Attributes
    ----------
    size : records in all, or what COUNT() counts.
    rows : records as they are stored, or groups.
    show : makes of a row what a JSON answer shows.
    columns : the plain fields selected, for CSV; empty for groups.
    """

    sobject: SObject
    query: Query
    size: int
    rows: list[Any]
    show: Callable[[Any], dict[str, Any]]
    columns: list[Column]


def run(text: str, view: View, base: str, *, deleted: bool = False) -> Result:
    """Answer a query.

    Parameters
    ----------
    base : what the records' addresses begin with, such as `/services/data/v65.0/sobjects/`.
    deleted : whether to find records in the recycle bin too.
    """
    return _Run(parse(text), view, base, deleted=deleted).result()


class _Run:
    """One query, or one sub-query of it."""

    def __init__(self, query: Query, view: View, base: str, *, deleted: bool) -> None:
        self._query = query
        self._view = view
        self._base = base
        self._deleted = deleted or query.all_rows
        sobject = view.sobject(query.source)
        if sobject is None:
            raise bad_request("INVALID_TYPE", _not_supported(query))
        self._sobject = sobject
        self._table: Table = view.store[sobject.name]
        self._resolver = Resolver(view, sobject, query.text, query.alias)
        self._sub_selects: dict[Query, list[Any]] = {}
        self._conditions = Conditions(self._resolver, self._sub_select)

    def result(self) -> Result:
        query = self._query
        if query.offset > LARGEST_OFFSET:
            raise bad_request("NUMBER_OUTSIDE_VALID_RANGE", "Maximum SOQL offset allowed is 2000")
        if groups.only_counts(query):
            return Result(self._sobject, query, self._count(), [], dict, [])
        if groups.aggregates(query):
            return self._grouped()
        selection = Selection(query, self._resolver, self._children, self._base)
        rows = self.rows()
        return Result(self._sobject, query, len(rows), rows, selection.render(), selection.columns)

    def _grouped(self) -> Result:
        found = groups.Groups(self._query, self._resolver, self._conditions).fold(self._matching(self._candidates()))
        if len(found) > LARGEST_AGGREGATE:
            raise bad_request(
                "EXCEEDED_ID_LIMIT",
                "Aggregate query does not support queryMore(), use LIMIT to restrict the results to a single batch",
            )
        return Result(self._sobject, self._query, len(found), found, lambda group: group, [])

    def _count(self) -> int:
        found = sum(1 for _ in self._matching(self._candidates()))
        return found if self._query.limit is None else min(found, self._query.limit)

    def rows(self, candidates: list[Row] | None = None) -> list[Row]:
        """The records that fit, in order, from OFFSET up to LIMIT."""
        query = self._query
        stop = None if query.limit is None else query.offset + query.limit
        presorted = self._presorted() if candidates is None else None
        if presorted is not None:
            return list(islice(self._matching(presorted), query.offset, stop))
        found = self._matching(self._candidates() if candidates is None else candidates)
        if not query.order:
            return list(islice(found, query.offset, stop))
        rows = list(found)
        for ordering in reversed(query.order):
            rows = groups.ordered(rows, self._ordering(ordering.what), ordering)
        return rows[query.offset : stop]

    def _ordering(self, what: Path | Call) -> Getter:
        if isinstance(what, Call):
            return functions.compiled(what, self._resolver)[0]
        target = self._resolver.target(what)
        if not target.field.sortable:
            raise self._resolver.refuse(
                what, "MALFORMED_QUERY", f"field '{what.text}' can not be sorted in a query call"
            )
        return self._resolver.getter(target)

    def _matching(self, candidates: Iterable[Row]) -> Iterable[Row]:
        tests: list[Predicate] = []
        gone = self._sobject.fields.get("isdeleted")
        if gone is not None and not self._deleted:
            at = gone.at
            tests.append(lambda row: not row[at])
        if self._query.where is not None:
            tests.append(self._conditions.predicate(self._query.where))
        for test in tests:
            candidates = filter(test, candidates)
        return candidates

    def _candidates(self) -> Iterable[Row]:
        """As few records as the indexes can narrow the query down to."""
        for condition in self._conjuncts():
            field = self._own_field(condition.left)
            if field is not None and field.type in ("id", "reference"):
                wanted = self._looked_up(condition, field)
                if wanted is not None:
                    return self._table.having(field.at, wanted)
        for name in TIMES:
            if name.lower() in self._sobject.fields and self._query.where is not None:
                low, high = self._conditions.bounds(self._query.where, name)
                if low or high:
                    return self._table.between(self._sobject.at(name), low, high)
        return list(self._table.rows.values())

    def _presorted(self) -> Iterable[Row] | None:
        """All records in the order asked for, where an index has it: by a time or the id, then by the id."""
        order = [(one.what.text.lower() if isinstance(one.what, Path) else "", one) for one in self._query.order]
        names = [name for name, _ in order]
        known = [name.lower() for name in TIMES]
        if not names or names[0] not in known or names[1:] not in ([], ["id"]):
            return None
        if any(one.descending for _, one in order) or names[0] not in self._sobject.fields:
            return None
        if any(condition.operator in ("=", "in") and self._is_reference(condition) for condition in self._conjuncts()):
            return None
        low, high = (None, None) if self._query.where is None else self._conditions.bounds(self._query.where, names[0])
        return self._table.between(self._sobject.at(names[0]), low, high)

    def _is_reference(self, condition: Comparison) -> bool:
        field = self._own_field(condition.left)
        return field is not None and field.type in ("id", "reference")

    def _conjuncts(self) -> list[Comparison]:
        """The comparisons that all have to hold."""
        where = self._query.where
        several = where.conditions if isinstance(where, AllOf) else (where,)
        return [one for one in several if isinstance(one, Comparison)]

    def _own_field(self, what: Path | Call) -> Field | None:
        if isinstance(what, Call):
            return None
        target = self._resolver.target(what)
        return None if target.hops else target.field

    def _looked_up(self, condition: Comparison, field: Field) -> Iterable[Any] | None:
        if condition.operator == "=":
            return [self._conditions.constant(condition, field, condition.right)]
        if condition.operator == "in":
            return dict.fromkeys(sorted(self._conditions.wanted(condition, field), key=str))
        return None

    def _sub_select(self, query: Query) -> list[Any]:
        """The values of `IN (SELECT …)`, found once."""
        if query not in self._sub_selects:
            self._sub_selects[query] = self._answers(query)
        return self._sub_selects[query]

    def _answers(self, query: Query) -> list[Any]:
        inner = _Run(query, self._view, self._base, deleted=False)
        chosen = query.selection[0]
        if len(query.selection) != 1 or not isinstance(chosen, Chosen) or not isinstance(chosen.what, Path):
            raise bad_request("MALFORMED_QUERY", complaint(query.text, query.source_at, "select one field"))
        target = inner._resolver.target(chosen.what)
        if target.field.type not in ("id", "reference"):
            message = f"The inner select field '{chosen.what.text}' must be an ID or a reference"
            raise inner._resolver.refuse(chosen.what, "MALFORMED_QUERY", message)
        get = inner._resolver.getter(target)
        return [value for value in map(get, inner.rows()) if value is not None]

    def _children(self, query: Query, parent: SObject) -> tuple[str, Getter]:
        """A sub-select over a child relationship: its name, and what it shows for one parent."""
        known = self._view.store.schema.children(parent).get(query.source.lower())
        visible = self._view.sobject(known[0].name) if known else None
        if known is None or visible is None:
            raise bad_request(
                "INVALID_FIELD",
                complaint(
                    query.text,
                    query.source_at,
                    f"Didn't understand relationship '{query.source}' in FROM part of query call. If you are "
                    "attempting to use a custom relationship, be sure to append the '__r' after the custom "
                    "relationship name. Please reference your WSDL or the describe call for the appropriate names.",
                ),
            )
        child, field = known
        if any(isinstance(item, Children) for item in query.selection):
            raise bad_request("MALFORMED_QUERY", complaint(query.text, query.source_at, "nested too deeply"))
        inner = _Run(replace(query, source=child.name), self._view, self._base, deleted=self._deleted)
        show = Selection(inner._query, inner._resolver, inner._children, self._base).render()
        table = inner._table

        def children(row: Row) -> dict[str, Any] | None:
            found = inner.rows(table.having(field.at, [row[0]]))
            if not found:
                return None
            return {"totalSize": len(found), "done": True, "records": [show(one) for one in found]}

        return str(field.children), children


def _not_supported(query: Query) -> str:
    return complaint(
        query.text,
        query.source_at,
        f"sObject type '{query.source}' is not supported. If you are attempting to use a custom object, be sure to "
        "append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate "
        "names.",
    )
