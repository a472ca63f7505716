"""EntityDefinition and FieldDefinition: the org's objects and fields as records that can be queried."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sandbox.salesforce import rules
from sandbox.salesforce.schema import Field, Schema, SObject
from sandbox.salesforce.store import Store, Table

TRACKED = {**{f"Opportunity.{name}": True for name in rules.TRACKED}, "Quote.Status": True}


def refresh(schema: Schema, *stores: Store) -> None:
    """Write the definitions anew after the schema changed."""
    for store in stores:
        _fill(store["EntityDefinition"], map(_entity, schema))
        _fill(store["FieldDefinition"], (_field(one, each) for one in schema for each in one.fields.values()))


def _fill(table: Table, records: Iterable[dict[str, Any]]) -> None:
    for row in list(table.rows.values()):
        table.remove(row)
    for record in records:
        row = table.blank()
        for name, value in record.items():
            row[table.sobject.at(name)] = value
        table.add(row)


def _entity(one: SObject) -> dict[str, Any]:
    return {
        "DurableId": one.name,
        "QualifiedApiName": one.name,
        "DeveloperName": one.name,
        "Label": one.label,
        "PluralLabel": one.plural,
        "KeyPrefix": one.prefix,
        "IsCustomizable": one.writable,
        "IsQueryable": True,
        "IsTriggerable": one.writable,
        "IsLayoutable": one.binned,
    }


def _field(one: SObject, each: Field) -> dict[str, Any]:
    name = f"{one.name}.{each.name}"
    return {
        "DurableId": name,
        "EntityDefinitionId": one.name,
        "QualifiedApiName": each.name,
        "DeveloperName": each.name.removesuffix("__c"),
        "Label": each.label,
        "DataType": each.type,
        "Length": each.length,
        "IsFieldHistoryTracked": TRACKED.get(name, False),
        "IsNillable": each.nillable,
        "IsIndexed": each.lookup or each.type in ("id", "reference"),
    }
