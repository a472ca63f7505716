"""The org's records in memory: a list of values per record, with indexes that are made when first asked for.

Values are kept as an answer shows them: datetimes as `2015-06-26T19:46:47.000+0000` and dates as `2015-06-26`, so
that text order is time order; numbers as int or float; missing ones as None.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from sandbox.salesforce.schema import Field, Schema, SObject

Row = list[Any]
Undo = list[Callable[[], None]]
ID = 0


class Table:
    """The records of one object, in the recycle bin or not. `row[ID]` is the id; `version` grows with every change."""

    def __init__(self, sobject: SObject, undo: Undo | None = None) -> None:
        self.sobject = sobject
        self.rows: dict[str, Row] = {}
        self.undo = undo
        self.version = 0
        self._blank: Row = []
        self._buckets: dict[int, dict[Any, dict[str, Row]]] = {}
        self._orders: dict[int, list[Row]] = {}
        self._deleted = sobject.fields.get("isdeleted")

    def __len__(self) -> int:
        return len(self.rows)

    def blank(self) -> Row:
        """A record with nothing but the falsehoods that its checkboxes start with."""
        if len(self._blank) != self.sobject.width:
            self._blank = [None] * self.sobject.width
            for one in self.sobject.fields.values():
                if one.type == "boolean":
                    self._blank[one.at] = False
        return self._blank.copy()

    def add(self, row: Row) -> None:
        self.version += 1
        self.rows[row[ID]] = row
        for at, buckets in self._buckets.items():
            buckets.setdefault(row[at], {})[row[ID]] = row
        for at, order in self._orders.items():
            order.insert(_place(order, at, row), row)
        if self.undo is not None:
            self.undo.append(lambda: self.remove(row))

    def remove(self, row: Row) -> None:
        """Forget a record altogether."""
        self.version += 1
        del self.rows[row[ID]]
        for at, buckets in self._buckets.items():
            buckets[row[at]].pop(row[ID], None)
        for at, order in self._orders.items():
            del order[_place(order, at, row)]
        if self.undo is not None:
            self.undo.append(lambda: self.add(row))

    def put(self, row: Row, at: int, value: Any) -> None:
        """Change one value of a record."""
        old = row[at]
        if old == value and type(old) is type(value):
            return
        self.version += 1
        order = self._orders.get(at)
        if order is not None:
            del order[_place(order, at, row)]
        row[at] = value
        if order is not None:
            order.insert(_place(order, at, row), row)
        buckets = self._buckets.get(at)
        if buckets is not None:
            buckets[old].pop(row[ID], None)
            buckets.setdefault(value, {})[row[ID]] = row
        if self.undo is not None:
            self.undo.append(lambda: self.put(row, at, old))

    def forget_orders(self) -> None:
        """Before many records are added at once: sorting them again later is cheaper than placing each."""
        self._orders.clear()

    def widen(self, field: Field) -> None:
        """Give all records a place for a field that was added to the object."""
        empty = False if field.type == "boolean" else None
        for row in self.rows.values():
            row.extend([empty] * (field.at + 1 - len(row)))

    def is_deleted(self, row: Row) -> bool:
        return self._deleted is not None and row[self._deleted.at] is True

    def get(self, record_id: str) -> Row | None:
        """A record that is not in the bin."""
        row = self.rows.get(record_id)
        return None if row is None or self.is_deleted(row) else row

    def having(self, at: int, values: Iterable[Any]) -> list[Row]:
        """Records that have one of these values at a place."""
        if at == ID:
            return [self.rows[value] for value in values if value in self.rows]
        buckets = self._buckets.get(at)
        if buckets is None:
            buckets = self._buckets[at] = {}
            for row in self.rows.values():
                buckets.setdefault(row[at], {})[row[ID]] = row
        return [row for value in values for row in buckets.get(value, {}).values()]

    def ordered(self, at: int) -> list[Row]:
        """All records that have a value at a place, in the order of it, then of the id."""
        order = self._orders.get(at)
        if order is None:
            order = sorted(self.rows.values(), key=lambda row: (row[at] or "", row[ID]))
            self._orders[at] = order
        return order

    def between(self, at: int, low: str | None, high: str | None) -> list[Row]:
        """Records with low <= value <= high (None: no bound), in the order of the value, then of the id."""
        order = self.ordered(at)
        start = bisect_left(order, low, key=lambda row: row[at] or "") if low is not None else 0
        end = bisect_right(order, high, key=lambda row: row[at] or "") if high is not None else len(order)
        return order[start:end]


def _place(order: list[Row], at: int, row: Row) -> int:
    return bisect_left(order, (row[at] or "", row[ID]), key=lambda other: (other[at] or "", other[ID]))


class Store:
    """The tables of all objects, by name in any case of letters."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self._undo: Undo | None = None
        self.tables = {name: Table(sobject) for name, sobject in schema.objects.items()}

    def __getitem__(self, name: str) -> Table:
        return self.tables[name.lower()]

    def of_id(self, record_id: str | None) -> tuple[Table, Row] | None:
        """The table and the record of an id, whichever object it is of; None if there is none, or in the bin."""
        sobject = self.schema.of_id(record_id) if record_id else None
        if sobject is None or record_id is None:
            return None
        table = self[sobject.name]
        row = table.get(record_id)
        return None if row is None else (table, row)

    @contextmanager
    def transaction(self) -> Iterator[Callable[[], None]]:
        """While it lasts, every change can be taken back: by the function that it gives. One may stand in another."""
        outermost, mark = self._undo is None, len(self._undo or ())
        self._remember(self._undo if self._undo is not None else [])

        def rollback() -> None:
            undo = self._undo or []
            steps = undo[mark:]
            self._remember(None)
            for step in reversed(steps):
                step()
            self._remember(undo[:mark])

        try:
            yield rollback
        finally:
            if outermost:
                self._remember(None)

    def _remember(self, undo: Undo | None) -> None:
        self._undo = undo
        for table in self.tables.values():
            table.undo = undo
