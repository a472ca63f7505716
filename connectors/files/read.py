"""Reading one table file of a folder, Parquet or CSV, in pages of rows."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from connectors.errors import NeedsAdmin
from connectors.files.tables import TableFile
from connectors.files.values import CONVERT
from connectors.protocol import Row

PAGE_ROWS = 20_000

Columns = Mapping[str, Sequence[Any]]


def file_of(folder: Path, table: TableFile) -> Path | None:
    """The table's file; None where the folder has none and needs none.

    Raises
    ------
    NeedsAdmin : the folder or a table that is needed is missing, or there are two files of it.
    """
    if not folder.is_dir():
        raise NeedsAdmin(f"The folder {folder} does not exist.", "Set path to a folder of canonical tables.")
    found = [path for suffix in (".parquet", ".csv") if (path := folder / f"{table.name}{suffix}").is_file()]
    if len(found) > 1:
        raise NeedsAdmin(f"{found[0]} and {found[1].name} hold the same table.", "Keep one of them.")
    if not found and not table.stream.optional:
        raise NeedsAdmin(
            f"{folder / table.name}.parquet (or .csv) is missing.",
            "Put it into the folder, without rows if there is nothing to put in.",
        )
    return found[0] if found else None


def fingerprint(*files: Path | None) -> str:
    """A mark of the files' content; a missing file counts as such."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(b"\0" if file is None or not file.is_file() else file.read_bytes())
    return digest.hexdigest()[:32]


def columns_of(file: Path, table: TableFile) -> tuple[str, ...]:
    """The columns of the table that the file has.

    Raises
    ------
    NeedsAdmin : the file can't be read, or lacks a column that it needs.
    """
    present = _parquet(file).schema_arrow.names if file.suffix == ".parquet" else _header(file)
    lacking = [name for name in table.stream.fields if name not in present]
    if lacking:
        raise NeedsAdmin(f"{file} has no column {', '.join(lacking)}.", "Add it; docs/mapping.md lists all columns.")
    return tuple(name for name in table.kinds if name in present)


def rows(file: Path, table: TableFile, only: Collection[str] | None = None) -> Iterator[list[Row]]:
    """Pages of rows, every value as text; `only` some columns, where the others are not needed.

    Raises
    ------
    NeedsAdmin : the file can't be read, or a value is not what its column holds; the message names row and column.
    """
    names = [name for name in columns_of(file, table) if only is None or name in only]
    before = 0
    for columns, count in _pages(file, names):
        texts = [_texts(file, table, name, columns[name], before) for name in names]
        yield [dict(zip(names, values, strict=True)) for values in zip(*texts, strict=True)]
        before += count


def _texts(file: Path, table: TableFile, name: str, values: Sequence[Any], before: int) -> Sequence[str | None]:
    kind = table.kinds[name]
    if kind == "text":
        return [str(value) if value else None for value in values]
    convert, wanted = CONVERT[kind]
    texts: list[str | None] = []
    for value in values:
        try:
            texts.append(None if value is None or value == "" else convert(value))
        except (ValueError, TypeError):
            row = before + len(texts) + 1
            raise NeedsAdmin(f"{file} row {row}, column {name}: not {wanted}.", "Mend that row.") from None
    return texts


def _pages(file: Path, names: Sequence[str]) -> Iterator[tuple[Columns, int]]:
    if file.suffix == ".parquet":
        for batch in _parquet(file).iter_batches(PAGE_ROWS, columns=list(names)):
            yield {name: _plain(batch.column(name)).to_pylist() for name in names}, batch.num_rows
        return
    header = _header(file)
    places = {name: header.index(name) for name in names}
    with file.open(encoding="utf-8-sig", newline="") as opened:
        lines = csv.reader(opened)
        next(lines, None)
        read = 0
        while chunk := list(islice(lines, PAGE_ROWS)):
            for number, line in enumerate(chunk, read + 1):
                if len(line) != len(header):
                    raise NeedsAdmin(
                        f"{file} row {number} has {len(line)} values, not {len(header)}.", "Mend that row."
                    )
            yield {name: [line[place] for line in chunk] for name, place in places.items()}, len(chunk)
            read += len(chunk)


def _plain(column: Any) -> Any:
    """Instants as text, to the second: as Python objects they would take long to make."""
    if not pa.types.is_timestamp(column.type):
        return column
    seconds = column.cast(pa.timestamp("s", column.type.tz), safe=False).cast(pa.timestamp("s"))
    return pc.strftime(seconds, "%Y-%m-%dT%H:%M:%SZ")


def _parquet(file: Path) -> Any:
    try:
        return pq.ParquetFile(file)
    except (pa.ArrowException, OSError):
        raise NeedsAdmin(f"{file} cannot be read as Parquet.", "Write it again, or check who may read it.") from None


def _header(file: Path) -> list[str]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            return next(csv.reader(opened), [])
    except (OSError, UnicodeDecodeError, csv.Error):
        raise NeedsAdmin(f"{file} cannot be read as CSV.", "Write it in UTF-8, or check who may read it.") from None
