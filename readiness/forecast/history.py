"""What was known of a deal at a landmark: rebuilt from dated rows, never from its current values.

Every function takes `landmarks` (opportunity_id, as_of: one row per question) and counts what was known at `as_of`. A
row that changes later (a quote's status, a promise kept) is believed from the day of that change on.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import narwhals as nw

from readiness.engine import with_days

Tables = Mapping[str, nw.LazyFrame]
KEY = ["opportunity_id", "as_of"]
HALF_LIFE_DAYS = 30.0
DECIMAL = r"^[+-]?(\d{1,30}(\.\d*)?|\.\d+)([eE][+-]?\d{1,2})?$"


def progress(tables: Tables) -> nw.LazyFrame:
    """The acts that move a deal on: stage moves, quotes sent and decided, documents that came in.

    Returns
    -------
    opportunity_id, event ("stage <id>", "quote sent", "quote <status>", "document"), at, tie (the greater is the later
    of two at one instant).
    """
    moves = stage_moves(tables).select("opportunity_id", "at", "tie", event=_named("stage", "stage"))
    quotes = tables["quotes"]
    sent = quotes.select("opportunity_id", at=nw.col("sent_at"), tie=nw.lit(2.0), event=nw.lit("quote sent"))
    decided = quotes.select("opportunity_id", at=nw.col("decided_at"), tie=nw.lit(0.0), event=_named("quote", "status"))
    documents = tables["signals"].filter(nw.col("kind") == "document")
    documents = documents.select("opportunity_id", at=nw.col("known_at"), tie=nw.lit(3.0), event=nw.lit("document"))
    return nw.concat([moves, sent, decided, documents]).filter(~nw.col("at").is_null())


def stage_moves(tables: Tables) -> nw.LazyFrame:
    """The stage changes (opportunity_id, stage, at, tie). Of several at one instant the last is the one not left."""
    moves = tables["changes"].filter(nw.col("field") == "stage")
    left = moves.select("opportunity_id", "changed_at", new_value=nw.col("old_value"), left=nw.lit(0.5)).unique()
    moves = moves.join(left, on=["opportunity_id", "changed_at", "new_value"], how="left")
    return moves.select(
        "opportunity_id", stage=nw.col("new_value"), at=nw.col("changed_at"), tie=1.0 - nw.col("left").fill_null(0.0)
    )


def latest_progress(tables: Tables, landmarks: nw.LazyFrame) -> nw.LazyFrame:
    """The last act that moved the deal on (opportunity_id, as_of, event, idle: days since)."""
    known = known_by(landmarks, progress(tables)).unique(KEY, keep="last", order_by=["at", "tie", "event"])
    return known.select(*KEY, "event", idle=nw.col("days"))


def stage(tables: Tables, landmarks: nw.LazyFrame) -> nw.LazyFrame:
    """The seller's stage (opportunity_id, as_of, stage)."""
    known = known_by(landmarks, stage_moves(tables)).unique(KEY, keep="last", order_by=["at", "tie", "stage"])
    return known.select(*KEY, "stage")


def close_date(tables: Tables, landmarks: nw.LazyFrame) -> nw.LazyFrame:
    """The close date as it stood (opportunity_id, as_of, close_date: text, pushes: moves to a later day)."""
    changes = tables["changes"].filter(nw.col("field") == "close_date")
    known = known_by(landmarks, changes.with_columns(at=nw.col("changed_at")))
    pushed = nw.when(nw.col("new_value") > nw.col("old_value")).then(1.0).otherwise(0.0)
    pushes = known.group_by(*KEY).agg(pushes=pushed.sum())
    last = known.unique(KEY, keep="last", order_by=["at", "new_value"])
    return last.select(*KEY, close_date=nw.col("new_value")).join(pushes, on=KEY)


def amount(tables: Tables, landmarks: nw.LazyFrame) -> nw.LazyFrame:
    """The amount as it stood (opportunity_id, as_of, amount): the last change known, else what the first later change
    replaced; where it never changed, as it is. A change to what is no number says nothing."""
    changes = tables["changes"].filter(nw.col("field") == "amount", nw.col("new_value").str.contains(DECIMAL))
    known = known_by(landmarks, changes.with_columns(at=nw.col("changed_at")))
    known = known.unique(KEY, keep="last", order_by=["at", "new_value"]).select(*KEY, "new_value")
    first = changes.unique("opportunity_id", keep="first", order_by=["changed_at", "old_value"])
    frame = landmarks.join(tables["opportunities"].select("opportunity_id", "amount"), on="opportunity_id")
    frame = frame.join(
        first.select("opportunity_id", first=nw.col("old_value"), changed=nw.lit(1)), on="opportunity_id", how="left"
    )
    frame = frame.join(known, on=KEY, how="left")
    opening = nw.when(nw.col("changed") == 1).then(_number("first")).otherwise(nw.col("amount"))
    return frame.select(*KEY, amount=nw.coalesce(_number("new_value"), opening))


