"""Leads as the scorecard tells them: who is what (F50), how soon each was spoken to (F48, F52), who waits (F51, F57),
who wants something light (F71), whether the calls keep up with the leads (F61), what sources are worth (F58), and why
leads end (F68).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from transforms.leads import REASONS
from transforms.reports.book import Tables, middle, share
from transforms.reports.measures import WINDOW, Row, figure, of_enough, unknown, windows
from transforms.reports.teams import teams

SECTION = "leads"
CLASSES = ("suspect", "prospect", "lead")
WORKING_DAY = 480.0
"""Working minutes."""
MOST_SOURCES = 8

Found = Sequence[Mapping[str, Any]]


def leads(tables: Tables, people: Found, by_source: Found, as_of: datetime) -> list[Row]:
    """All figures.

    Parameters
    ----------
    tables : canonical sellers.
    people, by_source : rows of `transforms.leads.LEADS` and `SOURCES`.
    """
    if not people:
        return [unknown(SECTION, "unworked", "share", "no_leads")]
    return [
        *_classes(people),
        *_clock(people),
        *_capacity(tables, people, as_of),
        *_sources(by_source),
        *_reasons(by_source),
    ]


def _classes(people: Found) -> Iterator[Row]:
    now_open = [r for r in people if not r["is_converted"]]
    for name in CLASSES:
        yield figure(SECTION, "people", sum(r["class"] == name for r in now_open), "count", len(now_open), segment=name)
    yield figure(SECTION, "nurture", sum(bool(r["is_nurture"]) for r in now_open), "count", len(now_open))


def _clock(people: Found) -> Iterator[Row]:
    """From the hand-over (qualified, or a first ask) to our first call, mail or meeting, in working hours."""
    ready = [r for r in people if r["ready_at"] is not None]
    minutes = [float(r["touch_minutes"]) for r in ready if r["touch_minutes"] is not None]
    in_time = share(sum(m <= WORKING_DAY for m in minutes), len(ready))
    yield of_enough(SECTION, "hours_to_touch", (middle(minutes) or 0.0) / 60, "hours", len(minutes))
    yield of_enough(SECTION, "touched_in_a_day", in_time, "share", len(ready))
    waiting = [r for r in ready if r["is_unworked"]]
    yield of_enough(SECTION, "unworked", share(len(waiting), len(ready)), "share", len(ready))
    yield figure(SECTION, "unworked_people", len(waiting), "count", len(ready))
    qualified = sum(r["qualified"] == "mql" for r in waiting)
    yield figure(SECTION, "unworked_mql", qualified, "count", len(waiting))


def _capacity(tables: Tables, people: Found, as_of: datetime) -> Iterator[Row]:
    """Open leads per active seller, and whether first contacts keep up with the leads that get ready: of everybody."""
    sellers = teams(tables)
    if not sellers:
        yield unknown(SECTION, "per_seller", "number", "few_sellers")
        return
    held = sum(r["seller_id"] in sellers and not r["is_converted"] for r in people)
    yield figure(SECTION, "per_seller", held / len(sellers), "number", held)
    now, _ = windows(as_of)
    weeks = WINDOW.days / 7
    ready = [r for r in people if r["ready_at"] is not None]
    came, called = (sum(now.has(r[name]) for r in ready) for name in ("ready_at", "touched_at"))
    waiting = sum(r["is_unworked"] for r in ready)
    yield figure(SECTION, "ready_per_week", came / weeks, "number", came)
    lags = "more_leads" if came > called and waiting else None
    yield figure(SECTION, "called_per_week", called / weeks, "number", called, note=lags)
    yield of_enough(SECTION, "weeks_waiting", weeks * waiting / max(called, 1), "number", called)


def _sources(by_source: Found) -> Iterator[Row]:
    """Of the largest sources: the shares that asked for something and that became a deal."""
    largest = sorted(by_source, key=lambda r: (-r["people"], r["source"]))[:MOST_SOURCES]
    for r in largest:
        for measure, column in (("asked", "asked"), ("converted", "converted")):
            part = share(r[column], r["people"])
            yield of_enough(SECTION, measure, part, "share", r["people"], segment=r["source"] or "unknown_source")


def _reasons(by_source: Found) -> Iterator[Row]:
    """Why leads of over two months came to nothing."""
    counts = {reason: sum(r[f"lost_{reason}"] for r in by_source) for reason in REASONS}
    ended = sum(counts.values())
    for reason, count in counts.items():
        yield of_enough(SECTION, "ended", share(count, ended), "share", ended, segment=reason)
