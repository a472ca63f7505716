"""Arithmetic on arrays, for some people and their acts at a time, whatever the engine.

An engine joins and adds up; a formula of hundreds of steps is arithmetic, which arrays do in a fraction of the time
that the engines' planners and expressions take.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import narwhals as nw
import pyarrow as pa

from readiness.engine import beside

Found = Callable[[pa.Table, pa.Table], pa.Table]
"""From a slice's people and their acts: what is found of these people, a row each, in the same order."""

SIZE = 2**16
"""People in a slice: few enough for several slices' arrays in memory, many enough for its two queries not to count."""
CORES = os.cpu_count() or 1
"""Slices under way at a time; arrays leave Python's lock to one another."""


def sliced(people: nw.LazyFrame, acts: nw.LazyFrame, find: Found, columns: pa.Schema) -> Iterator[nw.LazyFrame]:
    """What `find` finds of each person, slice by slice: `place` and its columns.

    DuckDB and Polars give a frame per slice, made when it is asked for; PySpark gives one, whose slices are spread over
    its workers. They need this package: name their Python in PYSPARK_PYTHON.

    Parameters
    ----------
    people : with `place`, their number from 0 on, and `slice`, see `slice_of`.
    acts : with `place`, the number of whom they are of, and `slice`.
    find : must not mind in which order the rows of either come.
    columns : those that `find` gives.
    """
    if people.implementation.is_pyspark() or people.implementation.is_pyspark_connect():
        yield nw.from_native(_spread(people.to_native(), acts.to_native(), find, columns))
        return
    last = _arrow(people.select(nw.col("slice").max()))["slice"][0].as_py() or 0
    with ThreadPoolExecutor(CORES) as pool:
        under_way: deque[Future[pa.Table]] = deque()
        for number in range(last + 1):
            mine = nw.col("slice") == number
            under_way.append(pool.submit(_of, _arrow(people.filter(mine)), _arrow(acts.filter(mine)), find))
            if len(under_way) > CORES:
                yield beside(people, under_way.popleft().result())
        while under_way:
            yield beside(people, under_way.popleft().result())


def slice_of(place: nw.Expr) -> nw.Expr:
    """The number of the slice that a person is in."""
    return (place // SIZE).cast(nw.Int16)


def _arrow(frame: nw.LazyFrame) -> pa.Table:
    table: pa.Table = frame.collect(backend="pyarrow").to_native()
    return table


def _of(people: pa.Table, acts: pa.Table, find: Found) -> pa.Table:
    return find(people, acts).add_column(0, people.schema.field("place"), people["place"])


def _spread(people: Any, acts: Any, find: Found, columns: pa.Schema) -> Any:
    from pyspark.sql.pandas.types import from_arrow_schema
    from pyspark.sql.types import StructType

    schema = StructType([people.schema["place"], *from_arrow_schema(columns).fields])
    groups = people.groupBy("slice").cogroup(acts.groupBy("slice"))
    return groups.applyInArrow(lambda mine, theirs: _of(mine, theirs, find), schema)
