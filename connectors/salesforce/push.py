"""Writing our own fields: sObject collections of 200 rows, one receipt per row.

Source: Salesforce REST API Developer Guide, "Update Multiple Records with Fewer Round-Trips": with allOrNone false the
answer holds one result per row in the order of the request.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby
from typing import Any

from connectors.batches import chunks, isolated, unlocked
from connectors.protocol import FieldDescription, Receipt, Update
from connectors.recovery import ROW_OUTCOMES, Refusal, explained
from connectors.salesforce.client import SalesforceDoor
from connectors.salesforce.describe import Org
from connectors.salesforce.streams import OBJECTS, native_name

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
        for batch in chunks(rows, ROWS):
            yield from isolated(batch, partial(_sent, door, org, native), lambda row, why: refused(row.record_id, why))


def _sent(door: SalesforceDoor, org: Org, object: str, batch: Sequence[Update]) -> list[Receipt]:
    fields = org.fields(object)
    records = []
    for update in batch:
        record: dict[str, Any] = {"attributes": {"type": object}, "Id": update.record_id}
        for name, value in update.values.items():
            native = native_name(name)
            record[native] = native_value(value, fields.get(native))
        records.append(record)
    body = {"allOrNone": False, "records": records}
    try:
        results = door.send("PATCH", "composite/sobjects", body, own={400}).data
    except Refusal as refusal:
        if refusal.code in NOT_A_ROW:
            raise explained(refusal, object) from None
        raise
    return [
        Receipt(update.record_id, "written", update.record_id)
        if result["success"]
        else Receipt(update.record_id, outcome_of(result["errors"]), update.record_id, reason_of(result["errors"]))
        for update, result in zip(batch, results, strict=True)
    ]
