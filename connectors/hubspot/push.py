"""Writing our own properties: batches of 100, answers matched by id, the bad row found by halving.

Source: developers.hubspot.com, "Objects API", batch update: 200 or, with errors, 207; one bad value refuses the whole
batch; results come in any order.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby
from typing import Any

from connectors.batches import ROW_FAULTS, chunks, isolated, once, unlocked
from connectors.door import AMBIGUOUS
from connectors.hubspot.client import HubSpotDoor
from connectors.hubspot.streams import TYPES, native_name
from connectors.protocol import Receipt, Update
from connectors.recovery import ROW_OUTCOMES, Refusal, explained
from connectors.text import alike

ROWS = 100


def push(door: HubSpotDoor, updates: Sequence[Update]) -> Iterator[Receipt]:
    """Receipts for all updates."""
    for update in updates:
        if update.object not in TYPES:
            yield Receipt(update.record_id, "rejected", update.record_id, f"HubSpot keeps no fields on {update.object}")
    ours = [update for update in updates if update.object in TYPES]
    yield from unlocked(ours, lambda update: update.record_id, partial(_written, door))


def refused(ref: str, refusal: Refusal) -> Receipt:
    """The receipt of a row for whose sake a request was refused."""
    return Receipt(ref, ROW_OUTCOMES.get(refusal.code, "rejected"), None, f"{refusal.code}: {refusal.row}"[:500])


def errors_by_id(answer: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The errors of a 207 by the record ids that they name."""
    return {
        str(record_id): error
        for error in answer.get("errors") or ()
        for record_id in (error.get("context") or {}).get("ids") or ()
    }


def _written(door: HubSpotDoor, updates: Sequence[Update]) -> Iterator[Receipt]:
    for object, rows in groupby(sorted(updates, key=lambda update: update.object), key=lambda update: update.object):
        send = partial(_sent_once, door, TYPES[object])
        for batch in chunks(rows, ROWS):
            yield from isolated(batch, send, lambda row, why: refused(row.record_id, why))


def _sent_once(door: HubSpotDoor, type: str, batch: Sequence[Update]) -> list[Receipt]:
    try:
        return once(batch, partial(_sent, door, type), partial(_arrived, door, type))
    except Refusal as refusal:
        if refusal.final:
            raise explained(refusal, type) from None
        raise


def _sent(door: HubSpotDoor, type: str, batch: Sequence[Update]) -> list[Receipt]:
    inputs = [{"id": update.record_id, "properties": _native_values(update)} for update in batch]
    path, own = f"{door.paths.objects}/{type}/batch/update", {*ROW_FAULTS, *AMBIGUOUS}
    answer = door.send("POST", path, {"inputs": inputs}, repeatable=False, own=own).data
    written = {result["id"] for result in answer["results"]}
    errors = errors_by_id(answer)
    return [_receipt(update.record_id, written, errors) for update in batch]


def _arrived(door: HubSpotDoor, type: str, batch: Sequence[Update]) -> Collection[str]:
    """Read by id: search lags."""
    wanted = {update.record_id: _native_values(update) for update in batch}
    names = sorted({name for values in wanted.values() for name in values})
    body = {"inputs": [{"id": record_id} for record_id in wanted], "properties": names}
    results = door.json("POST", f"{door.paths.objects}/{type}/batch/read", body)["results"]
    held = {result["id"]: result["properties"] for result in results}
    return {
        record_id
        for record_id, values in wanted.items()
        if record_id in held and all(alike(held[record_id].get(name), value) for name, value in values.items())
    }


def _native_values(update: Update) -> dict[str, str]:
    return {native_name(name): "" if value is None else value for name, value in update.values.items()}


def _receipt(record_id: str, written: set[str], errors: Mapping[str, Mapping[str, Any]]) -> Receipt:
    if record_id in written:
        return Receipt(record_id, "written", record_id)
    error = errors.get(record_id)
    if error is None:
        return Receipt(record_id, "gone", record_id, "answered under another id: it was merged")
    category = str(error.get("category"))
    reason = f"{category}: {error.get('message')}"[:500]
    return Receipt(record_id, ROW_OUTCOMES.get(category, "rejected"), record_id, reason)
