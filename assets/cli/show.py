"""What a command prints: results on stdout, progress on stderr."""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

SECONDS_BETWEEN_LINES = 2.0


class Progress(logging.Handler):
    """One line that is rewritten on a terminal; in a file, a line every few seconds."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self._last = 0.0

    def emit(self, record: logging.LogRecord) -> None:
        if sys.stderr.isatty():
            print(f"\r\x1b[K{record.getMessage()[:100]}", end="", file=sys.stderr, flush=True)
        elif record.levelno >= logging.INFO or time.monotonic() - self._last >= SECONDS_BETWEEN_LINES:
            print(record.getMessage(), file=sys.stderr, flush=True)
            self._last = time.monotonic()


def progress() -> None:
    """Show the work of the legs on stderr from now on."""
    log = logging.getLogger("readiness")
    log.setLevel(logging.DEBUG)
    log.handlers = [Progress()]
    log.propagate = False


def as_json(value: Any) -> None:
    """One object on one line."""
    print(json.dumps(value, ensure_ascii=False, default=str))


def facts(title: str, values: Mapping[str, Any]) -> None:
    """A title and indented name-value lines."""
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)
    print(title)
    width = max(map(len, values), default=0) + 1
    for name, value in values.items():
        shown = f"{value:,}" if isinstance(value, int) else value
        print(f"  {name.replace('_', ' '):{width}}{shown}")


def line(value: Any, most: int = 80) -> str:
    """A value on one line, cut to `most` characters; "" for none."""
    text = " / ".join(str("" if value is None else value).split("\n"))
    return text if len(text) <= most else f"{text[: most - 1]}…"


def table(rows: Sequence[Sequence[Any]], headings: Sequence[str]) -> None:
    """Aligned columns, as wide as their longest text; each cell on one line."""
    texts = [[line(value) for value in row] for row in (headings, *rows)]
    widths = [max(len(row[column]) for row in texts) for column in range(len(headings))]
    for row in texts:
        print("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())
