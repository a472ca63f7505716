"""What `describe` says of objects and fields, key by key as recorded from real orgs.

Source: REST API Developer Guide, sObject Describe; SOAP API Developer Guide, DescribeSObjectResult.
"""

from __future__ import annotations

from typing import Any

from sandbox.salesforce.access import UserView
from sandbox.salesforce.schema import Field, SObject
from sandbox.salesforce.store import ID
from sandbox.salesforce.values import SOAP_TYPES

MASTER_RECORD_TYPE = "012000000000000AAA"
UNGROUPED = {"currency", "double", "percent", "datetime", "address", "anyType", "combobox"}
UNSEARCHABLE = {"history", "setup", "bare", "unbinned"}
FLAGS_OFF = (
    "aiPredictionField", "calculated", "dependentPicklist", "deprecatedAndHidden", "displayLocationInDecimal",
    "encrypted", "formulaTreatNullNumberAsZero", "highScaleNumber", "htmlFormatted", "queryByDistance",
    "restrictedDelete", "writeRequiresMasterRead",
)  # fmt: skip
NOTHING = (
    "calculatedFormula", "controllerName", "defaultValueFormula", "filteredLookupInfo", "mask", "maskType",
    "referenceTargetField", "relationshipOrder",
)  # fmt: skip


def field(view: UserView, sobject: SObject, one: Field) -> dict[str, Any]:
    text = one.type in ("string", "textarea", "picklist", "combobox", "email", "phone", "url", "multipicklist")
    may_write = view.may_write(sobject, one)
    described: dict[str, Any] = {
        "aggregatable": one.type not in ("boolean", "address") and one.filterable,
        "autoNumber": one.auto_number,
        "byteLength": one.length * (3 if text else 1),
        "cascadeDelete": False,
        "caseSensitive": False,
        "compoundFieldName": one.part_of,
        "createable": one.createable and may_write,
        "custom": one.custom,
        "defaultValue": one.default,
        "defaultedOnCreate": one.defaulted,
        "digits": 8 if one.type == "int" else 0,
        "externalId": one.external,
        "extraTypeInfo": "plaintextarea" if one.type == "textarea" else None,
        "filterable": one.filterable,
        "groupable": one.type not in UNGROUPED and (one.type == "boolean" or one.filterable) and not one.auto_number,
        "idLookup": one.lookup,
        "inlineHelpText": one.help,
        "label": one.label,
        "length": one.length,
        "name": one.name,
        "nameField": one.is_name,
        "namePointing": one.polymorphic,
        "nillable": one.nillable,
        "permissionable": one.permissionable,
        "picklistValues": [
            {
                "active": choice.active,
                "defaultValue": choice.default,
                "label": choice.label,
                "validFor": None,
                "value": choice.value,
            }
            for choice in one.choices
        ],
        "polymorphicForeignKey": one.polymorphic,
        "precision": one.precision,
        "referenceTo": list(one.refers_to),
        "relationshipName": one.relationship,
        "restrictedPicklist": one.restricted,
        "scale": one.scale,
        "searchPrefilterable": one.type == "reference" and "User" not in one.refers_to,
        "soapType": SOAP_TYPES.get(one.type, "xsd:string"),
        "sortable": one.sortable,
        "type": one.type,
        "unique": one.unique,
        "updateable": one.updateable and may_write,
    }
    described |= dict.fromkeys(FLAGS_OFF, False) | dict.fromkeys(NOTHING)
    return dict(sorted(described.items()))


