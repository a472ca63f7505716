"""Links between records: as they come with a list, or by the associations API, with their labels.

Source: developers.hubspot.com, "Associations v4". A list names the type of each link (`deal_to_contact`); the label
that sellers see must be looked up by that name.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from connectors.batches import chunks
from connectors.hubspot.client import UNKNOWN_ADDRESS, HubSpotDoor
from connectors.hubspot.rows import Record, link
from connectors.hubspot.streams import ASSOCIATIONS
from connectors.protocol import Page, Row
from connectors.recovery import Refusal

IDS = 1000
LINKED_PAGE = 500
SINGULAR = {"companies": "company"}
PRIMARY = "Primary"
DEAL_LINKS = ("contacts", "companies")
LINKED_TO_DEALS = ("emails", "calls", "meetings", "notes", "tasks", "quotes", "line_items")
"""What hangs on a deal, by the side from which its own list tells the link."""
UNCLEAR = "?"
"""Stands for a label that a list does not tell."""
WITH_PRIMARY = {("contacts", "companies"), ("deals", "companies"), ("tickets", "companies")}
WITH_PRIMARY |= {("leads", "companies"), ("leads", "contacts")}
"""Pairs of types that HubSpot itself labels: the plain name then stands for the primary one of a record."""


class Links:
    """Reads the links of one portal."""

    def __init__(self, door: HubSpotDoor) -> None:
        self._door = door
        self._lock = threading.Lock()
        self._labels: dict[tuple[str, str], dict[str, str | None]] = {}

    def inline(self, from_type: str, records: Iterable[Record]) -> Iterator[Row]:
        """Rows of the links that came with records of a list; where a label is not clear they are read by id."""
        unclear: dict[str, list[str]] = {}
        for record in records:
            for shown, held in (record.get("associations") or {}).items():
                to_type = shown.replace(" ", "_")
                if held.get("paging"):
                    yield from self._one_by_one(from_type, record["id"], to_type)
                    continue
                labels = [self._label(from_type, to_type, entry["type"]) for entry in held["results"]]
                if UNCLEAR in labels:
                    unclear.setdefault(to_type, []).append(record["id"])
                    continue
                for entry, label in zip(held["results"], labels, strict=True):
                    yield link(from_type, record["id"], to_type, entry["id"], label)
        for to_type, ids in unclear.items():
            yield from self.read(from_type, ids, to_type)

    def read(self, from_type: str, ids: Sequence[str], to_type: str) -> Iterator[Row]:
        """Rows of all links from these records to records of one type."""
        path = f"{self._door.paths.associations}/{from_type}/{to_type}/batch/read"
        for chunk in chunks(ids, IDS):
            inputs = [{"id": record_id} for record_id in chunk]
            for result in self._door.json("POST", path, {"inputs": inputs})["results"]:
                from_id = str(result["from"]["id"])
                if (result.get("paging") or {}).get("next"):
                    yield from self._one_by_one(from_type, from_id, to_type)
                else:
                    yield from _rows(from_type, from_id, to_type, result["to"])

    def of_deals(self, deal_ids: Sequence[str]) -> Iterator[Page]:
        """Every link of these deals: a link that is made or removed later moves no record's stamp."""
        for to_type in DEAL_LINKS:
            yield Page(
                ASSOCIATIONS,
                list(self.read("deals", deal_ids, to_type)),
                scope=("from_type", "from_id", "to_type"),
                replaced=[("deals", deal_id, to_type) for deal_id in deal_ids],
            )
        for from_type in LINKED_TO_DEALS:
            found = self.read("deals", deal_ids, from_type)
            yield Page(
                ASSOCIATIONS,
                [link(from_type, str(row["to_id"]), "deals", str(row["from_id"]), row["label"]) for row in found],
                scope=("from_type", "to_type", "to_id"),
                replaced=[(from_type, "deals", deal_id) for deal_id in deal_ids],
            )

    def _one_by_one(self, from_type: str, from_id: str, to_type: str) -> Iterator[Row]:
        """Links of a record that has more of them than one answer holds."""
        path = f"{self._door.paths.linked}/{from_type}/{from_id}/associations/{to_type}"
        params = {"limit": str(LINKED_PAGE)}
        while True:
            answer = self._door.json("GET", path, None, params)
            yield from _rows(from_type, from_id, to_type, answer["results"])
            following = (answer.get("paging") or {}).get("next")
            if not following:
                return
            params = {"limit": str(LINKED_PAGE), "after": following["after"]}

    def _label(self, from_type: str, to_type: str, name: str) -> str | None:
        """The label behind a type's name; None for the plain type, whose name ends in `_to_contact` or the like."""
        ending = f"_to_{SINGULAR.get(to_type, to_type[:-1])}"
        pair = (from_type, to_type)
        if name.endswith(ending):
            return PRIMARY if pair in WITH_PRIMARY else None
        if name.endswith(f"{ending}_unlabeled"):
            return None
        with self._lock:
            if pair not in self._labels:
                self._labels[pair] = self._named(from_type, to_type)
            return self._labels[pair].get(name, UNCLEAR)

    def _named(self, from_type: str, to_type: str) -> dict[str, str | None]:
        """Labels by the names of their types, as far as the portal tells them.

        A type's id is its own within its category alone, and the names come without one: an id of two is left out.
        """
        types_path = f"{self._door.paths.types}/{from_type}/{to_type}/types"
        try:
            types = self._door.send("GET", types_path, own=UNKNOWN_ADDRESS).data["results"]
        except Refusal:
            return {}
        labels = self._door.json("GET", f"{self._door.paths.associations}/{from_type}/{to_type}/labels")["results"]
        words: dict[str, list[str | None]] = {}
        for entry in labels:
            words.setdefault(str(entry["typeId"]), []).append(entry.get("label") or None)
        found = {entry["name"]: words.get(str(entry["id"]), []) for entry in types}
        return {name: said[0] for name, said in found.items() if len(said) == 1}


def _rows(from_type: str, from_id: str, to_type: str, targets: Sequence[dict[str, Any]]) -> Iterator[Row]:
    for target in targets:
        for kind in target["associationTypes"]:
            yield link(from_type, from_id, to_type, str(target["toObjectId"]), kind.get("label") or None)
