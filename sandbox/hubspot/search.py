"""The search index: which records match, in which order, page by page.

A result is kept until a record of the type changes, so that a page after the first costs next to nothing; times and
ids are found through sorted lists. With the search_lag fault the index knows only what was written some seconds ago,
while the records it names are read as they are now: an archived one is counted and left out, as recorded
(`total` 2, `results` []).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import OrderedDict
from collections.abc import Sequence
from operator import attrgetter
from typing import Any, NamedTuple

import orjson

from sandbox.hubspot.errors import invalid
from sandbox.hubspot.filters import Filter, key_of, matcher, parse, text_matcher
from sandbox.hubspot.object_types import ObjectType
from sandbox.hubspot.state import State
from sandbox.hubspot.store import MANY, Record, Table
from sandbox.hubspot.values import as_text

MAX_RESULTS = 10_000
MAX_PAGE, DEFAULT_PAGE = 200, 10
MAX_QUERY = 3_000
KEPT = 16


class Sort(NamedTuple):
    """By which property results are ordered; without a name by id."""

    name: str
    descending: bool


class ByTime:
    """The ids of a table in the order of when the records were changed last, kept up as they change."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.order: list[tuple[int, int]] = []
        self.place: dict[int, int] = {}

    def between(self, low: float, high: float) -> list[int]:
        """Ids of records changed from `low` to `high` (ms, both included), oldest first."""
        self._catch_up()
        start = bisect_left(self.order, (low, -1))
        end = bisect_right(self.order, (high, 1 << 62))
        return [id for _, id in self.order[start:end]]

    def _catch_up(self) -> None:
        changed = self.table.changed
        if len(changed) > MANY or not self.order:
            self.order = sorted((record.updated, record.id) for record in self.table.records.values())
            self.place = {id: at for at, id in self.order}
        else:
            for id in changed:
                self._replace(id)
        changed.clear()

    def _replace(self, id: int) -> None:
        at = self.place.pop(id, None)
        if at is not None:
            del self.order[bisect_left(self.order, (at, id))]
        record = self.table.records.get(id)
        if record is not None:
            insort(self.order, (record.updated, id))
            self.place[id] = record.updated


