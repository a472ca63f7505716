"""What the scoring core asks of an engine: a place to keep intermediate tables, and time as a number.

The functions of the core are written once over Narwhals lazy frames and run on DuckDB, Polars and PySpark.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import narwhals as nw
import pyarrow as pa

Keep = Callable[[str, nw.LazyFrame], nw.LazyFrame]
"""Stores an intermediate frame under a name and returns a frame that reads it back.

SQL planners cope badly with an aggregate on top of a long lazy chain, so each stage of the model passes through one.
The names differ from those of the tables that come in; each is used once per run of `readiness.score.score`.
"""

MICROSECONDS_PER_DAY = 86_400_000_000.0
SECONDS_PER_DAY = 86_400.0


def in_place(name: str, frame: nw.LazyFrame) -> nw.LazyFrame:
    """Keep nothing: the frame stays lazy. Right for a book of one slice (`slices.SIZE`): each more makes it anew."""
    return frame


def beside(like: nw.LazyFrame, rows: pa.Table) -> nw.LazyFrame:
    """The rows as a frame of the engine that `like` lives in, so that the two can be joined."""
    native = like.to_native()
    if like.implementation.is_duckdb():
        frame: nw.LazyFrame = nw.from_native(native.query("like", "select * from rows"))
    elif like.implementation.is_polars():
        frame = nw.from_arrow(rows, backend="polars").lazy()
    else:
        frame = nw.from_native(native.sparkSession.createDataFrame(rows))
    return frame


def with_days(frame: nw.LazyFrame, **columns: str) -> nw.LazyFrame:
    """Add float columns with the days since 1970-01-01 UTC of timestamp columns, e.g. ``day="occurred_at"``.

    Narwhals has no call for an instant's number that all engines share; the three that exist are exact.
    """
    return frame.with_columns(**{name: _days(nw.col(source), frame) for name, source in columns.items()})


def _days(instant: nw.Expr, frame: nw.LazyFrame) -> nw.Expr:
    if frame.implementation.is_polars():
        return instant.dt.timestamp("us") / MICROSECONDS_PER_DAY
    if frame.implementation.is_duckdb():
        return instant.dt.total_microseconds() / MICROSECONDS_PER_DAY
    return instant.cast(nw.Float64) / SECONDS_PER_DAY


def days(instant: datetime) -> float:
    """Days since 1970-01-01 UTC of a Python instant.

    Raises
    ------
    ValueError
        If the instant has no time zone.
    """
    return in_utc(instant).timestamp() / SECONDS_PER_DAY


def in_utc(instant: datetime) -> datetime:
    """The same instant in UTC.

    Raises
    ------
    ValueError
        If it has no time zone.
    """
    if instant.tzinfo is None:
        raise ValueError(f"as_of has no time zone: {instant.isoformat()}; give it in UTC")
    return instant.astimezone(UTC)
