"""What a buyer meets from first look to after-sales: what they found by themselves (F32), on which channels (F41), what
we heard (F26) and gave unasked (F24), hand-offs (F27), a next step (F49), and service after the sale (F37, F39, F40).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import narwhals as nw

from readiness.schema import TIME
from transforms.book import rows
from transforms.facts import BUYERS_CHANNELS, DIRECT
from transforms.frames import col, either
from transforms.reports.book import Facts, Tables, middle, share
from transforms.reports.measures import Row, of_enough, unknown, windows

SECTION = "service"
ASKING = ("question", "quote_request", "pricing", "status_quo", "delay")


def service(tables: Tables, found: Sequence[Facts], as_of: datetime) -> list[Row]:
    """All figures; `tables` are the canonical ones."""
    now = nw.lit(as_of).cast(TIME)
    acts = tables["interactions"].filter(~col("opportunity_id").is_null() & (col("occurred_at") <= now))
    deals = {deal.opportunity_id: deal for deal in found}
    return [
        *_found_by_themselves(acts, deals),
        *_given(acts, as_of),
        *_heard(acts, deals),
        *_handed_on(tables, deals, now),
        *_next_step(tables, found, as_of),
        *_cases(tables, found, as_of),
    ]


def _found_by_themselves(acts: nw.LazyFrame, deals: Mapping[str, Facts]) -> Iterator[Row]:
    """Of the buyers' acts on deals in which we talked: those before that; and on how many channels they all came."""
    theirs = acts.filter((col("direction") != "outbound") & col("channel").is_in([*BUYERS_CHANNELS]))
    first = (
        theirs.filter(col("channel").is_in([*DIRECT])).group_by("opportunity_id").agg(first=col("occurred_at").min())
    )
    early = nw.when(col("occurred_at") < col("first")).then(nw.lit(1.0)).otherwise(nw.lit(0.0))
    counted = rows(
        theirs.join(first, on="opportunity_id", how="left")
        .group_by("opportunity_id")
        .agg(n=nw.len(), early=early.sum(), channels=col("channel").n_unique(), talked=col("first").count())
    )
    known = [r for r in counted if r["opportunity_id"] in deals]
    spoken = [r for r in known if r["talked"]]
    total = int(sum(r["n"] for r in spoken))
    yield of_enough(SECTION, "before_contact", share(sum(r["early"] for r in spoken), total), "share", total)
    yield of_enough(SECTION, "channels", middle([float(r["channels"]) for r in known]), "number", len(known))


def _given(acts: nw.LazyFrame, as_of: datetime) -> Iterator[Row]:
    """The share of our messages that ask for nothing."""
    asks = either(*(col("topics").list.contains(topic) for topic in ASKING))
    sent = acts.filter((col("direction") == "outbound") & col("channel").is_in(["email", "document"]))
    free = nw.when(asks).then(nw.lit(0.0)).otherwise(nw.lit(1.0))
    for period in windows(as_of):
        within = sent.filter(
            (col("occurred_at") > nw.lit(period.start).cast(TIME))
            & (col("occurred_at") <= nw.lit(period.end).cast(TIME))
        )
        counted = rows(within.select(n=nw.len(), free=free.sum()))[0]
        n = int(counted["n"])
        yield of_enough(SECTION, "unasked", share(counted["free"] or 0.0, n), "share", n, period=period.name)


def _heard(acts: nw.LazyFrame, deals: Mapping[str, Facts]) -> Iterator[Row]:
    """The share of open deals in which the buyers said what they need."""
    said = either(col("topics").list.contains("need"), col("topics").list.contains("question"))
    heard = rows(acts.filter(said & (col("direction") != "outbound")).select("opportunity_id").unique())
    known = {r["opportunity_id"] for r in heard}
    now_open = [deal for deal in deals.values() if deal.is_open]
    part = share(sum(deal.opportunity_id in known for deal in now_open), len(now_open))
    yield of_enough(SECTION, "needs_heard", part, "share", len(now_open))


def _handed_on(tables: Tables, deals: Mapping[str, Facts], now: nw.Expr) -> Iterator[Row]:
    """The share of closed deals that were handed to another seller on the way."""
    moved = tables["changes"].filter(
        (col("field") == "seller") & ~col("old_value").is_null() & (col("changed_at") <= now)
    )
    moved_deals = {r["opportunity_id"] for r in rows(moved.select("opportunity_id").unique())}
    closed = [deal for deal in deals.values() if not deal.is_open]
    part = share(sum(deal.opportunity_id in moved_deals for deal in closed), len(closed))
    yield of_enough(SECTION, "handed_on", part, "share", len(closed))


def _next_step(tables: Tables, found: Sequence[Facts], as_of: datetime) -> Iterator[Row]:
    """The share of open deals with work planned on them that is not overdue: what, when and who."""
    planned = tables["tasks"].filter(col("done_at").is_null() & (col("due_at") >= nw.lit(as_of).cast(TIME)))
    with_step = {r["opportunity_id"] for r in rows(planned.select("opportunity_id").unique())}
    now_open = [deal for deal in found if deal.is_open]
    part = share(sum(deal.opportunity_id in with_step for deal in now_open), len(now_open))
    yield of_enough(SECTION, "next_step", part, "share", len(now_open))


def _cases(tables: Tables, found: Sequence[Facts], as_of: datetime) -> Iterator[Row]:
    """Hours to the first answer to a service case, and customers who had to ask for service lately."""
    cases: list[dict[str, Any]] = rows(tables["cases"].filter(col("opened_at") <= nw.lit(as_of).cast(TIME)))
    if not cases:
        yield unknown(SECTION, "case_hours", "hours", "no_cases", period="now")
        return
    for period in windows(as_of):
        waits = [
            (r["first_response_at"] - r["opened_at"]).total_seconds() / 3600
            for r in cases
            if period.has(r["opened_at"]) and r["first_response_at"]
        ]
        yield of_enough(SECTION, "case_hours", middle(waits), "hours", len(waits), period=period.name)
    customers = {deal.account_id for deal in found if deal.outcome == "won" and deal.account_id}
    now, _ = windows(as_of)
    asking = {r["account_id"] for r in cases if now.has(r["opened_at"])} & customers
    part = share(len(asking), len(customers))
    yield of_enough(SECTION, "customers_with_case", part, "share", len(customers), period="now")
