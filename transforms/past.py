"""The opportunities as they stood at an earlier instant: what happened to them later is taken back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import narwhals as nw

from readiness.engine import Keep, in_place
from readiness.schema import OPPORTUNITIES, TEXT, TIME
from transforms.frames import col, nothing, stacked
from transforms.parsing import SHAPES, parsed

FIELDS = {"stage": "stage_id", "close_date": "close_date", "amount": "amount", "seller": "seller_id"}
"""Field of `changes` -> column of `opportunities`."""
KINDS = {"close_date": "day", "amount": "number"}
"""Columns of which the text of a change has to have a shape (`parsing.SHAPES`)."""


def as_known_at(
    opportunities: nw.LazyFrame[Any], changes: nw.LazyFrame[Any], as_of: datetime, keep: Keep = in_place
) -> nw.LazyFrame[Any]:
    """Opportunities made by `as_of`; closed later means open, and a value changed later is the one from before.

    Where nothing was changed after `as_of`, which is all there is in an everyday run, what the CRM says stays. A former
    value that can't be read is not known.
    """
    now = nw.lit(as_of).cast(TIME)
    known = opportunities.filter(col("created_at") <= now)
    later = keep("past_later", changes.filter(col("changed_at") > now))
    first = keep("past_first", _first_instant(later))
    for field, column in FIELDS.items():
        before = keep(f"past_{field}", _value_before(first.filter(col("field") == field)))
        was = _typed(column)
        known = known.join(before, on="opportunity_id", how="left").with_columns(
            nw.when(~col("since").is_null()).then(was).otherwise(col(column)).alias(column)
        )
        known = known.drop("since", "was")
    is_open = (col("closed_at") > now).fill_null(False)
    return known.with_columns(
        outcome=nw.when(is_open).then(nw.lit("open")).otherwise(col("outcome")),
        closed_at=nw.when(~is_open).then(col("closed_at")).otherwise(nothing(TIME)),
        loss_reason=nw.when(~is_open).then(col("loss_reason")).otherwise(nothing(TEXT)),
    ).select(*OPPORTUNITIES.names)


def _first_instant(later: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """The changes of each field at the first instant at which it was changed."""
    when = later.group_by("opportunity_id", "field").agg(changed_at=col("changed_at").min())
    return later.join(when, on=["opportunity_id", "field", "changed_at"], how="semi")


def _value_before(first: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """opportunity_id, since, was: what the first of these changes replaced.

    Of several at one instant the first is the one that replaces what none of the others has made.
    """
    made = first.select("opportunity_id", old_value=col("new_value")).filter(~col("old_value").is_null()).unique()
    is_made = made.with_columns(is_made=nw.lit(1))
    ranked = first.join(is_made, on=["opportunity_id", "old_value"], how="left").with_columns(
        is_made=col("is_made").fill_null(0)
    )
    single = ranked.unique(subset=["opportunity_id"], keep="first", order_by=["is_made", "new_value"])
    return single.select("opportunity_id", since=col("changed_at"), was=col("old_value"))


def _typed(column: str) -> nw.Expr:
    return parsed(KINDS.get(column, "text"), col("was"))


def unreadable(changes: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """The former close dates and amounts that are no date or no number (`parsing.REJECTED`)."""
    parts = []
    for column, kind in KINDS.items():
        shape, expected = SHAPES[kind]
        given = col("old_value")
        broken = changes.filter(col("field") == column, ~given.str.contains(shape))
        parts.append(
            broken.select(
                stream=nw.lit("changes"),
                key=col("opportunity_id"),
                column=nw.lit(column),
                value=given.str.slice(0, 80),
                reason=nw.lit(f"expected {expected}; it was read as empty"),
            )
        )
    return stacked(parts)
