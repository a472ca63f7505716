"""A HubSpot portal as a connection."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime

from connectors.batches import batches_of
from connectors.credentials import OAuthRefresh, PrivateApp
from connectors.errors import NeedsAdmin
from connectors.hubspot import schema, tasks
from connectors.hubspot.catalogs import deal_pipelines, owners
from connectors.hubspot.client import HubSpotDoor
from connectors.hubspot.links import Links
from connectors.hubspot.live import live
from connectors.hubspot.obstacles import obstacles
from connectors.hubspot.pull import Puller
from connectors.hubspot.push import ROWS, push
from connectors.hubspot.streams import (
    ASSOCIATIONS,
    DEAL_PIPELINES,
    OURS,
    OWNERS,
    PROPERTY_HISTORY,
    SOURCES,
    TYPES,
    Source,
    native_name,
)
from connectors.protocol import (
    Annotate,
    Capabilities,
    FieldDescription,
    FieldSpec,
    Identity,
    Limits,
    Live,
    NewTask,
    Obstacle,
    OpenTask,
    Page,
    Receipt,
    Rewording,
    SchemaChange,
    Stream,
    Update,
)

LOOKS = 1
"""What others have changed since the pull is asked once per object type."""
CALLS_PER_TASKS = 3
"""Before a batch of tasks is made, those that the deals have already are looked for: their links, then themselves."""


class HubSpotConnector:
    """`connectors.protocol.Connector` for HubSpot; see there for what each method gives."""

    def __init__(self, url: str, credentials: PrivateApp | OAuthRefresh, annotate: Annotate) -> None:
        self._door = HubSpotDoor(url, credentials)
        self._links = Links(self._door)
        self._puller = Puller(self._door, self._links, annotate)
        self._lock = threading.Lock()
        self._properties: dict[str, dict[str, FieldDescription]] = {}
        self._closed_streams: dict[str, str] = {}

    def __repr__(self) -> str:
        return "HubSpotConnector()"

    def identity(self) -> Identity:
        account = self._door.account
        return Identity("hubspot", str(account["portalId"]), account.get("uiDomain") or "", self._door.paths.version)

    def now(self) -> datetime:
        if self._door.now() is None:
            _ = self._door.account
        now = self._door.now()
        assert now is not None
        return now

    def streams(self) -> Sequence[Stream]:
        hidden = []
        with ThreadPoolExecutor(len(TYPES), thread_name_prefix="properties") as pool:
            each = dict(zip(TYPES.values(), pool.map(self._held, TYPES.values()), strict=True))
        for type, held in each.items():
            source = next(source for source in SOURCES if source.type == type)
            hidden += [f"{type}.{name}" for name in source.required if name not in held]
        if hidden:
            raise NeedsAdmin(
                f"The app may not read {', '.join(hidden)}.", "Give the app's user view rights on these properties."
            )
        return [OWNERS, DEAL_PIPELINES, *(source.stream for source in self._sources()), ASSOCIATIONS, PROPERTY_HISTORY]

    def capabilities(self) -> Capabilities:
        missing_fields = {}
        for source in SOURCES:
            try:
                held = self._held(source.type)
            except NeedsAdmin as refusal:
                self._closed_streams.setdefault(source.stream.name, str(refusal))
                continue
            missing = tuple(name for name in source.properties if name not in held)
            if missing:
                missing_fields[source.stream.name] = missing
        return Capabilities(dict(self._closed_streams), missing_fields)

    def obstacles(self) -> Iterator[Obstacle]:
        return obstacles(self._door, {type: self._held(type) for type in TYPES.values()})

    def describe(self, object: str) -> Mapping[str, FieldDescription]:
        return self._held(TYPES[object]) if object in TYPES else {}

    def pull(self, stream: Stream, cursor: str | None, since: datetime | None) -> Iterator[Page]:
        if stream.name == OWNERS.name:
            yield from owners(self._door, cursor, self.now())
        elif stream.name == DEAL_PIPELINES.name:
            yield from deal_pipelines(self._door)
        elif stream.name not in (ASSOCIATIONS.name, PROPERTY_HISTORY.name):
            yield from self._records(stream, cursor, since)

    def links_of(self, opportunity_ids: Sequence[str]) -> Iterator[Page]:
        return self._links.of_deals(opportunity_ids)

    def reread(self, stream: Stream, ids: Sequence[str]) -> Iterator[Page]:
        return self._puller.reread(self._source(stream), ids)

    def native_field(self, object: str, name: str) -> str:
        return native_name(name)

    def missing_schema(self, wanted: Iterable[FieldSpec]) -> Sequence[SchemaChange]:
        return [gap.change for gap in self._gaps(wanted)]

    def provision(
        self, wanted: Iterable[FieldSpec], users: Sequence[str] = (), *, dry_run: bool = False
    ) -> Sequence[SchemaChange]:
        done = schema.provision(self._door, self._gaps(wanted), dry_run=dry_run)
        self._forget()
        return done

    def destroy(self, wanted: Iterable[FieldSpec], *, dry_run: bool = False) -> Sequence[SchemaChange]:
        done = schema.destroy(self._door, wanted, dry_run=dry_run)
        self._forget()
        return done

    def live(self, updates: Sequence[Update], since: datetime) -> Iterator[Live]:
        return live(self._door, updates, since)

    def push(self, updates: Sequence[Update]) -> Iterator[Receipt]:
        return push(self._door, updates)

    def calls_to_write(self, records: Iterable[tuple[str, str]], tasks: int) -> int:
        kinds = [object for object, _ in records if object in TYPES]
        return LOOKS * len(set(kinds)) + batches_of(kinds, ROWS) + CALLS_PER_TASKS * batches_of(["task"] * tasks, ROWS)

    def create_tasks(self, new: Sequence[NewTask]) -> Iterator[Receipt]:
        return tasks.create_tasks(self._door, new)

    def tasks_of(self, opportunity_ids: Sequence[str]) -> Iterator[OpenTask]:
        return tasks.tasks_of(self._door, self._links, opportunity_ids)

    def delete_tasks(self, task_ids: Sequence[str]) -> Iterator[Receipt]:
        return tasks.delete_tasks(self._door, task_ids)

    def reword_tasks(self, rewordings: Sequence[Rewording]) -> Iterator[Receipt]:
        return tasks.reword_tasks(self._door, rewordings)

    def limits(self) -> Limits:
        return Limits(self._door.calls, self._door.pace.daily_used, self._door.pace.daily_limit)

    def close(self) -> None:
        self._door.close()

    def _sources(self) -> Sequence[Source]:
        """The sources with our own properties, as far as the portal has them."""
        found = []
        for source in SOURCES:
            held = self._held(source.type) if source.type in TYPES.values() else {}
            ours = sorted(name for name in held if name.startswith(OURS))
            stream = replace(source.stream, optional_fields=(*source.stream.optional_fields, *ours))
            found.append(replace(source, stream=stream))
        return found

    def _source(self, stream: Stream) -> Source:
        return next(source for source in self._sources() if source.stream.name == stream.name)

    def _records(self, stream: Stream, cursor: str | None, since: datetime | None) -> Iterator[Page]:
        try:
            yield from self._puller.pull(self._source(stream), cursor, since, self.now())
        except NeedsAdmin as refusal:
            if not stream.optional:
                raise
            self._closed_streams[stream.name] = str(refusal)

    def _held(self, type: str) -> Mapping[str, FieldDescription]:
        held = self._properties.get(type)
        if held is None:
            held = schema.properties(self._door, type)
            with self._lock:
                self._properties[type] = held
        return held

    def _gaps(self, wanted: Iterable[FieldSpec]) -> Sequence[schema.Missing]:
        return list(schema.missing({type: self._held(type) for type in TYPES.values()}, wanted))

    def _forget(self) -> None:
        """Ask again at the next question: the schema has changed."""
        with self._lock:
            self._properties.clear()
