"""Whose readiness an act speaks of, and on which opportunity.

The explicit link first; else the open contact role at that moment; else the account's only opportunity that was open
at that moment; else nobody's. One row per person.
"""

from __future__ import annotations

import narwhals as nw

from readiness.engine import Keep
from readiness.schema import INTERACTIONS
from transforms.frames import col, latest, nothing, stacked
from transforms.parsing import texts

ACTS = (
    "interaction_id", "linked_id", "account_id", "seller_id", "channel", "direction", "outcome", "topics",
    "occurred_at", "recorded_at", "thread_id", "author",
)  # fmt: skip
"""One row per act: `linked_id` is the opportunity it is filed under, `account_id` the company; topics is JSON text."""


def open_at(moment: nw.Expr) -> nw.Expr:
    """Whether the opportunity was open, over columns created_at and closed_at."""
    return (col("created_at") <= moment) & (col("closed_at").is_null() | (moment <= col("closed_at")))


def attributed(
    acts: nw.LazyFrame,
    act_people: nw.LazyFrame,
    people: nw.LazyFrame,
    opportunities: nw.LazyFrame,
    buying_group: nw.LazyFrame,
    keep: Keep,
    converted: nw.LazyFrame | None = None,
) -> nw.LazyFrame:
    """The canonical interactions.

    Parameters
    ----------
    acts : columns `ACTS`.
    act_people : interaction_id, person_id; people who are no buyers are passed over.
    people, opportunities, buying_group : canonical.
    converted : person_id, opportunity_id: what a converted lead's earlier contacts led to.
    """
    known = act_people.join(people.select("person_id", home_id=col("account_id")), on="person_id").unique(
        subset=["interaction_id", "person_id"], keep="any"
    )
    rows = keep(
        "acts_by_person",
        acts.select("interaction_id", "account_id", "linked_id", "occurred_at")
        .join(known, on="interaction_id", how="left")
        .with_columns(company_id=nw.coalesce(col("account_id"), col("home_id"))),
    )
    spans = keep("open_spans", opportunities.select("opportunity_id", "account_id", "created_at", "closed_at"))
    linked = _linked(rows, opportunities)
    open_rows = keep(
        "acts_without_link",
        rows.filter(col("linked_id").is_null()).select("interaction_id", "person_id", "company_id", "occurred_at"),
    )
    found = [linked]
    if converted is not None:
        found.append(
            open_rows.join(converted, on="person_id").select(
                "interaction_id", "person_id", "opportunity_id", nw.lit(1).alias("rank")
            )
        )
    found += [_by_role(open_rows, spans, buying_group), _by_account(open_rows, spans)]
    best = keep(
        "attributed",
        stacked(found).unique(
            subset=["interaction_id", "person_id"], keep="first", order_by=["rank", "opportunity_id"]
        ),
    )
    placed = _null_safe(rows.select("interaction_id", "person_id")).join(
        _null_safe(best), on=["interaction_id", "_person"], how="left"
    )
    return (
        acts.join(placed, on="interaction_id")
        .select(
            "interaction_id",
            "opportunity_id",
            "person_id",
            "seller_id",
            "channel",
            "direction",
            "outcome",
            texts(col("topics")).alias("topics"),
            "occurred_at",
            "recorded_at",
            "thread_id",
            "author",
            nothing().alias("campaign"),
        )
        .select(*(col(c.name).cast(c.dtype).alias(c.name) for c in INTERACTIONS.columns))
    )


def _null_safe(frame: nw.LazyFrame) -> nw.LazyFrame:
    """With `_person`: the person, or "" for none, because a join does not match nulls."""
    named = frame.with_columns(_person=col("person_id").fill_null(""))
    return named.drop("person_id") if "rank" in frame.collect_schema().names() else named


def _linked(rows: nw.LazyFrame, opportunities: nw.LazyFrame) -> nw.LazyFrame:
    there = opportunities.select("opportunity_id", linked_id=col("opportunity_id"))
    return rows.join(there, on="linked_id").select(
        "interaction_id", "person_id", "opportunity_id", nw.lit(0).alias("rank")
    )


def _by_role(rows: nw.LazyFrame, spans: nw.LazyFrame, buying_group: nw.LazyFrame) -> nw.LazyFrame:
    """The opportunity on which the person held a role while it was open; the role begun last, of several."""
    seats = buying_group.select("opportunity_id", "person_id", "joined_at", "left_at").join(spans, on="opportunity_id")
    held = (col("joined_at") <= col("occurred_at")) & (col("left_at").is_null() | (col("occurred_at") < col("left_at")))
    matched = rows.join(seats, on="person_id").filter(held & open_at(col("occurred_at")))
    return latest(matched, ["interaction_id", "person_id"], ["joined_at", "opportunity_id"]).select(
        "interaction_id", "person_id", "opportunity_id", nw.lit(2).alias("rank")
    )


def _by_account(rows: nw.LazyFrame, spans: nw.LazyFrame) -> nw.LazyFrame:
    matched = rows.join(spans, left_on="company_id", right_on="account_id").filter(open_at(col("occurred_at")))
    counted = matched.group_by("interaction_id", "person_id").agg(
        n=nw.len(), opportunity_id=col("opportunity_id").min()
    )
    return counted.filter(col("n") == 1).select(
        "interaction_id", "person_id", "opportunity_id", nw.lit(3).alias("rank")
    )
