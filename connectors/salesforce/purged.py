"""Records deleted for good leave no trace in queryAll: so once a day we count whether all that were there still are.

Source: Salesforce Object Reference, IsDeleted: a record that has left the recycle bin is found by no query.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from datetime import datetime
from typing import Any

from connectors.paging import paged
from connectors.protocol import Page
from connectors.salesforce.client import SalesforceDoor
from connectors.salesforce.cursor import Cursor, literal
from connectors.salesforce.streams import Source


def recounted(door: SalesforceDoor, source: Source, cursor: Cursor, now: datetime) -> Generator[Page, None, Cursor]:
    """The keys of all records, where some of those counted last are missing; returns the cursor with a new count."""
    if cursor.counted_at and _count(door, source, cursor.counted_at) < (cursor.counted or 0):
        for keys in _living_keys(door, source):
            yield Page(source.stream, (), snapshot=True, present=keys)
        yield Page(source.stream, (), snapshot=True, last=True)
    at = literal(now)
    return replace(cursor, counted_at=at, counted=_count(door, source, at))


def _count(door: SalesforceDoor, source: Source, before: str) -> int:
    soql = f"SELECT COUNT() FROM {source.object} WHERE CreatedDate < {before}"  # noqa: S608 - names are ours
    return int(door.json("GET", "query", None, {"q": soql})["totalSize"])


def _living_keys(door: SalesforceDoor, source: Source) -> Generator[list[tuple[str, ...]], None, None]:
    def fetch(url: str) -> tuple[Any, str | None]:
        params = {"q": f"SELECT Id FROM {source.object}"} if url == "query" else None  # noqa: S608 - names are ours
        answer = door.json("GET", url, None, params)
        return answer, answer.get("nextRecordsUrl")

    for answer, _ in paged(fetch, "query"):
        yield [(record["Id"],) for record in answer["records"]]
