"""The engines that the core runs on, each with a way to read rows and to keep a stage."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import narwhals as nw
import polars as pl

from readiness.schema import Table

Rows = Sequence[Mapping[str, Any]]


class Polars:
    def keep(self, name: str, frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
        return frame.collect(backend="polars").lazy()

    def frame(self, table: Table, rows: Rows) -> nw.LazyFrame[Any]:
        return nw.from_native(as_polars(table, rows).lazy())


class DuckDB:
    def __init__(self) -> None:
        self.connection = duckdb.connect()
        self.connection.execute("set TimeZone='UTC'")
        self.connection.execute("set disabled_optimizers='partial_aggregate_pushdown'")

    def frame(self, table: Table, rows: Rows) -> nw.LazyFrame[Any]:
        arrow = as_polars(table, rows).to_arrow()
        self.connection.register("incoming", arrow)
        self.connection.execute(f'create or replace table "{table.name}" as select * from incoming')
        self.connection.unregister("incoming")
        return nw.from_native(self.connection.table(table.name))

    def keep(self, name: str, frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
        self.connection.execute(f'create or replace temp table "{name}" as {frame.to_native().sql_query()}')
        return nw.from_native(self.connection.table(name))


class Spark:
    def __init__(self, session: Any, folder: Path) -> None:
        self.session, self.folder = session, folder

    def frame(self, table: Table, rows: Rows) -> nw.LazyFrame[Any]:
        path = self.folder / f"{table.name}.parquet"
        as_polars(table, rows).write_parquet(path)
        return nw.from_native(self.session.read.parquet(str(path)))

    def keep(self, name: str, frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
        return nw.from_native(frame.to_native().localCheckpoint())


@contextmanager
def spark() -> Iterator[Spark]:
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[2]").config("spark.sql.session.timeZone", "UTC")
    session = builder.config("spark.sql.shuffle.partitions", "2").config("spark.ui.enabled", "false").getOrCreate()
    try:
        with TemporaryDirectory() as folder:
            yield Spark(session, Path(folder))
    finally:
        session.stop()


def as_polars(table: Table, rows: Rows) -> pl.DataFrame:
    """The rows as a typed frame; columns that a row leaves out are null."""
    extra = sorted({name for row in rows for name in row} - set(table.names))
    schema = {name: nw_to_polars(dtype) for name, dtype in table.dtypes.items()}
    schema |= {name: pl.Datetime("us", "UTC") for name in extra}
    return pl.DataFrame({name: [row.get(name) for row in rows] for name in schema}, schema=schema)


def nw_to_polars(dtype: Any) -> Any:
    empty = nw.new_series("x", [], dtype, backend="polars")
    return empty.to_native().dtype


def collected(frame: nw.LazyFrame[Any], *keys: str) -> pl.DataFrame:
    """The rows as a Polars frame, in the order of `keys`."""
    native = frame.collect(backend="polars").to_native()
    return native.sort(*keys) if keys else native
