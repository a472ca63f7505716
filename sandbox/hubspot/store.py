"""The portal's records, lean enough for hundreds of thousands: values in a list by column, history of what changed.

A property that never changed has no stored history: its only version is the one of the record's creation.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from sandbox.hubspot.object_types import ObjectType

MANY = 2_000
"""Above so many changed records an index is built anew rather than mended."""


class Source(NamedTuple):
    """Who set a value: sourceType, sourceId, updatedByUserId of a property version."""

    type: str
    id: str | None = None
    user_id: int | None = None


class Version(NamedTuple):
    """One value that a property had, from `at` (ms) on."""

    at: int
    value: str
    source: Source


class Record:
    """One record; `values` is read through its table's columns. Times are ms since 1970."""

    __slots__ = ("archived", "created", "history", "id", "merged", "source", "updated", "values")

    def __init__(self, id: int, created: int, source: Source) -> None:
        self.id = id
        self.created = created
        self.updated = created
        self.source = source
        self.values: list[str | None] = []
        self.history: dict[int, list[Version]] | None = None
        self.archived: int | None = None
        self.merged: tuple[int, ...] = ()

    def copy(self) -> Record:
        """The record as it is now, unmoved by what comes after."""
        twin = Record(self.id, self.created, self.source)
        twin.values = list(self.values)
        twin.updated, twin.history, twin.archived, twin.merged = self.updated, self.history, self.archived, self.merged
        return twin


class Table:
    """The records of one object type, in the order of their ids.

    Attributes
    ----------
    ids : ascending ids of all records, archived ones included.
    winners : id of a merged record -> id of the record that it went into.
    version : moves with every change; what was computed for another version is stale.
    journal : (ms, id, the record before the change or None) of recent writes, for an index that lags behind.
    changed : ids touched since an index last looked, `MANY` and one at most; cleared by it.
    """

    def __init__(self, kind: ObjectType) -> None:
        self.kind = kind
        self.columns: dict[str, int] = {}
        self._layouts: dict[tuple[str, ...], list[int]] = {}
        self.records: dict[int, Record] = {}
        self.ids: list[int] = []
        self.winners: dict[int, int] = {}
        self.unique: dict[str, dict[str, int]] = {}
        self.version = 0
        self.journal: deque[tuple[int, int, Record | None]] = deque(maxlen=20_000)
        self.changed: set[int] = set()

    def column(self, name: str) -> int:
        """Where the values of a property stand; a new place for a new one."""
        return self.columns.setdefault(name, len(self.columns))

    def add(self, record: Record) -> None:
        """Take in a new record; ids only grow."""
        self.records[record.id] = record
        self.ids.append(record.id)
        self.touched(record)

    def touched(self, record: Record) -> None:
        self._changed(record.id)

    def resolve(self, id: int) -> Record | None:
        """The record of that id; a merged one's winner."""
        while id in self.winners:
            id = self.winners[id]
        return self.records.get(id)

    def remove(self, id: int) -> None:
        """Forget a record for good, as a privacy deletion does."""
        record = self.records.pop(id)
        del self.ids[bisect_left(self.ids, id)]
        for name, index in self.unique.items():
            value = self.value(record, name)
            if value:
                index.pop(value.lower(), None)
        self._changed(id)

    def value(self, record: Record, name: str) -> str | None:
        """A stored value; None when it was never set."""
        column = self.columns.get(name)
        values = record.values
        return values[column] if column is not None and column < len(values) else None

    def put(self, record: Record, name: str, value: str | None) -> None:
        """Set a value without a version of its own: what the record was made with."""
        column = self.column(name)
        values = record.values
        if column >= len(values):
            values.extend([None] * (column + 1 - len(values)))
        if name in self.unique:
            self._reindex(name, values[column], value, record.id)
        values[column] = value

    def fill(self, record: Record, values: Mapping[str, str | None]) -> None:
        """Put many values into a record that has none yet."""
        names = tuple(values)
        columns = self._layouts.get(names)
        if columns is None:
            columns = self._layouts[names] = [self.column(name) for name in names]
        filled: list[str | None] = [None] * len(self.columns)
        for column, value in zip(columns, values.values(), strict=True):
            filled[column] = value
        record.values = filled
        for name in self.unique:
            if value := values.get(name):
                self.unique[name][value.lower()] = record.id

    def change(self, record: Record, name: str, value: str, at: int, source: Source) -> bool:
        """Set a value and remember the version; False when it was that already."""
        old = self.value(record, name)
        if old == value or (old is None and value == ""):
            return False
        column = self.column(name)
        if record.history is None:
            record.history = {}
        versions = record.history.get(column)
        if versions is None:
            first = [] if old is None else [Version(record.created, old, record.source)]
            versions = record.history[column] = first
        versions.append(Version(at, value, source))
        self.put(record, name, value)
        return True

    def versions(self, record: Record, name: str) -> list[Version]:
        """All values that a property had, the latest first."""
        column = self.columns.get(name)
        if column is None:
            return []
        if record.history and column in record.history:
            return record.history[column][::-1]
        value = self.value(record, name)
        return [] if value is None else [Version(record.created, value, record.source)]

    def index_unique(self, name: str) -> None:
        """Keep an index of a property whose values are unique."""
        if name not in self.unique:
            pairs = ((self.value(record, name), record) for record in self.records.values() if record.archived is None)
            self.unique[name] = {value.lower(): record.id for value, record in pairs if value}

    def holder(self, name: str, value: str) -> Record | None:
        """The live record that has this value of a unique property."""
        id = self.unique.get(name, {}).get(value.strip().lower())
        record = self.records.get(id) if id is not None else None
        return record if record and record.archived is None else None

    def live(self, start: int = 0, *, archived: bool = False) -> Iterator[Record]:
        """Live (or archived) records from id `start` on, in order."""
        for position in range(bisect_left(self.ids, start), len(self.ids)):
            record = self.records[self.ids[position]]
            if (record.archived is not None) == archived and record.id not in self.winners:
                yield record

    def _changed(self, id: int) -> None:
        self.version += 1
        if len(self.changed) <= MANY:
            self.changed.add(id)

    def _reindex(self, name: str, old: str | None, new: str | None, id: int) -> None:
        index = self.unique[name]
        if old and index.get(old.lower()) == id:
            del index[old.lower()]
        if new:
            index[new.lower()] = id
