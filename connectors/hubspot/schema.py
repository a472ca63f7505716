"""Our own properties in the portal, in a group of their own.

Source: developers.hubspot.com, "Properties API".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from connectors.hubspot.client import HubSpotDoor
from connectors.hubspot.streams import TYPES, native_name
from connectors.protocol import FieldDescription, FieldSpec, SchemaChange
from connectors.recovery import Refusal

GROUP, GROUP_LABEL = "buyer_readiness", "Buyer readiness"
KINDS = {
    "text": ("string", "text"),
    "long_text": ("string", "textarea"),
    "number": ("number", "number"),
    "date": ("date", "date"),
    "datetime": ("datetime", "date"),
    "choice": ("enumeration", "select"),
    "flag": ("bool", "booleancheckbox"),
}
YES_NO = (("true", "Yes"), ("false", "No"))


@dataclass(frozen=True, slots=True)
class Missing:
    """One property of ours on one object type, and what is to be done: "create field" or "add choices"."""

    action: str
    type: str
    spec: FieldSpec

    @property
    def change(self) -> SchemaChange:
        return SchemaChange(self.action, self.type, native_name(self.spec.name), self.spec.type)


def properties(door: HubSpotDoor, type: str) -> dict[str, FieldDescription]:
    """The properties of an object type by name."""
    found = door.json("GET", f"{door.paths.properties}/{type}")["results"]
    return {entry["name"]: _described(entry) for entry in found if not entry.get("archived")}


def missing(held: Mapping[str, Mapping[str, FieldDescription]], wanted: Iterable[FieldSpec]) -> Iterator[Missing]:
    """What the portal lacks; `held` has the properties by type. Roles hold no fields in HubSpot, so none is missing."""
    for spec in wanted:
        type = TYPES.get(spec.object)
        if type is None:
            continue
        field = held[type].get(native_name(spec.name))
        if field is None:
            yield Missing("create field", type, spec)
        elif {value for value, _ in spec.choices} - set(field.choices):
            yield Missing("add choices", type, spec)


def provision(door: HubSpotDoor, gaps: Sequence[Missing]) -> Sequence[SchemaChange]:
    """Make what is missing; never removes anything."""
    for type, entries in groupby(sorted(gaps, key=lambda gap: gap.type), key=lambda gap: gap.type):
        todo = list(entries)
        _make_group(door, type)
        made = [_property(gap.spec) for gap in todo if gap.action == "create field"]
        if made:
            door.send("POST", f"{door.paths.properties}/{type}/batch/create", {"inputs": made}, repeatable=False)
        for gap in todo:
            if gap.action == "add choices":
                _widen(door, gap)
    return [gap.change for gap in gaps]


def _make_group(door: HubSpotDoor, type: str) -> None:
    path = f"{door.paths.properties}/{type}/groups"
    if all(group["name"] != GROUP for group in door.json("GET", path)["results"]):
        try:
            door.send("POST", path, {"name": GROUP, "label": GROUP_LABEL}, repeatable=False, own={409})
        except Refusal:
            return


def _property(spec: FieldSpec) -> dict[str, Any]:
    kind, field_type = KINDS[spec.type]
    made: dict[str, Any] = {
        "name": native_name(spec.name),
        "label": spec.label,
        "type": kind,
        "fieldType": field_type,
        "groupName": GROUP,
        "description": spec.help,
    }
    if spec.unique:
        made["hasUniqueValue"] = True
    choices = spec.choices if spec.type == "choice" else YES_NO if spec.type == "flag" else ()
    if choices:
        made["options"] = _options(choices)
    return made


def _options(choices: Iterable[tuple[str, str]], first: int = 0) -> list[dict[str, Any]]:
    return [
        {"value": value, "label": label, "displayOrder": place, "hidden": False}
        for place, (value, label) in enumerate(choices, first)
    ]


def _widen(door: HubSpotDoor, gap: Missing) -> None:
    path = f"{door.paths.properties}/{gap.type}/{native_name(gap.spec.name)}"
    held = door.json("GET", path)["options"]
    values = {option["value"] for option in held}
    new = [choice for choice in gap.spec.choices if choice[0] not in values]
    door.json("PATCH", path, {"options": [*held, *_options(new, len(held))]})


def _described(entry: Mapping[str, Any]) -> FieldDescription:
    rights = entry.get("modificationMetadata") or {}
    return FieldDescription(
        name=entry["name"],
        label=entry.get("label") or entry["name"],
        type=entry["type"],
        updateable=not rights.get("readOnlyValue", False),
        choices=tuple(option["value"] for option in entry.get("options") or () if not option.get("hidden")),
    )
