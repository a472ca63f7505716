"""A report's table as CSV: whole, and harmless when a spreadsheet opens it."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from readiness.schema import Table

FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def as_csv(rows: Sequence[Mapping[str, Any]], table: Table) -> bytes:
    """UTF-8 with a mark that spreadsheets look for; times in ISO 8601, lists joined by a semicolon."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(table.names)
    writer.writerows([_cell(row.get(name)) for name in table.names] for row in rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8", "replace")


def _cell(value: Any) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, list):
        return _cell("; ".join(str(item) for item in value))
    if isinstance(value, float):
        return round(value, 4)
    return _harmless(value) if isinstance(value, str) else value


def _harmless(text: str) -> str:
    """Text that a spreadsheet would take for a formula gets an apostrophe before it."""
    text = text.replace("\x00", "\ufffd")
    return f"'{text}" if text.lstrip(" \n\ufeff").startswith(FORMULA) else text
