"""HubSpot's associations, read from whichever side they were listed on."""

from __future__ import annotations

import narwhals as nw

from transforms.frames import col, stacked
from transforms.hubspot import streams
from transforms.parsing import Reader


def links(read: Reader, left: str, right: str) -> nw.LazyFrame:
    """left_id, right_id, label of the associations between two object types; one row per label."""
    rows = read(streams.ASSOCIATIONS)
    there = rows.filter((col("from_type") == left) & (col("to_type") == right)).select(
        "label", left_id=col("from_id"), right_id=col("to_id")
    )
    back = rows.filter((col("from_type") == right) & (col("to_type") == left)).select(
        "label", left_id=col("to_id"), right_id=col("from_id")
    )
    both = [frame.select("left_id", "right_id", "label") for frame in (there, back)]
    return stacked(both).unique(subset=["left_id", "right_id", "label"], keep="any")


def one_link(read: Reader, left: str, right: str) -> nw.LazyFrame:
    """left_id, right_id: one of them per left object, the primary if it is marked, else the first by id."""
    primary = nw.when(col("label").str.to_lowercase().str.contains("primary").fill_null(False)).then(0).otherwise(1)
    return (
        links(read, left, right)
        .with_columns(second=primary)
        .unique(subset=["left_id"], keep="first", order_by=["second", "right_id"])
        .select("left_id", "right_id")
    )
