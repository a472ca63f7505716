"""Where the pull of one HubSpot object type stands, as the text that is committed with its rows."""

from __future__ import annotations

import zlib
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

import orjson

OVERLAP_MS = 5 * 60 * 1000
"""The search index runs behind the records: so far we look back."""
MARK, KEPT_MARKS = 8, 400
"""Characters of a mark, and how many marks a cursor keeps."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """
    Attributes
    ----------
    at : everything changed before this instant (ms since 1970) has come; while the first list runs, its start.
    after : how far the first list has come; None once it is through.
    live : how many records there were then, archived ones not counted.
    newest : the latest change that was read (ms): whatever the Date headers say, the records' clock had come so far.
    seen : marks of the newest records read, newest first: a run of them tells that nothing new lies below.
    down : while a long search runs, newest first: it has come down to this instant (ms) …
    then : … and `at` becomes this once it is through.
    """

    at: int
    after: str | None = None
    live: int | None = None
    newest: int | None = None
    seen: tuple[str, ...] = ()
    down: int | None = None
    then: int | None = None

    @property
    def floor(self) -> int:
        """No record changed before this instant (ms) can be new."""
        return min(self.at, self.newest or self.at) - OVERLAP_MS

    def __str__(self) -> str:
        held = {name: value for name, value in asdict(self).items() if value is not None}
        return orjson.dumps({**held, "seen": "".join(self.seen)}).decode()


def parsed(text: str | None) -> Cursor | None:
    """The cursor in a text that `str` made."""
    if text is None:
        return None
    held = orjson.loads(text)
    marks = held.pop("seen", "")
    return Cursor(**held, seen=tuple(marks[place : place + MARK] for place in range(0, len(marks), MARK)))


def mark_of(record_id: str, changed: int) -> str:
    """`MARK` characters that tell one version of one record from others; `changed` in ms."""
    return f"{zlib.crc32(f'{record_id}:{changed}'.encode()):0{MARK}x}"


def millis(instant: datetime) -> int:
    """Milliseconds since 1970 of an aware instant."""
    return int(instant.timestamp() * 1000)


def millis_of(stamp: str) -> int:
    """Milliseconds of a time as HubSpot writes it, with or without its milliseconds."""
    return millis(datetime.fromisoformat(stamp).astimezone(UTC))
