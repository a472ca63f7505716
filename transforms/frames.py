"""Small idioms over Narwhals lazy frames that hold on every engine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

import narwhals as nw

from readiness.schema import TEXT, TIME, Table

Raw = Mapping[str, nw.LazyFrame]
"""Raw stream name -> its rows as text."""

SECOND = timedelta(seconds=1)

col = nw.col


def nothing(dtype: nw.dtypes.DType = TEXT) -> nw.Expr:
    return nw.lit(None, dtype=dtype)


def no_rows(like: nw.LazyFrame, dtypes: Mapping[str, nw.dtypes.DType]) -> nw.LazyFrame:
    """An empty table with these columns, on the engine of `like`."""
    first = like.collect_schema().names()[0]
    none = like.filter(col(first).is_null() & ~col(first).is_null())
    return none.with_columns(**{f"_{name}": nothing(dtype) for name, dtype in dtypes.items()}).select(
        *(col(f"_{name}").alias(name) for name in dtypes)
    )


def shaped(frame: nw.LazyFrame, table: Table) -> nw.LazyFrame:
    """The columns of `table`, cast; those that `frame` does not have read as empty."""
    there = frame.collect_schema().names()
    return frame.select(
        *((col(c.name) if c.name in there else nothing(c.dtype)).cast(c.dtype).alias(c.name) for c in table.columns)
    )


def one_of(value: nw.Expr, words: Mapping[str, str]) -> nw.Expr:
    """Exact text -> text; null where there is none."""
    if not words:
        return nothing()
    return value.replace_strict(dict(words), default=nothing(), return_dtype=TEXT)


def first_match(value: nw.Expr, patterns: Iterable[tuple[str, str]], otherwise: nw.Expr) -> nw.Expr:
    """The name beside the first regular expression that `value` contains."""
    found = otherwise
    for pattern, name in reversed(list(patterns)):
        found = nw.when(value.str.contains(pattern)).then(nw.lit(name)).otherwise(found)
    return found


def folded(value: nw.Expr) -> nw.Expr:
    return value.str.strip_chars().str.to_lowercase()


def either(*flags: nw.Expr) -> nw.Expr:
    """True where any flag is; a null counts as false."""
    result = flags[0].fill_null(False)
    for flag in flags[1:]:
        result = result | flag.fill_null(False)
    return result


def latest(frame: nw.LazyFrame, key: list[str], order: list[str]) -> nw.LazyFrame:
    """One row per key: the last in `order`."""
    return frame.unique(subset=key, keep="last", order_by=order)


def stacked(frames: list[nw.LazyFrame]) -> nw.LazyFrame:
    return nw.concat(frames, how="vertical") if len(frames) > 1 else frames[0]


def at(value: nw.Expr) -> nw.Expr:
    """To the canonical type of instants."""
    return value.cast(TIME)
