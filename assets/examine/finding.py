"""What `doctor` found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """`level` is ok, note or bad; only a bad one keeps the connection from doing its work. `remedy` says what to do."""

    level: str
    subject: str
    finding: str
    remedy: str = ""


def some(names: Sequence[str], most: int = SHOWN) -> str:
    """The first few names, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
