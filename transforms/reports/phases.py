"""What the buyers' phases are worth: the seller's stage against them (F06), how long they last (F13), what the phase
and the group seen early foretold (F16, F54), how long important purchases take (F15), and forecasts against outcomes.

`past` has the groups' readiness at landmarks of closed deals: opportunity_id, as_of, phase, mean_phase, coverage,
known_seats, and moment: "early" (30 days after opening), "close" (just before closing) or "week" (each week of the
latest closed deals).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import narwhals as nw

from readiness.schema import TIME
from transforms.book import rows
from transforms.frames import col
from transforms.labels import BANDS, band
from transforms.reports.book import Facts, Tables, middle, share
from transforms.reports.measures import Row, figure, of_enough, quartiles, third_of, thirds, unknown

SECTION = "phases"
AHEAD = 2
EARLY = timedelta(days=30)
WON_BY = {"readiness": "won_by_readiness", "coverage": "won_by_coverage"}
LATEST, WEEKS = 300, 26
"""So many of the deals that closed last, so many weeks of each, say how long a phase lasts."""


def moments(tables: Tables, as_of: datetime) -> nw.LazyFrame:
    """The landmarks to score (opportunity_id, as_of, moment): of the deals closed in the last two years."""
    now = nw.lit(as_of).cast(TIME)
    closed = tables["opportunities"].filter(
        ~col("closed_at").is_null() & (col("closed_at") <= now) & (col("closed_at") > now.dt.offset_by("-730d"))
    )
    closed = closed.filter(col("closed_at") > col("created_at")).select("opportunity_id", "created_at", "closed_at")
    at_close = closed.select("opportunity_id", as_of=col("closed_at").dt.offset_by("-1s"), moment=nw.lit("close"))
    early = closed.with_columns(as_of=col("created_at").dt.offset_by(f"{EARLY.days}d"))
    early = early.filter(col("as_of") < col("closed_at")).select("opportunity_id", "as_of", moment=nw.lit("early"))
    latest = closed.sort("closed_at", "opportunity_id", descending=True).head(LATEST)
    weeks = [
        latest.with_columns(as_of=col("created_at").dt.offset_by(f"{7 * week}d"))
        .filter(col("as_of") < col("closed_at"))
        .select("opportunity_id", "as_of", moment=nw.lit("week"))
        for week in range(1, WEEKS + 1)
    ]
    return nw.concat([at_close, early, *weeks], how="vertical")


def phases(tables: Tables, scores: Tables, past: Sequence[Mapping[str, Any]], found: Sequence[Facts]) -> list[Row]:
    """All figures on phases; `past` as this module says."""
    deals = {deal.opportunity_id: deal for deal in found}
    return [
        *_gap(tables, scores, deals),
        *_dwell(past, deals),
        *_early(past, deals),
        *_importance(tables, found),
    ]


def _gap(tables: Tables, scores: Tables, deals: Mapping[str, Facts]) -> Iterator[Row]:
    """Per stage, of the open deals that are in sight: the mean of stage less buyers, and the shares far ahead."""
    labels = {(r["pipeline_id"], r["stage_id"]): (r["position"], r["label"]) for r in rows(tables["stages"])}
    known = scores["opportunity_readiness"].filter((col("state") != "unseen") & ~col("phase_gap").is_null())
    gaps: dict[str, list[int]] = {}
    places: dict[str, int] = {}
    for r in rows(known.select("opportunity_id", "phase_gap")):
        deal = deals.get(r["opportunity_id"])
        if deal is None:
            continue
        place, label = labels.get((deal.pipeline_id, deal.stage_id), (0, deal.stage_id))
        gaps.setdefault(label or "", []).append(int(r["phase_gap"]))
        places[label or ""] = place or 0
    for label in sorted(gaps, key=lambda name: (places[name], name)):
        held = gaps[label]
        yield of_enough(SECTION, "gap", share(sum(held), len(held)), "number", len(held), segment=label)
        ahead = share(sum(gap >= AHEAD for gap in held), len(held))
        yield of_enough(SECTION, "seller_ahead", ahead, "share", len(held), segment=label)
        behind = share(sum(gap <= -AHEAD for gap in held), len(held))
        yield of_enough(SECTION, "buyer_ahead", behind, "share", len(held), segment=label)


def _dwell(past: Sequence[Mapping[str, Any]], deals: Mapping[str, Facts]) -> Iterator[Row]:
    """Weeks spent in each band by deals that were in it at all: quartiles, in days, won deals and others."""
    weeks: dict[tuple[str, str], int] = {}
    for r in past:
        if r["moment"] == "week":
            key = (r["opportunity_id"], band(int(r["phase"])))
            weeks[key] = weeks.get(key, 0) + 1
    for outcome in ("won", "not_won"):
        for name in BANDS:
            held = [
                7.0 * number
                for (opportunity_id, of), number in weeks.items()
                if of == name and (deals[opportunity_id].outcome == "won") == (outcome == "won")
            ]
            found = quartiles(held)
            for measure, value in zip(("dwell_low", "dwell", "dwell_high"), found or (None,) * 3, strict=True):
                yield of_enough(SECTION, measure, value, "days", len(held), segment=name, period=outcome)


def _early(past: Sequence[Mapping[str, Any]], deals: Mapping[str, Facts]) -> Iterator[Row]:
    """What became of deals by how far their buyers were, and how much of them was in sight, 30 days after opening."""
    early = [r for r in past if r["moment"] == "early"]
    for measure, column in (("readiness", "mean_phase"), ("coverage", "coverage")):
        bounds = thirds([float(r[column]) for r in early])
        if bounds is None:
            yield unknown(SECTION, WON_BY[measure], "share", "few")
            continue
        for third in ("low", "middle", "high"):
            held = [deals[r["opportunity_id"]] for r in early if third_of(float(r[column]), bounds) == third]
            yield of_enough(SECTION, WON_BY[measure], _won(held), "share", len(held), segment=third)
            if measure == "coverage":
                spans = [deal.days for deal in held if deal.outcome == "won" and deal.days is not None]
                yield of_enough(SECTION, "days_by_coverage", middle(spans), "days", len(spans), segment=third)


def _importance(tables: Tables, found: Sequence[Facts]) -> Iterator[Row]:
    """Days to a decision by what the purchase is to that company: amount over its revenue, else per employee, else the
    amount itself; each in thirds."""
    companies = {r["account_id"]: r for r in rows(tables["accounts"])}
    closed = [deal for deal in found if deal.days is not None and deal.amount > 0]
    weighed: dict[str, list[tuple[float, float]]] = {}
    for deal in closed:
        company = companies.get(deal.account_id, {})
        size = next((s for s in ("annual_revenue", "employees") if company.get(s)), None)
        weight = deal.amount / float(company[size]) if size else deal.amount
        weighed.setdefault(size or "amount", []).append((weight, deal.days or 0.0))
    spans: dict[str, list[float]] = {third: [] for third in ("low", "middle", "high")}
    for pairs in weighed.values():
        bounds = thirds([weight for weight, _ in pairs])
        for weight, days in pairs if bounds else ():
            spans[third_of(weight, bounds or (0.0, 0.0))].append(days)
    for third, held in spans.items():
        found_quartiles = quartiles(held)
        yield of_enough(SECTION, "days_by_importance", middle(held), "days", len(held), segment=third)
        upper = found_quartiles[2] if found_quartiles else None
        yield of_enough(SECTION, "late_days_by_importance", upper, "days", len(held), segment=third)


def _won(held: Sequence[Facts]) -> float | None:
    return share(sum(deal.outcome == "won" for deal in held), len(held))


def forecasts(past_forecasts: Sequence[Mapping[str, Any]], found: Sequence[Facts], as_of: datetime) -> Iterator[Row]:
    """What the forecast said at least 28 days before a deal closed, against what became of it.

    Parameters
    ----------
    past_forecasts : rows kept at earlier reports: opportunity_id, said_at, p_win, rank, calibrated.
    """
    closed = {deal.opportunity_id: deal for deal in found if deal.closed_at is not None}
    first: dict[str, Mapping[str, Any]] = {}
    for r in sorted(past_forecasts, key=lambda r: r["said_at"]):
        deal = closed.get(r["opportunity_id"])
        if deal is not None and deal.closed_at and deal.closed_at - r["said_at"] >= timedelta(days=28):
            first.setdefault(r["opportunity_id"], r)
    if not first:
        yield unknown("forecast", "said_and_won", "share", "no_closed_forecasts")
        return
    for name, low, high in (("low", 0.0, 50.0), ("middle", 50.0, 75.0), ("high", 75.0, 100.1)):
        held = [closed[key] for key, r in first.items() if low <= (r["rank"] or 0.0) < high]
        yield of_enough("forecast", "won_by_rank", _won(held), "share", len(held), segment=name)
    said = [(float(r["p_win"]), closed[key].outcome == "won") for key, r in first.items() if r["calibrated"]]
    if said:
        yield of_enough("forecast", "said", sum(p for p, _ in said) / len(said), "share", len(said))
        yield of_enough("forecast", "happened", sum(won for _, won in said) / len(said), "share", len(said))


def planned(tables: Tables, found: Sequence[Facts], periods: Sequence[Any]) -> Iterator[Row]:
    """Per month: the amount that the close dates promised when it began, what was won of it, and all that was won."""
    moves: dict[str, list[Mapping[str, Any]]] = {}
    for r in rows(tables["changes"].filter(col("field") == "close_date").sort("changed_at", "new_value")):
        moves.setdefault(r["opportunity_id"], []).append(r)
    for month in periods:
        due = [
            deal
            for deal in found
            if deal.created_at <= month.start
            and (deal.closed_at is None or deal.closed_at > month.start)
            and _stood(deal, moves.get(deal.opportunity_id, ()), month.start)[:7] == month.name
        ]
        won = sum(deal.amount for deal in due if deal.outcome == "won" and month.has(deal.closed_at))
        every = sum(deal.amount for deal in found if deal.outcome == "won" and month.has(deal.closed_at))
        yield figure("forecast", "planned", sum(d.amount for d in due), "money", len(due), period=month.name)
        yield figure("forecast", "planned_and_won", won, "money", len(due), period=month.name)
        yield figure("forecast", "won", every, "money", period=month.name)


def _stood(deal: Facts, moves: Sequence[Mapping[str, Any]], moment: datetime) -> str:
    """The close date as it stood at that moment, ISO 8601; empty where there was none."""
    known = [r["new_value"] for r in moves if r["changed_at"] <= moment]
    if known:
        return str(known[-1] or "")
    if moves:
        return str(moves[0]["old_value"] or "")
    return deal.close_date.isoformat() if deal.close_date else ""
