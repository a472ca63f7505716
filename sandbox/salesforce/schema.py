"""The org's objects and fields: what a client may read and write, and what `describe` says of it.

Standard objects are read from the YAML files in `objects/`; custom fields are added while the org runs. A field is one
line there: its type, its size, then flags. An object's traits add the fields and abilities that many objects share.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent / "objects"
DATA_FILES = ("people", "sales", "activities", "setup", "definitions")
TOOLING_FILES = ("tooling", "definitions")
ADDRESS = ("Street", "City", "State", "PostalCode", "Country", "Latitude", "Longitude", "GeocodeAccuracy")

AUDIT = {
    "CreatedDate": "datetime readonly required defaulted",
    "CreatedById": "ref User readonly required defaulted rel=CreatedBy",
    "LastModifiedDate": "datetime readonly required defaulted",
    "LastModifiedById": "ref User readonly required defaulted rel=LastModifiedBy",
    "SystemModstamp": "datetime readonly required defaulted",
}
FIRST = {
    "system": {"Id": "id readonly required defaulted lookup", "IsDeleted": "boolean readonly"},
    "system_undeleted": {"Id": "id readonly required defaulted lookup"},
    "last_modified": {"Id": "id readonly required defaulted lookup"},
    "definition": {"DurableId": "string 255 readonly required"},
    "bare": {"Id": "id readonly required defaulted lookup"},
    "history": {"Id": "id readonly required defaulted lookup", "IsDeleted": "boolean readonly"},
    "person": {
        "LastName": "string 80 required part=Name",
        "FirstName": "string 40 part=Name",
        "Salutation": "picklist 40 values=Salutation part=Name",
        "Name": "string 121 readonly required name",
    },
}
LAST = {
    "system": AUDIT,
    "system_undeleted": AUDIT,
    "last_modified": {name: AUDIT[name] for name in ("LastModifiedDate", "LastModifiedById", "SystemModstamp")},
    "history": {name: AUDIT[name] for name in ("CreatedById", "CreatedDate")},
    "viewed": {"LastViewedDate": "datetime readonly", "LastReferencedDate": "datetime readonly"},
    "activity_date": {"LastActivityDate": "date readonly"},
}
LONGEST_SORTED = 255
READ_ONLY_TRAITS = {"history", "setup", "last_modified", "definition"}
DELETABLE_TRAITS = {"deletable", "unbinned", "deletable_now"}


@dataclass(slots=True)
class Choice:
    value: str
    label: str
    active: bool = True
    default: bool = False


@dataclass(slots=True)
class Field:
    """One field of one object. `at` is its place in the object's rows; an address has none, being its parts."""

    name: str
    type: str
    at: int
    label: str = ""
    length: int = 0
    precision: int = 0
    scale: int = 0
    createable: bool = True
    updateable: bool = True
    nillable: bool = True
    defaulted: bool = False
    default: Any = None
    choices: list[Choice] = field(default_factory=list)
    restricted: bool = False
    refers_to: tuple[str, ...] = ()
    relationship: str | None = None
    children: str | None = None
    cascade: bool = False
    is_name: bool = False
    lookup: bool = False
    external: bool = False
    unique: bool = False
    auto_number: bool = False
    filterable: bool = True
    sortable: bool = True
    permissionable: bool = False
    part_of: str | None = None
    custom: bool = False
    help: str | None = None

    @property
    def is_owner(self) -> bool:
        return self.name == "OwnerId"

    @property
    def polymorphic(self) -> bool:
        return len(self.refers_to) > 1


@dataclass(slots=True)
class SObject:
    """One object. `fields` is keyed by the lower-case name, in the order in which a record shows them."""

    name: str
    prefix: str
    plural: str
    traits: frozenset[str]
    custom_fields_of: str
    fields: dict[str, Field] = field(default_factory=dict)
    width: int = 0

    @property
    def label(self) -> str:
        return self.name if self.name == "Product2" else _spaced(self.name)

    @property
    def writable(self) -> bool:
        return not self.traits & READ_ONLY_TRAITS

    @property
    def deletable(self) -> bool:
        return bool(self.traits & DELETABLE_TRAITS)

    @property
    def binned(self) -> bool:
        """Deleted records go to the recycle bin first."""
        return "deletable" in self.traits

    @property
    def mergeable(self) -> bool:
        return "mergeable" in self.traits

    def __getitem__(self, name: str) -> Field:
        return self.fields[name.lower()]

    def at(self, name: str) -> int:
        return self.fields[name.lower()].at

    def add(self, new: Field) -> Field:
        if new.type != "address":
            new.at = self.width
            self.width += 1
        self.fields[new.name.lower()] = new
        return new

    @property
    def name_field(self) -> Field | None:
        return next((one for one in self.fields.values() if one.is_name), None)


