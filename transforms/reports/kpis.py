"""The five figures by which the book is steered (F63), and their course by month: qualified leads, conversations, value
in the pipeline, speed, and whether customers stay."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

import narwhals as nw

from readiness.schema import TIME
from transforms.book import rows
from transforms.fields import SHOWN
from transforms.frames import col
from transforms.reports.book import Facts, Tables, main_currency, middle, share
from transforms.reports.measures import Row, Window, figure, months, of_enough, unknown, windows

SECTION = "kpi"
QUALIFIED = ("mql", "sql")


def kpis(tables: Tables, scores: Tables, found: Sequence[Facts], as_of: datetime) -> list[Row]:
    """The five now and in the 90 days before; won and opened by month.

    Parameters
    ----------
    tables : canonical tables and `fields`. scores : with `forecast`.
    """
    return [
        *_leads(tables, windows(as_of)),
        *_conversations(tables, windows(as_of)),
        *_pipeline(scores, found, as_of),
        *_speed(found, windows(as_of)),
        *_staying(found, windows(as_of)),
        *_by_phase(tables, found),
        *_by_month(found, months(as_of)),
    ]


def _leads(tables: Tables, periods: Iterable[Window]) -> Iterator[Row]:
    """People who became marketing- or sales-qualified."""
    entered = rows(tables["lifecycle"].filter(col("stage").is_in([*QUALIFIED])))
    for period in periods:
        if not entered:
            yield unknown(SECTION, "qualified_leads", "count", "no_lifecycle", period=period.name)
            continue
        people = {r["person_id"] for r in entered if period.has(r["entered_at"])}
        yield figure(SECTION, "qualified_leads", len(people), "count", len(people), period=period.name)


def _conversations(tables: Tables, periods: Iterable[Window]) -> Iterator[Row]:
    """Calls that were answered and meetings that were held: two people talking."""
    missed = ["no_show", "cancelled", "no_answer"]
    spoken = tables["interactions"].filter(
        col("channel").is_in(["call", "meeting"]) & (col("outcome").is_null() | ~col("outcome").is_in(missed))
    )
    talked = (col("channel") == "meeting") | (col("direction") != "outbound") | (col("outcome") == "connected")
    for period in periods:
        within = (col("occurred_at") > _at(period.start)) & (col("occurred_at") <= _at(period.end))
        held = rows(spoken.filter(talked & within).select("interaction_id").unique().select(n=nw.len()))
        n = int(held[0]["n"])
        yield figure(SECTION, "conversations", n, "count", n, period=period.name)


def _pipeline(scores: Tables, found: Sequence[Facts], as_of: datetime) -> Iterator[Row]:
    """Open amounts; weighted by the chance of winning once that chance has proved itself."""
    currency = main_currency(found)
    priced = [deal for deal in found if deal.currency in (currency, None)]
    for period in windows(as_of):
        held = [d for d in priced if d.created_at <= period.end and (d.closed_at is None or d.closed_at > period.end)]
        yield figure(SECTION, "pipeline", sum(d.amount for d in held), "money", len(held), period=period.name)
    chances = {
        r["opportunity_id"]: r["p_win"]
        for r in rows(scores["forecast"].filter(col("calibrated").fill_null(False)))
        if r["p_win"] is not None
    }
    weighed = [deal for deal in priced if deal.is_open and deal.opportunity_id in chances]
    if not weighed:
        yield unknown(SECTION, "pipeline_weighted", "money", "not_proven", period="now")
        return
    value = sum(deal.amount * chances[deal.opportunity_id] for deal in weighed)
    yield figure(SECTION, "pipeline_weighted", value, "money", len(weighed), period="now")


def _speed(found: Sequence[Facts], periods: Iterable[Window]) -> Iterator[Row]:
    """Days from opening to winning."""
    for period in periods:
        spans = [deal.days for deal in found if deal.outcome == "won" and period.has(deal.closed_at) and deal.days]
        yield of_enough(SECTION, "days_to_win", middle(spans), "days", len(spans), period=period.name)


def _staying(found: Sequence[Facts], periods: Iterable[Window]) -> Iterator[Row]:
    """The share of won deals that are with a customer who bought before."""
    first: dict[str, datetime] = {}
    for deal in found:
        if deal.outcome == "won" and deal.account_id and deal.closed_at:
            first[deal.account_id] = min(deal.closed_at, first.get(deal.account_id, deal.closed_at))
    for period in periods:
        won = [d for d in found if d.outcome == "won" and d.account_id and period.has(d.closed_at)]
        again = [d for d in won if d.closed_at and first[d.account_id or ""] < d.created_at]
        part = share(len(again), len(won))
        yield of_enough(SECTION, "bought_again", part, "share", len(won), period=period.name)


def _by_phase(tables: Tables, found: Sequence[Facts]) -> Iterator[Row]:
    """Open amounts by what the buyers' phase field says."""
    currency = main_currency(found)
    shown = tables["fields"].filter((col("object") == "opportunity") & (col("field") == "phase"))
    phases = {r["record_id"]: r["value"] for r in rows(shown)}
    held = [d for d in found if d.is_open and d.currency in (currency, None)]
    for phase in SHOWN:
        of_phase = [deal for deal in held if phases.get(deal.opportunity_id) == phase]
        value = sum(deal.amount for deal in of_phase)
        yield figure(SECTION, "open_value", value, "money", len(of_phase), segment=phase)


def _by_month(found: Sequence[Facts], periods: Iterable[Window]) -> Iterator[Row]:
    currency = main_currency(found)
    priced = [deal for deal in found if deal.currency in (currency, None)]
    for month in periods:
        won = [deal for deal in priced if deal.outcome == "won" and month.has(deal.closed_at)]
        opened = [deal for deal in found if month.has(deal.created_at)]
        closed = [deal for deal in found if month.has(deal.closed_at)]
        yield figure(SECTION, "won_value", sum(d.amount for d in won), "money", len(won), period=month.name)
        yield figure(SECTION, "opened", len(opened), "count", len(opened), period=month.name)
        yield figure(SECTION, "closed", len(closed), "count", len(closed), period=month.name)


def _at(moment: datetime) -> nw.Expr:
    return nw.lit(moment).cast(TIME)
