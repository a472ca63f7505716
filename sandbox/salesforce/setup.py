"""What a new org has before any data: itself, profiles, users, statuses, permissions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sandbox.salesforce import ids
from sandbox.salesforce.access import FLAGS, GOVERNED
from sandbox.salesforce.dml import add_row
from sandbox.salesforce.schema import Field, Schema, SObject
from sandbox.salesforce.store import ID, Row, Store
from sandbox.salesforce.values import stamp

ORG_ID = ids.of("00D", "sandbox")
API_USER, OPERATIONS = ids.of("005", "integration"), ids.of("005", "operations")
ADMINISTRATOR, STANDARD = ids.of("00e", "administrator"), ids.of("00e", "standard")
API_USERNAME = "integration@sandbox.example"
ORGANIZATION = {
    "Name": "Sandbox",
    "OrganizationType": "Enterprise Edition",
    "InstanceName": "SBX1",
    "IsSandbox": True,
    "DefaultLocaleSidKey": "en_GB",
    "TimeZoneSidKey": "GMT",
    "LanguageLocaleKey": "en_US",
    "FiscalYearStartMonth": 1,
    "PrimaryContact": "Integration User",
    "Country": "NL",
    "SignupCountryIsoCode": "NL",
}
LOCALE = {
    "TimeZoneSidKey": "GMT",
    "LocaleSidKey": "en_GB",
    "LanguageLocaleKey": "en_US",
    "EmailEncodingKey": "UTF-8",
    "UserType": "Standard",
}
TASK_STATUSES = ("Not Started", "In Progress", "Completed", "Waiting on someone else", "Deferred")


class Writer:
    """Adds records as they are, made by the operations user at one instant."""

    def __init__(self, store: Store, serials: ids.Serials, at: str) -> None:
        self._store = store
        self._serials = serials
        self._at = at

    def __call__(self, name: str, values: Mapping[str, Any]) -> Row:
        table = self._store[name]
        identity = values.get("Id") or self._serials.next(table.sobject.prefix)
        return add_row(table, {**values, "Id": identity}, self._at, OPERATIONS)


def prepare(store: Store, serials: ids.Serials, now: datetime) -> tuple[str, str]:
    """Fill a new org; returns the ids of the org and of the API user.

    What nobody in the company made itself was made by Sales Operations, so that the API user's own writes stand apart.
    """
    write = Writer(store, serials, stamp(now))
    write("Organization", {"Id": ORG_ID, **ORGANIZATION})
    _profile(store, write, ADMINISTRATOR, "System Administrator", customize=True)
    _profile(store, write, STANDARD, "Standard User", customize=False)
    write("User", {"Id": API_USER, **user_values("Integration User", API_USERNAME, ADMINISTRATOR)})
    write("User", {"Id": OPERATIONS, **user_values("Sales Operations", "operations@sandbox.example", STANDARD)})
    for order, status in enumerate(TASK_STATUSES, start=1):
        write("TaskStatus", {**_status(status, order), "IsClosed": status == "Completed"})
    for order, choice in enumerate(store.schema["Lead"]["Status"].choices, start=1):
        write("LeadStatus", {**_status(choice.value, order), "IsConverted": choice.value == "Closed - Converted"})
    write("Pricebook2", {"Name": "Standard Price Book", "IsActive": True, "IsStandard": True})
    return ORG_ID, API_USER


def _status(name: str, order: int) -> dict[str, Any]:
    return {"MasterLabel": name, "ApiName": name, "SortOrder": order, "IsDefault": order == 1}


def user_values(name: str, email: str, profile: str) -> Mapping[str, Any]:
    """What a user must have."""
    first, _, last = name.rpartition(" ")
    return {
        "Username": email.lower(),
        "Email": email,
        "FirstName": first or None,
        "LastName": last,
        "Name": name,
        "Alias": (first[:1] + last)[:8].lower().replace(" ", ""),
        "CommunityNickname": email.partition("@")[0][:40],
        "IsActive": True,
        "ProfileId": profile,
        **LOCALE,
    }


def _profile(store: Store, write: Writer, profile: str, name: str, *, customize: bool) -> None:
    """A profile and the permission set that holds its rights: all objects, all fields."""
    rights = {"PermissionsCustomizeApplication": customize, "PermissionsModifyAllData": customize}
    write("Profile", {"Id": profile, "Name": name, "UserType": "Standard", "PermissionsApiEnabled": True, **rights})
    label = {"Name": f"X{profile}", "Label": f"X{profile}", "ProfileId": profile, "Type": "Profile"}
    flags = {"IsOwnedByProfile": True, "IsCustom": customize, "PermissionsApiEnabled": True}
    own = write("PermissionSet", {**label, **flags})[ID]
    for sobject in GOVERNED:
        write("ObjectPermissions", {"ParentId": own, "SobjectType": sobject, **dict.fromkeys(FLAGS, True)})
    for each in store.schema:
        for one in each.fields.values():
            if one.permissionable:
                write("FieldPermissions", permission(own, each, one))


def permission(parent: str, sobject: SObject, one: Field) -> dict[str, Any]:
    """A FieldPermissions record that lets a permission set's holders read and write a field."""
    return {
        "ParentId": parent,
        "SobjectType": sobject.name,
        "Field": f"{sobject.name}.{one.name}",
        "PermissionsRead": True,
        "PermissionsEdit": True,
    }


def lay_out(schema: Schema, tooling: Store, serials: ids.Serials, now: datetime) -> None:
    """A page layout for every object that has pages: one section with the fields a seller may edit, one without."""
    write = Writer(tooling, serials, stamp(now))
    for sobject in schema:
        if not sobject.binned:
            continue
        fields = [one for one in sobject.fields.values() if one.updateable and one.part_of is None]
        sections = [
            _section(f"{sobject.label} Information", [one.name for one in fields if not one.custom]),
            _section("Additional Information", [one.name for one in fields if one.custom]),
        ]
        name = f"{sobject.label} Layout"
        values = {"Name": name, "TableEnumOrId": sobject.name, "EntityDefinitionId": sobject.name}
        values |= {"LayoutType": "Standard", "ManageableState": "unmanaged", "FullName": f"{sobject.name}-{name}"}
        write("Layout", {**values, "Metadata": {"layoutSections": sections, "relatedLists": []}})


def _section(label: str, fields: list[str]) -> dict[str, Any]:
    columns = [{"layoutItems": [{"behavior": "Edit", "field": name} for name in fields[at::2]]} for at in (0, 1)]
    return {
        "customLabel": True,
        "detailHeading": True,
        "editHeading": True,
        "label": label,
        "layoutColumns": columns,
        "style": "TwoColumnsTopToBottom",
    }
