"""Writing our own fields: sObject collections of 200 rows, five of them in one request, or a load; a receipt per row.

Source: Salesforce REST API Developer Guide, "Update Multiple Records with Fewer Round-Trips": with allOrNone false the
answer holds one result per row in the order of the request.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby
from typing import Any

from connectors.batches import chunks, isolated, once, unlocked
from connectors.door import AMBIGUOUS
from connectors.protocol import FieldDescription, Receipt, Update
from connectors.recovery import ROW_OUTCOMES, Refusal, explained
from connectors.salesforce import load
from connectors.salesforce.client import SalesforceDoor
from connectors.salesforce.describe import Org
from connectors.salesforce.streams import OBJECTS, native_name
from connectors.text import alike

ROWS, COLLECTIONS = 200, 5
NOT_A_ROW = frozenset({"INVALID_FIELD", "INVALID_TYPE", "INSUFFICIENT_ACCESS"})
"""Refusals of a whole batch that no row is to blame for."""


def push(door: SalesforceDoor, org: Org, updates: Sequence[Update]) -> Iterator[Receipt]:
    """Receipts for all updates, sent so that the rows of one parent go together."""
    return unlocked(updates, lambda update: update.record_id, partial(_written, door, org))


def calls_to_push(kinds: Iterable[str]) -> int:
    """Calls that it takes to write one row for each of these native objects, while no row is refused."""
    counts = Counter(kinds).values()
    return sum(load.CALLS if count >= load.ROWS else -(-count // (ROWS * COLLECTIONS)) for count in counts)


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
    """Many rows of one object by a load; few, and what a load could not take, in collections."""
    ordered = sorted(updates, key=lambda update: (native_object(update), update.parent or "", update.record_id))
    for native, group in groupby(ordered, key=native_object):
        rows = {update.record_id: update for update in group}
        if len(rows) >= load.ROWS:
            records = [_record(org, native, update) for update in rows.values()]
            for receipt in load.loaded(door, native, records):
                del rows[receipt.ref]
                yield receipt
        send = partial(_sent_once, door, org, native)
        for batch in chunks(rows.values(), ROWS * COLLECTIONS):
            yield from isolated(batch, send, lambda row, why: refused(row.record_id, why))


def _sent_once(door: SalesforceDoor, org: Org, object: str, batch: Sequence[Update]) -> list[Receipt]:
    try:
        return once(batch, partial(_sent, door, org, object), partial(_arrived, door, org, object))
    except Refusal as refusal:
        if refusal.final or refusal.code in NOT_A_ROW:
            raise explained(refusal, object) from None
        raise


def _sent(door: SalesforceDoor, org: Org, object: str, batch: Sequence[Update]) -> list[Receipt]:
    """One collection, or several of them in one composite request."""
    bodies = [_collection(org, object, rows) for rows in chunks(batch, ROWS)]
    if len(bodies) == 1:
        own = {400, *AMBIGUOUS}
        results = door.send("PATCH", "composite/sobjects", bodies[0], repeatable=False, own=own).data
    else:
        results = _composed(door, bodies)
    return [
        Receipt(update.record_id, "written", update.record_id)
        if result["success"]
        else Receipt(update.record_id, outcome_of(result["errors"]), update.record_id, reason_of(result["errors"]))
        for update, result in zip(batch, results, strict=True)
    ]


def _collection(org: Org, object: str, rows: Sequence[Update]) -> dict[str, Any]:
    records = [{"attributes": {"type": object}, **_record(org, object, update)} for update in rows]
    return {"allOrNone": False, "records": records}


def _record(org: Org, object: str, update: Update) -> dict[str, Any]:
    return {"Id": update.record_id, **_native_values(org, object, update)}


def _composed(door: SalesforceDoor, bodies: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The results of all collections in order; one that is refused as a whole has its refusal at each of its rows."""
    url = f"/services/data/v{door.version}/composite/sobjects"
    requests = [
        {"method": "PATCH", "url": url, "referenceId": f"part{place}", "body": body}
        for place, body in enumerate(bodies)
    ]
    composite = {"allOrNone": False, "compositeRequest": requests}
    parts = door.send("POST", "composite", composite, repeatable=False, own={400, *AMBIGUOUS}).data["compositeResponse"]
    results: list[Mapping[str, Any]] = []
    for part, body in zip(parts, bodies, strict=True):
        if part["httpStatusCode"] == 200:
            results += part["body"]
        else:
            errors = [{**error, "statusCode": error.get("errorCode")} for error in part["body"]]
            if errors[0]["statusCode"] in NOT_A_ROW:
                raise Refusal(400, str(errors[0]["statusCode"]), row=str(errors[0].get("message")))
            results += [{"success": False, "errors": errors}] * len(body["records"])
    return results


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
