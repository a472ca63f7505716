"""Reading one canonical table from a Parquet or CSV file into rows of Python values."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet

from sandbox.tables import Table

Row = dict[str, Any]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class LoadError(ValueError):
    """The folder can't be read; the message names file, row and column."""


def read(folder: Path, table: Table) -> list[Row]:
    """The rows of `<table>.parquet` or `<table>.csv`, every column of the table in each; [] if it is left out.

    Raises
    ------
    LoadError : a table or column is missing, or a value can't be read as what its column holds.
    """
    for suffix, native in ((".parquet", _parquet), (".csv", _csv)):
        path = folder / f"{table.name}{suffix}"
        if path.is_file():
            return _typed(path, table, *native(path))
    if table.optional:
        return []
    raise LoadError(f"{folder}: neither {table.name}.parquet nor {table.name}.csv is there")


def _parquet(path: Path) -> tuple[list[str], Iterator[dict[str, Any]], int]:
    try:
        file = pa.parquet.ParquetFile(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise LoadError(f"{path}: not a Parquet file ({str(error).splitlines()[0]})") from None
    names = file.schema_arrow.names
    batches = (_plain(batch) for batch in file.iter_batches(20_000))
    return names, (dict(zip(names, row, strict=True)) for columns in batches for row in zip(*columns, strict=True)), 1


def _plain(batch: pa.RecordBatch) -> list[list[Any]]:
    """A batch's columns as Python values; instants as microseconds since 1970, which is far quicker to make."""
    return [
        _microseconds(column) if pa.types.is_timestamp(column.type) else column.to_pylist() for column in batch.columns
    ]


def _microseconds(column: pa.Array) -> list[int | None]:
    found: list[int | None] = column.cast(pa.timestamp("us", column.type.tz), safe=False).cast(pa.int64()).to_pylist()
    return found


def _csv(path: Path) -> tuple[list[str], Iterator[dict[str, Any]], int]:
    """The first row of a CSV file's data is its second line."""
    try:
        lines = list(csv.DictReader(path.read_text("utf-8-sig").splitlines(keepends=True)))
    except UnicodeDecodeError as error:
        raise LoadError(f"{path}: not UTF-8 text (byte {error.start})") from None
    except csv.Error as error:
        raise LoadError(f"{path}: {error}") from None
    header = next(csv.reader(path.read_text("utf-8-sig").splitlines()[:1]), [])
    return header, ({key: value or None for key, value in line.items() if key} for line in lines), 2


def _typed(path: Path, table: Table, columns: list[str], rows: Iterator[dict[str, Any]], first: int) -> list[Row]:
    if missing := sorted(table.required - set(columns)):
        raise LoadError(f"{path}: column {missing[0]!r} is missing (there are: {', '.join(columns)})")
    readers = [(name, READERS[kind], name in table.filled) for name, kind in table.kinds.items()]
    found = []
    for number, row in enumerate(rows, first):
        typed: Row = {}
        for name, reader, filled in readers:
            value = row.get(name)
            if value is None:
                if filled:
                    raise LoadError(f"{path}: row {number}: {name} is empty")
                typed[name] = None
                continue
            try:
                typed[name] = reader(value)
            except (ValueError, TypeError, KeyError, orjson.JSONDecodeError):
                raise LoadError(f"{path}: row {number}: {name} {value!r} is no {table.kinds[name]}") from None
        found.append(typed)
    return found


def _text(value: Any) -> str:
    return value if isinstance(value, str) else str(value)


def _number(value: Any) -> float | None:
    """NaN is how some writers say null."""
    number = float(value)
    return None if math.isnan(number) else number


def _count(value: Any) -> int:
    if int(value) != float(value):
        raise ValueError(value)
    return int(value)


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    return {"true": True, "1": True, "false": False, "0": False}[str(value).lower()]


def _day(value: Any) -> date:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else datetime.fromisoformat(value).date()


def _time(value: Any) -> datetime:
    if isinstance(value, int):
        return EPOCH + timedelta(microseconds=value)
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _texts(value: Any) -> list[str]:
    texts = orjson.loads(value) if isinstance(value, str) else value
    if not isinstance(texts, list):
        raise TypeError(value)
    return [str(text) for text in texts]


READERS: dict[str, Callable[[Any], Any]] = {
    "text": _text,
    "number": _number,
    "count": _count,
    "flag": _flag,
    "day": _day,
    "time": _time,
    "texts": _texts,
}
