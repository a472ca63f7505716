"""Taking away what `provision` made in the org, and nothing else: whatever carries our mark in its description."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from connectors.protocol import FieldSpec, SchemaChange
from connectors.salesforce import layouts
from connectors.salesforce.client import SalesforceDoor
from connectors.salesforce.describe import Org
from connectors.salesforce.metadata import MARK, PERMISSION_SET, holder
from connectors.salesforce.schema import query
from connectors.salesforce.streams import OBJECTS, native_name


def destroy(
    door: SalesforceDoor, org: Org, wanted: Iterable[FieldSpec], *, dry_run: bool = False
) -> Sequence[SchemaChange]:
    """Remove our fields, section and permission set; what was removed ("remove …") and what was kept, and why.

    A field without our mark isn't ours; one that sellers fill is kept as long as it holds a word of theirs.
    """
    fields = {(entry["TableEnumOrId"], f"{entry['DeveloperName']}__c"): entry for entry in _custom_fields(door)}
    going, kept = [], []
    for spec, native in [(one, native) for one in wanted for native in OBJECTS[one.object]]:
        entry = fields.get((holder(native), native_name(spec.name)))
        if entry is None:
            continue
        why = _kept(door, org, spec, native, entry)
        if why:
            kept.append(SchemaChange("keep field", native, native_name(spec.name), why))
        else:
            going.append((entry["Id"], spec, SchemaChange("remove field", native, native_name(spec.name), spec.type)))
    laid = list(layouts.removals(door, [spec for _, spec, _ in going])) if going else []
    sets = query(door, f"SELECT Id, Description FROM PermissionSet WHERE Name = '{PERMISSION_SET}'")  # noqa: S608
    ours = [entry["Id"] for entry in sets if MARK in str(entry["Description"]) and not kept]
    if not dry_run:
        for layout in laid:
            layouts.lay(door, layout)
        for field_id, _, _ in going:
            door.json("DELETE", f"tooling/sobjects/CustomField/{field_id}")
        for permission_set in ours:
            _remove_permission_set(door, permission_set)
        org.forget()
    removed = [SchemaChange("remove permission set", "PermissionSet", PERMISSION_SET)] if ours else []
    return [*(layout.change for layout in laid), *(change for _, _, change in going), *removed, *kept]


def _custom_fields(door: SalesforceDoor) -> Sequence[Mapping[str, Any]]:
    soql = "SELECT Id, DeveloperName, TableEnumOrId, Description FROM CustomField WHERE DeveloperName LIKE 'BR_%'"
    records: Sequence[Mapping[str, Any]] = door.json("GET", "tooling/query", None, {"q": soql})["records"]
    return records


def _kept(door: SalesforceDoor, org: Org, spec: FieldSpec, native: str, entry: Mapping[str, Any]) -> str:
    if MARK not in str(entry["Description"]):
        return "not made by us"
    name = native_name(spec.name)
    if spec.by_people and name in org.fields(native):
        soql = f"SELECT COUNT() FROM {native} WHERE {name} != null"  # noqa: S608
        filled = int(door.json("GET", "query", None, {"q": soql})["totalSize"])
        if filled:
            return f"{filled:,} records hold what sellers said there; delete it by hand if it may go"
    return ""


def _remove_permission_set(door: SalesforceDoor, permission_set: str) -> None:
    where = f"PermissionSetId = '{permission_set}'"
    for assignment in query(door, f"SELECT Id FROM PermissionSetAssignment WHERE {where}"):  # noqa: S608
        door.json("DELETE", f"sobjects/PermissionSetAssignment/{assignment['Id']}")
    door.json("DELETE", f"sobjects/PermissionSet/{permission_set}")
