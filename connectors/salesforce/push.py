"""Writing our own fields: sObject collections of 200 rows, one receipt per row.

Source: Salesforce REST API Developer Guide, "Update Multiple Records with Fewer Round-Trips": with allOrNone false the
answer holds one result per row in the order of the request.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby
from typing import Any

from connectors.batches import chunks, isolated, once, unlocked
from connectors.door import AMBIGUOUS
from connectors.protocol import FieldDescription, Receipt, Update
from connectors.recovery import ROW_OUTCOMES, Refusal, explained
from connectors.salesforce.client import SalesforceDoor
from connectors.salesforce.describe import Org
from connectors.salesforce.streams import OBJECTS, native_name
from connectors.text import alike

ROWS = 200
NOT_A_ROW = frozenset({"INVALID_FIELD", "INVALID_TYPE", "INSUFFICIENT_ACCESS"})
"""Refusals of a whole batch that no row is to blame for."""


def push(door: SalesforceDoor, org: Org, updates: Sequence[Update]) -> Iterator[Receipt]:
    """Receipts for all updates, sent so that the rows of one parent go together."""
    return unlocked(updates, lambda update: update.record_id, partial(_written, door, org))


def native_object(update: Update) -> str:
    """A person is a Lead by its id's prefix, else a Contact."""
    if update.object == "person":
        return "Lead" if update.record_id.startswith("00Q") else "Contact"
    return OBJECTS[update.object][0]


def native_value(value: str | None, field: FieldDescription | None) -> Any:
    """A value as text in the JSON type that the field wants."""
    kind = field.type if field else "string"
    if value is None:
        return False if kind == "boolean" else None
    if kind == "boolean":
        return value == "true"
    if kind == "int":
        return int(float(value))
    return float(value) if kind in ("double", "currency", "percent") else value


def reason_of(errors: Sequence[Mapping[str, Any]]) -> str:
    """A row's errors in one line."""
    said = [f"{error.get('statusCode')}: {error.get('message')}" for error in errors]
    return "; ".join(said)[:500]


def outcome_of(errors: Sequence[Mapping[str, Any]]) -> str:
    """The outcome that a row's first error stands for."""
    return ROW_OUTCOMES.get(str(errors[0].get("statusCode")), "rejected") if errors else "rejected"


def refused(ref: str, refusal: Refusal) -> Receipt:
    """The receipt of a row for whose sake a whole request was refused."""
    outcome = "retry" if refusal.status is None else ROW_OUTCOMES.get(refusal.code, "rejected")
    return Receipt(ref, outcome, None, f"{refusal.code}: {refusal.row}"[:500])


def _written(door: SalesforceDoor, org: Org, updates: Sequence[Update]) -> Iterator[Receipt]:
    ordered = sorted(updates, key=lambda update: (native_object(update), update.parent or "", update.record_id))
    for native, rows in groupby(ordered, key=native_object):
        send = partial(_sent_once, door, org, native)
        for batch in chunks(rows, ROWS):
            yield from isolated(batch, send, lambda row, why: refused(row.record_id, why))


def _sent_once(door: SalesforceDoor, org: Org, object: str, batch: Sequence[Update]) -> list[Receipt]:
    try:
        return once(batch, partial(_sent, door, org, object), partial(_arrived, door, org, object))
    except Refusal as refusal:
        if refusal.final or refusal.code in NOT_A_ROW:
            raise explained(refusal, object) from None
        raise


def _sent(door: SalesforceDoor, org: Org, object: str, batch: Sequence[Update]) -> list[Receipt]:
    records = [
        {"attributes": {"type": object}, "Id": update.record_id, **_native_values(org, object, update)}
        for update in batch
    ]
    body = {"allOrNone": False, "records": records}
    results = door.send("PATCH", "composite/sobjects", body, repeatable=False, own={400, *AMBIGUOUS}).data
    return [
        Receipt(update.record_id, "written", update.record_id)
        if result["success"]
        else Receipt(update.record_id, outcome_of(result["errors"]), update.record_id, reason_of(result["errors"]))
        for update, result in zip(batch, results, strict=True)
    ]


def _arrived(door: SalesforceDoor, org: Org, object: str, batch: Sequence[Update]) -> Collection[str]:
    wanted = {update.record_id: _native_values(org, object, update) for update in batch}
    names = sorted({name for values in wanted.values() for name in values})
    records = door.json("POST", f"composite/sobjects/{object}", {"ids": list(wanted), "fields": ["Id", *names]})
    return {
        record["Id"]
        for record in records
        if record and all(alike(record.get(name), value) for name, value in wanted[record["Id"]].items())
    }


def _native_values(org: Org, object: str, update: Update) -> dict[str, Any]:
    fields = org.fields(object)
    named = {native_name(name): value for name, value in update.values.items()}
    return {name: native_value(value, fields.get(name)) for name, value in named.items()}
