"""Stored tables by name, each read when it is asked for: a leg pays for what it uses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import narwhals as nw

from assets.warehouse.store import Warehouse
from readiness.schema import Table


class Stored(Mapping[str, nw.LazyFrame[Any]]):
    """Table name -> the stored table as a lazy frame, read once."""

    def __init__(self, store: Warehouse, tables: Iterable[Table]) -> None:
        self._store = store
        self._names = tuple(table.name for table in tables)
        self._read: dict[str, nw.LazyFrame[Any]] = {}

    def __getitem__(self, name: str) -> nw.LazyFrame[Any]:
        if name not in self._names:
            raise KeyError(name)
        if name not in self._read:
            self._read[name] = self._store.read(name)
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)
