"""Salesforce records as rows of text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from connectors.protocol import Annotate, FieldDescription, Page, Row
from connectors.salesforce.streams import Source
from connectors.text import as_text

Key = tuple[str, ...]


class RowMaker:
    """Makes the rows of one source, from JSON records or from CSV lines, alike whichever way they came.

    Attributes
    ----------
    has_formulas : the org calculates some of the fields, and may change them without a new stamp.
    """

    def __init__(self, source: Source, described: Mapping[str, FieldDescription], annotate: Annotate) -> None:
        self.fields = (*source.stream.fields, *source.stream.optional_fields)
        self._texts = tuple(name for name in source.texts or () if name in described)
        self._subject, self._body = source.texts or ("", "")
        self._times = {name for name in self.fields if name in described and described[name].type == "datetime"}
        self.has_formulas = any(described[name].calculated for name in self.fields if name in described)
        self._annotate = annotate if source.texts else None

    @property
    def selected(self) -> Sequence[str]:
        """The columns to ask for."""
        return (*self.fields, *self._texts)

    def of_records(self, records: Iterable[Mapping[str, Any]]) -> tuple[list[Row], list[Key]]:
        """Living rows, and the keys of deleted ones, of a page of JSON records."""
        rows: list[Row] = []
        deleted: list[Key] = []
        for record in records:
            if record.get("IsDeleted"):
                deleted.append((record["Id"],))
                continue
            row = {name: as_text(record.get(name)) for name in self.fields}
            if self._annotate:
                row.update(self._annotate(record.get(self._subject) or "", record.get(self._body) or ""))
            rows.append(row)
        return rows, deleted

    def of_lines(self, header: Sequence[str], lines: Iterable[Sequence[str]]) -> tuple[list[Row], list[Key]]:
        """The same of Bulk 2.0 CSV lines, whose times end in Z and whose nulls are empty."""
        rows: list[Row] = []
        deleted: list[Key] = []
        for line in lines:
            record = dict(zip(header, line, strict=True))
            if record.get("IsDeleted") == "true":
                deleted.append((record["Id"],))
                continue
            row: Row = {name: record.get(name) or None for name in self.fields}
            for name in self._times:
                value = row[name]
                if value and value[-1] == "Z":
                    row[name] = f"{value[:-1]}+0000"
            if self._annotate:
                row.update(self._annotate(record.get(self._subject, ""), record.get(self._body) or ""))
            rows.append(row)
        return rows, deleted


def page(source: Source, made: tuple[list[Row], list[Key]], cursor: str | None, *, last: bool = False) -> Page:
    """A page of rows and deletions with its cursor."""
    rows, deleted = made
    return Page(source.stream, rows, cursor, deleted, snapshot=source.stamp is None, last=last)