def counts(tables: Tables, landmarks: nw.LazyFrame) -> nw.LazyFrame:
    """How much of each kind was known, and how long since the last, in days (null: never).

    Returns
    -------
    opportunity_id, as_of, sellers (changes of seller), quotes_sent, quotes_decided, since_quote,
    since_first_quote, documents, since_document; a landmark about which nothing is known has no row.
    """
    events = nw.concat(
        [
            progress(tables).select("opportunity_id", "at", "event"),
            tables["changes"]
            .filter(nw.col("field") == "seller")
            .select("opportunity_id", at=nw.col("changed_at"), event=nw.lit("seller")),
        ]
    )
    known = known_by(landmarks, events)
    event = nw.col("event")
    one = {
        "sellers": event == "seller",
        "quotes_sent": event == "quote sent",
        "quotes_decided": event.str.starts_with("quote ") & (event != "quote sent"),
        "documents": event == "document",
    }
    held = known.with_columns(
        **{name: nw.when(is_one).then(1.0).otherwise(0.0) for name, is_one in one.items()},
        since_quote=nw.when(one["quotes_sent"]).then(nw.col("days")),
        since_document=nw.when(one["documents"]).then(nw.col("days")),
    )
    return held.group_by(*KEY).agg(
        *(nw.col(name).sum() for name in one),
        nw.col("since_quote").min(),
        nw.col("since_document").min(),
        since_first_quote=nw.col("since_quote").max(),
    )


def promises(tables: Tables, landmarks: nw.LazyFrame) -> nw.LazyFrame:
    """The share of promises fallen due that were kept late or not at all (opportunity_id, as_of, buyer_late,
    seller_late: 0-1, null where none was due)."""
    due = known_by(landmarks, tables["promises"].with_columns(at=nw.col("made_at")))
    due = due.filter(nw.col("due_at") <= nw.col("as_of"))
    late = nw.when(nw.col("kept_at") <= nw.col("due_at")).then(0.0).otherwise(1.0)
    by = {f"{who}_late": nw.when(nw.col("made_by") == who).then(late) for who in ("buyer", "seller")}
    return due.with_columns(**by).group_by(*KEY).agg(*(nw.col(name).mean() for name in by))


def buyer_acts(tables: Tables, landmarks: nw.LazyFrame) -> nw.LazyFrame:
    """What the buyers did (opportunity_id, as_of, inbound: decayed count of their acts, silence: days since the last
    act that they had a part in, listening: their decayed acts over all, 0-1)."""
    act = ("opportunity_id", "interaction_id", "person_id", "direction")
    acts = tables["signals"].group_by(*act).agg(nw.col("weight").max(), at=nw.col("known_at").max())
    known = known_by(landmarks, acts)
    fresh = nw.col("weight") * (nw.col("days") * (-math.log(2) / HALF_LIFE_DAYS)).exp()
    theirs = nw.col("direction") != "outbound"
    known = known.with_columns(
        all=fresh, inbound=nw.when(theirs).then(fresh).otherwise(0.0), silence=nw.when(theirs).then(nw.col("days"))
    )
    sums = known.group_by(*KEY).agg(nw.col("all").sum(), nw.col("inbound").sum(), nw.col("silence").min())
    listening = nw.when(nw.col("all") > 0).then(nw.col("inbound") / nw.col("all"))
    return sums.select(*KEY, "inbound", "silence", listening=listening)


def known_by(landmarks: nw.LazyFrame, rows: nw.LazyFrame) -> nw.LazyFrame:
    """The rows (with `at`: when they became known) of each landmark's deal that were known at the landmark, with
    `days`: how long it had been known."""
    known = landmarks.select(*KEY).join(rows, on="opportunity_id").filter(nw.col("at") <= nw.col("as_of"))
    known = with_days(known, landmark="as_of", since="at")
    return known.with_columns(days=nw.col("landmark") - nw.col("since")).drop("landmark", "since")


def _named(family: str, column: str) -> nw.Expr:
    return nw.concat_str(nw.lit(f"{family} "), nw.col(column))


def _number(column: str) -> nw.Expr:
    return nw.when(nw.col(column).str.contains(DECIMAL)).then(nw.col(column)).cast(nw.Float64())
