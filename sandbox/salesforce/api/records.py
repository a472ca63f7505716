"""Single records: create, read, change, delete, upsert by external id; what was changed or deleted in a span of time.

Source: REST API Developer Guide, sObject Rows; sObject Rows by External ID; sObject Get Deleted; sObject Get Updated.
Recorded: create, read, change, delete, both 404s, upsert (created, and 204 of versions before 46).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sandbox.salesforce import ids
from sandbox.salesforce.api.resources import known
from sandbox.salesforce.errors import ApiError, RowError, bad_request, not_found, refused
from sandbox.salesforce.http import Answer, Call, Endpoint
from sandbox.salesforce.schema import Field, SObject
from sandbox.salesforce.soql.paths import of_field
from sandbox.salesforce.store import ID, Row
from sandbox.salesforce.values import instant, stamp

MOST_IDS = 600_000
DELETED_DAYS, UPDATED_DAYS = 15, 30


def create(call: Call, sobject: str) -> Answer:
    one = known(call, sobject)
    given = call.record()
    if any(name.lower() == "id" for name in given):
        message = "The Id field should not be specified in the sobject data."
        raise bad_request("INVALID_FIELD", message)
    return created(call, one, call.dml.create(one, given))


def created(call: Call, one: SObject, record_id: str, **more: bool) -> Answer:
    body = {"id": record_id, "success": True, "errors": [], **more}
    return Answer(body, 201, {"Location": f"{call.base}/sobjects/{one.name}/{record_id}"})


def read(call: Call, sobject: str, record_id: str) -> Answer:
    one = known(call, sobject)
    wanted = ids.normal(record_id)
    if wanted is None or wanted[:3] != one.prefix:
        raise not_found(f"Provided external ID field does not exist or is not accessible: {record_id}")
    row = call.org.store[one.name].get(wanted)
    if row is None:
        raise not_found()
    return Answer(shown(call, one, row, call.params.get("fields")))


def shown(call: Call, one: SObject, row: Row, names: str | None) -> dict[str, Any]:
    """A record with all fields that the user may see, or with those named."""
    fields = call.view.fields(one) if names is None else [_field(call, one, name) for name in names.split(",")]
    body: dict[str, Any] = {"attributes": {"type": one.name, "url": f"{call.base}/sobjects/{one.name}/{row[ID]}"}}
    body |= {each.name: of_field(one, each)(row) for each in fields}
    return {**body, "Id": row[ID]}


def _field(call: Call, one: SObject, name: str) -> Field:
    found = call.view.field(one, name.strip())
    if found is None:
        raise bad_request("INVALID_FIELD", f"No such column '{name.strip()}' on sobject of type {one.name}")
    return found


def update(call: Call, sobject: str, record_id: str) -> Answer:
    one = known(call, sobject)
    given = call.record()
    if any(name.lower() == "id" for name in given):
        message = "The Id field should not be specified in the sobject data."
        raise bad_request("INVALID_FIELD", message)
    return _on_row(one, lambda: call.dml.update(one, record_id, given))


def delete(call: Call, sobject: str, record_id: str) -> Answer:
    one = known(call, sobject)
    return _on_row(one, lambda: call.dml.delete(one, record_id))


def _on_row(one: SObject, act: Any) -> Answer:
    try:
        act()
    except RowError as error:
        raise refused(
            error, 404 if error.code == "INVALID_CROSS_REFERENCE_KEY" and not error.fields else None
        ) from None
    return Answer(status=204)


def by_external_id(call: Call, sobject: str, field: str, value: str) -> tuple[SObject, Field, list[Row]]:
    one = known(call, sobject)
    external = call.view.field(one, field)
    if external is None or not external.lookup:
        raise not_found(f"Provided external ID field does not exist or is not accessible: {field}")
    return one, external, call.dml.find(one, external, value)


def choices(call: Call, one: SObject, rows: list[Row]) -> Answer:
    """300: several records have that external id; the addresses of all."""
    return Answer([f"{call.base}/sobjects/{one.name}/{row[ID]}" for row in rows], 300)


def read_by_external_id(call: Call, sobject: str, field: str, value: str) -> Answer:
    one, _, rows = by_external_id(call, sobject, field, value)
    if not rows:
        raise not_found()
    return choices(call, one, rows) if len(rows) > 1 else Answer(shown(call, one, rows[0], call.params.get("fields")))


def upsert(call: Call, sobject: str, field: str, value: str) -> Answer:
    """201 when created; 200 with `created` from version 46 on, 204 before, when changed."""
    one, external, rows = by_external_id(call, sobject, field, value)
    given = call.record()
    if any(name.lower() == external.name.lower() for name in given):
        message = f"The {external.name} field should not be specified in the sobject data."
        raise bad_request("INVALID_FIELD", message)
    if len(rows) > 1:
        return choices(call, one, rows)
    flag = call.number >= 46
    if not rows:
        if external.name == "Id":
            raise not_found()
        record_id = call.dml.create(one, {**given, external.name: value})
        return created(call, one, record_id, **({"created": True} if flag else {}))
    call.dml.update(one, rows[0][ID], given)
    body = {"id": rows[0][ID], "success": True, "errors": [], "created": False}
    return Answer(body) if flag else Answer(status=204)


def delete_by_external_id(call: Call, sobject: str, field: str, value: str) -> Answer:
    one, _, rows = by_external_id(call, sobject, field, value)
    if not rows:
        raise not_found()
    if len(rows) > 1:
        return choices(call, one, rows)
    return _on_row(one, lambda: call.dml.delete(one, rows[0][ID]))


def get_updated(call: Call, sobject: str) -> Answer:
    one, start, end = _span(call, sobject, UPDATED_DAYS)
    table = call.org.store[one.name]
    rows = table.between(one.at("SystemModstamp"), start, end)
    changed = [row[ID] for row in rows if not table.is_deleted(row) and row[one.at("SystemModstamp")] < end]
    return Answer({"ids": _few(changed), "latestDateCovered": end})


def get_deleted(call: Call, sobject: str) -> Answer:
    one, start, end = _span(call, sobject, DELETED_DAYS)
    table = call.org.store[one.name]
    at = one.at("SystemModstamp")
    gone = [row for row in table.between(at, start, end) if table.is_deleted(row) and row[at] < end]
    return Answer(
        {
            "deletedRecords": _few([{"id": row[ID], "deletedDate": row[at]} for row in gone]),
            "earliestDateAvailable": stamp(call.view.now - timedelta(days=DELETED_DAYS)),
            "latestDateCovered": end,
        }
    )


def _span(call: Call, sobject: str, days: int) -> tuple[SObject, str, str]:
    one = known(call, sobject)
    if "systemmodstamp" not in one.fields:
        raise not_found()
    try:
        start, end = (instant(call.params[name]) for name in ("start", "end"))
    except (KeyError, ValueError):
        raise bad_request("INVALID_REPLICATION_DATE", "start and end must be ISO 8601 datetimes") from None
    if end <= start:
        raise bad_request("INVALID_REPLICATION_DATE", "startDate cannot be after endDate")
    if start < call.view.now - timedelta(days=days):
        raise bad_request("INVALID_REPLICATION_DATE", f"startDate before org replication enabled date: {days} days")
    if start >= call.view.now:
        raise bad_request("INVALID_REPLICATION_DATE", "startDate cannot be in the future")
    return one, stamp(start), stamp(min(end, call.view.now + timedelta(seconds=1)))


def _few(found: list[Any]) -> list[Any]:
    if len(found) > MOST_IDS:
        raise ApiError(400, "EXCEEDED_ID_LIMIT", f"Too many ids: the most is {MOST_IDS}")
    return found


ENDPOINTS = (
    Endpoint("POST", "/sobjects/{sobject}", create),
    Endpoint("GET", "/sobjects/{sobject}/updated", get_updated),
    Endpoint("GET", "/sobjects/{sobject}/deleted", get_deleted),
    Endpoint("GET", "/sobjects/{sobject}/{record_id}", read),
    Endpoint("PATCH", "/sobjects/{sobject}/{record_id}", update),
    Endpoint("DELETE", "/sobjects/{sobject}/{record_id}", delete),
    Endpoint("GET", "/sobjects/{sobject}/{field}/{value:path}", read_by_external_id),
    Endpoint("PATCH", "/sobjects/{sobject}/{field}/{value:path}", upsert),
    Endpoint("DELETE", "/sobjects/{sobject}/{field}/{value:path}", delete_by_external_id),
)
