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
from connectors.salesforce import layouts
from connectors.salesforce.client import SalesforceDoor
from connectors.salesforce.describe import Org
from connectors.salesforce.metadata import (
    MARK,
    PERMISSION_SET,
    PERMISSION_SET_LABEL,
    TYPES,
    choice,
    holder,
    metadata,
)
from connectors.salesforce.push import ROWS, reason_of
from connectors.salesforce.streams import OBJECTS, native_name

EXISTS = {"DUPLICATE_DEVELOPER_NAME", "DUPLICATE_VALUE", "DUPLICATES_DETECTED"}
NEW = "new"
"""The id of a permission set that is still to be made."""


@dataclass(frozen=True, slots=True)
class Missing:
    """One field of ours on one native object, and what is to be done about it.

    Attributes
    ----------
    action : "create field", "add choices", "grant", or "replace field" where one of another type has its name.
    """

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
            elif field.type != TYPES[spec.type]:
                yield Missing("replace field", native, spec)
            elif {value for value, _ in spec.choices} - set(field.choices):
                yield Missing("add choices", native, spec)
            elif not field.updateable:
                yield Missing("grant", native, spec)


def provision(
    door: SalesforceDoor, org: Org, wanted: Iterable[FieldSpec], users: Sequence[str], *, dry_run: bool = False
) -> Sequence[SchemaChange]:
    """Make what is missing, and let `users` read and write it; what was done, or would be.

    Raises
    ------
    NeedsAdmin : a field of another type has the name of one of ours, or the user may not change the schema.
    """
    specs = list(wanted)
    gaps = [gap for gap in missing(org, specs) if gap.action != "grant"]
    _refuse_other_types(org, gaps)
    for gap in gaps if not dry_run else ():
        if gap.action == "create field":
            _create(door, gap)
        else:
            _widen(door, gap)
    rights = _let_in(door, specs, org, users, dry_run=dry_run)
    laid = list(layouts.additions(door, specs))
    for layout in laid if not dry_run else ():
        layouts.lay(door, layout)
    org.forget()
    return [*(gap.change for gap in gaps), *rights, *(layout.change for layout in laid)]


def _refuse_other_types(org: Org, gaps: Iterable[Missing]) -> None:
    taken = [gap for gap in gaps if gap.action == "replace field"]
    if taken:
        names = ", ".join(f"{gap.object}.{gap.name} ({org.fields(gap.object)[gap.name].type})" for gap in taken)
        raise NeedsAdmin(
            f"These fields are there with another type than ours: {names}.",
            "Rename or delete them, or give them back their type; nothing was changed.",
        )


def _create(door: SalesforceDoor, gap: Missing) -> None:
    body = {"FullName": f"{holder(gap.object)}.{gap.name}", "Metadata": metadata(gap.spec)}
    try:
        door.send("POST", "tooling/sobjects/CustomField", body, repeatable=False, own={400})
    except Refusal as refusal:
        if refusal.code not in EXISTS:
            raise explained(refusal, f"making {gap.object}.{gap.name}") from None


def _widen(door: SalesforceDoor, gap: Missing) -> None:
    """Add the values that a picklist lacks; those that somebody added stay."""
    where = f"DeveloperName = '{gap.name.removesuffix('__c')}' AND TableEnumOrId = '{holder(gap.object)}'"
    found = door.json("GET", "tooling/query", None, {"q": f"SELECT Id FROM CustomField WHERE {where}"})["records"]  # noqa: S608
    if not found:
        raise NeedsAdmin(f"{gap.object}.{gap.name} lacks choices and is not ours to change.", "Rename that field.")
    path = f"tooling/sobjects/CustomField/{found[0]['Id']}"
    held = door.json("GET", path)["Metadata"]
    definition = held["valueSet"]["valueSetDefinition"]
    there = {entry.get("valueName") or entry.get("fullName") for entry in definition["value"]}
    new = [choice(value, label) for value, label in gap.spec.choices if value not in there]
    active = [{**entry, "isActive": True} for entry in definition["value"]]
    value_set = {**held["valueSet"], "valueSetDefinition": {**definition, "value": [*active, *new]}}
    door.json("PATCH", path, {"Metadata": {**held, "valueSet": value_set}})


def _let_in(
    door: SalesforceDoor, specs: Sequence[FieldSpec], org: Org, users: Sequence[str], *, dry_run: bool
) -> list[SchemaChange]:
    """Our permission set, with rights on all our fields, for these users."""
    found = query(door, f"SELECT Id FROM PermissionSet WHERE Name = '{PERMISSION_SET}'")  # noqa: S608
    permission_set, changes = (str(found[0]["Id"]), []) if found else (NEW, [_made("create", PERMISSION_SET)])
    if not found and not dry_run:
        body = {"Name": PERMISSION_SET, "Label": PERMISSION_SET_LABEL, "Description": MARK}
        permission_set = door.send("POST", "sobjects/PermissionSet", body, repeatable=False).data["id"]
    where = f"PermissionSetId = '{permission_set}'"
    holders = {row["AssigneeId"] for row in _of(permission_set, door, "AssigneeId", "PermissionSetAssignment", where)}
    for user in dict.fromkeys(users):
        if user not in holders:
            changes.append(_made("assign", user))
            if not dry_run:
                body = {"AssigneeId": user, "PermissionSetId": permission_set}
                door.send("POST", "sobjects/PermissionSetAssignment", body, repeatable=False)
    where = f"ParentId = '{permission_set}'"
    rows = _of(permission_set, door, "Id, Field, PermissionsEdit", "FieldPermissions", where)
    held = {row["Field"]: row for row in rows}
    wanted = _grants(permission_set, specs, org)
    grants = [grant for grant in wanted if not held.get(grant["Field"], {}).get("PermissionsEdit")]
    if not dry_run:
        _grant(door, "POST", [grant for grant in grants if grant["Field"] not in held])
        _grant(door, "PATCH", [_widened(held[grant["Field"]]) for grant in grants if grant["Field"] in held])
    if grants:
        changes.append(_made("grant", PERMISSION_SET, f"read and edit on {len(grants)} fields"))
    return changes


def _made(action: str, name: str, detail: str = "") -> SchemaChange:
    return SchemaChange(action, "PermissionSet", name, detail)


def _of(permission_set: str, door: SalesforceDoor, field: str, object: str, where: str) -> Sequence[Mapping[str, Any]]:
    return () if permission_set == NEW else query(door, f"SELECT {field} FROM {object} WHERE {where}")  # noqa: S608


def _grants(permission_set: str, specs: Sequence[FieldSpec], org: Org) -> list[dict[str, Any]]:
    return [
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


def _widened(held: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "attributes": {"type": "FieldPermissions"},
        "Id": held["Id"],
        "PermissionsRead": True,
        "PermissionsEdit": True,
    }


def _grant(door: SalesforceDoor, method: str, grants: Sequence[Mapping[str, Any]]) -> None:
    for batch in chunks(grants, ROWS):
        results = door.json(method, "composite/sobjects", {"allOrNone": False, "records": batch})
        failed = [reason_of(result["errors"]) for result in results if not result["success"]]
        if failed:
            raise NeedsAdmin(f"Field permissions could not be set: {failed[0]}", "Set them by hand, or as an admin.")


def query(door: SalesforceDoor, soql: str) -> Sequence[Mapping[str, Any]]:
    records: Sequence[Mapping[str, Any]] = door.json("GET", "query", None, {"q": soql})["records"]
    return records
