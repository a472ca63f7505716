"""Small raw tables on either engine, and results as plain rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import duckdb
import narwhals as nw
import polars as pl

Rows = list[dict[str, Any]]
ENGINES = ("polars", "duckdb")


class Engine:
    """An engine with its own `keep`: every intermediate is stored, as the warehouse does."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.connection = duckdb.connect()
        self.connection.execute("set TimeZone='UTC'")
        self.connection.execute("set disabled_optimizers='partial_aggregate_pushdown'")
        self.stored = 0

    def text(self, rows: Rows, columns: Iterable[str] = ()) -> nw.LazyFrame:
        """Rows of text, as a connector stores them; columns that a row leaves out are null."""
        names = list(dict.fromkeys([*columns, *(name for row in rows for name in row)]))
        return self.frame(rows, dict.fromkeys(names, pl.String()))

    def frame(self, rows: Rows, dtypes: dict[str, Any]) -> nw.LazyFrame:
        data = pl.DataFrame([{n: row.get(n) for n in dtypes} for row in rows], schema=dtypes)
        if self.name == "polars":
            return nw.from_native(data.lazy())
        self.stored += 1
        table = f"given_{self.stored}"
        self.connection.register("incoming", data.to_arrow())
        self.connection.execute(f"create table {table} as select * from incoming")
        self.connection.unregister("incoming")
        return nw.from_native(self.connection.table(table))

    def keep(self, name: str, frame: nw.LazyFrame) -> nw.LazyFrame:
        if self.name == "polars":
            return nw.from_native(nw.to_native(frame).collect().lazy())
        self.connection.execute(f'create or replace table "{name}" as {nw.to_native(frame).sql_query()}')
        return nw.from_native(self.connection.table(name))


def rows_of(frame: nw.LazyFrame | nw.DataFrame[Any], *sort: str) -> Rows:
    """Plain rows, sorted by the given columns (all of them, by default)."""
    eager = frame.collect("polars").to_native() if isinstance(frame, nw.LazyFrame) else pl.from_arrow(frame.to_arrow())
    data = eager.to_dicts()
    keys = sort or tuple(eager.columns)
    return sorted(data, key=lambda row: [(row[k] is None, str(row[k])) for k in keys])


Reading = Callable[[Engine], dict[str, Rows]]
