"""The ledger of promises: those made in messages and those that stand as tasks, by anybody on either side, and when
each was kept.

A message's promise comes from `promised.promises_in` as what/by/day, with the day relative to the message's own time.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import narwhals as nw

from readiness.engine import Keep
from readiness.schema import PROMISES, TIME
from transforms.frames import col, either, latest, nothing, shaped, stacked
from transforms.parsing import texts
from transforms.promised import OTHER, REMINDER, TASK, WRITER
from transforms.workdays import Workdays, day_number, weekday

WRITTEN = ("email", "form")
"""Channels on which the words are the writer's own; elsewhere a seller notes them down."""
BY_PERSON = ("answer", "call")
"""Kept only toward the person to whom they were made."""
SAME_PROMISE = timedelta(days=2)
"""A task made so soon after the message is the same promise, written down."""
FORGOTTEN = timedelta(days=14)
"""So long after the due day an answer or a call is about something else: the promise was not kept."""
_TALK = ("call", "meeting")


def ledger(
    said: nw.LazyFrame,
    interactions: nw.LazyFrame,
    tasks: nw.LazyFrame,
    quotes: nw.LazyFrame,
    calendar: Workdays,
    as_of: datetime,
    keep: Keep,
) -> nw.LazyFrame:
    """All promises on opportunities known at `as_of` (`schema.PROMISES`).

    Parameters
    ----------
    said : source_id (an interaction or a task), promises: JSON text as the annotator gave it.
    interactions, tasks, quotes : canonical tables.
    """
    codes = keep("promise_codes", _codes(said))
    told = keep("promises_told", _told(codes, interactions, calendar, keep))
    planned = keep("promises_planned", _planned(codes, tasks))
    kept = keep("promises_kept", _kept(told, _events(interactions, quotes, keep), as_of))
    same = keep("promises_twice", _same(told, planned))
    doubled = same.select(promise_id=col("task_id")).unique()
    done = same.filter(~col("done_at").is_null()).group_by("promise_id").agg(done_at=col("done_at").min())
    whole = (
        told.join(kept, on="promise_id", how="left")
        .join(done, on="promise_id", how="left")
        .with_columns(kept_at=nw.min_horizontal(col("kept_at"), col("done_at")))
    )
    tables = [shaped(whole, PROMISES), shaped(planned.join(doubled, on="promise_id", how="anti"), PROMISES)]
    return keep("promise_ledger", stacked(tables))


def _codes(said: nw.LazyFrame) -> nw.LazyFrame:
    """source_id, what, by, day: one row per promise."""
    each = said.filter(~col("promises").is_null()).select("source_id", code=texts(col("promises"))).explode("code")
    parts = each.filter(~col("code").is_null()).with_columns(part=col("code").str.split("/"))
    return parts.select("source_id", *(col("part").list.get(n).alias(c) for n, c in enumerate(("what", "by", "day"))))


def _told(codes: nw.LazyFrame, interactions: nw.LazyFrame, calendar: Workdays, keep: Keep) -> nw.LazyFrame:
    """Promises made in messages, with the day on which each falls due."""
    acts = interactions.filter(~col("opportunity_id").is_null()).select(
        "interaction_id", "opportunity_id", "person_id", "seller_id", "channel", "direction", made_at=col("occurred_at")
    )
    rows = (
        codes.filter(col("by") != TASK)
        .join(acts, left_on="source_id", right_on="interaction_id")
        .unique(subset=["source_id", "what", "day"], keep="first", order_by=["person_id"])
    )
    written = col("channel").is_in(WRITTEN)
    by_writer = nw.when(written & (col("direction") == "inbound")).then(nw.lit("buyer")).otherwise(nw.lit("seller"))
    made_by = nw.when(col("by") == WRITER).then(by_writer).otherwise(nw.lit("buyer"))
    known = rows.filter(~(written & (col("by") == OTHER))).with_columns(
        made_by=made_by, promise_id=nw.concat_str([col("source_id"), col("what"), col("day")], separator=":")
    )
    return due(keep("promises_made", known), calendar, keep)


