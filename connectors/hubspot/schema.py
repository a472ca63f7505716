"""Our own properties in the portal, in a group of their own.

Source: developers.hubspot.com, "Properties API".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from connectors.errors import NeedsAdmin
from connectors.hubspot.client import HubSpotDoor
from connectors.hubspot.streams import TYPES, native_name
from connectors.protocol import FieldDescription, FieldSpec, SchemaChange
from connectors.recovery import Refusal

GROUP, GROUP_LABEL = "buyer_readiness", "Buyer readiness"
MARK = "Made by Buyer Readiness."
"""Ends the description of whatever we made, so that it is known again when it is to be removed."""
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
    """One property of ours on one object type, and what is to be done about it.

    `action` is "create field", "add choices", or "replace field" where one of another type has its name.
    """

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
        elif field.type != KINDS[spec.type][0]:
            yield Missing("replace field", type, spec)
        elif {value for value, _ in spec.choices} - set(field.choices):
            yield Missing("add choices", type, spec)


def provision(door: HubSpotDoor, gaps: Sequence[Missing], *, dry_run: bool = False) -> Sequence[SchemaChange]:
    """Make what is missing; never removes anything. What was done, or would be.

    Raises
    ------
    NeedsAdmin : a property of another type has the name of one of ours, or one that was archived still holds it.
    """
    taken = ", ".join(f"{gap.type}.{native_name(gap.spec.name)}" for gap in gaps if gap.action == "replace field")
    if taken:
        raise NeedsAdmin(
            f"These properties are there with another type than ours: {taken}.",
            "Rename or delete them; nothing was changed.",
        )
    changes = []
    for type, entries in groupby(sorted(gaps, key=lambda gap: gap.type), key=lambda gap: gap.type):
        todo = list(entries)
        changes += _make_group(door, type, dry_run=dry_run)
        changes += [gap.change for gap in todo]
        if dry_run:
            continue
        made = [_property(gap.spec) for gap in todo if gap.action == "create field"]
        if made:
            _create(door, type, made)
        for gap in todo:
            if gap.action == "add choices":
                _widen(door, gap)
    return changes


def destroy(door: HubSpotDoor, wanted: Iterable[FieldSpec], *, dry_run: bool = False) -> Sequence[SchemaChange]:
    """Archive our properties and delete our group; what was removed ("remove …") and what was kept, and why.

    A property without our mark isn't ours; one that sellers fill is kept as long as it holds a word of theirs.
    """
    changes = []
    specs = list(wanted)
    for type in TYPES.values():
        found = door.json("GET", f"{door.paths.properties}/{type}")["results"]
        held = {entry["name"]: entry for entry in found if not entry.get("archived")}
        ours = [spec for spec in specs if TYPES.get(spec.object) == type and native_name(spec.name) in held]
        reasons = {spec.name: _kept(door, type, spec, held[native_name(spec.name)]) for spec in ours}
        going = [native_name(spec.name) for spec in ours if not reasons[spec.name]]
        changes += [SchemaChange("remove field", type, name) for name in going]
        changes += [SchemaChange("keep field", type, native_name(name), why) for name, why in reasons.items() if why]
        if going and not dry_run:
            path = f"{door.paths.properties}/{type}"
            door.json("POST", f"{path}/batch/archive", {"inputs": [{"name": name} for name in going]})
        left = [name for name, entry in held.items() if entry["groupName"] == GROUP and name not in going]
        if going and not left:
            changes.append(SchemaChange("remove group", type, GROUP))
            if not dry_run:
                door.json("DELETE", f"{door.paths.properties}/{type}/groups/{GROUP}")
    return changes


def _kept(door: HubSpotDoor, type: str, spec: FieldSpec, held: Mapping[str, Any]) -> str:
    if MARK not in str(held.get("description")):
        return "not made by us"
    if spec.by_people:
        filled = [{"filters": [{"propertyName": native_name(spec.name), "operator": "HAS_PROPERTY"}]}]
        total = int(
            door.json("POST", f"{door.paths.objects}/{type}/search", {"filterGroups": filled, "limit": 1})["total"]
        )
        if total:
            return f"{total:,} records hold what sellers said there; archive it by hand if it may go"
    return ""


def _create(door: HubSpotDoor, type: str, made: Sequence[Mapping[str, Any]]) -> None:
    try:
        path = f"{door.paths.properties}/{type}/batch/create"
        door.send("POST", path, {"inputs": made}, repeatable=False, own={409})
    except Refusal as refusal:
        raise NeedsAdmin(
            f"HubSpot won't make the properties of {type}: {refusal.row}",
            "Restore an archived one under Settings › Properties › Archived, then provision again.",
        ) from None


def _make_group(door: HubSpotDoor, type: str, *, dry_run: bool) -> list[SchemaChange]:
    path = f"{door.paths.properties}/{type}/groups"
    if any(group["name"] == GROUP for group in door.json("GET", path)["results"]):
        return []
    if not dry_run:
        with suppress(Refusal):
            door.send("POST", path, {"name": GROUP, "label": GROUP_LABEL}, repeatable=False, own={409})
    return [SchemaChange("create group", type, GROUP)]


def _property(spec: FieldSpec) -> dict[str, Any]:
    kind, field_type = KINDS[spec.type]
    made: dict[str, Any] = {
        "name": native_name(spec.name),
        "label": spec.label,
        "type": kind,
        "fieldType": field_type,
        "groupName": GROUP,
        "description": f"{spec.help} {MARK}".strip(),
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
