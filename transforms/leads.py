"""Leads: how far each has come by what they did, how long they wait for us, and what sources are worth.

What a lead is follows from acts: a suspect has done nothing, a prospect has looked or answered, a lead has asked for
something (a form, a question, a price, a demo). Whether marketing or sales qualified them is the CRM's own word for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import narwhals as nw

from readiness.engine import Keep, in_place
from readiness.schema import COUNT, FLAG, NUMBER, TEXT, TIME, Column, Table
from transforms.facts import ASKS, DIRECT
from transforms.frames import col, either, latest, nothing
from transforms.workdays import Workdays

LEADS = Table(
    "leads",
    ("person_id",),
    (
        Column("person_id", TEXT, "a person who is or was a lead"),
        Column("seller_id", TEXT, "their owner"),
        Column("source", TEXT, "where they came from"),
        Column("class", TEXT, "suspect | prospect | lead, by what they did"),
        Column("qualified", TEXT, "mql | sql, as the CRM says; null for neither"),
        Column("ready_at", TIME, "the hand-over: qualified, or the first ask, whichever was first; null: not ready"),
        Column("touched_at", TIME, "our first call, mail or meeting from then on; null: none yet"),
        Column("touch_minutes", NUMBER, "working minutes from ready to touched"),
        Column("waiting_minutes", NUMBER, "working minutes that a ready lead without a touch has waited"),
        Column("touches", COUNT, "days on which we tried"),
        Column("last_inbound_at", TIME, "their last act"),
        Column("last_value_at", TIME, "when we last sent something without asking for anything"),
        Column("phase", COUNT, "0-6 as scored; null once they are on an opportunity"),
        Column("is_unworked", FLAG, "ready, and not touched within a working day"),
        Column("is_nurture", FLAG, "not yet ready to talk, and nothing of use sent for a month"),
        Column("is_converted", FLAG, "on an opportunity"),
        Column("reason", TEXT, "why an old one came to nothing, of REASONS; null while open or converted"),
    ),
)
REASONS = ("opted_out", "never_touched", "touched_late", "no_address", "status_quo", "timing", "no_reaction", "unknown")
SOURCES = Table(
    "lead_sources",
    ("source",),
    (
        Column("source", TEXT, "where they came from"),
        Column("people", COUNT, "leads from there"),
        Column("asked", COUNT, "of them, asked for something"),
        Column("qualified", COUNT, "of them, qualified by marketing or sales"),
        Column("converted", COUNT, "of them, on an opportunity"),
        Column("unworked", COUNT, "of them, ready and not touched within a working day"),
        *(Column(f"lost_{reason}", COUNT, f"of them, came to nothing: {reason}") for reason in REASONS),
    ),
)
WORKING_DAY = 480.0
"""Minutes after which an untouched lead that is ready counts as unworked."""
VALUE_AFTER, OLD = timedelta(days=30), timedelta(days=60)
_ASKING = (*ASKS, "legal", "procurement")
_PUSHING = ("question", "closing", "chase")


def leads(
    tables: Mapping[str, nw.LazyFrame],
    scores: Mapping[str, nw.LazyFrame],
    calendar: Workdays,
    as_of: datetime,
    keep: Keep = in_place,
) -> nw.LazyFrame:
    """Everybody who is a lead or was one (`LEADS`).

    Parameters
    ----------
    tables : canonical people, lifecycle, interactions and buying_group.
    scores : opportunity_readiness, which has `lead:<person_id>` for those without an opportunity.
    """
    now = nw.lit(as_of).cast(TIME)
    stages = tables["lifecycle"].filter(col("entered_at") <= now)
    was = stages.filter(col("stage").is_in(["lead", "mql", "sql"])).select("person_id").unique()
    people = keep("lead_people", _everybody(tables, was))
    acts = keep("lead_acts", _acts(tables["interactions"], people, now))
    theirs = keep("lead_theirs", _theirs(acts))
    ready = keep("lead_ready", _ready(stages, theirs, people))
    touched = keep("lead_touched", _touched(acts, ready))
    phases = scores["opportunity_readiness"].select(
        person_id=col("opportunity_id").str.replace_all("^lead:", ""), phase=col("phase")
    )
    whole = (
        people.join(theirs, on="person_id", how="left")
        .join(ready, on="person_id", how="left")
        .join(touched, on="person_id", how="left")
        .join(phases, on="person_id", how="left")
        .with_columns(now=now, ready=col("ready_at"), until=nw.coalesce(col("touched_at"), now))
    )
    timed = calendar.worked(calendar.worked(keep("lead_whole", whole), "ready", "from"), "until", "to")
    return keep("leads", _told(keep("lead_timed", timed), as_of))


def _everybody(tables: Mapping[str, nw.LazyFrame], was: nw.LazyFrame) -> nw.LazyFrame:
    there = tables["people"].join(was.with_columns(was=nw.lit(1)), on="person_id", how="left")
    on_deals = tables["buying_group"].select("person_id", on_deal=nw.lit(1)).unique()
    chosen = there.filter((col("kind") == "lead") | ~col("was").is_null()).join(on_deals, on="person_id", how="left")
    return chosen.select(
        "person_id", "seller_id", "source", "email", "created_at", "opted_out", is_converted=~col("on_deal").is_null()
    )


def _acts(interactions: nw.LazyFrame, people: nw.LazyFrame, now: nw.Expr) -> nw.LazyFrame:
    """Their interactions, each with what it is: theirs, an ask, our touch, something of use."""
    rows = interactions.filter(col("occurred_at") <= now).join(people.select("person_id"), on="person_id", how="semi")
    missed = either(col("outcome").is_in(["no_show", "cancelled"]))
    asks = _has("topics", _ASKING) | (col("channel") == "form")
    ours = (col("direction") != "inbound") & col("channel").is_in(DIRECT)
    theirs = (col("direction") != "outbound") & (col("channel") != "other") & ~missed
    return rows.select(
        "person_id",
        at=col("occurred_at"),
        day=col("occurred_at").dt.date(),
        theirs=theirs,
        asks=theirs & asks,
        ours=ours & ~missed,
        of_use=is_of_use(),
        standing=theirs & _has("topics", ("status_quo",)),
        delays=theirs & _has("topics", ("delay",)),
    )


def is_of_use() -> nw.Expr:
    """Over interactions: something was sent that asks for nothing."""
    sent = (col("direction") == "outbound") & col("channel").is_in(["email", "document"])
    return sent & ~_has("topics", _PUSHING)


def _has(column: str, topics: tuple[str, ...]) -> nw.Expr:
    return either(*(col(column).list.contains(topic) for topic in topics))


def _theirs(acts: nw.LazyFrame) -> nw.LazyFrame:
    """Per person: first ask, last act of theirs, last thing of use from us, and what they said of standing still."""

    def when(flag: str) -> nw.Expr:
        return nw.when(col(flag)).then(col("at"))

    def count(flag: str) -> nw.Expr:
        return nw.when(col(flag)).then(nw.lit(1)).otherwise(nw.lit(0))

    flags = acts.with_columns(
        asked=when("asks"), acted=when("theirs"), valued=when("of_use"), still=count("standing"), later=count("delays")
    )
    return flags.group_by("person_id").agg(
        asked_at=col("asked").min(),
        last_inbound_at=col("acted").max(),
        last_value_at=col("valued").max(),
        still=col("still").max(),
        later=col("later").max(),
    )


def _ready(stages: nw.LazyFrame, theirs: nw.LazyFrame, people: nw.LazyFrame) -> nw.LazyFrame:
    """person_id, qualified, ready_at."""
    named = stages.filter(col("stage").is_in(["mql", "sql"]))
    last = latest(named, ["person_id"], ["entered_at", "stage"]).select("person_id", qualified=col("stage"))
    first = named.group_by("person_id").agg(named_at=col("entered_at").min())
    return (
        people.select("person_id")
        .join(last, on="person_id", how="left")
        .join(first, on="person_id", how="left")
        .join(theirs.select("person_id", "asked_at"), on="person_id", how="left")
        .select("person_id", "qualified", ready_at=nw.min_horizontal(col("named_at"), col("asked_at")))
    )


def _touched(acts: nw.LazyFrame, ready: nw.LazyFrame) -> nw.LazyFrame:
    """person_id, touched_at (from ready on), touches (days)."""
    ours = acts.filter(col("ours")).join(ready.select("person_id", "ready_at"), on="person_id")
    after = nw.when(col("ready_at").is_null() | (col("at") >= col("ready_at"))).then(col("at"))
    first = ours.with_columns(after=after).group_by("person_id").agg(touched_at=col("after").min())
    days = ours.select("person_id", "day").unique().group_by("person_id").agg(touches=nw.len())
    return first.join(days, on="person_id", how="left")


def _told(rows: nw.LazyFrame, as_of: datetime) -> nw.LazyFrame:
    spent = col("to") - col("from")
    is_ready, is_touched = ~col("ready_at").is_null(), ~col("touched_at").is_null()
    waiting = nw.when(is_ready & ~is_touched & ~col("is_converted")).then(spent)
    asked, acted = ~col("asked_at").is_null(), ~col("last_inbound_at").is_null()
    named = (
        nw.when(asked)
        .then(nw.lit("lead"))
        .otherwise(nw.when(acted).then(nw.lit("prospect")).otherwise(nw.lit("suspect")))
    )
    not_yet = (col("phase").fill_null(0) <= 1) & ~col("is_converted") & ~either(col("opted_out"))
    stale = col("last_value_at").is_null() | (col("last_value_at") < nw.lit(as_of - VALUE_AFTER).cast(TIME))
    told = rows.with_columns(
        **{"class": named},
        touch_minutes=nw.when(is_ready & is_touched).then(spent),
        waiting_minutes=waiting,
        touches=col("touches").fill_null(0),
        is_unworked=either(waiting > WORKING_DAY),
    ).with_columns(
        is_nurture=not_yet & stale & ~col("is_unworked"),
        reason=nw.when((col("created_at") < nw.lit(as_of - OLD).cast(TIME)) & ~col("is_converted")).then(_reason()),
    )
    return told.select(*(col(c.name).cast(c.dtype).alias(c.name) for c in LEADS.columns))


def _reason() -> nw.Expr:
    """The first that holds, in the order of REASONS."""
    asked = ~col("asked_at").is_null()
    holds = {
        "opted_out": either(col("opted_out")),
        "never_touched": asked & (col("touches") == 0),
        "touched_late": asked & (col("touch_minutes") > WORKING_DAY),
        "no_address": col("email").is_null(),
        "status_quo": either(col("still") > 0),
        "timing": either(col("later") > 0),
        "no_reaction": (col("touches") > 0) & col("last_inbound_at").is_null(),
    }
    found: nw.Expr = nw.lit("unknown")
    for reason in reversed(REASONS[:-1]):
        found = nw.when(either(holds[reason])).then(nw.lit(reason)).otherwise(found)
    return found


def sources(found: nw.LazyFrame) -> nw.LazyFrame:
    """What each source's leads came to (`SOURCES`), from `leads`."""

    def count(flag: nw.Expr) -> nw.Expr:
        return nw.when(either(flag)).then(nw.lit(1)).otherwise(nw.lit(0))

    rows = found.with_columns(
        source=nw.coalesce(col("source"), nothing(), nw.lit("")),
        people=nw.lit(1),
        asked=count(col("class") == "lead"),
        qualified=count(~col("qualified").is_null()),
        converted=count(col("is_converted")),
        unworked=count(col("is_unworked")),
        **{f"lost_{reason}": count(col("reason") == reason) for reason in REASONS},
    )
    summed = [c.name for c in SOURCES.columns[1:]]
    counted = rows.group_by("source").agg(*(col(name).sum() for name in summed))
    return counted.select(*(col(c.name).cast(c.dtype).alias(c.name) for c in SOURCES.columns))