def due(rows: nw.LazyFrame, calendar: Workdays, keep: Keep) -> nw.LazyFrame:
    """Adds due_at: the close of the working day that `day` (a form of `due_words`) means, said at `made_at`."""
    local = calendar.with_local(rows, "made_at").with_columns(
        form=col("day").str.slice(0, 1),
        number=nw.when(col("day").str.contains(r"\d"))
        .then(col("day").str.replace_all(r"\D", ""))
        .otherwise(nw.lit("0"))
        .cast(nw.Int64()),
        strict=either(col("day").str.ends_with("-")),
        year=col("_local").dt.year().cast(nw.Int64()),
        month=col("_local").dt.month().cast(nw.Int64()),
        date=col("_local").dt.day().cast(nw.Int64()),
    )
    named = keep("due_said", local).with_columns(target=_target() - nw.when(col("strict")).then(1).otherwise(0))
    there = keep("due_named", named).with_columns(
        target=nw.when(col("strict") | (col("form") == "m"))
        .then(calendar.rolled(col("target"), -1))
        .otherwise(calendar.rolled(col("target"), 1)),
        start=calendar.rolled(col("_day"), -1),
    )
    counted = calendar.later(keep("due_rolled", there), "start", "number", keep)
    day = nw.when(col("form") == "b").then(col("start")).otherwise(col("target"))
    closes = keep("due_counted", counted).with_columns(closes=calendar.closing(day))
    late = nw.when(col("closes") <= col("made_at")).then(col("made_at") + nw.lit(timedelta(hours=3)))
    return closes.with_columns(due_at=nw.coalesce(late, col("closes"))).select(*rows.collect_schema().names(), "due_at")


