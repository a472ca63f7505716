"""Raw rows as the CRM gave them: stored page by page, each with the cursor that stands behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assets.warehouse.runs import Run
from assets.warehouse.store import Warehouse
from connectors.protocol import Page, Stream

DELETED, RUN = "_deleted", "_run"


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
        with self._store.transaction():
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
        names, key = (", ".join(f'"{name}"' for name in some) for some in (columns, self._stream.key))
        lines = [[row.get(column) for column in columns] + [line] for line, row in enumerate(page.rows)]
        texts = ", ".join(f'"{column}" varchar' for column in columns)
        self._store.execute(f"create or replace temp table _come ({texts}, _line bigint)")
        self._store.insert("_come", lines)
        self._store.execute(
            f"create or replace temp table _single as select distinct on ({key}) {names} from _come"
            f" order by {key}, _line desc"
        )
        if page.snapshot:
            self._store.execute(f'insert into "{self._seen}" select {key} from _single')
        self._store.execute(f"create or replace temp table _new as select {names} from _single{self._known(columns)}")
        changed = self._store.count("_new")
        if changed:
            stamped = f"select *, false as {DELETED}, {self._run.seq}::bigint as {RUN} from _new"
            self._store.upsert(self._table, self._stream.key, stamped)
        self.counts.pulled += len(page.rows)
        self.counts.changed += changed

    def _known(self, columns: Sequence[str]) -> str:
        """What takes away the rows that are stored just so, nulls being equal; nothing while a column is new."""
        if not set(self._store.columns(self._table)).issuperset(columns):
            return ""
        names = ", ".join(f'"{column}"' for column in columns)
        return f' except select {names} from "{self._table}" where not {DELETED}'

    def _replace(self, page: Page) -> None:
        """What carries one of the replaced values goes, unless it is among the rows that come."""
        keys = [tuple(row.get(column) for column in self._stream.key) for row in page.rows]
        self._values_table("_scope", page.scope, page.replaced)
        self._values_table("_coming", self._stream.key, keys)
        coming = self._among("_coming", self._stream.key)
        self._mark_deleted(f"exists ({self._among('_scope', page.scope)}) and not exists ({coming})")

    def _values_table(self, name: str, columns: Sequence[str], values: Sequence[Sequence[str | None]]) -> None:
        texts = ", ".join(f'"{column}" varchar' for column in columns)
        self._store.execute(f'create or replace temp table "{name}" ({texts})')
        self._store.insert(name, values)

    def _among(self, name: str, columns: Sequence[str]) -> str:
        same = " and ".join(f'k."{column}" is not distinct from r."{column}"' for column in columns)
        return f'select 1 from "{name}" k where {same}'

    def _mark_deleted(self, condition: str) -> None:
        where = f"not {DELETED} and {condition}"
        gone = self._store.query(f'select count(*) as n from "{self._table}" r where {where}')[0]["n"]
        self._store.execute(f'update "{self._table}" r set {DELETED} = true, {RUN} = {self._run.seq} where {where}')
        self.counts.deleted += gone
