"""What this user can see of the org: objects and fields by describe, all of them in one or two calls."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from connectors.batches import chunks
from connectors.errors import NeedsAdmin
from connectors.protocol import Capabilities, FieldDescription, Stream
from connectors.recovery import Refusal
from connectors.salesforce.client import SalesforceDoor
from connectors.salesforce.cursor import OVERLAP, literal
from connectors.salesforce.streams import OBJECTS, OURS, SOURCES, Source

BATCH = 24
"""Describes in one composite batch of 25 subrequests."""
GRAIN = timedelta(minutes=1)
"""getUpdated takes no notice of seconds."""
CLOCK = "User"
"""An object that every org has and that seldom changes: by it the org says how far its records go."""


@dataclass(frozen=True, slots=True)
class Readable:
    """A source as this user can read it: its stream without hidden fields, and what is missing."""

    source: Source
    missing: tuple[str, ...]


class Org:
    """The describes of all objects that we read, fetched at first use and kept for the life of the connector."""

    def __init__(self, door: SalesforceDoor) -> None:
        self._door = door
        self._lock = threading.Lock()
        self._fields: dict[str, dict[str, FieldDescription]] | None = None
        self._behind = timedelta(0)

    def covered(self, now: datetime) -> datetime:
        """Up to when the org says that its records are complete, where that is well before `now`.

        `now` is what its web servers say; its records are stamped by another clock.
        """
        self.fields(CLOCK)
        return now - self._behind

    def fields(self, object: str) -> Mapping[str, FieldDescription]:
        """Fields of a native object by name; empty when the user can't see the object."""
        with self._lock:
            if self._fields is None:
                names = list(dict.fromkeys([source.object for source in SOURCES]))
                self._fields = {name: _fields(said) for name, said in self._described(names).items()}
            return self._fields.get(object, {})

    def forget(self) -> None:
        """Ask again at the next question: the schema has changed."""
        with self._lock:
            self._fields = None

    def readable(self) -> Sequence[Readable]:
        """The sources that exist here, each with the fields that exist; required ones that are hidden stay named."""
        found = []
        for source in SOURCES:
            fields = self.fields(source.object)
            if not fields:
                continue
            stream = source.stream
            ours = tuple(sorted(name for name in fields if name.startswith(OURS)))
            texts = source.texts or ()
            named = (*stream.fields, *stream.optional_fields, *texts)
            shown = tuple(name for name in stream.optional_fields if name in fields)
            found.append(
                Readable(
                    replace(source, stream=replace(stream, optional_fields=(*shown, *ours))),
                    tuple(name for name in named if name not in fields),
                )
            )
        return found

    def streams(self) -> Sequence[Stream]:
        """
        Raises
        ------
        NeedsAdmin : a required object or field is hidden; the message names all that are.
        """
        readable = {entry.source.stream.name: entry for entry in self.readable()}
        hidden = [
            source.object for source in SOURCES if not source.stream.optional and source.stream.name not in readable
        ]
        for entry in readable.values():
            required = entry.source.stream.fields
            hidden += [f"{entry.source.object}.{name}" for name in entry.missing if name in required]
        if hidden:
            raise NeedsAdmin(
                f"The CRM user may not read {', '.join(hidden)}.",
                "Give it read access in a permission set (object and field permissions).",
            )
        return [entry.source.stream for entry in readable.values()]

    def capabilities(self) -> Capabilities:
        readable = {entry.source.stream.name: entry for entry in self.readable()}
        gone = [source for source in SOURCES if source.stream.name not in readable]
        return Capabilities(
            {source.stream.name: f"{source.object} does not exist here or is hidden from the user" for source in gone},
            {name: entry.missing for name, entry in readable.items() if entry.missing},
        )

    def of(self, object: str) -> Mapping[str, FieldDescription]:
        """Fields of "opportunity", "person", "group_role" or "task"."""
        merged: dict[str, FieldDescription] = {}
        for native in reversed(OBJECTS[object]):
            merged.update(self.fields(native))
        return merged

    def _described(self, names: Sequence[str]) -> dict[str, Mapping[str, Any]]:
        try:
            together = [pair for chunk in chunks(names, BATCH) for pair in self._in_one_call(chunk)]
            return {name: said for name, said in together if "fields" in said}
        except Refusal:
            with ThreadPoolExecutor(4, thread_name_prefix="describe") as pool:
                each = zip(names, pool.map(self._alone, names), strict=True)
                return {name: said for name, said in each if said is not None}

    def _in_one_call(self, names: Sequence[str]) -> list[tuple[str, Mapping[str, Any]]]:
        urls = [f"v{self._door.version}/sobjects/{name}/describe" for name in names]
        now = self._door.now()
        assert now is not None, "the version was asked for"
        day = f"start={literal(now - timedelta(days=1))}&end={literal(now)}"
        urls.append(f"v{self._door.version}/sobjects/{CLOCK}/updated?{day}")
        body = {"batchRequests": [{"method": "GET", "url": url} for url in urls]}
        answer = self._door.send("POST", "composite/batch", body, own={400, 404, 405}).data
        *described, updated = (part["result"] if part["statusCode"] == 200 else {} for part in answer["results"])
        self._behind = _late(updated, now)
        return list(zip(names, described, strict=True))

    def _alone(self, name: str) -> Mapping[str, Any] | None:
        try:
            answer: Mapping[str, Any] = self._door.send("GET", f"sobjects/{name}/describe", own={404}).data
        except Refusal:
            return None
        return answer


def _late(updated: Mapping[str, Any], now: datetime) -> timedelta:
    """How far the records' clock is behind `now`, by getUpdated's latestDateCovered; what a pull's overlap covers is 0.

    Source: REST API Developer Guide, "Get Updated": where it covers less than was asked, go on from there.
    """
    if "latestDateCovered" not in updated:
        return timedelta(0)
    late = now - datetime.fromisoformat(updated["latestDateCovered"])
    return late + GRAIN if late > OVERLAP else timedelta(0)


def _fields(described: Mapping[str, Any]) -> dict[str, FieldDescription]:
    return {
        field["name"]: FieldDescription(
            name=field["name"],
            label=field.get("label") or field["name"],
            type=field["type"],
            updateable=bool(field.get("updateable")),
            length=field.get("length") or None,
            choices=tuple(entry["value"] for entry in field.get("picklistValues") or () if entry.get("active", True)),
            required=not field.get("nillable", True) and not field.get("defaultedOnCreate", False),
            calculated=bool(field.get("calculated")),
        )
        for field in described["fields"]
    }
