"""The relationship beside revenue (F35, F43, F46): what buyers notice of us, quarter by quarter, next to what was won.

The index is the plain mean of its known parts, each 0-1: the buyers' share of the conversation (half counts as whole:
F44), promises kept in time (F20), their messages answered within a day (F23), and contacts without a complaint.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import narwhals as nw

from readiness.engine import days, with_days
from readiness.schema import TIME
from transforms.book import rows
from transforms.facts import DIRECT
from transforms.frames import col
from transforms.reports.book import Facts, Tables, main_currency, middle, share
from transforms.reports.measures import FEWEST, WINDOW, Row, figure, of_enough, unknown
from transforms.reports.teams import teams

SECTION = "relationship"
QUARTERS = 4
UP, DOWN = 0.10, 0.05
"""Revenue that rises by a tenth while the index falls by five points or more is a divergence."""
EVEN = 0.5


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the relationship: its figure, what it rests on, and whether the index counts it."""

    name: str
    value: float | None
    unit: str
    n: int
    counts: bool = True

    @property
    def is_known(self) -> bool:
        return self.counts and self.value is not None and self.n >= FEWEST

    def row(self, segment: str, period: str) -> Row:
        return of_enough(SECTION, self.name, self.value, self.unit, self.n, segment, period)


def relationship(tables: Tables, found: Sequence[Facts], as_of: datetime) -> list[Row]:
    """Parts, index and won value for each of the last four spans of 90 days, and the index per team.

    Where fewer than five sellers are active nothing about sellers is shown, not even of all together.
    """
    shown = teams(tables)
    if not shown:
        return [unknown(SECTION, "index", "share", "few_sellers")]
    acts, waits, promises = _acts(tables, as_of), _waits(tables, as_of), _promises(tables, as_of)
    won = _won(found, as_of)
    made: list[Row] = []
    series: list[Sequence[Part]] = []
    for ago in reversed(range(QUARTERS)):
        period = "now" if ago == 0 else f"-{ago}"
        parts = _parts(acts, waits, promises, ago, None)
        series.append(parts)
        made += [part.row("all", period) for part in parts]
        made.append(figure(SECTION, "index", index(parts), "share", parts[0].n, period=period))
        made.append(figure(SECTION, "won_value", won[ago], "money", period=period))
    made.append(_divergence(series[-2], series[-1], won[1], won[0]))
    names = sorted(set(shown.values()))
    for team in names if len(names) > 1 else ():
        parts = _parts(acts, waits, promises, 0, {seller for seller, of in shown.items() if of == team})
        made += [part.row(team, "now") for part in parts]
        made.append(figure(SECTION, "index", index(parts), "share", parts[0].n, team, "now"))
    return made


def index(parts: Sequence[Part]) -> float | None:
    """The mean of the known parts; None of fewer than two."""
    fair = [
        min((part.value or 0.0) / EVEN, 1.0) if part.name == "listening" else (part.value or 0.0)
        for part in parts
        if part.is_known
    ]
    return sum(fair) / len(fair) if len(fair) > 1 else None


