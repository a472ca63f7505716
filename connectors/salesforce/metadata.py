"""Our fields and our permission set in the words of Salesforce's Metadata API.

Source: Metadata API Developer Guide, CustomField, PermissionSet; Tooling API, CustomField.
"""

from __future__ import annotations

from typing import Any

from connectors.protocol import FieldSpec

MARK = "Made by Buyer Readiness."
"""Ends the description of whatever we made, so that it is known again when it is to be removed."""
PERMISSION_SET = "Buyer_Readiness"
PERMISSION_SET_LABEL = "Buyer Readiness"
HOLDERS = {"Task": "Activity"}
"""Custom fields of tasks are made on Activity, which tasks and events share."""
TYPES = {
    "text": "string",
    "long_text": "textarea",
    "number": "double",
    "date": "date",
    "datetime": "datetime",
    "flag": "boolean",
    "choice": "picklist",
}
"""Our types -> those that a describe tells."""


def holder(native: str) -> str:
    """The object on which the custom fields of an object are made."""
    return HOLDERS.get(native, native)


def metadata(spec: FieldSpec) -> dict[str, Any]:
    """The Metadata of a CustomField."""
    described: dict[str, Any] = {"label": spec.label[:40], "description": f"{spec.help[:900]} {MARK}".strip()}
    if spec.help:
        described["inlineHelpText"] = spec.help[:510]
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
    values = [choice(value, label) for value, label in spec.choices]
    return {"restricted": True, "valueSetDefinition": {"sorted": False, "value": values}}


def choice(value: str, label: str) -> dict[str, Any]:
    """One value of a picklist."""
    return {"fullName": value, "label": label, "default": False}
