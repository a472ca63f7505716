"""What the buyers of an open opportunity notice of us: how we listen, answer, keep our word, press and hand over.

Figures of one opportunity are for its own seller; summed up they are shown per team of at least five (reports).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import narwhals as nw

from readiness.engine import Keep, days, in_place, with_days
from readiness.schema import COUNT, FLAG, NUMBER, TEXT, TIME, Column, Table
from transforms.facts import DIRECT
from transforms.frames import col, either, stacked
from transforms.workdays import Workdays

RELATIONSHIP = Table(
    "relationship",
    ("opportunity_id",),
    (
        Column("opportunity_id", TEXT, "open opportunity"),
        Column("heard", COUNT, "contacts of theirs in the last 180 days (F44)"),
        Column("said", COUNT, "calls, mails and meetings that we began in them"),
        Column("listening", NUMBER, "heard / (heard + said), 0-1"),
        Column("pressure", NUMBER, "said per contact heard; the higher the more we press (F34)"),
        Column("value_share", NUMBER, "share of what we said that asked for nothing, 0-1 (F24)"),
        Column("needs", COUNT, "contacts in which they told a need or a question (F26)"),
        Column("channels", COUNT, "different channels that they used (F41)"),
        Column("began_with_them", FLAG, "whether the first contact of two people came from them (F33)"),
        Column("precontact_share", NUMBER, "share of their contacts from before we first spoke, 0-1 (F32)"),
        Column("answer_minutes", NUMBER, "median working minutes from their message to our answer (F23)"),
        Column("answer_minutes_p90", NUMBER, "90 % of the answers took no longer"),
        Column("answers", COUNT, "messages of theirs that were answered"),
        Column("waiting_minutes", NUMBER, "working minutes that their last message has waited; null: answered"),
        Column("colleagues", COUNT, "colleagues who were in contact with them (F27)"),
        Column("hand_overs", COUNT, "times the opportunity changed owner (F27)"),
        Column("trust", NUMBER, "share of our promises fallen due that were kept in time, recent ones first (F25)"),
        Column("open_cases", COUNT, "service cases of their company that are open (F38, F39)"),
        Column("case_minutes", NUMBER, "median working minutes to the first answer in its cases (F40)"),
        Column("is_forced", FLAG, "in the last 30 days asked for the decision before conviction (F42)"),
    ),
)
CONTINUITY = Table(
    "continuity",
    ("account_id",),
    (
        Column("account_id", TEXT, "a company that has bought"),
        Column("won", COUNT, "opportunities won with it"),
        Column("repeats", COUNT, "of them, after the first (F45)"),
        Column("days_between", NUMBER, "median days from one win to the next; null after one"),
        Column("first_cycle_days", NUMBER, "days from opening to winning the first"),
        Column("repeat_cycle_days", NUMBER, "median of those of the later ones: repeat business is quicker"),
        Column("grows", FLAG, "whether the last win is worth more than the first"),
        Column("last_heard_at", TIME, "their last contact of any kind"),
        Column("open_cases", COUNT, "service cases that are open"),
        Column(
            "is_at_risk", FLAG, "bought, and has an open case or a complaint, or was not heard of for half a year (F37)"
        ),
    ),
)
WINDOW, QUIET = timedelta(days=180), timedelta(days=180)
TRUST_HALF_LIFE = 90.0
_PUSHING = ("question", "closing", "chase")
Tables = Mapping[str, nw.LazyFrame]


def relationship(
    tables: Tables, action_fit: nw.LazyFrame, calendar: Workdays, as_of: datetime, keep: Keep = in_place
) -> nw.LazyFrame:
    """One row per open opportunity (`RELATIONSHIP`).

    Parameters
    ----------
    tables : canonical opportunities, interactions, changes, promises and cases.
    action_fit : `fit.ACTION_FIT`.
    """
    book = keep(
        "relation_book", tables["opportunities"].filter(col("outcome") == "open").select("opportunity_id", "account_id")
    )
    acts = keep("relation_acts", _acts(tables["interactions"], book, as_of))
    answers = keep("relation_answers", _answers(acts, calendar, as_of, keep))
    forced = action_fit.filter((col("kind") == "closing") & ~col("fits")).select("opportunity_id").unique()
    owners = tables["changes"].filter((col("field") == "seller") & ~col("old_value").is_null())
    whole = book
    for part in (
        _contacts(acts, keep),
        answers,
        owners.group_by("opportunity_id").agg(hand_overs=nw.len()),
        _trust(tables["promises"], as_of),
        forced.with_columns(forced=nw.lit(1)),
    ):
        whole = whole.join(part, on="opportunity_id", how="left")
    told = keep(
        "relation_whole", whole.join(_cases(tables["cases"], calendar, as_of, keep), on="account_id", how="left")
    )
    heard, said = col("heard").fill_null(0), col("said").fill_null(0)
    counts = {
        name: col(name).fill_null(0)
        for name in ("needs", "channels", "answers", "colleagues", "hand_overs", "open_cases")
    }
    finished = told.with_columns(
        heard=heard,
        said=said,
        listening=_share(heard, heard + said),
        pressure=_share(said, nw.max_horizontal(heard, nw.lit(1))),
        value_share=_share(col("of_use"), said),
        precontact_share=_share(col("before"), heard),
        is_forced=~col("forced").is_null(),
        **counts,
    )
    return keep(
        "relationship", finished.select(*(col(c.name).cast(c.dtype).alias(c.name) for c in RELATIONSHIP.columns))
    )


def _share(part: nw.Expr, whole: nw.Expr) -> nw.Expr:
    return nw.when(whole > 0).then(part.cast(NUMBER) / whole.cast(NUMBER))


def _flag(holds: nw.Expr) -> nw.Expr:
    return nw.when(either(holds)).then(nw.lit(1)).otherwise(nw.lit(0))


def _has(*topics: str) -> nw.Expr:
    return either(*(col("topics").list.contains(topic) for topic in topics))


def _acts(interactions: nw.LazyFrame, book: nw.LazyFrame, as_of: datetime) -> nw.LazyFrame:
    """Each contact of the window once, with flags."""
    since, now = nw.lit(as_of - WINDOW).cast(TIME), nw.lit(as_of).cast(TIME)
    lately = interactions.filter((col("occurred_at") > since) & (col("occurred_at") <= now))
    held = lately.filter(~either(col("outcome").is_in(["no_show", "cancelled", "bounced"])))
    once = held.join(book, on="opportunity_id", how="semi").unique(
        subset=["interaction_id"], keep="first", order_by=["person_id"]
    )
    direct = col("channel").is_in(DIRECT)
    ours = (col("direction") == "outbound") & direct
    return once.select(
        "interaction_id",
        "opportunity_id",
        "seller_id",
        "channel",
        "direction",
        at=col("occurred_at"),
        heard=_flag((col("direction") == "inbound") & (col("channel") != "other")),
        said=_flag(ours),
        spoken=_flag(direct),
        of_use=_flag(ours & ~_has(*_PUSHING)),
        needs=_flag((col("direction") != "outbound") & _has("need", "question")),
    )


def _contacts(acts: nw.LazyFrame, keep: Keep) -> nw.LazyFrame:
    summed = acts.group_by("opportunity_id").agg(
        *(col(name).sum().cast(COUNT) for name in ("heard", "said", "of_use", "needs"))
    )
    spoke = acts.filter(col("spoken") == 1)
    first = spoke.unique(subset=["opportunity_id"], keep="first", order_by=["at", "interaction_id"]).select(
        "opportunity_id", began_with_them=col("direction") == "inbound", spoke_at=col("at")
    )
    theirs = keep("relation_theirs", acts.filter(col("heard") == 1))
    early = theirs.join(first, on="opportunity_id").filter(col("at") < col("spoke_at"))
    distinct = {
        "channels": theirs.select("opportunity_id", "channel").unique(),
        "colleagues": spoke.filter(~col("seller_id").is_null()).select("opportunity_id", "seller_id").unique(),
        "before": early,
    }
    whole = summed.join(first, on="opportunity_id", how="left")
    for name, rows in distinct.items():
        whole = whole.join(rows.group_by("opportunity_id").agg(**{name: nw.len()}), on="opportunity_id", how="left")
    return keep("relation_contacts", whole)


def _answers(acts: nw.LazyFrame, calendar: Workdays, as_of: datetime, keep: Keep) -> nw.LazyFrame:
    """Per opportunity: how long their turns waited for ours, in working minutes."""
    order = ["at", "interaction_id"]
    spoken = keep("relation_spoken", acts.filter((col("spoken") == 1) & (col("channel") != "meeting")))
    turns = keep(
        "relation_turns",
        spoken.with_columns(
            before=col("direction").shift(1).over("opportunity_id", order_by=order),
        ).filter(either(col("before").is_null(), col("before") != col("direction"))),
    )
    placed = turns.with_columns(answer=col("at").shift(-1).over("opportunity_id", order_by=order))
    theirs = keep("relation_waits", placed.filter(col("direction") == "inbound")).with_columns(
        until=nw.coalesce(col("answer"), nw.lit(as_of).cast(TIME))
    )
    timed = calendar.worked(keep("relation_from", calendar.worked(theirs, "at", "from")), "until", "to")
    spent = keep("relation_timed", timed).with_columns(minutes=col("to") - col("from"))
    answered = spent.filter(~col("answer").is_null()).group_by("opportunity_id")
    middle = answered.agg(
        answer_minutes=col("minutes").median(),
        answer_minutes_p90=col("minutes").quantile(0.9, "linear"),
        answers=nw.len(),
    )
    waiting = spent.filter(col("answer").is_null()).group_by("opportunity_id").agg(waiting_minutes=col("minutes").max())
    both = stacked([middle.select("opportunity_id"), waiting.select("opportunity_id")]).unique()
    return both.join(middle, on="opportunity_id", how="left").join(waiting, on="opportunity_id", how="left")


def _trust(promises: nw.LazyFrame, as_of: datetime) -> nw.LazyFrame:
    """opportunity_id, trust."""
    ours = promises.filter((col("made_by") == "seller") & (col("due_at") <= nw.lit(as_of).cast(TIME)))
    aged = with_days(ours, due_day="due_at").with_columns(
        weight=(-(nw.lit(days(as_of)) - col("due_day")) / TRUST_HALF_LIFE * 0.6931471805599453).exp(),
        kept=_flag(col("kept_at") <= col("due_at")).cast(NUMBER),
    )
    summed = aged.with_columns(good=col("weight") * col("kept")).group_by("opportunity_id")
    return summed.agg(col("good").sum(), col("weight").sum()).select(
        "opportunity_id", trust=col("good") / col("weight")
    )


def _cases(cases: nw.LazyFrame, calendar: Workdays, as_of: datetime, keep: Keep) -> nw.LazyFrame:
    """account_id, open_cases, case_minutes."""
    known = cases.filter((col("opened_at") <= nw.lit(as_of).cast(TIME)) & ~col("account_id").is_null())
    counted = known.with_columns(is_open=_flag(col("closed_at").is_null())).group_by("account_id")
    answered = known.filter(~col("first_response_at").is_null())
    timed = calendar.worked(
        keep("case_from", calendar.worked(answered, "opened_at", "from")), "first_response_at", "to"
    )
    spent = keep("case_timed", timed).with_columns(minutes=col("to") - col("from")).group_by("account_id")
    return counted.agg(open_cases=col("is_open").sum().cast(COUNT)).join(
        spent.agg(case_minutes=col("minutes").median()), on="account_id", how="left"
    )


def continuity(tables: Tables, calendar: Workdays, as_of: datetime, keep: Keep = in_place) -> nw.LazyFrame:
    """One row per company that has bought (`CONTINUITY`).

    Parameters
    ----------
    tables : canonical opportunities, interactions and cases.
    """
    order = ["closed_at", "opportunity_id"]
    bought = tables["opportunities"].filter((col("outcome") == "won") & ~col("closed_at").is_null())
    dated = with_days(bought, opened="created_at", closed="closed_at").filter(~col("account_id").is_null())
    wins = keep(
        "continuity_wins", dated.with_columns(nth=col("opportunity_id").cum_count().over("account_id", order_by=order))
    )
    gaps = keep(
        "continuity_gaps",
        wins.with_columns(gap=col("closed") - col("closed").shift(1).over("account_id", order_by=order)),
    )
    later = col("nth") > 1
    summed = gaps.with_columns(
        cycle=col("closed") - col("opened"),
        first_cycle=nw.when(~later).then(col("closed") - col("opened")),
        again=nw.when(later).then(col("closed") - col("opened")),
        first_amount=nw.when(~later).then(col("amount")),
    ).group_by("account_id")
    counted = summed.agg(
        won=nw.len(),
        days_between=col("gap").median(),
        first_cycle_days=col("first_cycle").max(),
        repeat_cycle_days=col("again").median(),
        first_amount=col("first_amount").max(),
    )
    last = wins.unique(subset=["account_id"], keep="last", order_by=order).select(
        "account_id", last_amount=col("amount")
    )
    heard, upset = _heard(tables, as_of)
    whole = counted.join(last, on="account_id", how="left").join(heard, on="account_id", how="left")
    whole = whole.join(upset, on="account_id", how="left").join(
        _cases(tables["cases"], calendar, as_of, keep), on="account_id", how="left"
    )
    quiet = col("last_heard_at").is_null() | (col("last_heard_at") < nw.lit(as_of - QUIET).cast(TIME))
    told = keep("continuity_whole", whole).with_columns(
        repeats=col("won") - 1,
        grows=(col("won") > 1) & either(col("last_amount") > col("first_amount")),
        open_cases=col("open_cases").fill_null(0),
        is_at_risk=quiet | either(col("open_cases") > 0) | ~col("upset").is_null(),
    )
    return keep("continuity", told.select(*(col(c.name).cast(c.dtype).alias(c.name) for c in CONTINUITY.columns)))


def _heard(tables: Tables, as_of: datetime) -> tuple[nw.LazyFrame, nw.LazyFrame]:
    """Per company: when it was last heard of, and whether it complained in the window."""
    of_company = tables["people"].filter(~col("account_id").is_null()).select("person_id", "account_id")
    theirs = tables["interactions"].filter(
        (col("direction") != "outbound") & (col("occurred_at") <= nw.lit(as_of).cast(TIME))
    )
    acts = theirs.join(of_company, on="person_id")
    upset = acts.filter((col("occurred_at") > nw.lit(as_of - WINDOW).cast(TIME)) & _has("complaint"))
    last = acts.group_by("account_id").agg(last_heard_at=col("occurred_at").max())
    return last, upset.select("account_id", upset=nw.lit(1)).unique()
