"""The warehouse of one connection, a DuckDB file: tables in and out as Narwhals frames, and transactions."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

import duckdb
import narwhals as nw
import pyarrow as pa

from assets.errors import Busy, NoRoom
from assets.warehouse.migrations import migrate

MEMORY = "1GB"
AT_REST = "32MB"
"""What a store may hold between two statements. A limit during them would stop those on wide tables."""
SETTINGS = (
    "set TimeZone='UTC'",
    "set disabled_optimizers='partial_aggregate_pushdown'",  # DuckDB 2.0's planner explodes on long chains with it
    f"set memory_limit='{MEMORY}'",
    "set enable_progress_bar=false",
    "set preserve_insertion_order=false",
)
ARROW: dict[Any, pa.DataType] = {
    nw.String: pa.string(),
    nw.Float64: pa.float64(),
    nw.Int64: pa.int64(),
    nw.Boolean: pa.bool_(),
    nw.Date: pa.date32(),
    nw.Datetime: pa.timestamp("us", tz="UTC"),
    nw.List: pa.list_(pa.string()),
}
NO_ROOM = re.compile(r"Could not write|No space left|File too large")
IN_MEMORY_ROWS = 2_000_000
"""Up to this many raw rows the frames are Polars': planning each of some hundred small steps costs DuckDB more than
doing them does. Above it they are DuckDB's, out of core. The functions that get them are the same."""

Frame = nw.LazyFrame[Any] | nw.DataFrame[Any]


