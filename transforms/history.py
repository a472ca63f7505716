"""What was changed on an opportunity and when, whatever the CRM keeps of it."""

from __future__ import annotations

import narwhals as nw

from readiness.engine import Keep
from readiness.schema import CHANGES, NUMBER, TEXT
from transforms.frames import col, latest, nothing, stacked
from transforms.parsing import CALENDAR_DAY, DECIMAL

KEY = ["opportunity_id", "field"]


def plain(field: str, text: nw.Expr) -> nw.Expr:
    """A CRM's text of a value in the canonical form of that field; null where it is not such a value."""
    match field:
        case "amount":
            return nw.when(text.str.contains(DECIMAL)).then(text).cast(NUMBER).cast(TEXT)
        case "close_date":
            return nw.when(text.str.contains(CALENDAR_DAY)).then(text.str.slice(0, 10))
        case _:
            return text


def from_values(values: nw.LazyFrame, order: list[str]) -> nw.LazyFrame:
    """Changes from the values that a field took: each with the one before it; repeats are no change.

    Parameters
    ----------
    values : opportunity_id, field, new_value, changed_at and the columns of `order`, which sorts the values of
        one field in time, ties included.
    """
    chained = values.with_columns(
        old_value=col("new_value").shift(1).over(*KEY, order_by=order),
    )
    same = (col("old_value") == col("new_value")).fill_null(False) | (
        col("old_value").is_null() & col("new_value").is_null()
    )
    return chained.filter(~same).select(*CHANGES.names)


def preferring(better: nw.LazyFrame, other: nw.LazyFrame) -> nw.LazyFrame:
    """`better` from its first row on, per opportunity and field; `other` only before that: nothing twice."""
    first = better.group_by(*KEY).agg(first_at=col("changed_at").min())
    before = (
        other.join(first, on=KEY, how="left")
        .filter(col("first_at").is_null() | (col("changed_at") < col("first_at")))
        .select(*CHANGES.names)
    )
    return stacked([better.select(*CHANGES.names), before])


def with_first_values(changes: nw.LazyFrame, created: nw.LazyFrame) -> nw.LazyFrame:
    """Adds what a field held at the opportunity's creation, where only later changes of it are known.

    Parameters
    ----------
    created : opportunity_id, created_at.
    """
    first = changes.group_by(*KEY).agg(first_at=col("changed_at").min())
    starts = (
        changes.join(first, on=KEY)
        .filter(col("changed_at") == col("first_at"))
        .select(*KEY, "old_value", "new_value", "changed_at")
    )
    followed = starts.select(*KEY, "changed_at", old_value=col("new_value"))
    known = starts.filter(col("old_value").is_null()).select(*KEY).unique()
    missing = (
        starts.filter(~col("old_value").is_null())
        .join(followed, on=[*KEY, "changed_at", "old_value"], how="anti")
        .join(known, on=KEY, how="anti")
        .join(created, on="opportunity_id")
        .select(
            "opportunity_id",
            "field",
            nothing().alias("old_value"),
            new_value=col("old_value"),
            changed_at=nw.min_horizontal(col("created_at"), col("changed_at")),
        )
    )
    return stacked([changes.select(*CHANGES.names), latest(missing, KEY, ["changed_at", "new_value"])])


def deduplicated(changes: nw.LazyFrame, name: str, keep: Keep) -> nw.LazyFrame:
    return keep(name, latest(changes, list(CHANGES.key), ["old_value"]))


def closings(changes: nw.LazyFrame, stages: nw.LazyFrame, opportunities: nw.LazyFrame) -> nw.LazyFrame:
    """opportunity_id, closing_at: the last move from an open stage into a closed one.

    Parameters
    ----------
    stages : `schema.STAGES`.
    opportunities : opportunity_id, pipeline_id.
    """
    closed = stages.filter(col("is_closed")).select("pipeline_id", stage=col("stage_id"), is_closed=nw.lit(1)).unique()
    before = closed.select("pipeline_id", old_value=col("stage"), was_closed=nw.lit(1))
    return (
        changes.filter(col("field") == "stage")
        .join(opportunities.select("opportunity_id", "pipeline_id"), on="opportunity_id")
        .join(closed, left_on=["pipeline_id", "new_value"], right_on=["pipeline_id", "stage"])
        .join(before, on=["pipeline_id", "old_value"], how="left")
        .filter(col("was_closed").is_null())
        .group_by("opportunity_id")
        .agg(closing_at=col("changed_at").max())
    )
