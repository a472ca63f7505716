"""The Tooling API: custom fields and page layouts made and changed, rules and flows listed.

No recording covers it; it rests on the Tooling API Developer Guide: REST Resources; CustomField; Layout; and on the
Metadata API Developer Guide, CustomField, for the field types. Custom fields of tasks and events are made on Activity.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.salesforce import customfields, describe, ids
from sandbox.salesforce.errors import RowError, not_found
from sandbox.salesforce.http import Answer, Call, Endpoint
from sandbox.salesforce.schema import SObject
from sandbox.salesforce.store import ID, Row
from sandbox.salesforce.values import stamp


def known(call: Call, sobject: str) -> SObject:
    one = call.tooling_view.sobject(sobject)
    if one is None:
        raise not_found()
    return one


def global_describe(call: Call) -> Answer:
    view, base = call.tooling_view, f"{call.base}/tooling"
    listed = [describe.summary(view, one, base) for one in call.org.tooling.schema]
    return Answer({"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": listed})


def describe_sobject(call: Call, sobject: str) -> Answer:
    base = f"{call.base}/tooling"
    return Answer(describe.sobject(call.tooling_view, known(call, sobject), base, call.host))


def create(call: Call, sobject: str) -> Answer:
    one = known(call, sobject)
    if one.name != "CustomField":
        raise RowError("INVALID_TYPE_FOR_OPERATION", f"entity type {one.name} does not support create")
    given = call.record()
    record_id = customfields.create(call.org, _text(given, "FullName"), _metadata(given), call.user_id)
    body = {"id": record_id, "success": True, "errors": [], "warnings": [], "infos": []}
    return Answer(body, 201, {"Location": f"{call.base}/tooling/sobjects/{one.name}/{record_id}"})


def read(call: Call, sobject: str, record_id: str) -> Answer:
    one, row = _row(call, sobject, record_id)
    attributes = {"type": one.name, "url": f"{call.base}/tooling/sobjects/{one.name}/{row[ID]}"}
    return Answer({"attributes": attributes, **{each.name: row[each.at] for each in one.fields.values()}})


def update(call: Call, sobject: str, record_id: str) -> Answer:
    one, row = _row(call, sobject, record_id)
    given = call.record()
    if one.name == "CustomField":
        customfields.change(call.org, row, _metadata(given))
    elif one.name == "Layout":
        _write(call, one, row, {"Metadata": _metadata(given)})
    else:
        raise RowError("INVALID_TYPE_FOR_OPERATION", f"entity type {one.name} does not support update")
    return Answer(status=204)


def delete(call: Call, sobject: str, record_id: str) -> Answer:
    one, row = _row(call, sobject, record_id)
    if one.name != "CustomField":
        raise RowError("INVALID_TYPE_FOR_OPERATION", f"entity type {one.name} does not support delete")
    customfields.delete(call.org, row)
    return Answer(status=204)


def _row(call: Call, sobject: str, record_id: str) -> tuple[SObject, Row]:
    one = known(call, sobject)
    row = call.org.tooling[one.name].get(ids.normal(record_id) or "")
    if row is None:
        raise not_found()
    return one, row


def _write(call: Call, one: SObject, row: Row, values: Mapping[str, Any]) -> None:
    table, now = call.org.tooling[one.name], stamp(call.org.clock.now())
    for name, value in {**values, "LastModifiedDate": now, "SystemModstamp": now}.items():
        table.put(row, one.at(name), value)


def _metadata(given: Mapping[str, Any]) -> dict[str, Any]:
    metadata = given.get("Metadata")
    if not isinstance(metadata, dict):
        raise RowError("REQUIRED_FIELD_MISSING", "Required fields are missing: [Metadata]", "Metadata")
    return metadata


def _text(given: Mapping[str, Any], name: str) -> str:
    value = given.get(name)
    if not isinstance(value, str):
        raise RowError("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{name}]", name)
    return value


def listed(call: Call) -> Answer:
    base = f"{call.base}/tooling"
    return Answer({"query": f"{base}/query", "sobjects": f"{base}/sobjects"})


ENDPOINTS = (
    Endpoint("GET", "/tooling", listed),
    Endpoint("GET", "/tooling/sobjects", global_describe),
    Endpoint("GET", "/tooling/sobjects/{sobject}/describe", describe_sobject),
    Endpoint("POST", "/tooling/sobjects/{sobject}", create),
    Endpoint("GET", "/tooling/sobjects/{sobject}/{record_id}", read),
    Endpoint("PATCH", "/tooling/sobjects/{sobject}/{record_id}", update),
    Endpoint("DELETE", "/tooling/sobjects/{sobject}/{record_id}", delete),
)
