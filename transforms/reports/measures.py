"""A figure of the scorecard, and the windows that figures are counted in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import quantiles
from typing import Any

from readiness.schema import COUNT, NUMBER, TEXT, Column, Table

MEASURES = Table(
    "scorecard",
    ("section", "measure", "segment", "period"),
    (
        Column("section", TEXT, "group of figures: kpi, relationship, forecast, effort, burden, phases, work …"),
        Column("measure", TEXT, "what is measured"),
        Column("segment", TEXT, "of what: all, a team of at least five, a stage, a band, a channel …"),
        Column("period", TEXT, "now: the last 90 days; before: the 90 before; a month as 2026-03; empty: as it stands"),
        Column("value", NUMBER, "null where it is not known"),
        Column("unit", TEXT, "count | money | days | hours | share | number"),
        Column("n", COUNT, "what it rests on: deals, contacts, promises …"),
        Column("note", TEXT, "why it is not known, or what to mind; null: nothing"),
    ),
)
WINDOW = timedelta(days=90)
FEWEST = 5
"""A median or a share of fewer is not shown."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time: later than `start`, up to and including `end`."""

    name: str
    start: datetime
    end: datetime

    def has(self, moment: datetime | None) -> bool:
        return moment is not None and self.start < moment <= self.end


def windows(as_of: datetime) -> tuple[Window, Window]:
    """The last 90 days, and the 90 days before."""
    return Window("now", as_of - WINDOW, as_of), Window("before", as_of - 2 * WINDOW, as_of - WINDOW)


def months(as_of: datetime, number: int = 12) -> list[Window]:
    """The last whole calendar months (UTC) and the one that `as_of` is in, oldest first."""
    starts = [as_of.replace(day=1, hour=0, minute=0, second=0, microsecond=0)]
    for _ in range(number - 1):
        starts.append((starts[-1] - timedelta(days=1)).replace(day=1))
    ends = [as_of, *(start for start in starts[:-1])]
    return [Window(f"{s:%Y-%m}", s, e) for s, e in zip(reversed(starts), reversed(ends), strict=True)]


def figure(
    section: str,
    measure: str,
    value: float | None,
    unit: str,
    n: int | None = None,
    segment: str = "all",
    period: str = "",
    note: str | None = None,
) -> Row:
    """A row of `MEASURES`."""
    return {
        "section": section,
        "measure": measure,
        "segment": segment,
        "period": period,
        "value": None if value is None else float(value),
        "unit": unit,
        "n": n,
        "note": note,
    }


def unknown(section: str, measure: str, unit: str, note: str, segment: str = "all", period: str = "") -> Row:
    """A figure that can't be known, and why."""
    return figure(section, measure, None, unit, None, segment, period, note)


def of_enough(
    section: str, measure: str, value: float | None, unit: str, n: int, segment: str = "all", period: str = ""
) -> Row:
    """A median or share, if it rests on at least five."""
    if n < FEWEST:
        return figure(section, measure, None, unit, n, segment, period, "few")
    return figure(section, measure, value, unit, n, segment, period)


def quartiles(values: Iterable[float]) -> tuple[float, float, float] | None:
    """Lower quartile, median, upper quartile; None of fewer than five."""
    held = list(values)
    if len(held) < FEWEST:
        return None
    low, mid, high = quantiles(held, n=4, method="inclusive")
    return low, mid, high


def thirds(values: Sequence[float]) -> tuple[float, float] | None:
    """The two bounds that split the values in three; None where they don't."""
    if len(values) < 3 * FEWEST:
        return None
    low, high = quantiles(values, n=3, method="inclusive")
    return (low, high) if low < high else None


def third_of(value: float, bounds: tuple[float, float]) -> str:
    return "low" if value <= bounds[0] else "middle" if value <= bounds[1] else "high"
