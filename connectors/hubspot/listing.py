"""The first sync of an object type: its whole list, with links and histories inline; and the list of archived records.

Source: developers.hubspot.com, "Objects API": 100 records a page, 50 where earlier values are asked for; `after` is
opaque, so it is what the cursor holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from connectors.batches import chunks
from connectors.hubspot.client import HubSpotDoor
from connectors.hubspot.cursor import KEPT_MARKS, Cursor, mark_of, millis_of
from connectors.hubspot.links import Links
from connectors.hubspot.rows import Record, RowMaker, merged_ids
from connectors.hubspot.search import changed_at, id_after
from connectors.hubspot.sections import Listed, Sections
from connectors.hubspot.streams import ASSOCIATIONS, PROPERTY_HISTORY, Source
from connectors.paging import paged
from connectors.protocol import Page

PAGE, PAGE_WITH_HISTORY = 100, 50
LONGEST_LIST = 12_000
"""Characters of property names in an address; HubSpot refuses addresses of some 16,000 with 414."""
PAGE_ROWS = 1000
"""Rows handed on together: a page of ours holds several of HubSpot's, and links are read for so many at once."""


def listed(
    door: HubSpotDoor, links: Links, source: Source, maker: RowMaker, cursor: Cursor, since: datetime | None
) -> Iterator[Page]:
    """All records from where the cursor stands; of `recent` sources those changed since `since`, or still open."""
    limit = PAGE_WITH_HISTORY if source.history else PAGE
    before, marks = cursor.live or 0, dict.fromkeys(cursor.seen, cursor.newest or 0)
    for answers in chunks(_pages(door, source, limit, cursor.after or ""), PAGE_ROWS // limit):
        records = [record for answer, _ in answers for record in answer]
        come = answers[-1][1]
        marks = _newest(source, records, marks)
        newest = max(marks.values(), default=None)
        kept = [record for record in records if since is None or not source.recent or _due(record, since)]
        reached = Cursor(cursor.at, come.after, before + come.records, newest, tuple(marks))
        linked = list(links.inline(source.type, kept))
        if linked:
            yield Page(ASSOCIATIONS, linked)
        if source.history:
            yield Page(PROPERTY_HISTORY, maker.history_of(kept))
        rows = [maker.of(record) for record in kept]
        yield Page(source.stream, rows, str(reached), merged_ids(kept), last=come.after is None)


def archived(door: HubSpotDoor, source: Source) -> Iterator[list[Record]]:
    """All archived records, page by page, with no more than when they were made and archived."""
    yield from _bare(door, source, "true")


def living_keys(door: HubSpotDoor, source: Source) -> Iterator[list[tuple[str, ...]]]:
    """Keys of all records that are there, page by page."""
    for records in _bare(door, source, "false"):
        yield [(record["id"],) for record in records]


def _bare(door: HubSpotDoor, source: Source, is_archived: str) -> Iterator[list[Record]]:
    def fetch(after: str) -> tuple[list[Record], str | None]:
        params = {"limit": str(PAGE), "archived": is_archived, "properties": "hs_object_id"}
        return _answer(door, source, params | ({"after": after} if after else {}))

    for records, _ in paged(fetch, ""):
        yield records


def _pages(door: HubSpotDoor, source: Source, limit: int, first: str) -> Iterator[Listed]:
    asked = {
        "limit": str(limit),
        "archived": "false",
        "properties": ",".join(source.properties),
        "propertiesWithHistory": ",".join(source.history),
        "associations": ",".join(source.links),
    }
    is_too_long = len(asked["properties"]) > LONGEST_LIST
    asked = {name: value for name, value in asked.items() if value and not (is_too_long and name == "properties")}

    def fetch(after: str) -> tuple[list[Record], str | None]:
        records, following = _answer(door, source, asked | ({"after": after} if after else {}))
        return (_filled(door, source, records) if is_too_long else records), following

    def cut(start: str, pages: int) -> tuple[int | None, int]:
        found, records = id_after(door, source, start, pages * limit)
        return found, -(-records // limit)

    return Sections(fetch, cut).pages(first)


def _filled(door: HubSpotDoor, source: Source, records: Sequence[Record]) -> list[Record]:
    """The records with all our properties, which are too many for an address but not for a body."""
    path = f"{door.paths.objects}/{source.type}/batch/read"
    body = {"inputs": [{"id": record["id"]} for record in records], "properties": list(source.properties)}
    held = (
        {record["id"]: record["properties"] for record in door.json("POST", path, body)["results"]} if records else {}
    )
    return [{**record, "properties": held[record["id"]]} for record in records if record["id"] in held]


def _answer(door: HubSpotDoor, source: Source, params: dict[str, str]) -> tuple[list[Record], str | None]:
    answer: dict[str, Any] = door.json("GET", f"{door.paths.objects}/{source.type}", None, params)
    following = ((answer.get("paging") or {}).get("next") or {}).get("after")
    records: Sequence[Record] = answer["results"]
    return list(records), following


def _newest(source: Source, records: Sequence[Record], before: dict[str, int]) -> dict[str, int]:
    """Marks of the latest changes in the list, with their instants: search will show them again."""
    changes = ((record["id"], changed_at(source, record)) for record in records)
    found = before | {mark_of(id_, changed): changed for id_, changed in changes}
    return dict(sorted(found.items(), key=lambda entry: -entry[1])[:KEPT_MARKS])


def _due(record: Record, since: datetime) -> bool:
    open_deal = record["properties"].get("hs_is_closed") == "false"
    return open_deal or millis_of(record["updatedAt"]) >= since.timestamp() * 1000
