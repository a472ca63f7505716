"""What changed in one Salesforce object, in pages: by REST for little, by Bulk 2.0 for much."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from connectors.batches import chunks
from connectors.errors import ConnectorError, TryLater
from connectors.paging import paged
from connectors.protocol import Annotate, Page
from connectors.recovery import Refusal, explained
from connectors.salesforce.bulk import bulk_pages
from connectors.salesforce.client import SalesforceDoor
from connectors.salesforce.cursor import Cursor, instant_of, literal, parsed, stamped_since
from connectors.salesforce.describe import Org
from connectors.salesforce.purged import recounted
from connectors.salesforce.roles import open_roles
from connectors.salesforce.rows import RowMaker, page
from connectors.salesforce.streams import SOURCES, Source

REST_PAGE = 2000
BULK_ROWS, BULK_CALLS = 6000, 3
"""Bulk 2.0 takes at least three calls an object, so it is for more rows than three REST pages hold."""
MOST_RESTARTS = 3
IDS_AT_ONCE = 300
"""So many ids, and the fields, still fit in an address of 16,000 characters."""


@dataclass(frozen=True, slots=True)
class Errand:
    """One pull of one source.

    Attributes
    ----------
    since : how far back to go where there is no cursor.
    user : our own user's id, whose writes need no second look.
    done : the cursor once all has come.
    """

    source: Source
    maker: RowMaker
    since: datetime | None
    user: str
    done: Cursor


class Puller:
    """Reads the streams of one org."""

    def __init__(self, door: SalesforceDoor, org: Org, annotate: Annotate) -> None:
        self._door = door
        self._org = org
        self._annotate = annotate
        self._lock = threading.Lock()
        self._counts: Mapping[str, int] | None = None

    def pull(
        self, source: Source, cursor_text: str | None, since: datetime | None, user: str, now: datetime
    ) -> Iterator[Page]:
        """Pages of the source from its cursor on, or from `since` on; `now` is the org's clock."""
        maker = RowMaker(source, self._org.fields(source.object), self._annotate)
        cursor, today = parsed(cursor_text), f"{now:%Y-%m-%d}"
        if cursor.job:
            if (yield from bulk_pages(self._door, source, maker, cursor)):
                return
            cursor = replace(cursor, job=None, locator=None, then=None)
        are_roles = source.stream.name == "opportunity_contact_role"
        if are_roles and cursor.at and cursor.roles_on != today:
            yield from open_roles(self._door, source, maker)
        if source.keeps and cursor.at and (cursor.counted_at or "")[:10] != today:
            cursor = yield from recounted(self._door, source, cursor, now)
        elif source.keeps and not cursor.at:
            cursor = replace(cursor, counted_at=literal(now), counted=self._count(source.object))
        if maker.has_formulas and cursor.at and cursor.whole_on != today:
            for read_again in self._by_rest(Errand(source, maker, since, user, Cursor()), Cursor()):
                yield replace(read_again, cursor=None, last=False)
        done = replace(
            cursor,
            whole_on=today if maker.has_formulas else None,
            at=literal(now),
            roles_on=today if are_roles else None,
        )
        errand = Errand(source, maker, None if cursor.at else since, user, done)
        if not cursor.at and self._count(source.object) > BULK_ROWS and (yield from self._in_bulk(errand, cursor)):
            return
        yield from self._by_rest(errand, cursor)

    def reread(self, source: Source, ids: Sequence[str]) -> Iterator[Page]:
        """These records as they are now; those in the bin as deleted ones."""
        maker = RowMaker(source, self._org.fields(source.object), self._annotate)
        for batch in chunks(ids, IDS_AT_ONCE):
            named = ", ".join(f"'{record_id}'" for record_id in batch)
            soql = select(source, maker.selected, f"Id IN ({named})", ordered=False)
            for _, records, _ in self._query("queryAll", soql):
                yield page(source, maker.of_records(records), None)

    def _by_rest(self, errand: Errand, cursor: Cursor) -> Iterator[Page]:
        """Page by page, oldest first; a query that the org has forgotten is put again from where it stood."""
        source = errand.source
        may_bulk = True
        for _ in range(MOST_RESTARTS):
            soql = select(source, errand.maker.selected, condition(errand, cursor), ordered=True)
            try:
                for total, records, more in self._query(queried(source, cursor), soql):
                    many = may_bulk and total > max(BULK_ROWS, (BULK_CALLS + 1) * REST_PAGE)
                    if many and (yield from self._in_bulk(errand, cursor)):
                        return
                    may_bulk = False
                    made = errand.maker.of_records(records)
                    if not more:
                        yield page(source, made, str(errand.done), last=True)
                        return
                    if source.stamp:
                        cursor = replace(cursor, at=max(cursor.at or "", instant_of(records[-1][source.stamp])))
                    yield page(source, made, str(cursor) if source.stamp else None)
            except Refusal as refusal:
                if refusal.code != "INVALID_QUERY_LOCATOR":
                    raise explained(refusal, source.object) from None
        raise TryLater(f"The org keeps dropping a query ({source.object}).", "The next run goes on with it.")

    def _in_bulk(self, errand: Errand, cursor: Cursor) -> Generator[Page, None, bool]:
        """The same through a bulk query; False where the org could not run it."""
        source = errand.source
        soql = select(source, errand.maker.selected, condition(errand, cursor), ordered=False)
        order = {"operation": queried(source, cursor), "query": soql}
        try:
            job = self._door.send("POST", "jobs/query", order, repeatable=False, own={400, 404}).data["id"]
        except Refusal:
            return False
        begun = replace(errand.done, at=cursor.at, job=job, then=errand.done.at)
        yield Page(source.stream, (), str(begun))
        return (yield from bulk_pages(self._door, source, errand.maker, begun))

    def _query(self, queried: str, soql: str) -> Iterator[tuple[int, Sequence[Mapping[str, Any]], bool]]:
        """(total, records, whether more follow) of each page; `nextRecordsUrl` is followed, never built."""

        def fetch(url: str) -> tuple[Any, str | None]:
            params = {"q": soql} if url == queried else None
            answer = self._door.send("GET", url, None, params, own={400} if params is None else ()).data
            return answer, answer.get("nextRecordsUrl")

        for answer, following in paged(fetch, queried):
            yield answer["totalSize"], answer["records"], following is not None

    def _count(self, object: str) -> int:
        """About how many records there are, by one call for all objects; 0 where the org does not tell."""
        with self._lock:
            if self._counts is None:
                names = ",".join(dict.fromkeys(source.object for source in SOURCES))
                try:
                    answer = self._door.send(
                        "GET", "limits/recordCount", None, {"sObjects": names}, own={400, 404}
                    ).data
                    self._counts = {entry["name"]: entry["count"] for entry in answer["sObjects"]}
                except (Refusal, ConnectorError):
                    self._counts = {}
            return self._counts.get(object, 0)


def queried(source: Source, cursor: Cursor) -> str:
    """queryAll shows deleted rows too; a first sync has no need of them."""
    return "queryAll" if source.binned and cursor.at else "query"


def condition(errand: Errand, cursor: Cursor) -> str:
    """Which rows are due: stamped from the cursor on, and a while before it except what we wrote ourselves."""
    source = errand.source
    parts = [source.where] if source.where else []
    if source.stamp and cursor.at:
        parts.append(stamped_since(source.stamp, cursor.at, errand.user if source.written else ""))
    elif source.stamp and errand.since is not None and source.first is not None:
        recent = f"{source.stamp} >= {literal(errand.since)}"
        parts.append(f"({recent} OR {source.first})" if source.first else recent)
    return " AND ".join(parts)


def select(source: Source, fields: Sequence[str], where: str, *, ordered: bool) -> str:
    """The query for these fields and rows; ordered by stamp and id, so that every page can carry a cursor."""
    soql = f"SELECT {', '.join(fields)} FROM {source.object}"  # noqa: S608 - names are ours, literals are instants
    if where:
        soql += f" WHERE {where}"
    if ordered and source.stamp:
        soql += f" ORDER BY {source.stamp}, Id"
    return soql
