"""A Salesforce org as a connection."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from connectors.batches import batches_of
from connectors.credentials import ClientCredentials, JwtBearer
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
from connectors.salesforce import schema, tasks
from connectors.salesforce.client import SalesforceDoor
from connectors.salesforce.describe import Org
from connectors.salesforce.live import live
from connectors.salesforce.obstacles import obstacles
from connectors.salesforce.pull import Puller
from connectors.salesforce.push import ROWS, calls_to_push, native_object, push
from connectors.salesforce.removal import destroy
from connectors.salesforce.streams import Source, native_name

LOOKS = 1
"""What others have changed since the pull is asked once, for all objects."""
CALLS_PER_TASKS = 2
"""A batch of tasks is looked for before it is made."""


class SalesforceConnector:
    """`connectors.protocol.Connector` for Salesforce; see there for what each method gives."""

    def __init__(self, url: str, credentials: ClientCredentials | JwtBearer, annotate: Annotate) -> None:
        self._door = SalesforceDoor(url, credentials)
        self._org = Org(self._door)
        self._puller = Puller(self._door, self._org, annotate)
        self._lock = threading.Lock()
        self._user: Mapping[str, Any] | None = None

    def __repr__(self) -> str:
        return "SalesforceConnector()"

    def identity(self) -> Identity:
        user = self._who()
        return Identity(
            "salesforce", user["organization_id"], user.get("name") or "", self._door.version, self._user_id
        )

    def now(self) -> datetime:
        if self._door.now() is None:
            self._who()
        now = self._door.now()
        assert now is not None
        return now

    def streams(self) -> Sequence[Stream]:
        return self._org.streams()

    def capabilities(self) -> Capabilities:
        return self._org.capabilities()

    def obstacles(self) -> Iterator[Obstacle]:
        return obstacles(self._door, self._org)

    def describe(self, object: str) -> Mapping[str, FieldDescription]:
        return self._org.of(object)

    def pull(self, stream: Stream, cursor: str | None, since: datetime | None) -> Iterator[Page]:
        return self._puller.pull(self._source(stream), cursor, since, self._user_id, self._org.covered(self.now()))

    def links_of(self, opportunity_ids: Sequence[str]) -> Iterator[Page]:
        yield from ()

    def reread(self, stream: Stream, ids: Sequence[str]) -> Iterator[Page]:
        return self._puller.reread(self._source(stream), ids)

    def native_field(self, object: str, name: str) -> str:
        return native_name(name)

    def missing_schema(self, wanted: Iterable[FieldSpec]) -> Sequence[SchemaChange]:
        return [gap.change for gap in schema.missing(self._org, wanted)]

    def provision(
        self, wanted: Iterable[FieldSpec], users: Sequence[str] = (), *, dry_run: bool = False
    ) -> Sequence[SchemaChange]:
        return schema.provision(self._door, self._org, wanted, [self._user_id, *users], dry_run=dry_run)

    def destroy(self, wanted: Iterable[FieldSpec], *, dry_run: bool = False) -> Sequence[SchemaChange]:
        return destroy(self._door, self._org, wanted, dry_run=dry_run)

    def live(self, updates: Sequence[Update], since: datetime) -> Iterator[Live]:
        return live(self._door, updates, since, self._user_id)

    def push(self, updates: Sequence[Update]) -> Iterator[Receipt]:
        return push(self._door, self._org, updates)

    def calls_to_write(self, records: Iterable[tuple[str, str]], tasks: int) -> int:
        kinds = [native_object(Update(object, record_id, {})) for object, record_id in records]
        return LOOKS * bool(kinds) + calls_to_push(kinds) + CALLS_PER_TASKS * batches_of(["Task"] * tasks, ROWS)

    def create_tasks(self, new: Sequence[NewTask]) -> Iterator[Receipt]:
        return tasks.create_tasks(self._door, new)

    def tasks_of(self, opportunity_ids: Sequence[str]) -> Iterator[OpenTask]:
        return tasks.tasks_of(self._door, opportunity_ids, self._user_id)

    def delete_tasks(self, task_ids: Sequence[str]) -> Iterator[Receipt]:
        return tasks.delete_tasks(self._door, task_ids, self._user_id)

    def reword_tasks(self, rewordings: Sequence[Rewording]) -> Iterator[Receipt]:
        return tasks.reword_tasks(self._door, rewordings)

    def limits(self) -> Limits:
        return Limits(self._door.calls, self._door.used, self._door.limit)

    def close(self) -> None:
        self._door.close()

    def _source(self, stream: Stream) -> Source:
        return next(entry.source for entry in self._org.readable() if entry.source.stream.name == stream.name)

    @property
    def _user_id(self) -> str:
        return str(self._who()["user_id"])

    def _who(self) -> Mapping[str, Any]:
        with self._lock:
            if self._user is None:
                self._user = self._door.user()
            return self._user
