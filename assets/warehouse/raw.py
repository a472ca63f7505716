"""Raw rows as the CRM gave them: stored page by page, each with the cursor that stands behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw

from assets.warehouse.runs import Run
from assets.warehouse.store import Warehouse
from connectors.protocol import Page, Stream

DELETED, RUN, LINE = "_deleted", "_run", "_line"


@dataclass(slots=True)
class Counts:
    """What came of one stream in one run, in rows."""

    pulled: int = 0
    changed: int = 0
    deleted: int = 0

    @property
    def unchanged(self) -> int:
        return self.pulled - self.changed


def table_of(stream: str) -> str:
    return f"raw_{stream}"


def cursor_of(store: Warehouse, stream: str) -> str | None:
    """Where the stream stands; None before its first page."""
    rows = store.query("select cursor from cursors where stream = ?", [stream])
    return rows[0]["cursor"] if rows else None


def make(store: Warehouse, stream: Stream) -> None:
    """The stream's table, empty where there is none yet, so that whoever reads it finds its columns."""
    columns = (*stream.fields, *stream.optional_fields)
    if not store.has(table_of(stream.name)):
        texts = ", ".join(f'"{column}" varchar' for column in dict.fromkeys((*stream.key, *columns)))
        store.execute(f'create table "{table_of(stream.name)}" ({texts}, {DELETED} boolean, {RUN} bigint)')


class Intake:
    """Stores the pages of one stream in one run; a snapshot's missing rows are found when its last page has come."""

    def __init__(self, store: Warehouse, run: Run, stream: Stream) -> None:
        self._store, self._run, self._stream = store, run, stream
        self._table = table_of(stream.name)
        self._seen = f"_seen_{stream.name}"
        self.counts = Counts()
        make(store, stream)
        self._values_table(self._seen, stream.key, ())

    def store(self, page: Page) -> None:
        """Rows, deletions and cursor of one page, in one transaction."""
        with self._store.scratch(), self._store.transaction():
            if page.replaced:
                self._replace(page)
            if page.rows:
                self._put(page)
            if page.deleted:
                self._values_table("_gone", self._stream.key, page.deleted)
                self._mark_deleted(f"exists ({self._among('_gone', self._stream.key)})")
            if page.snapshot and page.last:
                self._mark_deleted(f"not exists ({self._among(self._seen, self._stream.key)})")
            if page.cursor is not None:
                self._store.execute("delete from cursors where stream = ?", [self._stream.name])
                self._store.insert("cursors", [(self._stream.name, page.cursor, self._run.seq)])

    def _put(self, page: Page) -> None:
        columns = list(dict.fromkeys((*self._stream.key, *(name for row in page.rows for name in row))))
        lines = [{**row, LINE: str(line)} for line, row in enumerate(page.rows)]
        come = self._store.frame(lines, dict.fromkeys((*columns, LINE), nw.String()))
        single = self._store.keep(
            self._table,
            come.with_columns(nw.col(LINE).cast(nw.Int64()))
            .unique(subset=list(self._stream.key), keep="last", order_by=[LINE])
            .drop(LINE),
        )
        if page.snapshot:
            keys = self._store.sql(single.select(*self._stream.key))
            self._store.execute(f'insert into "{self._seen}" {keys}')
        new = self._differing(single, columns)
        changed = int(new.select(nw.len()).collect().item())
        if changed:
            stamp = (nw.lit(False).alias(DELETED), nw.lit(self._run.seq).alias(RUN))
            self._store.upsert(self._table, self._stream.key, new.with_columns(*stamp))
        self.counts.pulled += len(page.rows)
        self.counts.changed += changed

    def _differing(self, rows: nw.LazyFrame[Any], columns: Sequence[str]) -> nw.LazyFrame[Any]:
        """Those rows that are new, come back, or differ in any value from what is stored (nulls being equal)."""
        if not set(self._store.columns(self._table)).issuperset(columns):
            return rows
        names = ", ".join(f'"{column}"' for column in columns)
        stored = f'select {names} from "{self._table}" where not {DELETED}'
        return self._store.keep(f"{self._table}_new", f"select {names} from ({self._store.sql(rows)}) except {stored}")

    def _replace(self, page: Page) -> None:
        """What carries one of the replaced values goes, unless it is among the rows that come."""
        keys = [tuple(row.get(column) for column in self._stream.key) for row in page.rows]
        self._values_table("_scope", page.scope, page.replaced)
        self._values_table("_coming", self._stream.key, keys)
        coming = self._among("_coming", self._stream.key)
        self._mark_deleted(f"exists ({self._among('_scope', page.scope)}) and not exists ({coming})")

    def _values_table(self, name: str, columns: Sequence[str], values: Sequence[Sequence[str | None]]) -> None:
        rows = [dict(zip(columns, value, strict=True)) for value in values]
        frame = self._store.frame(rows, dict.fromkeys(columns, nw.String()))
        self._store.execute(f'create or replace temp table "{name}" as {self._store.sql(frame)}')

    def _among(self, name: str, columns: Sequence[str]) -> str:
        same = " and ".join(f'k."{column}" is not distinct from r."{column}"' for column in columns)
        return f'select 1 from "{name}" k where {same}'

    def _mark_deleted(self, condition: str) -> None:
        where = f"not {DELETED} and {condition}"
        gone = self._store.query(f'select count(*) as n from "{self._table}" r where {where}')[0]["n"]
        self._store.execute(f'update "{self._table}" r set {DELETED} = true, {RUN} = {self._run.seq} where {where}')
        self.counts.deleted += gone