def _target() -> nw.Expr:
    """The day that a form names, not yet moved to a working day."""
    today, number, is_day = col("_day"), col("number"), weekday(col("_day"))
    short = number < 10_000
    month_date = number % 10_000
    passed = month_date < col("month") * 100 + col("date")
    year = nw.when(short).then(col("year") + nw.when(passed).then(nw.lit(1)).otherwise(nw.lit(0)))
    dated = day_number(year.otherwise(number // 10_000), month_date // 100, month_date % 100)
    month = col("month") + nw.when(number < col("date")).then(nw.lit(1)).otherwise(nw.lit(0))
    return (
        nw.when(col("form") == "w")
        .then(today + (number - is_day + 6) % 7 + 1)
        .otherwise(
            nw.when(col("form") == "n")
            .then(today - is_day + 7 + number)
            .otherwise(
                nw.when(col("form") == "e")
                .then(today + nw.max_horizontal(number - is_day, nw.lit(0)))
                .otherwise(
                    nw.when(col("form") == "y")
                    .then(dated)
                    .otherwise(
                        nw.when(col("form") == "h")
                        .then(_in_month(month, number))
                        .otherwise(
                            nw.when(col("form") == "m")
                            .then(_in_month(col("month") + 1, nw.lit(1)) - 1)
                            .otherwise(today + number)
                        )
                    )
                )
            )
        )
    )


def _in_month(month: nw.Expr, date: nw.Expr) -> nw.Expr:
    """The number of a date in this year's month 1 … 13, the last being next January."""
    year = col("year") + nw.when(month > 12).then(nw.lit(1)).otherwise(nw.lit(0))
    return day_number(year, (month - 1) % 12 + 1, date)


def _planned(codes: nw.LazyFrame, tasks: nw.LazyFrame) -> nw.LazyFrame:
    """Planned work with a due date toward a buyer, but for appointments and what is one's own reminder."""
    meant = codes.filter(col("by") == TASK).select(task_id=col("source_id"), meant=col("what")).unique()
    rows = tasks.filter(~col("due_at").is_null() & ~col("person_id").is_null() & ~col("opportunity_id").is_null())
    whole = rows.join(meant, on="task_id", how="left").filter(
        ~either(col("meant") == REMINDER, (col("kind") == "meeting") & col("meant").is_null())
    )
    return whole.with_columns(
        promise_id=col("task_id"),
        made_by=nw.lit("seller"),
        what=nw.coalesce(col("meant"), col("kind")),
        made_at=col("planned_at"),
        kept_at=col("done_at"),
    )


def _same(told: nw.LazyFrame, planned: nw.LazyFrame) -> nw.LazyFrame:
    """promise_id, task_id, done_at: promises that were told and also written down as a task."""
    ours = told.filter(col("made_by") == "seller")
    pairs = ours.select("promise_id", "opportunity_id", "person_id", "made_at", "due_at").join(
        planned.select("task_id", "opportunity_id", "person_id", "planned_at", "done_at", task_due=col("due_at")),
        on=["opportunity_id", "person_id"],
    )
    near = nw.lit(SAME_PROMISE)
    return pairs.filter(
        (col("planned_at") >= col("made_at") - near)
        & (col("planned_at") <= col("made_at") + near)
        & (col("task_due") >= col("due_at") - near)
        & (col("task_due") <= col("due_at") + near)
    ).select("promise_id", "task_id", "done_at")


def _events(interactions: nw.LazyFrame, quotes: nw.LazyFrame, keep: Keep) -> nw.LazyFrame:
    """opportunity_id, person_id, side, thing, at: what may keep a promise of that thing."""
    live = interactions.filter(
        ~col("opportunity_id").is_null() & ~col("outcome").is_in(["no_show", "cancelled", "bounced", "no_answer"])
        | (~col("opportunity_id").is_null() & col("outcome").is_null())
    )
    columns = ("opportunity_id", "person_id", "channel", "direction", "at")
    acts = live.with_columns(at=col("occurred_at"), is_paper=col("topics").list.contains("document_sent"))
    ours = acts.filter(col("direction") != "inbound")
    papers = ours.filter((col("channel") == "document") | col("is_paper").fill_null(False)).select(*columns)
    sent = quotes.filter(~col("sent_at").is_null())
    with_quotes = sent.select("opportunity_id").unique()
    made = sent.select("opportunity_id", person_id=nothing(), at=col("sent_at"))
    told = ours.filter(col("channel").is_in(["email", *_TALK])).select(*columns)
    talks = acts.filter(col("channel").is_in(_TALK)).select(*columns)
    met = acts.filter(col("channel") == "meeting").select(*columns)
    theirs = acts.filter((col("direction") != "outbound") & (col("channel") != "web")).select(*columns)
    each = [
        *(_event(made, "seller", thing) for thing in ("quote", "price", "document")),
        _event(papers.join(with_quotes, on="opportunity_id", how="anti"), "seller", "quote"),
        *(_event(papers, "seller", thing) for thing in ("document", "price")),
        _event(told, "seller", "answer"),
        _event(talks, "seller", "call"),
        _event(met, "seller", "visit"),
        _event(theirs, "buyer", "any"),
    ]
    return keep("promise_events", stacked(each))


def _event(rows: nw.LazyFrame, side: str, thing: str) -> nw.LazyFrame:
    return rows.select("opportunity_id", "person_id", "at", side=nw.lit(side), thing=nw.lit(thing))


def _kept(told: nw.LazyFrame, events: nw.LazyFrame, as_of: datetime) -> nw.LazyFrame:
    """promise_id, kept_at: the first act after it that keeps it."""
    wanted = told.select(
        "promise_id",
        "opportunity_id",
        "made_at",
        "due_at",
        to=col("person_id"),
        side=col("made_by"),
        thing=nw.when(col("made_by") == "buyer").then(nw.lit("any")).otherwise(col("what")),
    )
    pairs = wanted.join(events, on=["opportunity_id", "side", "thing"])
    of_one = (col("side") == "buyer") | col("thing").is_in(BY_PERSON)
    is_theirs = either(~of_one, col("to").is_null(), col("person_id").is_null(), col("to") == col("person_id"))
    after = pairs.filter((col("at") > col("made_at")) & (col("at") <= nw.lit(as_of).cast(TIME)) & is_theirs)
    in_time = ~of_one | (col("at") <= col("due_at") + nw.lit(FORGOTTEN))
    return after.filter(in_time).group_by("promise_id").agg(kept_at=col("at").min())


def said_in(frames: list[nw.LazyFrame]) -> nw.LazyFrame:
    """One table of source_id and promises, of several streams'; a source is read once."""
    return latest(stacked(frames), ["source_id"], ["promises"])
