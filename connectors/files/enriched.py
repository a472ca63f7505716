"""What we write beside a folder of tables: `enriched/<table>.csv` and `enriched/tasks.csv`, replaced as a whole."""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from connectors.errors import NeedsAdmin

Records = dict[str, dict[str, str]]
"""Key -> column -> value; an empty text is no value."""


class EnrichedFile:
    """One CSV file of ours, whose first column is the key."""

    def __init__(self, folder: Path, name: str, key: str = "record_id") -> None:
        self.path = folder / "enriched" / f"{name}.csv"
        self._key = key

    def read(self) -> Records:
        """All records; none where nothing was written yet."""
        if not self.path.is_file():
            return {}
        try:
            with self.path.open(encoding="utf-8", newline="") as opened:
                return {line[self._key]: dict(line) for line in csv.DictReader(opened)}
        except (OSError, KeyError, UnicodeDecodeError, csv.Error):
            raise NeedsAdmin(f"{self.path} cannot be read.", "Delete it; the next run writes it again.") from None

    def columns(self) -> tuple[str, ...]:
        """The columns besides the key."""
        names = {name: None for record in self.read().values() for name in record if name != self._key}
        return tuple(names)

    def write(self, records: Mapping[str, Mapping[str, str]]) -> None:
        """Replace the file by these records, in one step: a reader sees the old one or the new one."""
        names = dict.fromkeys(name for record in records.values() for name in record if name != self._key)
        lines = ({self._key: key, **record} for key, record in sorted(records.items()))
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._replace([self._key, *names], lines)
        except OSError as fault:
            reason = os.strerror(fault.errno) if fault.errno else "input/output error"
            raise NeedsAdmin(f"{self.path} cannot be written: {reason}.", "Free space, or give write access.") from None

    def _replace(self, header: list[str], lines: Iterable[Mapping[str, str]]) -> None:
        handle, draft = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.name}.")
        try:
            with open(handle, "w", encoding="utf-8", newline="") as opened:  # noqa: PTH123 - a handle, not a path
                writer = csv.DictWriter(opened, header, restval="")
                writer.writeheader()
                writer.writerows(lines)
                opened.flush()
                os.fsync(opened.fileno())
            Path(draft).replace(self.path)
        except BaseException:
            Path(draft).unlink(missing_ok=True)
            raise