class Warehouse:
    """`has, read, frame, replace, append, upsert, transaction, keep`, and `query`/`execute` for the state tables.

    One process and one thread at a time. Nothing is enforced by the file: no primary keys, as an upsert without one
    is many times faster; `upsert` itself keeps a key single.
    """

    def __init__(self, path: Path, wait_seconds: float = 30.0) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.name = path.parent.name
        self._connection = _opened(path, self.name, wait_seconds)
        for setting in (*SETTINGS, f"set temp_directory='{path.parent / 'spill'}'"):
            self._connection.execute(setting)
        migrate(self._connection, self.name)
        self._numbers = count()
        self._kept: list[str] = []
        self._in_transaction = False
        self._in_memory = False

    def close(self) -> None:
        self._connection.close()

    def has(self, name: str) -> bool:
        return bool(self.query("select 1 from information_schema.tables where table_name = ?", [name]))

    def count(self, name: str) -> int:
        """Rows in the table."""
        return int(self.query(f'select count(*) as n from "{name}"')[0]["n"])

    def tables(self, prefix: str) -> list[str]:
        """The stored tables whose name begins so."""
        names = [row["table_name"] for row in self.query("select table_name from duckdb_tables() where not temporary")]
        return sorted(name for name in names if name.startswith(prefix))

    def columns(self, name: str) -> list[str]:
        """The table's columns; none where there is no such table."""
        sql = "select column_name from duckdb_columns() where table_name = ? order by column_index"
        return [row["column_name"] for row in self.query(sql, [name])]

    def schema(self, name: str) -> nw.Schema:
        """The table's columns with their types; no row is read."""
        return nw.from_native(self._connection.table(f'"{name}"')).collect_schema()

    def read(self, name: str) -> nw.LazyFrame[Any]:
        """The stored table as a lazy frame."""
        table = self._connection.table(f'"{name}"')
        return nw.from_native(table.pl()).lazy() if self._in_memory else nw.from_native(table).lazy()

    def frame(
        self, rows: Sequence[Mapping[str, Any]], schema: Mapping[str, nw.dtypes.DType | type[nw.dtypes.DType]]
    ) -> nw.LazyFrame[Any]:
        """Rows from Python as a frame of this warehouse; a column that a row lacks is null."""
        columns = {
            name: pa.array([row.get(name) for row in rows], type=ARROW[dtype.base_type()])
            for name, dtype in schema.items()
        }
        return self.read(self._temporary(pa.table(columns)))

    def replace(self, name: str, frame: Frame) -> None:
        """Store the frame under that name, in place of what was there."""
        with self._source(frame) as source:
            self.execute(f'create or replace table "{name}" as {source}')

    def append(self, name: str, frame: Frame) -> None:
        """Add the frame's rows, by column name; the table is made where there is none, and gains new columns."""
        with self._source(frame) as source:
            self.make_room(name, source)
            self.execute(f'insert into "{name}" by name {source}')

    def upsert(self, name: str, key: Sequence[str], frame: Frame | str) -> None:
        """Put the frame's rows in place of those with the same key; of two rows with one key any one stays."""
        keys = ", ".join(f'"{column}"' for column in key)
        same = " and ".join(f'kept."{column}" is not distinct from fresh."{column}"' for column in key)
        with self._source(frame) as source, self.scratch(), self.transaction():
            fresh = f'select * from "{self._temporary(f"select distinct on ({keys}) * from ({source})")}"'
            self.make_room(name, fresh)
            self.execute(f'delete from "{name}" kept using ({fresh}) fresh where {same}')
            self.execute(f'insert into "{name}" by name {fresh}')

    def keep(self, name: str, frame: nw.LazyFrame[Any] | str) -> nw.LazyFrame[Any]:
        """Store an intermediate until the end of `scratch`, and return a frame that reads it."""
        if isinstance(frame, nw.LazyFrame) and self._in_memory:
            return frame.collect().lazy()
        with self._source(frame) as source:
            return self.read(self._temporary(source, name))

    @contextmanager
    def scratch(self) -> Iterator[None]:
        """What is kept inside is dropped at the end."""
        before = len(self._kept)
        try:
            yield
        finally:
            while len(self._kept) > before:
                self.execute(f'drop table if exists "{self._kept.pop()}"')

    def let_go(self) -> None:
        """Give back the memory in which DuckDB holds what it has read and written, as far as it isn't in use."""
        try:
            with suppress(duckdb.OutOfMemoryException):
                self.execute(f"set memory_limit='{AT_REST}'")
        finally:
            self.execute(f"set memory_limit='{MEMORY}'")

    def put_off_merging(self) -> None:
        """Leave it to a later session to put small pieces of a table together: DuckDB holds them all while it does."""
        self._connection.execute("set max_vacuum_tasks=0")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; an inner one joins the outer one."""
        if self._in_transaction:
            yield
            return
        self._connection.begin()
        self._in_transaction = True
        try:
            yield
        except BaseException:
            self._connection.rollback()
            raise
        else:
            with self._room():
                self._connection.commit()
        finally:
            self._in_transaction = False

    def choose_engine(self) -> None:
        """Frames read from now on are held in memory, or not, by how much has been pulled."""
        rows = self.query(
            "select coalesce(sum(estimated_size), 0) as n from duckdb_tables() where table_name like 'raw%'"
        )
        self._in_memory = rows[0]["n"] <= IN_MEMORY_ROWS

    def query(self, sql: str, values: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """Rows of the state tables."""
        cursor = self._connection.execute(sql, list(values))
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def execute(self, sql: str, values: Sequence[Any] = ()) -> None:
        """
        Raises
        ------
        NoRoom : the disk is full.
        """
        with self._room():
            self._connection.execute(sql, list(values))

    def insert(self, name: str, rows: Sequence[Sequence[Any]]) -> None:
        """Append rows, in the order of the table's columns, to a state table."""
        if rows:
            columns = {str(place): pa.array(values) for place, values in enumerate(zip(*rows, strict=True))}
            with self._registered(pa.table(columns)) as source:
                self.execute(f'insert into "{name}" {source}')

    def make_room(self, name: str, source: str) -> None:
        """A table that takes the rows: made empty where there is none, widened where columns are new."""
        if not self.has(name):
            self.execute(f'create table "{name}" as select * from ({source}) limit 0')
            return
        known = set(self.columns(name))
        for column in self.query(f"describe {source}"):
            if column["column_name"] not in known:
                self.execute(f'alter table "{name}" add column "{column["column_name"]}" {column["column_type"]}')

    @contextmanager
    def _room(self) -> Iterator[None]:
        try:
            yield
        except (duckdb.IOException, duckdb.TransactionException) as fault:
            if not NO_ROOM.search(str(fault)):
                raise
            raise NoRoom(
                f"{self.name}: the disk is full, nothing more can be stored. Make room where data_dir is; the next run "
                "goes on from what has been stored."
            ) from None

    @contextmanager
    def _source(self, frame: Frame | str) -> Iterator[str]:
        """A query that gives the frame's rows."""
        if isinstance(frame, str):
            yield frame
        elif isinstance(frame, nw.LazyFrame) and frame.implementation.is_duckdb():
            yield str(frame.to_native().sql_query())
        else:
            table = frame.collect() if isinstance(frame, nw.LazyFrame) else frame
            with self._registered(table.to_arrow()) as source:
                yield source

    @contextmanager
    def _registered(self, table: pa.Table) -> Iterator[str]:
        name = f"_arrow_{next(self._numbers)}"
        self._connection.register(name, table)
        try:
            yield f'select * from "{name}"'
        finally:
            with suppress(duckdb.TransactionException):  # one that has failed takes nothing more, and is rolled back
                self._connection.unregister(name)

    def _temporary(self, source: pa.Table | str, name: str = "rows") -> str:
        """The name of a new table that lives until the end of `scratch`."""
        if isinstance(source, pa.Table):
            with self._registered(source) as query:
                return self._temporary(query, name)
        kept = f"_kept_{next(self._numbers)}_{name}"
        self.execute(f'create temp table "{kept}" as {source}')
        self._kept.append(kept)
        return kept


def _opened(path: Path, name: str, wait_seconds: float) -> duckdb.DuckDBPyConnection:
    deadline = time.monotonic() + wait_seconds
    while True:
        try:
            return duckdb.connect(str(path))
        except duckdb.IOException as fault:
            holder = re.search(r"PID (\d+)", str(fault))
            if holder is None:
                raise
            if time.monotonic() >= deadline:
                raise Busy(
                    f"{name}: process {holder[1]} has the store open ({path}). Close it, or try again when it is done."
                ) from None
            time.sleep(0.2)
