"""What changed in one HubSpot object type, in pages: the whole list at first, then by search."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from connectors.batches import chunks
from connectors.hubspot.client import HubSpotDoor
from connectors.hubspot.cursor import Cursor, millis, millis_of, parsed
from connectors.hubspot.links import Links
from connectors.hubspot.listing import archived, listed, living_keys
from connectors.hubspot.rows import Record, RowMaker, merged_ids
from connectors.hubspot.search import NewestFirst, changed_at
from connectors.hubspot.streams import ASSOCIATIONS, PROPERTY_HISTORY, Source
from connectors.protocol import Annotate, Page, Row

GROUP = 1000
BATCH, HISTORY_BATCH = 100, 50
SECOND_MS = 1000


class Puller:
    """Reads the record streams of one portal."""

    def __init__(self, door: HubSpotDoor, links: Links, annotate: Annotate) -> None:
        self._door = door
        self._links = links
        self._annotate = annotate

    def pull(self, source: Source, cursor_text: str | None, since: datetime | None, now: datetime) -> Iterator[Page]:
        """Pages of the source from its cursor on; `now` is the portal's clock."""
        maker = RowMaker(source, self._annotate)
        cursor = parsed(cursor_text)
        if cursor is None or cursor.after is not None:
            begun = cursor or Cursor(at=millis(now))
            yield from listed(self._door, self._links, source, maker, begun, since)
        else:
            yield from self._changed(source, maker, cursor, cursor.then or millis(now), since)

    def reread(self, source: Source, ids: Sequence[str]) -> Iterator[Page]:
        """These records as they are now; their links and earlier values stay as they were read."""
        maker = RowMaker(source, self._annotate)
        for batch in chunks(ids, GROUP):
            yield Page(source.stream, [maker.of(record) for record in self._read_back(source, batch)])

    def _changed(
        self, source: Source, maker: RowMaker, cursor: Cursor, then: int, since: datetime | None
    ) -> Iterator[Page]:
        news = NewestFirst(self._door, source, cursor)
        for records in chunks(news.fresh(), GROUP):
            down = replace(cursor, down=changed_at(source, records[-1]), then=then)
            yield from self._complete(source, maker, records, str(down))
        missing = None if cursor.live is None or news.total is None else cursor.live + news.created - news.total
        if missing != 0:
            yield from self._vanished(source, cursor, missing)
        if missing is not None and missing < 0:
            yield from self._restored(source, maker, cursor, since)
        done = Cursor(at=then, live=news.total, newest=news.newest, seen=news.seen())
        yield Page(source.stream, (), str(done), last=True)

    def _vanished(self, source: Source, cursor: Cursor, missing: int | None) -> Iterator[Page]:
        """What left the living records: the archived ones, else whatever no list of HubSpot's shows any more.

        `missing` is how many fewer there are than there should be. An archived record is told by its date; what is
        missing beyond those was deleted for good, or merged.
        """
        told = 0
        for records in archived(self._door, source):
            told += sum(_left_since(record, cursor.at) for record in records)
            recent = [record["id"] for record in records if _left_at(record) >= cursor.at]
            yield from _unlinked(source, recent)
            yield Page(source.stream, (), None, [(record["id"],) for record in records])
        if missing is not None and missing > told:
            for keys in living_keys(self._door, source):
                yield Page(source.stream, (), snapshot=True, present=keys)
            yield Page(source.stream, (), snapshot=True, last=True)

    def _restored(self, source: Source, maker: RowMaker, cursor: Cursor, since: datetime | None) -> Iterator[Page]:
        """There are more records than were made: some came back from the bin, with the stamps of old."""
        for page in listed(self._door, self._links, source, maker, Cursor(at=cursor.at), since):
            yield replace(page, cursor=None, last=False)

    def _complete(self, source: Source, maker: RowMaker, found: Sequence[Record], cursor: str) -> Iterator[Page]:
        """Pages of changed records with their links as a whole and the history of their properties."""
        ids = [record["id"] for record in found]
        records = self._read_back(source, ids) if source.history else found
        if source.links:
            links = [row for to_type in source.links for row in self._links.read(source.type, ids, to_type)]
            yield Page(
                ASSOCIATIONS,
                links,
                scope=("from_type", "from_id"),
                replaced=[(source.type, record_id) for record_id in ids],
            )
        if source.type == "contacts":
            yield from self._deals_of(ids)
        if source.history:
            yield Page(PROPERTY_HISTORY, maker.history_of(records))
        yield Page(source.stream, [maker.of(record) for record in records], cursor, merged_ids(records))

    def _read_back(self, source: Source, ids: Sequence[str]) -> list[Record]:
        """Records read by id, with histories where the source has any: a search may be behind, and tells none."""
        records: list[Record] = []
        for batch in chunks(ids, HISTORY_BATCH if source.history else BATCH):
            body: dict[str, Any] = {
                "inputs": [{"id": record_id} for record_id in batch],
                "properties": list(source.properties),
            }
            if source.history:
                body["propertiesWithHistory"] = list(source.history)
            path = f"{self._door.paths.objects}/{source.type}/batch/read"
            records += self._door.json("POST", path, body)["results"]
        return records

    def _deals_of(self, contact_ids: Sequence[str]) -> Iterator[Page]:
        """A link made or removed at the contact's side may not move the deal's stamp: so look from there too."""
        theirs = self._links.read("contacts", contact_ids, "deals")
        deals = list(dict.fromkeys(row["to_id"] for row in theirs if row["to_id"]))
        rows: list[Row] = list(self._links.read("deals", deals, "contacts"))
        yield Page(
            ASSOCIATIONS,
            rows,
            scope=("from_type", "from_id", "to_type"),
            replaced=[("deals", record_id, "contacts") for record_id in deals],
        )
        meant = set(contact_ids)
        yield Page(
            ASSOCIATIONS,
            [row for row in rows if row["to_id"] in meant],
            scope=("from_type", "to_type", "to_id"),
            replaced=[("deals", "contacts", record_id) for record_id in contact_ids],
        )


def _left_since(record: Record, at: int) -> bool:
    """Whether an archived record was surely there at this instant (ms, of which the second alone is known)."""
    return _left_at(record) >= at + SECOND_MS and millis_of(record["createdAt"]) < at


def _left_at(record: Record) -> int:
    """When a record was archived (ms); 0 where HubSpot does not tell."""
    left = record.get("archivedAt")
    return millis_of(left) if left else 0


def _unlinked(source: Source, ids: Sequence[str]) -> Iterator[Page]:
    """An archived record has lost its links, on both sides."""
    if ids:
        for side in ("from", "to"):
            replaced = [(source.type, record_id) for record_id in ids]
            yield Page(ASSOCIATIONS, (), scope=(f"{side}_type", f"{side}_id"), replaced=replaced)
