"""A folder of canonical tables as a connection: to try the product on an export, without credentials."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from connectors.errors import NeedsAdmin
from connectors.files.enriched import EnrichedFile
from connectors.files.read import columns_of, file_of, fingerprint, rows
from connectors.files.tables import TABLES, TableFile
from connectors.files.tasks import create_tasks, delete_tasks, reword_tasks, tasks_of
from connectors.protocol import (
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
    Row,
    SchemaChange,
    Stream,
    Update,
)

OURS = "br_"
ENRICHED = {
    "opportunity": "opportunities",
    "person": "people",
    "group_role": "buying_group",
}
"""The product's word for an object -> its table."""
NOT_PAST = {"due_at"}
"""Times that may lie ahead."""


class FilesConnector:
    """`connectors.protocol.Connector` for a folder; see there for what each method gives."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def identity(self) -> Identity:
        place = self._folder.resolve()
        file_of(self._folder, TABLES[0])
        return Identity("files", hashlib.sha256(str(place).encode()).hexdigest()[:16], place.name, "1")

    def now(self) -> datetime:
        latest = max((self._latest(table) for table in TABLES), default="")
        if not latest:
            raise NeedsAdmin(f"The tables in {self._folder} hold no instant.", "Fill their times.")
        return datetime.fromisoformat(latest).replace(microsecond=0)

    def streams(self) -> Sequence[Stream]:
        found = []
        for table in TABLES:
            file = file_of(self._folder, table)
            present = columns_of(file, table) if file else table.stream.fields
            optional = tuple(name for name in table.stream.optional_fields if name in present)
            found.append(replace(table.stream, optional_fields=(*optional, *self._own_columns(table))))
        return found

    def capabilities(self) -> Capabilities:
        absent, missing = {}, {}
        for table in TABLES:
            file = file_of(self._folder, table)
            if file is None:
                absent[table.name] = f"{self._folder / table.name}.parquet (or .csv) is not there"
                continue
            lacking = tuple(name for name in table.kinds if name not in columns_of(file, table))
            if lacking:
                missing[table.name] = lacking
        return Capabilities(absent, missing)

    def obstacles(self) -> Iterator[Obstacle]:
        yield from ()

    def describe(self, object: str) -> Mapping[str, FieldDescription]:
        name = ENRICHED.get(object, "tasks")
        table = next(table for table in TABLES if table.name == name)
        return {
            name: FieldDescription(name, name, table.kinds.get(name, "text"), updateable=name.startswith(OURS))
            for name in (*table.kinds, *self._own_columns(table))
        }

    def pull(self, stream: Stream, cursor: str | None, since: datetime | None) -> Iterator[Page]:
        table = next(table for table in TABLES if table.name == stream.name)
        file = file_of(self._folder, table)
        if file is None and cursor is None:
            return
        enriched = self._enriched(table)
        mark = fingerprint(file, enriched.path if enriched else None)
        if mark == cursor:
            return
        for page in self._with_own(table, rows(file, table)) if file else ():
            yield Page(stream, page, snapshot=True)
        yield Page(stream, (), mark, snapshot=True, last=True)

    def links_of(self, opportunity_ids: Sequence[str]) -> Iterator[Page]:
        yield from ()

    def reread(self, stream: Stream, ids: Sequence[str]) -> Iterator[Page]:
        yield from ()

    def native_field(self, object: str, name: str) -> str:
        return name if name.startswith(OURS) else f"{OURS}{name}"

    def missing_schema(self, wanted: Iterable[FieldSpec]) -> Sequence[SchemaChange]:
        return ()

    def provision(
        self, wanted: Iterable[FieldSpec], users: Sequence[str] = (), *, dry_run: bool = False
    ) -> Sequence[SchemaChange]:
        return ()

    def destroy(self, wanted: Iterable[FieldSpec], *, dry_run: bool = False) -> Sequence[SchemaChange]:
        return ()

    def live(self, updates: Sequence[Update], since: datetime) -> Iterator[Live]:
        yield from ()

    def push(self, updates: Sequence[Update]) -> Iterator[Receipt]:
        for object in dict.fromkeys(update.object for update in updates):
            yield from self._pushed(object, [update for update in updates if update.object == object])

    def calls_to_write(self, records: Iterable[tuple[str, str]], tasks: int) -> int:
        return 0

    def create_tasks(self, new: Sequence[NewTask]) -> Iterator[Receipt]:
        return create_tasks(self._folder, new)

    def tasks_of(self, opportunity_ids: Sequence[str]) -> Iterator[OpenTask]:
        return tasks_of(self._folder, opportunity_ids)

    def delete_tasks(self, task_ids: Sequence[str]) -> Iterator[Receipt]:
        return delete_tasks(self._folder, task_ids)

    def reword_tasks(self, rewordings: Sequence[Rewording]) -> Iterator[Receipt]:
        return reword_tasks(self._folder, rewordings)

    def limits(self) -> Limits:
        return Limits(calls=0)

    def close(self) -> None:
        return

    def _pushed(self, object: str, updates: Sequence[Update]) -> Iterator[Receipt]:
        if object not in ENRICHED:
            yield from (Receipt(u.record_id, "rejected", u.record_id, f"no {object} fields in files") for u in updates)
            return
        name = ENRICHED[object]
        table = next(table for table in TABLES if table.name == name)
        file = file_of(self._folder, table)
        ids = (*table.stream.key, "role_id")
        known = {_record_id(table, row) for page in (rows(file, table, ids) if file else ()) for row in page}
        enriched = EnrichedFile(self._folder, name)
        records = enriched.read()
        for update in updates:
            if update.record_id in known:
                record = records.setdefault(update.record_id, {})
                record.update({field.removeprefix(OURS): value or "" for field, value in update.values.items()})
        enriched.write(records)
        for update in updates:
            outcome = "written" if update.record_id in known else "gone"
            yield Receipt(
                update.record_id, outcome, update.record_id, None if outcome == "written" else "not in the table"
            )

    def _enriched(self, table: TableFile) -> EnrichedFile | None:
        return EnrichedFile(self._folder, table.name) if table.name in ENRICHED.values() else None

    def _own_columns(self, table: TableFile) -> tuple[str, ...]:
        enriched = self._enriched(table)
        return tuple(f"{OURS}{name}" for name in enriched.columns()) if enriched else ()

    def _with_own(self, table: TableFile, pages: Iterator[list[Row]]) -> Iterator[list[Row]]:
        """The rows with what we wrote beside them."""
        enriched = self._enriched(table)
        held = enriched.read() if enriched else {}
        names = self._own_columns(table) if held else ()
        for page in pages:
            if held:
                for row in page:
                    own = held.get(_record_id(table, row), {})
                    row.update({name: own.get(name.removeprefix(OURS)) or None for name in names})
            yield page

    def _latest(self, table: TableFile) -> str:
        """The latest instant in a table, as text; empty where there is none."""
        file = file_of(self._folder, table)
        names = [name for name, kind in table.kinds.items() if kind == "time" and name not in NOT_PAST]
        pages = rows(file, table, names) if file else ()
        return max((value or "" for page in pages for row in page for value in row.values()), default="")


def _record_id(table: TableFile, row: Row) -> str:
    """The id that an update names: the key, and of a role that has no id of its own, opportunity:person."""
    if table.name == "buying_group":
        return row.get("role_id") or f"{row['opportunity_id']}:{row['person_id']}"
    return row[table.stream.key[0]] or ""
