"""Raw rows as the CRM gave them: stored page by page, each with the cursor that stands behind it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from assets.warehouse.keyset import KeySet
from assets.warehouse.made import forget
from assets.warehouse.runs import Run
from assets.warehouse.store import Warehouse
from connectors.protocol import Page, Row, Stream

DELETED, RUN = "_deleted", "_run"
ROWS_AT_ONCE = 5_000

Key = tuple[str | None, ...]


@dataclass(slots=True)
class Counts:
    """What came of one stream in one run, in rows, and whether the rest of it waits for a later one.

    `reread`: of those pulled, messages read again for a new lexicon; `to_reread`: how many later runs still have to.
    """

    pulled: int = 0
    changed: int = 0
    deleted: int = 0
    waits: bool = False
    reread: int = 0
    to_reread: int = 0

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
    """Takes the pages of one stream in one run, and stores them some thousand rows at a time.

    Rows, deletions and cursor of what is stored together are committed together; a snapshot's missing rows are found
    when its last page has come. While a table is being filled for the first time nothing need be looked up in it.
    `ours` are the columns that we write: a row in which nothing else has changed is the echo of our own write.
    """

    def __init__(self, store: Warehouse, run: Run, stream: Stream, ours: Collection[str] = ()) -> None:
        self.stream = stream
        self._store, self._run = store, run
        self._table = table_of(stream.name)
        self._seen = f"_seen_{stream.name}"
        self._echoed = {*stream.stamps, *ours}
        self.counts = Counts()
        make(store, stream)
        self._waiting: list[Page] = []
        self._sides: list[Intake] = []
        self._keys = None if store.count(self._table) else KeySet()
        self._values_table(self._seen, stream.key, ())

    def take(self, page: Page) -> None:
        """Keep the page with those that wait; store them when they are many, or can't wait for one another."""
        if self._waiting and not _together(self._waiting, page):
            self.flush()
        self._waiting.append(page)
        self.counts.pulled += len(page.rows)
        ends = page.deleted or (page.snapshot and page.last)
        if ends or sum(map(_size, self._waiting)) >= ROWS_AT_ONCE:
            self.flush()

    def brings(self, side: Intake) -> None:
        """What this stream brings for another must be stored before the cursor that says it has come."""
        if side is not self and side not in self._sides:
            self._sides.append(side)

    def flush(self) -> None:
        """Store what waits, in one transaction."""
        pages, self._waiting = self._waiting, []
        if not pages:
            return
        for side in self._sides:
            side.flush()
        last = pages[-1]
        rows = {tuple(row.get(column) for column in self.stream.key): row for page in pages for row in page.rows}
        with self._store.transaction():
            self._replace(last.scope, [value for page in pages for value in page.replaced], list(rows))
            if rows:
                self._put(rows, is_snapshot=last.snapshot)
            self._store.insert(self._seen, [key for page in pages for key in page.present])
            if last.deleted:
                self._values_table("_gone", self.stream.key, last.deleted)
                self._mark_deleted(f"exists ({self._among('_gone', self.stream.key)})")
            if last.snapshot and last.last:
                self._mark_deleted(f"not exists ({self._among(self._seen, self.stream.key)})")
            cursors = [page.cursor for page in pages if page.cursor is not None]
            if cursors:
                self._store.execute("delete from cursors where stream = ?", [self.stream.name])
                self._store.insert("cursors", [(self.stream.name, cursors[-1], self._run.seq)])
        self._store.let_go()

    def _put(self, rows: Mapping[Key, Row], *, is_snapshot: bool) -> None:
        """New and changed rows in place of the stored ones; those that differ in no value, nulls being equal, stay."""
        columns = list(dict.fromkeys((*self.stream.key, *(name for row in rows.values() for name in row))))
        self._values_table("_come", columns, [tuple(map(row.get, columns)) for row in rows.values()])
        if is_snapshot:
            keys = ", ".join(f'"{name}"' for name in self.stream.key)
            self._store.execute(f'insert into "{self._seen}" select {keys} from _come')
        self._store.make_room(self._table, "select * from _come")
        if self._is_first_filling(rows):
            fresh = "_come"
            forget(self._store)
        else:
            fresh = "_new"
            self._find_new(columns)
        self.counts.changed += self._store.count(fresh)
        stamped = f"select *, false as {DELETED}, {self._run.seq}::bigint as {RUN} from {fresh}"
        self._store.execute(f'insert into "{self._table}" by name {stamped}')

    def _find_new(self, columns: Sequence[str]) -> None:
        """Fill `_new` with what has come and isn't stored so; the stored rows of the same keys go."""
        names = ", ".join(f'"{column}"' for column in columns)
        stored = f'from "{self._table}" r where not {DELETED}'
        self._store.execute(
            f"create or replace temp table _new as select {names} from _come except select {names} {stored}"
        )
        told = ", ".join(f'"{column}"' for column in columns if column not in self._echoed)
        same = f"{stored} and exists ({self._among('_new', self.stream.key)})"
        if self._store.query(f"select 1 from (select {told} from _new except select {told} {same}) limit 1"):
            forget(self._store)
        self._store.execute(f'delete from "{self._table}" r using _new where {self._same("r", "_new")}')

    def _is_first_filling(self, rows: Mapping[Key, Row]) -> bool:
        """Whether none of these keys can be in the table: it was empty, and none has come yet in this run.

        Once a key seems to have come before, the longer way is taken for the rest of the run.
        """
        if self._keys and self._keys.takes(rows):
            return True
        self._keys = None
        return False

    def _replace(self, scope: Sequence[str], values: Sequence[Key], keys: Sequence[Key]) -> None:
        """What carries one of the replaced values goes, unless it is among the rows that come."""
        if not values or not self._store.count(self._table):
            return
        self._values_table("_scope", scope, values)
        self._values_table("_coming", self.stream.key, keys)
        coming = self._among("_coming", self.stream.key)
        self._mark_deleted(f"exists ({self._among('_scope', scope)}) and not exists ({coming})")

    def _values_table(self, name: str, columns: Sequence[str], values: Sequence[Key]) -> None:
        texts = ", ".join(f'"{column}" varchar' for column in columns)
        self._store.execute(f'create or replace temp table "{name}" ({texts})')
        self._store.insert(name, values)

    def _among(self, name: str, columns: Sequence[str]) -> str:
        return f'select 1 from "{name}" where {self._same("r", name, columns)}'

    def _same(self, one: str, other: str, columns: Sequence[str] = ()) -> str:
        pairs = (f'{one}."{column}" is not distinct from {other}."{column}"' for column in columns or self.stream.key)
        return " and ".join(pairs)

    def _mark_deleted(self, condition: str) -> None:
        where = f"not {DELETED} and {condition}"
        gone = self._store.query(f'select count(*) as n from "{self._table}" r where {where}')[0]["n"]
        if gone:
            self._store.execute(f'update "{self._table}" r set {DELETED} = true, {RUN} = {self._run.seq} where {where}')
            forget(self._store)
        self.counts.deleted += gone


def _size(page: Page) -> int:
    return len(page.rows) + len(page.replaced) + len(page.present)


def _together(waiting: Sequence[Page], page: Page) -> bool:
    """Whether the page may be stored with those that wait: the same kind, and none replaces what another brings."""
    first = waiting[0]
    if (first.snapshot, first.scope) != (page.snapshot, page.scope):
        return False
    return set(page.replaced).isdisjoint(value for one in waiting for value in one.replaced)
