"""What others have changed in the records that we are about to write: a few are read by id, many are searched.

HubSpot has no conditional writes. Reading by id is exact; a search runs some seconds behind, but costs one call where
reading by id costs as many as the writing itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

from connectors.batches import chunks
from connectors.hubspot.client import HubSpotDoor
from connectors.hubspot.cursor import OVERLAP_MS, millis
from connectors.hubspot.push import ROWS
from connectors.hubspot.search import CAP, PAGE
from connectors.hubspot.streams import SOURCES, TYPES, native_name
from connectors.protocol import Live, Update


def live(door: HubSpotDoor, updates: Sequence[Update], since: datetime) -> Iterator[Live]:
    """The updates' records: all of them where they fit in one batch, else those changed since."""
    ours = sorted((update for update in updates if update.object in TYPES), key=attrgetter("object"))
    for object, group in groupby(ours, key=attrgetter("object")):
        rows = list(group)
        found = None if len(rows) <= ROWS else _searched(door, TYPES[object], rows, since)
        yield from _read(door, TYPES[object], rows) if found is None else found


def _read(door: HubSpotDoor, type: str, updates: Sequence[Update]) -> Iterator[Live]:
    """Every one of them; one that comes under another id, or not at all, was merged, archived or deleted."""
    for batch in chunks(updates, ROWS):
        body = {"inputs": [{"id": update.record_id} for update in batch], "properties": _names(batch)}
        results = door.json("POST", f"{door.paths.objects}/{type}/batch/read", body)["results"]
        held = {result["id"]: result["properties"] for result in results}
        for update in batch:
            yield (
                _live(update, held[update.record_id])
                if update.record_id in held
                else Live(update.object, update.record_id, None)
            )


def _searched(door: HubSpotDoor, type: str, updates: Sequence[Update], since: datetime) -> list[Live] | None:
    """Those that the search knows to have changed; None where reading them all by id takes fewer calls."""
    modified = next(source.modified for source in SOURCES if source.type == type)
    early = {"propertyName": modified, "operator": "GTE", "value": str(millis(since) - OVERLAP_MS)}
    body: dict[str, Any] = {
        "filterGroups": [{"filters": [early]}],
        "sorts": [{"propertyName": modified, "direction": "DESCENDING"}],
        "properties": _names(updates),
        "limit": PAGE,
    }
    meant = {update.record_id: update for update in updates}
    found: list[Live] = []
    while True:
        answer = door.json("POST", f"{door.paths.objects}/{type}/search", body)
        if answer["total"] > min(CAP, len(updates) * PAGE // ROWS):
            return None
        found += [_live(meant[one["id"]], one["properties"]) for one in answer["results"] if one["id"] in meant]
        following = (answer.get("paging") or {}).get("next")
        if not following:
            return found
        body["after"] = following["after"]


def _names(updates: Sequence[Update]) -> list[str]:
    return sorted({native_name(name) for update in updates for name in update.values})


def _live(update: Update, properties: dict[str, str | None]) -> Live:
    values = {name: properties.get(native_name(name)) or None for name in update.values}
    return Live(update.object, update.record_id, values)