class Searcher:
    """Answers searches over one object type."""

    def __init__(self, state: State, kind: ObjectType) -> None:
        self.state = state
        self.kind = kind
        self.table = state.tables[kind.plural]
        self.by_time = ByTime(self.table)
        self.results: OrderedDict[bytes, tuple[int, list[int]]] = OrderedDict()

    def page(self, body: dict[str, Any]) -> tuple[int, list[Record], int | None]:
        """(total, the page's records, offset of the next page or None); raises `Refused` 400."""
        limit, after = _number(body, "limit", DEFAULT_PAGE), _number(body, "after", 0)
        if not 0 < limit <= MAX_PAGE:
            raise invalid(f"Page size {limit} is not between 1 and {MAX_PAGE}.")
        if after + limit > MAX_RESULTS:
            raise invalid("There was a problem with the request. Paging is limited to 10,000 results.")
        ids = self._ids(body)
        records = [self.table.records[id] for id in ids[after : after + limit] if id in self.table.records]
        live = [record for record in records if record.archived is None and record.id not in self.table.winners]
        following = after + limit
        return len(ids), live, following if following < len(ids) else None

    def _ids(self, body: dict[str, Any]) -> list[int]:
        lag = self._lag()
        asked = {name: body.get(name) for name in ("filterGroups", "filters", "sorts", "query")}
        key = orjson.dumps([asked, lag], option=orjson.OPT_SORT_KEYS)
        kept = self.results.get(key)
        if kept and kept[0] == self.table.version and not lag:
            return kept[1]
        ids = self._search(body, lag)
        self.results[key] = (self.table.version, ids)
        self.results.move_to_end(key)
        while len(self.results) > KEPT:
            self.results.popitem(last=False)
        return ids

    def _search(self, body: dict[str, Any], lag: float) -> list[int]:
        groups = parse(self.state, self.kind, body)
        query = as_text(body.get("query"))
        if len(query) > MAX_QUERY:
            raise invalid(f"The query is longer than {MAX_QUERY} characters.")
        tests = [matcher(self.state, self.kind, groups)] if groups else []
        tests += [text_matcher(self.state, self.kind, query)] if query else []
        sort = self._sort(body.get("sorts") or [])
        candidates = self._lagging(lag) if lag else self._candidates(groups)
        winners = self.table.winners
        found = [record for record in candidates if record.archived is None and record.id not in winners]
        for test in tests:
            found = [record for record in found if test(record)]
        return [record.id for record in self._sorted(found, sort)]

    def _candidates(self, groups: Sequence[Sequence[Filter]]) -> list[Record]:
        """Records that may match, by time of change; few where one group bounds that or the id, or names ids."""
        records = self.table.records
        for filter in groups[0] if len(groups) == 1 else ():
            span = _span(groups[0], filter)
            if self._is_stamp(filter.property.name) and span:
                return [records[id] for id in self.by_time.between(*span)]
            if filter.property.name != "hs_object_id":
                continue
            if filter.operator in ("EQ", "IN"):
                return [records[id] for id in sorted(map(int, filter.values)) if id in records]
            if span:
                low, high = bisect_left(self.table.ids, span[0]), bisect_right(self.table.ids, span[1])
                return [records[id] for id in self.table.ids[low:high]]
        return [records[id] for id in self.by_time.between(float("-inf"), float("inf"))]

    def _lagging(self, lag: float) -> list[Record]:
        """What an index knows that is `lag` seconds behind: records as they were, by their journal."""
        since = self.state.now() - int(lag * 1000)
        before: dict[int, Record | None] = {}
        for at, id, record in self.table.journal:
            if at > since:
                before.setdefault(id, record)
        known = (before.get(id, self.table.records[id]) for id in self.table.ids)
        return [record for record in known if record is not None]

    def _sort(self, sorts: Sequence[Any]) -> Sort:
        """The first sort asked for; HubSpot takes one."""
        if not sorts:
            return Sort("", descending=False)
        sort = sorts[0] if isinstance(sorts[0], dict) else {"propertyName": as_text(sorts[0]).lstrip("-")}
        descending = sort.get("direction") == "DESCENDING" or as_text(sorts[0]).startswith("-")
        definition = self.state.definition(self.kind, as_text(sort.get("propertyName")))
        if definition is None:
            raise invalid(f"There was a problem with the request. Unknown sort property {sort.get('propertyName')}")
        return Sort(definition.name, descending)

    def _sorted(self, found: list[Record], sort: Sort) -> list[Record]:
        """In the order asked for, else by id; a record without the value comes last."""
        definition = self.state.definition(self.kind, sort.name) if sort.name else None
        if definition is None:
            return sorted(found, key=attrgetter("id"))
        if self._is_stamp(sort.name):
            return sorted(found[::-1] if sort.descending else found, key=attrgetter("updated"), reverse=sort.descending)
        read = self.state.reader(self.kind, sort.name)
        keyed: list[tuple[Any, Record]] = [
            (key_of(definition, text) if (text := read(record)) else None, record) for record in found
        ]
        having = [pair for pair in keyed if pair[0] is not None]
        having.sort(key=lambda pair: pair[0], reverse=sort.descending)
        return [record for _, record in having] + [record for key, record in keyed if key is None]

    def _is_stamp(self, name: str) -> bool:
        return name in (self.kind.modified, "hs_lastmodifieddate")

    def _lag(self) -> float:
        faults = self.state.faults
        fault = faults.active("search_lag", object=self.kind.plural) if faults else None
        return float(fault.get("seconds", 10)) if fault else 0.0


def _span(group: Sequence[Filter], about: Filter) -> tuple[float, float] | None:
    """The bounds that a group sets to one number or time; None when it sets none."""
    low, high = float("-inf"), float("inf")
    for filter in group:
        if filter.property is not about.property or not filter.values or isinstance(filter.values[0], str):
            continue
        value = filter.values[0]
        if filter.operator in ("GT", "GTE", "EQ", "BETWEEN"):
            low = max(low, value)
        if filter.operator in ("LT", "LTE", "EQ"):
            high = min(high, value)
        if filter.operator == "BETWEEN" and isinstance(filter.high, float):
            high = min(high, filter.high)
    return (low, high) if (low, high) != (float("-inf"), float("inf")) else None


def _number(body: dict[str, Any], name: str, default: int) -> int:
    text = as_text(body.get(name))
    if not text:
        return default
    if not text.isdecimal():
        raise invalid(f"{name} must be a number, but was {text}.")
    return int(text)
