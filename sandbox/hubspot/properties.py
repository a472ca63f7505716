"""The portal's properties and property groups: the standard ones of `catalog/`, and those made through the API.

Shapes were recorded for contacts (354 properties); https://developers.hubspot.com/docs/guides/api/crm/properties
tells the rest: the pairs of type and fieldType, the rules for names, what may be changed later.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from sandbox.hubspot.object_types import ObjectType
from sandbox.hubspot.wire import stamp

CATALOG = Path(__file__).parent / "catalog"
STANDARD_SINCE = "2019-08-06T02:41:08.029Z"


@dataclass(slots=True)
class Property:
    """One property definition.

    Attributes
    ----------
    options : as the API shows them, in order.
    open : HubSpot defined it, yet lets its definition be changed.
    fixed_options : whether its options may be changed; None where the API doesn't tell.
    """

    name: str
    label: str
    type: str
    field_type: str
    group: str
    description: str = ""
    options: list[dict[str, Any]] = field(default_factory=list)
    display_order: int = -1
    read_only: bool = False
    calculated: bool = False
    hidden: bool = False
    unique: bool = False
    external: bool = False
    form_field: bool = False
    currency: bool | None = None
    referenced: str | None = None
    standard: bool = True
    open: bool = False
    fixed_options: bool | None = None
    formula: str | None = None
    created: str = STANDARD_SINCE
    updated: str = STANDARD_SINCE
    created_by: str | None = None
    archived_at: str | None = None

    @property
    def values(self) -> set[str]:
        return {option["value"] for option in self.options}

    def shown(self) -> dict[str, Any]:
        """The definition as the API shows it, keys in the recorded order."""
        shown: dict[str, Any] = {
            "updatedAt": self.updated,
            "createdAt": self.created,
            "name": self.name,
            "label": self.label,
            "type": self.type,
            "fieldType": self.field_type,
            "description": self.description,
            "groupName": self.group,
            "options": self.options,
        }
        if self.created_by:
            shown |= {"createdUserId": self.created_by, "updatedUserId": self.created_by}
        if self.referenced:
            shown["referencedObjectType"] = self.referenced
        shown |= {"displayOrder": self.display_order, "calculated": self.calculated, "externalOptions": self.external}
        if not self.standard:
            shown["archived"] = self.archived_at is not None
        shown |= {"hasUniqueValue": self.unique, "hidden": self.hidden}
        if self.standard:
            shown["hubspotDefined"] = True
        if self.currency is not None:
            shown["showCurrencySymbol"] = self.currency
        shown["modificationMetadata"] = self._modification()
        shown["formField"] = self.form_field
        if self.formula:
            shown["calculationFormula"] = self.formula
        if self.archived_at:
            shown["archivedAt"] = self.archived_at
        return {**shown, "dataSensitivity": "non_sensitive"}

    def _modification(self) -> dict[str, bool]:
        rights = {"archivable": not self.open, "readOnlyDefinition": self.standard and not self.open}
        if self.fixed_options is not None:
            rights["readOnlyOptions"] = self.fixed_options
        return {**rights, "readOnlyValue": self.read_only}


@dataclass(slots=True)
class Group:
    """A property group."""

    name: str
    label: str
    display_order: int = -1

    def shown(self) -> dict[str, Any]:
        return {"name": self.name, "label": self.label, "displayOrder": self.display_order, "archived": False}


class PropertySet:
    """All properties and groups of one object type."""

    def __init__(self, kind: ObjectType) -> None:
        self.kind = kind
        group, properties = _catalog(kind.plural)
        self.groups = {group.name: Group(group.name, group.label, 0)}
        self.by_name = {name: _standard(name, line, group.name) for name, line in properties.items()}

    def __iter__(self) -> Any:
        return iter(self.by_name.values())

    def get(self, name: str) -> Property | None:
        """The live property of that name, in any case; None if there is none or it was archived."""
        found = self.by_name.get(name) or self.by_name.get(name.lower())
        return found if found and found.archived_at is None else None

    def add(self, definition: Property) -> None:
        self.by_name[definition.name] = definition

    def add_stage_dates(self, stages: list[tuple[str, str]], pipeline: str) -> None:
        """The calculated dates that HubSpot keeps for each stage: entered, exited, time spent."""
        group = next(iter(self.groups))
        for stage_id, label in stages:
            for prefix, words, kind, field_type in STAGE_DATES:
                name, text = f"{prefix}{stage_id}", f'{words} "{label} ({pipeline})"'
                self.by_name.setdefault(name, Property(name, text, kind, field_type, group, read_only=True))


STAGE_DATES = (
    ("hs_v2_date_entered_", "Date entered", "datetime", "date"),
    ("hs_v2_date_exited_", "Date exited", "datetime", "date"),
    ("hs_v2_latest_time_in_", "Latest time in", "number", "number"),
    ("hs_v2_cumulative_time_in_", "Cumulative time in", "number", "number"),
)


def option(value: str, label: str, order: int, *, description: str = "", hidden: bool = False) -> dict[str, Any]:
    return {"label": label, "value": value, "description": description, "displayOrder": order, "hidden": hidden}


def order_of(fields: Mapping[str, Any], held: int = -1) -> int:
    """The display order that a body asks for, else the one held."""
    order: int | None = fields.get("displayOrder")
    return held if order is None else order


def custom(fields: dict[str, Any], now: int, user_id: str) -> Property:
    """A property as a client asked for it, its body already checked."""
    booleans = {"type": "bool"}.items() <= fields.items() and not fields.get("options")
    options = [{"label": "True", "value": "true"}, {"label": "False", "value": "false"}] if booleans else None
    return Property(
        fields["name"],
        fields["label"],
        fields["type"],
        fields["fieldType"],
        fields["groupName"],
        fields.get("description") or "",
        [
            option(
                item["value"],
                item["label"],
                item.get("displayOrder", index),
                description=item.get("description") or "",
                hidden=bool(item.get("hidden")),
            )
            for index, item in enumerate(options or fields.get("options") or [])
        ],
        order_of(fields),
        hidden=bool(fields.get("hidden")),
        unique=bool(fields.get("hasUniqueValue")),
        external=bool(fields.get("externalOptions")),
        form_field=bool(fields.get("formField")),
        currency=bool(fields.get("showCurrencySymbol")),
        referenced=fields.get("referencedObjectType"),
        standard=False,
        formula=fields.get("calculationFormula"),
        created=stamp(now),
        updated=stamp(now),
        created_by=user_id,
    )


@cache
def _catalog(plural: str) -> tuple[Group, dict[str, str]]:
    sheet = yaml.safe_load((CATALOG / f"{plural}.yaml").read_text())
    common = yaml.safe_load((CATALOG / "common.yaml").read_text())
    return Group(sheet["group"], sheet["label"]), {**common, **sheet["properties"]}


def _standard(name: str, line: str, group: str) -> Property:
    """Read one line of the catalog: `Label | type fieldType flags | value=Label; …`."""
    label, kind, *choices = (part.strip() for part in line.split("|"))
    type_, field_type, *flags = kind.split()
    pairs = [choice.strip().partition("=") for choice in choices[0].split(";")] if choices else []
    if type_ == "bool":
        pairs = [("true", "=", "True"), ("false", "=", "False")]
    return Property(
        name,
        label,
        type_,
        field_type,
        group,
        options=[option(value, text, order) for order, (value, _, text) in enumerate(pairs)],
        read_only="ro" in flags,
        calculated="calc" in flags,
        hidden="hidden" in flags,
        unique="unique" in flags,
        external="external" in flags,
        form_field="form" in flags or (type_ == "string" and "ro" not in flags),
        currency="currency" in flags or None,
        referenced=next((flag.upper() for flag in ("owner", "company") if flag in flags), None),
        open="open" in flags,
        fixed_options="fixed" in flags if {"fixed", "own"} & set(flags) else None,
    )
