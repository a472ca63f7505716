"""What kinds of association there are between two object types, and the labels that the portal defines itself.

Ids of HubSpot's own types: https://developers.hubspot.com/docs/api-reference/crm-associations-v4/guide
(Association type ID values; those of leads other than 578 and 580 are unverified). A label of the portal's own gets
two ids, one per direction, counted from 1 per portal, as public threads show; in an inline association the type is
the name of the definition.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sandbox.hubspot.errors import Refused, invalid

MAX_LABELS = 50

Pair = tuple[str, str]
Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class AssociationType:
    """One kind of association in one direction.

    Attributes
    ----------
    name : how an inline association calls it, `deal_to_contact`.
    label : as sellers see it; None for the plain one.
    inverse : the type id that the other direction has.
    """

    category: str
    id: int
    name: str
    label: str | None
    inverse: int

    @property
    def key(self) -> Key:
        return self.category, self.id

    def shown(self) -> dict[str, Any]:
        return {"category": self.category, "typeId": self.id, "label": self.label}


PLAIN = """
contacts deals 4 3, contacts tickets 15 16, companies tickets 340 339, deals tickets 27 28,
contacts companies 279 280, companies deals 342 341, deals line_items 19 20, deals quotes 63 64,
quotes line_items 67 68, quotes contacts 69 70, quotes companies 71 72,
contacts calls 193 194, contacts emails 197 198, contacts meetings 199 200, contacts notes 201 202,
contacts tasks 203 204,
companies calls 181 182, companies emails 185 186, companies meetings 187 188, companies notes 189 190,
companies tasks 191 192,
deals calls 205 206, deals emails 209 210, deals meetings 211 212, deals notes 213 214, deals tasks 215 216,
tickets calls 219 220, tickets emails 223 224, tickets meetings 225 226, tickets notes 227 228, tickets tasks 229 230,
quotes tasks 217 218, calls meetings 399 400,
leads contacts 608 609, leads companies 610 611, leads deals 583 584,
leads calls 596 597, leads emails 598 599, leads meetings 600 601, leads notes 854 855, leads tasks 646 647,
contacts contacts 449 449, companies companies 450 450, deals deals 451 451, tickets tickets 452 452
"""
PRIMARY = """
contacts companies 1 2, deals companies 5 6, tickets companies 26 25, leads contacts 578 579, leads companies 580 581
"""


class AssociationTypes:
    """All association types of the portal, by pair of plural object type names."""

    def __init__(self) -> None:
        self._by_pair: dict[Pair, dict[Key, AssociationType]] = {}
        self.plain: dict[Pair, AssociationType] = {}
        self.primary: dict[Pair, AssociationType] = {}
        self._last = 0
        for line, label in ((PLAIN, None), (PRIMARY, "Primary")):
            for entry in line.split(","):
                start, end, there, back = entry.split()
                self._add_both(start, end, int(there), int(back), label)

    def of(self, pair: Pair) -> list[AssociationType]:
        """All types from the one to the other; empty when the two can't be associated."""
        return list(self._by_pair.get(pair, {}).values())

    def find(self, pair: Pair, category: str, id: int) -> AssociationType | None:
        return self._by_pair.get(pair, {}).get((category, id))

    def inverse(self, pair: Pair, kind: AssociationType) -> AssociationType:
        return self._by_pair[pair[::-1]][(kind.category, kind.inverse)]

    def define(self, pair: Pair, label: str, name: str, inverse_label: str | None = None) -> list[AssociationType]:
        """Make a label of the portal's own; the types of both directions.

        Raises `Refused` when the name or label is taken, or there are too many.
        """
        own = [kind for kind in self.of(pair) if kind.category == "USER_DEFINED"]
        if any(kind.label == label or kind.name == name for kind in own):
            raise invalid(f"An association label with the name {name} already exists between these objects.")
        if len(own) >= MAX_LABELS:
            raise invalid(f"The maximum number of association labels between these objects is {MAX_LABELS}.")
        there, back = self._last + 1, self._last + 2
        self._last = back
        first = AssociationType("USER_DEFINED", there, name, label, back)
        second = AssociationType("USER_DEFINED", back, f"{name}_inverse", inverse_label or label, there)
        self._add(pair, first)
        self._add(pair[::-1], second)
        return [first, second]

    def rename(self, pair: Pair, id: int, label: str, inverse_label: str | None) -> None:
        """Change the words of a label of the portal's own; raises `Refused` for one that isn't there."""
        old = self._own(pair, id)
        self._add(pair, AssociationType(old.category, old.id, old.name, label, old.inverse))
        back = self.inverse(pair, old)
        self._add(pair[::-1], AssociationType(back.category, back.id, back.name, inverse_label or label, back.inverse))

    def drop(self, pair: Pair, id: int) -> AssociationType:
        """Remove a label of the portal's own, both directions; raises `Refused` for one that isn't there."""
        kind = self._own(pair, id)
        del self._by_pair[pair][kind.key]
        self._by_pair[pair[::-1]].pop((kind.category, kind.inverse), None)
        return kind

    def _own(self, pair: Pair, id: int) -> AssociationType:
        kind = self.find(pair, "USER_DEFINED", id)
        if kind is None:
            raise unknown_association(id)
        return kind

    def _add(self, pair: Pair, kind: AssociationType) -> None:
        self._by_pair.setdefault(pair, {})[kind.key] = kind

    def _add_both(self, start: str, end: str, there: int, back: int, label: str | None) -> None:
        for pair, id, inverse in (((start, end), there, back), ((end, start), back, there)):
            plain_name = f"{_inner_name(pair[0])}_to_{_inner_name(pair[1])}"
            has_primary = label is None and _has_primary(start, end)
            name = f"{plain_name}_unlabeled" if has_primary else plain_name
            kind = AssociationType("HUBSPOT_DEFINED", id, name, label, inverse)
            self._add(pair, kind)
            (self.plain if label is None else self.primary)[pair] = kind


def singular(plural: str) -> str:
    return "company" if plural == "companies" else plural.removesuffix("s")


def _inner_name(plural: str) -> str:
    """As definitions spell it (recorded: CONTACT_TO_MEETING_EVENT)."""
    return "meeting_event" if plural == "meetings" else singular(plural)


def internal_name(label: str) -> str:
    """How HubSpot derives the name of a label that was given none."""
    return re.sub(r"\W+", "_", label.strip().lower())


def unknown_association(id: int) -> Refused:
    return invalid(f"One or more association types in the request are invalid: {id}")


def _has_primary(start: str, end: str) -> bool:
    return any(entry.split()[:2] in ([start, end], [end, start]) for entry in PRIMARY.split(","))
