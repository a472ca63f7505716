"""A section with our fields on the org's page layouts, so that sellers see them without anybody arranging pages.

Source: Tooling API, Layout; Metadata API Developer Guide, Layout.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from connectors.protocol import FieldSpec, SchemaChange
from connectors.salesforce.client import SalesforceDoor
from connectors.salesforce.streams import OBJECTS, native_name

SECTION = "Buyer readiness"
Metadata = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Laid:
    """A page layout as it is to become."""

    layout_id: str
    change: SchemaChange
    metadata: Metadata


def additions(door: SalesforceDoor, specs: Sequence[FieldSpec]) -> Iterator[Laid]:
    """Layouts that show not all of our fields, each with those added to our section; nothing else is moved."""
    for layout, wanted in _layouts(door, specs):
        shown = set(_fields(layout["Metadata"]))
        lacking = [spec for spec in wanted if native_name(spec.name) not in shown]
        if lacking:
            change = SchemaChange("add to layout", layout["TableEnumOrId"], layout["Name"], f"{len(lacking)} fields")
            yield Laid(layout["Id"], change, _with(layout["Metadata"], lacking))


def removals(door: SalesforceDoor, specs: Sequence[FieldSpec]) -> Iterator[Laid]:
    """Layouts that show some of our fields, each without them, and without our section once it is empty."""
    for layout, wanted in _layouts(door, specs):
        ours = {native_name(spec.name) for spec in wanted}
        shown = ours.intersection(_fields(layout["Metadata"]))
        if shown:
            change = SchemaChange("remove from layout", layout["TableEnumOrId"], layout["Name"], f"{len(shown)} fields")
            yield Laid(layout["Id"], change, _without(layout["Metadata"], ours))


def lay(door: SalesforceDoor, laid: Laid) -> None:
    door.json("PATCH", f"tooling/sobjects/Layout/{laid.layout_id}", {"Metadata": laid.metadata})


def _layouts(door: SalesforceDoor, specs: Sequence[FieldSpec]) -> Iterator[tuple[Mapping[str, Any], list[FieldSpec]]]:
    """Each of the org's own layouts with the fields that belong on it; those of packages can't be changed."""
    by_object: dict[str, list[FieldSpec]] = {}
    for spec in specs:
        for native in OBJECTS[spec.object] if not spec.unique else ():
            by_object.setdefault(native, []).append(spec)
    names = ", ".join(f"'{name}'" for name in by_object)
    soql = f"SELECT Id, Name, TableEnumOrId, ManageableState FROM Layout WHERE TableEnumOrId IN ({names})"  # noqa: S608
    for found in door.json("GET", "tooling/query", None, {"q": soql})["records"]:
        if found["ManageableState"] == "unmanaged":
            layout = door.json("GET", f"tooling/sobjects/Layout/{found['Id']}")
            yield layout, by_object[found["TableEnumOrId"]]


def _fields(metadata: Metadata) -> Iterator[str]:
    for section in metadata.get("layoutSections") or ():
        for column in section.get("layoutColumns") or ():
            for item in column.get("layoutItems") or ():
                if item.get("field"):
                    yield item["field"]


def _with(metadata: Metadata, lacking: Sequence[FieldSpec]) -> Metadata:
    changed: dict[str, Any] = deepcopy(dict(metadata))
    sections = changed.setdefault("layoutSections", [])
    section = next((one for one in sections if one.get("label") == SECTION), None)
    if section is None:
        section = {
            "customLabel": True,
            "detailHeading": True,
            "editHeading": True,
            "label": SECTION,
            "layoutColumns": [{"layoutItems": []}, {"layoutItems": []}],
            "style": "TwoColumnsTopToBottom",
        }
        sections.insert(min(1, len(sections)), section)
    columns = section["layoutColumns"]
    for place, spec in enumerate(lacking):
        item = {"behavior": "Edit" if spec.by_people else "Readonly", "field": native_name(spec.name)}
        column = columns[place % len(columns)]
        column["layoutItems"] = [*(column.get("layoutItems") or ()), item]
    return changed


def _without(metadata: Metadata, ours: set[str]) -> Metadata:
    changed: dict[str, Any] = deepcopy(dict(metadata))
    for section in changed["layoutSections"]:
        for column in section.get("layoutColumns") or ():
            items = column.get("layoutItems") or ()
            column["layoutItems"] = [item for item in items if item.get("field") not in ours]
    changed["layoutSections"] = [
        section
        for section in changed["layoutSections"]
        if section.get("label") != SECTION or any(column["layoutItems"] for column in section["layoutColumns"])
    ]
    return changed