class Schema:
    """The objects by name, in any case of letters."""

    def __init__(self, files: tuple[str, ...] = DATA_FILES) -> None:
        self.objects: dict[str, SObject] = {}
        for file in files:
            for name, description in _yaml(file).items():
                self.objects[name.lower()] = _object(name, description)
        self._by_prefix = {one.prefix: one for one in reversed(self.objects.values())}

    def get(self, name: str) -> SObject | None:
        return self.objects.get(name.lower())

    def __getitem__(self, name: str) -> SObject:
        return self.objects[name.lower()]

    def __iter__(self) -> Iterator[SObject]:
        return iter(self.objects.values())

    def of_id(self, record_id: str) -> SObject | None:
        """The object that an id belongs to, by its first three characters."""
        return self._by_prefix.get(record_id[:3])

    def children(self, parent: SObject) -> dict[str, tuple[SObject, Field]]:
        """Child relationships of an object, by lower-case name."""
        return {
            one.children.lower(): (child, one)
            for child in self
            for one in child.fields.values()
            if one.children and parent.name in one.refers_to
        }

    def dependents(self, parent: SObject) -> list[tuple[SObject, Field]]:
        """All reference fields that may point at an object."""
        return [
            (child, one) for child in self for one in child.fields.values() if parent.name in one.refers_to and one.at
        ]


def define(name: str, line: str, at: int = 0) -> Field:
    """A field from its line in the YAML files, such as `string 255 required name`; `_` in a default is a space."""
    words = line.split()
    kind = words[0]
    options = dict(word.split("=", 1) for word in words if "=" in word)
    flags = {word for word in words[1:] if "=" not in word}
    made = Field(name=name, type=kind, at=at, label=label_of(name), custom=name.endswith("__c"))
    if kind in ("ref", "owner"):
        made.type, made.length = "reference", 18
        made.refers_to = tuple(words[1].split("|"))
        made.relationship = None if "norel" in flags else options.get("rel", name.removesuffix("Id"))
        made.children, made.cascade = options.get("kids"), "cascade" in flags
        made.defaulted = kind == "owner"
    elif len(words) > 1 and words[1][0].isdigit():
        size = [int(number) for number in words[1].split(",")]
        if len(size) == 2:
            made.precision, made.scale = size
        else:
            made.length = size[0]
    if kind == "id":
        made.length = 18
    _flag(made, flags, options)
    return made


def _flag(made: Field, flags: set[str], options: dict[str, str]) -> None:
    made.createable = "readonly" not in flags
    made.updateable = made.createable and "create" not in flags
    made.default = options["default"].replace("_", " ") if "default" in options else None
    made.defaulted |= "defaulted" in flags or made.default is not None or made.type == "boolean"
    made.nillable = "required" not in flags and made.type != "boolean" and not made.is_owner
    if made.type == "boolean":
        made.default = False
    if "values" in options:
        made.choices = [Choice(value, value, default=value == made.default) for value in _picklist(options["values"])]
    made.restricted = "restricted" in flags
    made.is_name, made.lookup = "name" in flags, bool(flags & {"lookup", "external"})
    made.external, made.unique = "external" in flags, "unique" in flags
    made.auto_number = "autonumber" in flags
    long = made.type == "address" or (made.type == "textarea" and made.length > LONGEST_SORTED)
    made.filterable, made.sortable = "nofilter" not in flags and not long, "nosort" not in flags and not long
    made.part_of = options.get("part")
    ordinary = made.updateable and (made.nillable or made.type == "boolean") and made.part_of != "Name"
    made.permissionable = ordinary and "noperm" not in flags and not made.is_name


def _object(name: str, description: dict[str, Any]) -> SObject:
    traits = list(description["traits"])
    made = SObject(
        name, description["prefix"], description["plural"], frozenset(traits), description.get("custom_fields_of", name)
    )
    lines: dict[str, str] = {}
    for trait in traits:
        lines |= FIRST.get(trait, {})
    if "mergeable" in traits:
        lines["MasterRecordId"] = f"ref {name} readonly rel=MasterRecord"
    lines |= description["fields"]
    for trait in traits:
        lines |= LAST.get(trait, {})
    for field_name, line in lines.items():
        for one in _address(field_name, line) if line.split()[0] == "address" else (define(field_name, line),):
            made.add(one)
    for one in made.fields.values():
        if not made.writable:
            one.createable = one.updateable = False
        if not made.binned:
            one.permissionable = False
    return made


def _address(prefix: str, line: str) -> Iterator[Field]:
    """An address is eight fields, and one that shows them together."""
    rest = " ".join(["part=" + prefix + "Address", *line.split()[1:]])
    kinds = {"Street": "textarea 255", "City": "string 40", "State": "string 80", "PostalCode": "string 20"}
    kinds |= {"Country": "string 80", "Latitude": "double 18,15", "Longitude": "double 18,15"}
    kinds |= {"GeocodeAccuracy": "picklist 40 restricted values=Geocode"}
    for part in ADDRESS:
        one = define(prefix + part, f"{kinds[part]} {rest}")
        yield one
    whole = define(f"{prefix}Address", "address readonly", at=-1)
    whole.permissionable = True
    yield whole


def label_of(name: str) -> str:
    """A label for an API name: `AnnualRevenue` reads Annual Revenue, `AccountId` Account ID."""
    spaced = _spaced(name.removesuffix("__c").replace("_", " "))
    return re.sub(r"\bId$", "ID", spaced)


def _spaced(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)


@cache
def _yaml(file: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((FOLDER / f"{file}.yaml").read_text())
    return loaded


def _picklist(name: str) -> list[str]:
    values: list[str] = _yaml("picklists")[name]
    return values
