"""Where time goes: effort by outcome (F18), work that was planned (F59), the refill of the funnel (F60), what marketing
is linked to (F36), channels per team beside the work that waits (F62), and which contacts are answered (F64)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import narwhals as nw

from readiness.engine import days, with_days
from readiness.schema import TIME
from transforms.book import rows
from transforms.facts import DIRECT
from transforms.frames import col
from transforms.reports.book import Facts, Tables, middle, share
from transforms.reports.measures import Row, figure, of_enough, unknown, windows
from transforms.reports.teams import teams

YEAR = timedelta(days=365)
ANSWER = timedelta(days=7)
PLANNED = timedelta(days=1)
NEVER = 1e9


def effort(found: Sequence[Facts], as_of: datetime) -> Iterator[Row]:
    """Our contacts per closed deal of the last year by its outcome; the share that went to deals that nobody bought,
    and to those of them in which the buyer never showed a purchase file."""
    closed = [deal for deal in found if deal.closed_at and deal.closed_at > as_of - YEAR]
    for outcome in ("won", "lost", "no_decision"):
        spent = [float(deal.ours) for deal in closed if deal.outcome == outcome]
        yield of_enough("effort", "contacts_per_deal", middle(spent), "number", len(spent), segment=outcome)
    total = sum(deal.ours for deal in closed)
    nobody = [deal for deal in closed if deal.outcome == "no_decision"]
    never = [deal for deal in closed if deal.outcome != "won" and not deal.has_purchase_file]
    for name, deals in (("on_no_decision", nobody), ("on_no_purchase_file", never)):
        part = share(sum(deal.ours for deal in deals), total)
        yield of_enough("effort", name, part, "share", total)
        yield figure("effort", f"deals_{name}", len(deals), "count", len(closed))


def work(tables: Tables, found: Sequence[Facts], as_of: datetime) -> Iterator[Row]:
    """Work planned at least a day ahead, deals opened for each one closed, and deals with marketing linked to them."""
    done = rows(tables["tasks"].filter(~col("done_at").is_null()).select("planned_at", "done_at"))
    for period in windows(as_of):
        of_period = [r for r in done if period.has(r["done_at"])]
        at_once = [r for r in of_period if r["planned_at"] is None or r["done_at"] - r["planned_at"] < PLANNED]
        part = share(len(at_once), len(of_period))
        yield of_enough("work", "ad_hoc", part, "share", len(of_period), period=period.name)
        opened = sum(period.has(deal.created_at) for deal in found)
        closed = sum(period.has(deal.closed_at) for deal in found)
        yield of_enough("work", "refill", share(opened, closed), "number", closed, period=period.name)
    fresh = [deal for deal in found if deal.created_at > as_of - YEAR]
    linked = share(sum(deal.has_marketing for deal in fresh), len(fresh))
    yield of_enough("work", "marketing_linked", linked, "share", len(fresh))


def channels(tables: Tables, as_of: datetime) -> list[Row]:
    """Per team of at least five: the share of its outbound contacts and of its waiting work that is by phone."""
    shown = teams(tables)
    if not shown:
        return [unknown("work", "calls_of_contacts", "share", "few_sellers")]
    quarter = nw.lit(as_of).cast(TIME).dt.offset_by("-90d")
    sent = tables["interactions"].filter(
        (col("direction") == "outbound")
        & col("channel").is_in([*DIRECT])
        & (col("occurred_at") > quarter)
        & (col("occurred_at") <= nw.lit(as_of).cast(TIME))
    )
    counted = rows(
        sent.select("interaction_id", "seller_id", "channel").unique().group_by("seller_id", "channel").agg(n=nw.len())
    )
    due = tables["tasks"].filter(col("done_at").is_null()).select("seller_id", channel=col("kind"))
    waiting = rows(due.group_by("seller_id", "channel").agg(n=nw.len()))
    return [
        *_calls("calls_of_contacts", counted, shown),
        *_calls("calls_of_waiting", waiting, shown),
    ]


def _calls(measure: str, counted: Iterable[Mapping[str, Any]], shown: Mapping[str, str]) -> Iterator[Row]:
    totals: dict[str, list[int]] = {team: [0, 0] for team in shown.values()}
    for r in counted:
        team = shown.get(r["seller_id"])
        if team is not None:
            totals[team][0] += r["n"] if r["channel"] == "call" else 0
            totals[team][1] += r["n"]
    for team, (calls, contacts) in sorted(totals.items()):
        yield of_enough("work", measure, share(calls, contacts), "share", contacts, segment=team)


def answered(tables: Tables, as_of: datetime) -> Iterator[Row]:
    """The share of our contacts, by channel, after which the buyer acted on the deal within a week (F64). Not a cause:
    who is called may be readier than who is written to."""
    now = nw.lit(as_of).cast(TIME)
    acts = tables["interactions"].filter(
        ~col("opportunity_id").is_null()
        & (col("occurred_at") > now.dt.offset_by("-365d"))
        & (col("occurred_at") <= now)
    )
    theirs = (col("direction") == "inbound") | (
        (col("direction") == "mutual") & (col("outcome") != "no_show").fill_null(True)
    )
    acts = with_days(acts, day="occurred_at").with_columns(their_day=nw.when(theirs).then(col("day")).otherwise(NEVER))
    acts = acts.select("opportunity_id", "interaction_id", "channel", "direction", "day", "their_day").unique()
    following = col("their_day").cum_min(reverse=True).over("opportunity_id", order_by=["day", "interaction_id"])
    ours = (col("direction") == "outbound") & col("channel").is_in([*DIRECT]) & (col("day") <= days(as_of - ANSWER))
    sent = acts.with_columns(following=following).filter(ours)
    soon = nw.when(col("following") - col("day") <= ANSWER.days).then(nw.lit(1.0)).otherwise(nw.lit(0.0))
    for r in sorted(rows(sent.group_by("channel").agg(n=nw.len(), hit=soon.sum())), key=lambda r: str(r["channel"])):
        yield of_enough("work", "answered", share(r["hit"], r["n"]), "share", r["n"], segment=r["channel"])
