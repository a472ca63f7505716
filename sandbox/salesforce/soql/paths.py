"""Fields that a query names, found through their parents and checked against what the user may see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from sandbox.salesforce.errors import ApiError, bad_request
from sandbox.salesforce.schema import ADDRESS, Field, SObject, define
from sandbox.salesforce.soql.syntax import Call, Path, complaint
from sandbox.salesforce.store import Row, Store

Getter = Callable[[Row], Any]
DEEPEST = 5


class View(Protocol):
    """The org through the eyes of one user."""

    store: Store
    now: datetime
    zone: ZoneInfo

    def sobject(self, name: str) -> SObject | None:
        """An object that the user may read."""
        ...

    def field(self, sobject: SObject, name: str) -> Field | None:
        """A field that the user may read."""
        ...

    def fields(self, sobject: SObject) -> list[Field]: ...


def _pseudo(name: str, line: str) -> Field:
    return define(name, line, at=-1)


NAME_FIELDS = {
    one.name.lower(): one
    for one in (
        _pseudo("Id", "id"),
        _pseudo("Name", "string 255"),
        _pseudo("FirstName", "string 40"),
        _pseudo("LastName", "string 80"),
        _pseudo("Email", "email 80"),
        _pseudo("Phone", "phone 40"),
        _pseudo("Title", "string 128"),
        _pseudo("Type", "string 40"),
        _pseudo("Username", "string 80"),
        _pseudo("Alias", "string 8"),
        _pseudo("IsActive", "boolean"),
        _pseudo("ProfileId", "ref Profile"),
        _pseudo("UserRoleId", "ref UserRole"),
    )
}
"""What a polymorphic parent shows. Source: Object Reference, Name."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a path leads: the references to follow, then a field."""

    hops: tuple[Field, ...]
    field: Field

    @property
    def polymorphic(self) -> bool:
        return bool(self.hops) and self.hops[-1].polymorphic


class Resolver:
    """Finds the fields of one query's object."""

    def __init__(self, view: View, sobject: SObject, text: str, alias: str | None) -> None:
        self.view = view
        self.sobject = sobject
        self.text = text
        self._own_names = {sobject.name.lower(), alias}

    def target(self, path: Path) -> Target:
        parts = path.parts
        if len(parts) > 1 and parts[0].lower() in self._own_names and self._hop(self.sobject, parts[0]) is None:
            parts = parts[1:]
        if len(parts) > DEEPEST + 1:
            raise self.refuse(path, "MALFORMED_QUERY", "only 5 levels of parent relationships may be followed")
        sobject: SObject | None = self.sobject
        hops: list[Field] = []
        for part in parts[:-1]:
            hop = self._hop(sobject, part) if sobject else None
            if hop is None:
                raise self.refuse(
                    path,
                    "INVALID_FIELD",
                    f"Didn't understand relationship '{part}' in field path. If you are attempting to use a custom "
                    "relationship, be sure to append the '__r' after the custom relationship name. Please reference "
                    "your WSDL or the describe call for the appropriate names.",
                )
            hops.append(hop)
            sobject = None if hop.polymorphic else self.view.sobject(hop.refers_to[0])
        last = parts[-1]
        found = self.view.field(sobject, last) if sobject else NAME_FIELDS.get(last.lower())
        if found is None:
            raise self.no_such_column(path, last, sobject.name if sobject else "Name")
        return Target(tuple(hops), found)

    def no_such_column(self, path: Path, column: str, entity: str) -> ApiError:
        return self.refuse(
            path,
            "INVALID_FIELD",
            f"No such column '{column}' on entity '{entity}'. If you are attempting to use a custom field, be sure to "
            "append the '__c' after the custom field name. Please reference your WSDL or the describe call for the "
            "appropriate names.",
        )

    def refuse(self, where: Path | Call, code: str, message: str) -> ApiError:
        return bad_request(code, complaint(self.text, where.at, message))

    def _hop(self, sobject: SObject, relationship: str) -> Field | None:
        wanted = relationship.lower()
        return next(
            (one for one in self.view.fields(sobject) if one.relationship and one.relationship.lower() == wanted), None
        )

    def getter(self, target: Target) -> Getter:
        """A function from a row of the query's object to the value that a path leads to."""
        if target.polymorphic:
            get = _of_any(self.view.store, target.hops[-1].at, target.field.name)
            hops = target.hops[:-1]
        else:
            owner = self.sobject if not target.hops else self.view.sobject(target.hops[-1].refers_to[0])
            get = of_field(owner or self.sobject, target.field)
            hops = target.hops
        for hop in reversed(hops):
            get = _through(self.view.store, hop, get)
        return get


def of_field(sobject: SObject, field: Field) -> Getter:
    if field.type == "address":
        return _address(sobject, field)
    return itemgetter(field.at)


def _address(sobject: SObject, field: Field) -> Getter:
    prefix = field.name.removesuffix("Address")
    parts = [(part[0].lower() + part[1:], sobject.at(prefix + part)) for part in sorted(ADDRESS)]

    def whole(row: Row) -> dict[str, Any] | None:
        shown = {name: row[at] for name, at in parts}
        return shown if any(value is not None for value in shown.values()) else None

    return whole


def _through(store: Store, hop: Field, get: Getter) -> Getter:
    rows = store[hop.refers_to[0]].rows
    at = hop.at

    def through(row: Row) -> Any:
        parent = rows.get(row[at])
        return None if parent is None else get(parent)

    return through


def _of_any(store: Store, at: int, name: str) -> Getter:
    """The field of a parent that may be of several objects; None where that object has no such field."""

    def of_any(row: Row) -> Any:
        found = store.of_id(row[at])
        if found is None:
            return None
        table, parent = found
        if name == "Type":
            return table.sobject.name
        field = table.sobject.name_field if name == "Name" else table.sobject.fields.get(name.lower())
        return None if field is None else parent[field.at]

    return of_any