def summary(view: UserView, sobject: SObject, base: str) -> dict[str, Any]:
    """An object as it stands in the list of all objects."""
    rights, name = view.rights, sobject.name
    searchable = not sobject.traits & UNSEARCHABLE
    address = f"{base}/sobjects/{name}"
    return {
        "activateable": False,
        "associateEntityType": "History" if "history" in sobject.traits else None,
        "associateParentEntity": None,
        "createable": sobject.writable and rights.allows(sobject, "PermissionsCreate"),
        "custom": False,
        "customSetting": False,
        "deepCloneable": False,
        "deletable": sobject.deletable and rights.allows(sobject, "PermissionsDelete"),
        "deprecatedAndHidden": False,
        "feedEnabled": sobject.binned,
        "hasSubtypes": False,
        "isInterface": False,
        "isSubtype": False,
        "keyPrefix": sobject.prefix,
        "label": sobject.label,
        "labelPlural": sobject.plural,
        "layoutable": sobject.binned,
        "mergeable": sobject.mergeable,
        "mruEnabled": sobject.binned,
        "name": name,
        "queryable": True,
        "replicateable": "systemmodstamp" in sobject.fields,
        "retrieveable": True,
        "searchable": searchable,
        "triggerable": sobject.writable,
        "undeletable": sobject.binned,
        "updateable": sobject.writable and rights.allows(sobject, "PermissionsEdit"),
        "urls": {
            "rowTemplate": address + "/{ID}",
            "describe": address + "/describe",
            "sobject": address,
        },
    }


def sobject(view: UserView, one: SObject, base: str, host: str) -> dict[str, Any]:
    """The whole description of an object, with the fields that the user may see."""
    described = summary(view, one, base)
    described["urls"] |= {
        "uiDetailTemplate": host + "/{ID}",
        "uiEditTemplate": host + "/{ID}/e",
        "uiNewRecord": f"{host}/{one.prefix}/e",
    }
    described |= {
        "actionOverrides": [],
        "childRelationships": _children(view, one),
        "compactLayoutable": one.binned,
        "defaultImplementation": None,
        "extendedBy": None,
        "extendsInterfaces": None,
        "fields": [field(view, one, each) for each in view.fields(one)],
        "implementedBy": None,
        "implementsInterfaces": None,
        "listviewable": None,
        "lookupLayoutable": None,
        "namedLayoutInfos": [],
        "networkScopeFieldName": None,
        "recordTypeInfos": record_types(view, one, base),
        "searchLayoutable": one.binned,
        "sobjectDescribeOption": "FULL",
        "supportedScopes": [
            {"label": f"All {one.plural.lower()}", "name": "everything"},
            {"label": f"My {one.plural.lower()}", "name": "mine"},
        ],
    }
    return dict(sorted(described.items()))


def _children(view: UserView, parent: SObject) -> list[dict[str, Any]]:
    return [
        {
            "cascadeDelete": reference.cascade,
            "childSObject": child.name,
            "deprecatedAndHidden": False,
            "field": reference.name,
            "junctionIdListNames": [],
            "junctionReferenceTo": [],
            "relationshipName": reference.children,
            "restrictedDelete": False,
        }
        for child, reference in view.store.schema.dependents(parent)
        if view.sobject(child.name) and view.field(child, reference.name)
    ]


def record_types(view: UserView, one: SObject, base: str) -> list[dict[str, Any]]:
    """The record types of an object, the Master last; the first of its own is the default."""
    known = view.store["RecordType"] if "RecordType".lower() in view.store.tables else None
    own = [] if known is None else known.having(known.sobject.at("SobjectType"), [one.name])
    at = known.sobject.at if known is not None else None
    infos: list[dict[str, Any]] = []
    for row in own:
        if at is not None:
            infos.append(_record_type(one, base, row[ID], row[at("Name")], row[at("DeveloperName")], first=not infos))
    if one.binned:
        infos.append(_record_type(one, base, MASTER_RECORD_TYPE, "Master", "Master", first=not infos))
    return infos


def _record_type(
    one: SObject, base: str, record_type: str, name: str, developer_name: str, *, first: bool
) -> dict[str, Any]:
    return {
        "active": True,
        "available": True,
        "defaultRecordTypeMapping": first,
        "developerName": developer_name,
        "master": record_type == MASTER_RECORD_TYPE,
        "name": name,
        "recordTypeId": record_type,
        "urls": {"layout": f"{base}/sobjects/{one.name}/describe/layouts/{record_type}"},
    }
