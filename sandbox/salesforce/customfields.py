"""Custom fields that come and go while the org runs, as their Metadata describes them.

A new field is on its object at once, but no user sees it until FieldPermissions say so.
Source: Metadata API Developer Guide, CustomField › Field Types; Tooling API Developer Guide, CustomField.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sandbox.salesforce import definitions
from sandbox.salesforce.dml import add_row
from sandbox.salesforce.errors import RowError
from sandbox.salesforce.schema import Choice, Field, SObject
from sandbox.salesforce.store import Row
from sandbox.salesforce.values import stamp

if TYPE_CHECKING:
    from sandbox.salesforce.org import Org

TYPES = {
    "Text": "string", "TextArea": "textarea", "LongTextArea": "textarea", "Html": "textarea", "Number": "double",
    "Currency": "currency", "Percent": "percent", "Date": "date", "DateTime": "datetime", "Checkbox": "boolean",
    "Picklist": "picklist", "MultiselectPicklist": "multipicklist", "Email": "email", "Phone": "phone", "Url": "url",
}  # fmt: skip
LENGTHS = {"TextArea": 255, "Email": 80, "Phone": 40, "Url": 255, "Picklist": 255, "MultiselectPicklist": 4099}
NEEDS = {
    "Text": ("length",), "LongTextArea": ("length", "visibleLines"), "Html": ("length", "visibleLines"),
    "Number": ("precision", "scale"), "Currency": ("precision", "scale"), "Percent": ("precision", "scale"),
    "Checkbox": ("defaultValue",), "Picklist": ("valueSet",), "MultiselectPicklist": ("valueSet", "visibleLines"),
}  # fmt: skip
_NAME = re.compile(r"[A-Za-z](?!.*__.*__c)[A-Za-z0-9_]{0,39}__c")
MOST = 500
"""Custom fields per object in Enterprise Edition. Source: Salesforce Features and Edition Allocations."""


def create(org: Org, full_name: str, metadata: Mapping[str, Any], by: str) -> str:
    """Add the field `Opportunity.Score__c`; returns the id of its CustomField record."""
    entity, _, name = full_name.partition(".")
    sobjects = _objects(org, entity)
    if not _NAME.fullmatch(name):
        raise RowError("FIELD_INTEGRITY_EXCEPTION", f"Invalid fullName: {full_name}", "FullName")
    if any(name.lower() in one.fields for one in sobjects):
        message = f"There is already a field named {name.removesuffix('__c')} on {entity}."
        raise RowError("DUPLICATE_DEVELOPER_NAME", message, "DeveloperName")
    for one in sobjects:
        if sum(each.custom for each in one.fields.values()) >= MOST:
            raise RowError("CUSTOM_FIELD_LIMIT_EXCEEDED", f"{one.name} has {MOST} custom fields")
        org.store[one.name].widen(one.add(_field(name, metadata)))
    record_id = org.serials.next("00N")
    values = {
        "Id": record_id, "DeveloperName": name.removesuffix("__c"), "TableEnumOrId": entity,
        "EntityDefinitionId": entity, "FullName": full_name, "ManageableState": "unmanaged", **_columns(metadata),
    }  # fmt: skip
    add_row(org.tooling["CustomField"], values, stamp(org.clock.now()), by)
    definitions.refresh(org.schema, org.store, org.tooling)
    return record_id


def change(org: Org, row: Row, metadata: Mapping[str, Any]) -> None:
    """Give a field another label, length, help or set of values; its type stays."""
    table = org.tooling["CustomField"]
    at = table.sobject.at
    entity, _, name = str(row[at("FullName")]).partition(".")
    made = _field(name, metadata)
    for one in _objects(org, entity):
        held = one[name]
        if held.type != made.type:
            message = f"Cannot change type of field {name}"
            raise RowError("FIELD_INTEGRITY_EXCEPTION", message, "Type")
        made.at = held.at
        one.fields[name.lower()] = made
        made = _field(name, metadata)
    now = stamp(org.clock.now())
    for column, value in {**_columns(metadata), "LastModifiedDate": now, "SystemModstamp": now}.items():
        table.put(row, at(column), value)
    definitions.refresh(org.schema, org.store, org.tooling)


def delete(org: Org, row: Row) -> None:
    """Take a field away with all that it held, and the permissions on it."""
    table = org.tooling["CustomField"]
    entity, _, name = str(row[table.sobject.at("FullName")]).partition(".")
    permissions = org.store["FieldPermissions"]
    for one in _objects(org, entity):
        gone = one.fields.pop(name.lower())
        for record in org.store[one.name].rows.values():
            record[gone.at] = None
        wanted = [f"{one.name}.{gone.name}"]
        for permission in permissions.having(permissions.sobject.at("Field"), wanted):
            permissions.remove(permission)
    table.remove(row)
    definitions.refresh(org.schema, org.store, org.tooling)


def record_standing(org: Org, by: str) -> None:
    """CustomField records for the custom fields that the org begins with."""
    for one in org.schema:
        for each in one.fields.values():
            if each.custom:
                metadata = {
                    "type": "Text", "label": each.label, "length": each.length, "externalId": each.external,
                    "unique": each.unique, "required": False,
                }  # fmt: skip
                name = each.name.removesuffix("__c")
                values = {
                    "Id": org.serials.next("00N"), "DeveloperName": name, "TableEnumOrId": one.name,
                    "EntityDefinitionId": one.name, "FullName": f"{one.name}.{each.name}",
                    "ManageableState": "unmanaged", **_columns(metadata),
                }  # fmt: skip
                add_row(org.tooling["CustomField"], values, stamp(org.clock.now()), by)


def _objects(org: Org, entity: str) -> list[SObject]:
    found = [one for one in org.schema if one.custom_fields_of.lower() == entity.lower() and one.writable]
    if not found:
        message = f"Entity Enumeration Or ID: bad value for restricted picklist field: {entity}"
        raise RowError("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, "TableEnumOrId")
    return found


def _columns(metadata: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "Description": metadata.get("description"),
        "InlineHelpText": metadata.get("inlineHelpText"),
        "Length": metadata.get("length"),
        "Precision": metadata.get("precision"),
        "Scale": metadata.get("scale"),
        "Metadata": dict(metadata),
    }


def _field(name: str, metadata: Mapping[str, Any]) -> Field:
    kind = metadata.get("type")
    if kind not in TYPES:
        message = f"Field Type: bad value for restricted picklist field: {kind}"
        raise RowError("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, "Type")
    for needed in ("label", *NEEDS.get(kind, ())):
        if metadata.get(needed) is None:
            raise RowError("FIELD_INTEGRITY_EXCEPTION", f"Must specify '{needed}' for a CustomField of type {kind}")
    length = int(metadata.get("length") or LENGTHS.get(kind, 0))
    if kind == "Text" and not 1 <= length <= 255:
        raise RowError("FIELD_INTEGRITY_EXCEPTION", "Text length must be between 1 and 255", "Length")
    if kind in ("LongTextArea", "Html") and not 256 <= length <= 131_072:
        raise RowError("FIELD_INTEGRITY_EXCEPTION", "Long text length must be between 256 and 131072", "Length")
    made = Field(name=name, type=TYPES[kind], at=-1, label=str(metadata["label"]), length=length, custom=True)
    made.precision, made.scale = int(metadata.get("precision") or 0), int(metadata.get("scale") or 0)
    if made.precision:
        made.length = 0
    required = metadata.get("required") is True
    made.nillable = not required and kind != "Checkbox"
    made.permissionable = not required
    made.external, made.unique = metadata.get("externalId") is True, metadata.get("unique") is True
    made.lookup = made.external or made.unique
    made.help = metadata.get("inlineHelpText")
    made.filterable = made.sortable = kind not in ("LongTextArea", "Html")
    if kind == "Checkbox":
        made.default, made.defaulted = metadata["defaultValue"] in (True, "true"), True
    if "valueSet" in NEEDS.get(kind, ()):
        made.choices, made.restricted = _choices(metadata["valueSet"])
    return made


def _choices(value_set: Mapping[str, Any]) -> tuple[list[Choice], bool]:
    definition = value_set.get("valueSetDefinition") or {}
    values = definition.get("value") or []
    if not values and not value_set.get("valueSetName"):
        raise RowError("FIELD_INTEGRITY_EXCEPTION", "A picklist needs a value set definition", "ValueSet")
    choices = []
    for one in values:
        value = str(one.get("valueName") or one.get("fullName"))
        shown = str(one.get("label") or value)
        choices.append(Choice(value, shown, one.get("isActive") is not False, one.get("default") is True))
    return choices, value_set.get("restricted") is True
