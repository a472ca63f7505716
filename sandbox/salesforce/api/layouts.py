"""Page layouts as `describe` shows them, with the picklist values that each record type allows.

No recording covers it; it rests on the REST API Developer Guide, sObject Layouts. The values of a record type's
StageName are those of its sales process: here, the stages of its pipeline.
"""

from __future__ import annotations

from typing import Any

from sandbox.salesforce import describe
from sandbox.salesforce.api.resources import known
from sandbox.salesforce.describe import MASTER_RECORD_TYPE
from sandbox.salesforce.errors import not_found
from sandbox.salesforce.http import Answer, Call, Endpoint
from sandbox.salesforce.schema import SObject
from sandbox.salesforce.store import ID, Row


def layouts(call: Call, sobject: str) -> Answer:
    one = known(call, sobject)
    if not one.binned:
        raise not_found()
    mappings = [_mapping(call, one, info) for info in describe.record_types(call.view, one, call.base)]
    shown = [_layout(call, one, row) for row in _rows(call, one)]
    return Answer({"layouts": shown, "recordTypeMappings": mappings, "recordTypeSelectorRequired": [len(mappings) > 1]})


def of_record_type(call: Call, sobject: str, record_type: str) -> Answer:
    one = known(call, sobject)
    known_types = [info["recordTypeId"][:15] for info in describe.record_types(call.view, one, call.base)]
    rows = _rows(call, one)
    if record_type[:15] not in known_types or not rows:
        raise not_found()
    return Answer(_layout(call, one, rows[0]))


def _rows(call: Call, one: SObject) -> list[Row]:
    table = call.org.tooling["Layout"]
    return table.having(table.sobject.at("TableEnumOrId"), [one.name])


def _mapping(call: Call, one: SObject, info: dict[str, Any]) -> dict[str, Any]:
    rows = _rows(call, one)
    allowed = call.org.stages_of(info["recordTypeId"])
    picklists = []
    for field in call.view.fields(one):
        if field.type == "picklist":
            entries = describe.field(call.view, one, field)["picklistValues"]
            if one.name == "Opportunity" and field.name == "StageName" and info["recordTypeId"] != MASTER_RECORD_TYPE:
                entries = [entry for entry in entries if entry["value"] in allowed]
            picklists.append({"picklistName": field.name, "picklistValues": entries})
    return {
        "active": info["active"],
        "available": info["available"],
        "defaultRecordTypeMapping": info["defaultRecordTypeMapping"],
        "developerName": info["developerName"],
        "layoutId": rows[0][ID] if rows else None,
        "master": info["master"],
        "name": info["name"],
        "picklistsForRecordType": picklists,
        "recordTypeId": info["recordTypeId"],
        "urls": info["urls"],
    }


def _layout(call: Call, one: SObject, row: Row) -> dict[str, Any]:
    metadata = row[call.org.tooling["Layout"].sobject.at("Metadata")]
    sections = [_section(call, one, section) for section in metadata["layoutSections"]]
    return {
        "id": row[ID],
        "buttonLayoutSection": {"detailButtons": []},
        "detailLayoutSections": sections,
        "editLayoutSections": sections,
        "relatedLists": [],
    }


def _section(call: Call, one: SObject, section: dict[str, Any]) -> dict[str, Any]:
    columns = [
        [item["field"] for item in column.get("layoutItems") or [] if item.get("field")]
        for column in section["layoutColumns"]
    ]
    rows = []
    for number in range(max(map(len, columns), default=0)):
        names = [column[number] for column in columns if number < len(column)]
        items = [_item(field.label, field.name) for name in names if (field := call.view.field(one, name))]
        rows.append({"layoutItems": items, "numItems": len(items)})
    return {
        "columns": len(columns),
        "heading": section["label"],
        "layoutRows": rows,
        "rows": len(rows),
        "useCollapsibleSection": True,
        "useHeading": section.get("detailHeading") is True,
    }


def _item(label: str, name: str) -> dict[str, Any]:
    component = {"type": "Field", "value": name, "displayLines": 1, "tabOrder": 0}
    return {"label": label, "required": False, "placeholder": False, "layoutComponents": [component]}


ENDPOINTS = (
    Endpoint("GET", "/sobjects/{sobject}/describe/layouts", layouts),
    Endpoint("GET", "/sobjects/{sobject}/describe/layouts/{record_type}", of_record_type),
)
