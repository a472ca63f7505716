"""Records of one type, the latest change first, as far down as something new may lie.

Source: developers.hubspot.com, "Search the CRM": 200 results a page, 10,000 in all, one sort; the index runs behind the
records by some seconds. So we look a while below the cursor, until a run of records that we have read before; beyond
10,000 the search is put again below the last instant; and where that many share one instant, by id within it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from connectors.hubspot.client import HubSpotDoor
from connectors.hubspot.cursor import KEPT_MARKS, Cursor, mark_of, millis_of
from connectors.hubspot.rows import Record
from connectors.hubspot.streams import Source

PAGE, CAP = 200, 10_000
KNOWN_RUN = 50


def changed_at(source: Source, record: Record) -> int:
    """The instant of a record's last change in ms."""
    return millis_of(record["properties"].get(source.modified) or record["updatedAt"])


def id_after(door: HubSpotDoor, source: Source, start: str, records: int) -> tuple[int | None, int]:
    """The id of the record that comes so many after the first one from `start` on, by id (None: there is none), and how
    many there are from `start` on."""
    body = {
        "filterGroups": [{"filters": [{"propertyName": "hs_object_id", "operator": "GTE", "value": start}]}],
        "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
        "properties": ["hs_object_id"],
        "limit": 1,
        "after": str(records),
    }
    answer = door.json("POST", f"{door.paths.objects}/{source.type}/search", body)
    found = answer["results"]
    return (int(found[0]["id"]) if found else None), int(answer["total"])


class NewestFirst:
    """One pass over the changes of one object type.

    Attributes
    ----------
    total : how many living records the index counts; None before the first page, and on a pass that is resumed.
    newest : the latest change that came (ms), or that an earlier pass had read.
    created : how many of the fresh ones were made since the last pass.
    """

    def __init__(self, door: HubSpotDoor, source: Source, cursor: Cursor) -> None:
        self._door = door
        self._source = source
        self._cursor = cursor
        self._floor = cursor.floor
        self._marks: list[str] = []
        self._capped = False
        self.newest = cursor.newest
        self.total: int | None = None
        self.created = 0

    def fresh(self) -> Iterator[Record]:
        """Records that changed since the last pass, or that the index did not show then; each once."""
        known, got, run = set(self._cursor.seen), set(), 0
        for record in self._records():
            changed = changed_at(self._source, record)
            self.newest = max(changed, self.newest or changed)
            if changed < self._floor:
                return
            mark = mark_of(record["id"], changed)
            if len(self._marks) < KEPT_MARKS:
                self._marks.append(mark)
            if mark in known:
                run += changed < self._cursor.at
                if run >= KNOWN_RUN:
                    return
                continue
            run = 0
            if record["id"] not in got:
                got.add(record["id"])
                self.created += millis_of(record["createdAt"]) >= self._floor
                yield record

    def seen(self) -> tuple[str, ...]:
        """Marks of the newest records, for the next pass."""
        return tuple(dict.fromkeys([*self._marks, *self._cursor.seen]))[:KEPT_MARKS]

    def _records(self) -> Iterator[Record]:
        until = self._cursor.down
        while True:
            newest = oldest = None
            for record in self._slice(until):
                oldest = changed_at(self._source, record)
                newest = oldest if newest is None else newest
                yield record
            if not self._capped or oldest is None:
                return
            if newest == oldest:
                yield from self._ties(oldest)
                until = oldest - 1
            else:
                until = oldest

    def _slice(self, until: int | None) -> Iterator[Record]:
        """At most `CAP` records changed at or before `until`; `_capped` then tells whether there are more."""
        filters = [] if until is None else [self._filter("LTE", until)]
        sort = {"propertyName": self._source.modified, "direction": "DESCENDING"}
        after: str | None = None
        while True:
            answer = self._search(filters, sort, after)
            if until is None and self.total is None:
                self.total = answer["total"]
            yield from answer["results"]
            after = ((answer.get("paging") or {}).get("next") or {}).get("after")
            self._capped = after is not None and int(after) >= CAP
            if after is None or self._capped:
                return

    def _ties(self, instant: int) -> Iterator[Record]:
        """All records changed at exactly this instant, however many, by id."""
        last, sort = 0, {"propertyName": "hs_object_id", "direction": "ASCENDING"}
        while True:
            above = {"propertyName": "hs_object_id", "operator": "GT", "value": str(last)}
            answer = self._search([self._filter("EQ", instant), above], sort, None)
            if not answer["results"]:
                return
            yield from answer["results"]
            last = int(answer["results"][-1]["id"])

    def _filter(self, operator: str, instant: int) -> Mapping[str, str]:
        return {"propertyName": self._source.modified, "operator": operator, "value": str(instant)}

    def _search(self, filters: list[Mapping[str, str]], sort: Mapping[str, str], after: str | None) -> Any:
        body: dict[str, Any] = {
            "filterGroups": [{"filters": filters}] if filters else [],
            "sorts": [sort],
            "properties": list(self._source.properties),
            "limit": PAGE,
        }
        if after is not None:
            body["after"] = after
        return self._door.json("POST", f"{self._door.paths.objects}/{self._source.type}/search", body)
