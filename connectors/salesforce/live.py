"""What others have changed in the records that we are about to write: one query per object, all of them in one request.

Salesforce takes If-Unmodified-Since on single records alone (REST API Developer Guide, "Conditional Request Headers"),
so what is written in collections or in bulk is looked at right before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any
from urllib.parse import quote

from connectors.protocol import Live, Update
from connectors.recovery import Refusal, explained
from connectors.salesforce.client import SalesforceDoor
from connectors.salesforce.cursor import literal, stamped_since
from connectors.salesforce.push import native_object
from connectors.salesforce.streams import native_name
from connectors.text import as_text


def live(door: SalesforceDoor, updates: Sequence[Update], since: datetime, user: str) -> Iterator[Live]:
    """The updates' records that were changed since, by anybody, or shortly before by anybody but `user`."""
    groups = {native: list(rows) for native, rows in groupby(sorted(updates, key=native_object), key=native_object)}
    queries = [_query(native, rows, since, user) for native, rows in groups.items()]
    requests = [{"method": "GET", "url": f"v{door.version}/queryAll?q={quote(query)}"} for query in queries]
    answer = door.json("POST", "composite/batch", {"batchRequests": requests})
    for (native, rows), part in zip(groups.items(), answer["results"], strict=True):
        meant = {update.record_id: update for update in rows}
        for record in _records(door, native, part):
            if record["Id"] in meant:
                yield _live(meant[record["Id"]], record)


def _query(native: str, updates: Sequence[Update], since: datetime, user: str) -> str:
    names = sorted({native_name(name) for update in updates for name in update.values})
    changed = stamped_since("SystemModstamp", literal(since), user)
    return f"SELECT Id, IsDeleted, {', '.join(names)} FROM {native} WHERE {changed}"  # noqa: S608 - names are ours


def _records(door: SalesforceDoor, native: str, part: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The rows of one part of the answer, and of the pages that follow it."""
    page = part["result"]
    if part["statusCode"] != 200:
        raise explained(Refusal(part["statusCode"], page[0]["errorCode"]), native)
    while True:
        yield from page["records"]
        if not page.get("nextRecordsUrl"):
            return
        page = door.json("GET", page["nextRecordsUrl"])


def _live(update: Update, record: Mapping[str, Any]) -> Live:
    values = {name: as_text(record.get(native_name(name))) for name in update.values}
    return Live(update.object, update.record_id, None if record["IsDeleted"] else values)