def _parts(
    acts: Sequence[dict[str, Any]],
    waits: Sequence[dict[str, Any]],
    promises: Sequence[dict[str, Any]],
    ago: int,
    sellers: Collection[str] | None,
) -> list[Part]:
    def of_these(found: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        return [r for r in found if r["ago"] == ago and (sellers is None or r["seller_id"] in sellers)]

    mine = of_these(acts)
    heard, said, complained = (int(sum(r[name] for r in mine)) for name in ("heard", "said", "complained"))
    kept = [r["kept"] for r in of_these(promises)]
    hours = [r["hours"] for r in of_these(waits)]
    complaint = share(complained, heard)
    return [
        Part("listening", share(heard, heard + said), "share", heard + said),
        Part("kept", share(sum(kept), len(kept)), "share", len(kept)),
        Part("answered_in_a_day", share(sum(h <= 24 for h in hours), len(hours)), "share", len(hours)),
        Part("without_complaint", None if complaint is None else 1 - complaint, "share", heard),
        Part("hours_to_answer", middle(hours), "hours", len(hours), counts=False),
    ]


def _divergence(earlier: Sequence[Part], later: Sequence[Part], won_before: float, won_now: float) -> Row:
    """1 where revenue rose and the index fell, by the parts that are known of both spans."""
    both = {part.name for part in earlier if part.is_known} & {part.name for part in later if part.is_known}
    before, now = (index([part for part in parts if part.name in both]) for parts in (earlier, later))
    if before is None or now is None or not won_before:
        return unknown(SECTION, "divergence", "count", "few")
    diverges = won_now >= won_before * (1 + UP) and now <= before - DOWN
    return figure(SECTION, "divergence", float(diverges), "count", note="diverges" if diverges else None)


def _acts(tables: Tables, as_of: datetime) -> list[dict[str, Any]]:
    """Per seller and span of 90 days: contacts heard (inbound), said (outbound), and heard with a complaint."""
    inbound = (col("direction") == "inbound") & (col("channel") != "other")
    outbound = (col("direction") == "outbound") & col("channel").is_in([*DIRECT])
    seen = _lately(tables, as_of).with_columns(
        heard=_one(inbound), said=_one(outbound), complained=_one(inbound & col("topics").list.contains("complaint"))
    )
    once = seen.group_by("interaction_id", "seller_id").agg(
        *(col(name).max() for name in ("heard", "said", "complained", "since"))
    )
    spans = once.with_columns(ago=_ago()).group_by("seller_id", "ago")
    return rows(spans.agg(*(col(name).sum() for name in ("heard", "said", "complained"))))


def _waits(tables: Tables, as_of: datetime) -> list[dict[str, Any]]:
    """Per message of a buyer that began a turn, and was answered: hours until we spoke, and who did."""
    spoken = _lately(tables, as_of).filter(col("channel").is_in(["email", "call"]) & ~col("opportunity_id").is_null())
    turns = spoken.select("opportunity_id", "interaction_id", "seller_id", "direction", "since").unique()
    turns = turns.with_columns(time=col("since") * -1.0)
    by_time = ["time", "interaction_id"]
    before = col("direction").shift(1).over("opportunity_id", order_by=by_time)
    theirs = col("direction") == "inbound"
    turns = turns.with_columns(before=before).filter(~(theirs & (col("before") == "inbound").fill_null(False)))
    turns = turns.with_columns(
        answer=col("time").shift(-1).over("opportunity_id", order_by=by_time),
        answerer=col("seller_id").shift(-1).over("opportunity_id", order_by=by_time),
    )
    answered = turns.filter(theirs & ~col("answer").is_null())
    return rows(answered.select(seller_id="answerer", ago=_ago(), hours=24.0 * (col("answer") - col("time"))))


def _promises(tables: Tables, as_of: datetime) -> list[dict[str, Any]]:
    """Ours that fell due: who, when, and whether they were kept in time."""
    due = tables["promises"].filter((col("made_by") == "seller") & (col("due_at") <= nw.lit(as_of).cast(TIME)))
    due = with_days(due, day="due_at").with_columns(since=days(as_of) - col("day"))
    kept = _one((col("kept_at") <= col("due_at")).fill_null(False))
    return rows(due.filter(col("since") < QUARTERS * WINDOW.days).select("seller_id", ago=_ago(), kept=kept))


def _won(found: Sequence[Facts], as_of: datetime) -> dict[int, float]:
    """Amounts won in each span of 90 days, 0 the last."""
    currency = main_currency(found)
    won = dict.fromkeys(range(QUARTERS), 0.0)
    for deal in found:
        if deal.outcome == "won" and deal.closed_at and deal.currency in (currency, None):
            ago = (as_of - deal.closed_at) // WINDOW
            if 0 <= ago < QUARTERS:
                won[ago] += deal.amount
    return won


def _lately(tables: Tables, as_of: datetime) -> nw.LazyFrame:
    """Contacts of the last four spans, with `since`: days before `as_of`."""
    seen = with_days(tables["interactions"], day="occurred_at").with_columns(since=days(as_of) - col("day"))
    return seen.filter((col("since") >= 0) & (col("since") < QUARTERS * WINDOW.days))


def _ago() -> nw.Expr:
    return (col("since") / float(WINDOW.days)).floor().cast(nw.Int64())


def _one(flag: nw.Expr) -> nw.Expr:
    return nw.when(flag).then(nw.lit(1.0)).otherwise(nw.lit(0.0))


def compared(tables: Tables, found: Sequence[Facts], day: datetime, as_of: datetime) -> list[Row]:
    """The same figures over 90 days before a day and, as far as they have passed, after it (F31); of everybody."""
    if not teams(tables):
        return [unknown("compared", "index", "share", "few_sellers")]
    made: list[Row] = []
    for period, end in (("before", day), ("after", min(day + WINDOW, as_of))):
        parts = _parts(_acts(tables, end), _waits(tables, end), _promises(tables, end), 0, None)
        won = _won(found, end)[0]
        made += [{**part.row("all", period), "section": "compared"} for part in parts]
        made.append(figure("compared", "index", index(parts), "share", period=period))
        made.append(figure("compared", "won_value", won, "money", period=period))
    return made
