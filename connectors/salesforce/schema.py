"""Our own fields in the org: custom fields by the Tooling API, and a permission set that lets us read and write them.

Source: Salesforce Tooling API, CustomField; Object Reference, PermissionSet, FieldPermissions, PermissionSetAssignment.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.batches import chunks
from connectors.errors import NeedsAdmin
from connectors.protocol import FieldSpec, SchemaChange
from connectors.recovery import Refusal, explained
from connectors.salesforce.client import SalesforceDoor
from connectors.salesforce.describe import Org
from connectors.salesforce.push import ROWS, reason_of
from connectors.salesforce.streams import OBJECTS, native_name

PERMISSION_SET = "Buyer_Readiness"
HOLDERS = {"Task": "Activity"}
"""Custom fields of tasks are made on Activity, which tasks and events share."""
EXISTS = {"DUPLICATE_DEVELOPER_NAME", "DUPLICATE_VALUE", "DUPLICATES_DETECTED"}


@dataclass(frozen=True, slots=True)
class Missing:
    """One field of ours on one native object, and what is to be done: "create field", "add choices" or "grant"."""

    action: str
    object: str
    spec: FieldSpec

    @property
    def name(self) -> str:
        return native_name(self.spec.name)

    @property
    def change(self) -> SchemaChange:
        return SchemaChange(self.action, self.object, self.name, self.spec.type)


def missing(org: Org, wanted: Iterable[FieldSpec]) -> Iterator[Missing]:
    """What stands between the org and the fields we want, as this user sees it."""
    for spec in wanted:
        for native in OBJECTS[spec.object]:
            fields = org.fields(native)
            if not fields:
                continue
            field = fields.get(native_name(spec.name))
            if field is None:
                yield Missing("create field", native, spec)
            elif {value for value, _ in spec.choices} - set(field.choices):
                yield Missing("add choices", native, spec)
            elif not field.updateable:
                yield Missing("grant", native, spec)


def provision(door: SalesforceDoor, org: Org, wanted: Iterable[FieldSpec], user: str) -> Sequence[SchemaChange]:
    """Make what is missing, give the permission set its rights, and assign it to our user; never removes anything.

    Raises
    ------
    NeedsAdmin : the user may not change the schema.
    """
    specs = list(wanted)
    gaps = list(missing(org, specs))
    if not gaps:
        return ()
    for gap in gaps:
        if gap.action == "create field":
            _create(door, gap)
        elif gap.action == "add choices":
            _widen(door, gap)
    _grant(door, _permission_set(door, user), specs, org)
    org.forget()
    return [gap.change for gap in gaps]


def metadata(spec: FieldSpec) -> dict[str, Any]:
    """The Metadata of a CustomField."""
    described: dict[str, Any] = {"label": spec.label[:40]}
    if spec.help:
        described |= {"inlineHelpText": spec.help[:510], "description": spec.help[:1000]}
    match spec.type:
        case "text":
            described |= {"type": "Text", "length": spec.length, "unique": spec.unique, "externalId": spec.unique}
        case "long_text":
            described |= {"type": "LongTextArea", "length": max(spec.length, 256), "visibleLines": 5}
        case "number":
            described |= {"type": "Number", "precision": 18, "scale": 4}
        case "flag":
            described |= {"type": "Checkbox", "defaultValue": "false"}
        case "choice":
            described |= {"type": "Picklist", "valueSet": _value_set(spec)}
        case kind:
            described["type"] = {"date": "Date", "datetime": "DateTime"}[kind]
    return described


def _value_set(spec: FieldSpec) -> dict[str, Any]:
    values = [{"fullName": value, "label": label, "default": False} for value, label in spec.choices]
    return {"restricted": True, "valueSetDefinition": {"sorted": False, "value": values}}


def _create(door: SalesforceDoor, gap: Missing) -> None:
    holder = HOLDERS.get(gap.object, gap.object)
    body = {"FullName": f"{holder}.{gap.name}", "Metadata": metadata(gap.spec)}
    try:
        door.send("POST", "tooling/sobjects/CustomField", body, repeatable=False, own={400})
    except Refusal as refusal:
        if refusal.code not in EXISTS:
            raise explained(refusal, f"making {gap.object}.{gap.name}") from None


def _widen(door: SalesforceDoor, gap: Missing) -> None:
    holder = HOLDERS.get(gap.object, gap.object)
    developer_name = gap.name.removesuffix("__c")
    where = f"DeveloperName = '{developer_name}' AND TableEnumOrId = '{holder}'"
    found = door.json("GET", "tooling/query", None, {"q": f"SELECT Id FROM CustomField WHERE {where}"})["records"]  # noqa: S608
    if not found:
        raise NeedsAdmin(f"{gap.object}.{gap.name} lacks choices and is not ours to change.", "Rename that field.")
    door.json("PATCH", f"tooling/sobjects/CustomField/{found[0]['Id']}", {"Metadata": metadata(gap.spec)})


def _permission_set(door: SalesforceDoor, user: str) -> str:
    """The id of our permission set, made and assigned to `user` where it is not."""
    found = _query(door, f"SELECT Id FROM PermissionSet WHERE Name = '{PERMISSION_SET}'")  # noqa: S608
    if found:
        made = str(found[0]["Id"])
    else:
        body = {"Name": PERMISSION_SET, "Label": PERMISSION_SET.replace("_", " ")}
        made = door.send("POST", "sobjects/PermissionSet", body, repeatable=False).data["id"]
    where = f"AssigneeId = '{user}' AND PermissionSetId = '{made}'"
    if not _query(door, f"SELECT Id FROM PermissionSetAssignment WHERE {where}"):  # noqa: S608
        door.send(
            "POST",
            "sobjects/PermissionSetAssignment",
            {"AssigneeId": user, "PermissionSetId": made},
            repeatable=False,
        )
    return made


def _grant(door: SalesforceDoor, permission_set: str, specs: Sequence[FieldSpec], org: Org) -> None:
    held = {
        record["Field"]: record
        for record in _query(
            door,
            f"SELECT Id, Field, PermissionsEdit FROM FieldPermissions WHERE ParentId = '{permission_set}'",  # noqa: S608
        )
    }
    wanted = [
        {
            "attributes": {"type": "FieldPermissions"},
            "ParentId": permission_set,
            "SobjectType": native,
            "Field": f"{native}.{native_name(spec.name)}",
            "PermissionsRead": True,
            "PermissionsEdit": True,
        }
        for spec in specs
        for native in OBJECTS[spec.object]
        if org.fields(native)
    ]
    for batch in chunks([entry for entry in wanted if entry["Field"] not in held], ROWS):
        results = door.json("POST", "composite/sobjects", {"allOrNone": False, "records": batch})
        failed = [reason_of(result["errors"]) for result in results if not result["success"]]
        if failed:
            raise NeedsAdmin(f"Field permissions could not be set: {failed[0]}", "Set them by hand, or as an admin.")


def _query(door: SalesforceDoor, soql: str) -> Sequence[Mapping[str, Any]]:
    records: Sequence[Mapping[str, Any]] = door.json("GET", "query", None, {"q": soql})["records"]
    return records
