"""The charts of the reports: what each shows, and what is read out where it can't be seen. Figures only, no names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup

from assets.reports import charts
from assets.reports.words import Words
from transforms.fields import SHOWN

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart, and its words for who can't see it."""

    draw: charts.Draw
    alt: str

    def svg(self) -> Markup:
        return charts.svg(self.draw, self.alt)

    def png(self) -> str:
        """As Markdown, for Dagster."""
        return charts.png(self.draw)


def open_value(measures: Sequence[Row], words: Words) -> Picture:
    """Open amounts by the buyers' phase."""
    held = {r["segment"]: r["value"] for r in measures if r["measure"] == "open_value"}
    labels, values = [words(f"phase.{phase}") for phase in SHOWN], [held.get(phase) or 0.0 for phase in SHOWN]
    told = "; ".join(f"{label} {words.money(value)}" for label, value in zip(labels, values, strict=True))
    return Picture(charts.bars(labels, values, words.money), words("coaching.book.alt", values=told))


def scorecard(measures: Sequence[Row], words: Words) -> dict[str, Picture]:
    """months, planned, and relationship where it is known."""
    found = {"months": _months(measures, words), "planned": _planned(measures, words)}
    relationship = _relationship(measures, words)
    return found | ({"relationship": relationship} if relationship else {})


def often(postmortems: Sequence[Row], since: datetime, words: Words) -> Picture | None:
    """What stood out in deals not won since then; None of fewer than five deals."""
    lost = [row for row in postmortems if row["outcome"] != "won" and row["closed_at"] > since]
    counts = Counter(sign for row in lost for sign in row["signs"])
    if len(lost) < 5 or not counts:
        return None
    signs = counts.most_common(8)
    labels, values = [words(f"often.{sign}") for sign, _ in signs], [float(n) for _, n in signs]
    told = "; ".join(f"{label} {int(value)}" for label, value in zip(labels, values, strict=True))

    def shown(value: float) -> str:
        return f"{words.shown(value, 'count')} ({words.shown(value / len(lost), 'share')})"

    return Picture(charts.bars(labels, values, shown), words("postmortem.often.alt", values=told))


def _months(measures: Sequence[Row], words: Words) -> Picture:
    opened, closed = (_series(measures, "kpi", name) for name in ("opened", "closed"))
    labels = [_month(name) for name in opened]
    series = {words("scorecard.months"): list(opened.values()), words("scorecard.closed"): list(closed.values())}
    told = _told(labels, series, lambda value: words.shown(value, "count"))
    draw = charts.columns(labels, series, lambda value: words.shown(value, "count"))
    return Picture(draw, words("scorecard.months.alt", values=told))


def _planned(measures: Sequence[Row], words: Words) -> Picture:
    due, of_it, every = (_series(measures, "forecast", name) for name in ("planned", "planned_and_won", "won"))
    labels = [_month(name) for name in due]
    series = {
        words("scorecard.planned"): list(due.values()),
        words("scorecard.planned.won"): list(of_it.values()),
        words("scorecard.planned.every"): list(every.values()),
    }
    told = _told(labels, series, words.money)
    return Picture(charts.columns(labels, series, words.money), words("scorecard.planned.alt", values=told))


def _relationship(measures: Sequence[Row], words: Words) -> Picture | None:
    index = {r["period"]: r["value"] for r in measures if _is(r, "relationship", "index")}
    won = _series(measures, "relationship", "won_value")
    if not won or not any(value is not None for value in index.values()):
        return None
    labels = [words("now") if name == "now" else words("scorecard.quarter", ago=name.removeprefix("-")) for name in won]
    line = [index[name] for name in won]
    told = "; ".join(
        f"{label}: {words.money(value)}, {words.shown(point, 'share')}"
        for label, value, point in zip(labels, won.values(), line, strict=True)
    )
    draw = charts.columns_and_line(
        labels,
        (words("measure.relationship.won_value"), list(won.values())),
        (words("measure.relationship.index"), line),
        words.money,
        lambda value: words.shown(value, "share"),
    )
    return Picture(draw, words("scorecard.relationship.alt", values=told))


def _series(measures: Sequence[Row], section: str, measure: str) -> dict[str, float]:
    """Period -> value, in the order in which they stand."""
    return {r["period"]: r["value"] or 0.0 for r in measures if _is(r, section, measure)}


def _is(row: Row, section: str, measure: str) -> bool:
    return (row["section"], row["measure"], row["segment"]) == (section, measure, "all")


def _told(labels: Sequence[str], series: Mapping[str, Sequence[float]], shown: charts.Format) -> str:
    return "; ".join(
        f"{label}: " + ", ".join(f"{name} {shown(values[place])}" for name, values in series.items())
        for place, label in enumerate(labels)
    )


def _month(name: str) -> str:
    year, month = name.split("-")
    return f"{int(month)}/{year[2:]}"
