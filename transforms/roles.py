"""Contact roles through time: no CRM keeps that history, so each snapshot is compared with the one before."""

from __future__ import annotations

from datetime import datetime

import narwhals as nw

from readiness.schema import FLAG, TEXT, TIME, Column, Table
from transforms.frames import col, nothing, stacked
from transforms.words import seat_of_rank, seat_rank

ROLE_HISTORY = Table(
    "role_history",
    ("opportunity_id", "person_id", "joined_at"),
    (
        Column("opportunity_id", TEXT, "opportunity"),
        Column("person_id", TEXT, "contact with a role on it"),
        Column("seat", TEXT, "the weightiest of the person's roles there"),
        Column("is_primary", FLAG, "primary contact"),
        Column("joined_at", TIME, "first seen in the role"),
        Column("left_at", TIME, "first snapshot without the role; null while there"),
        Column("role_id", TEXT, "the CRM's own record of the role; null where it has none"),
        Column("seen_at", TIME, "the last snapshot that had it"),
    ),
)
CURRENT_ROLES = Table(
    "current_roles",
    ("opportunity_id", "person_id"),
    (
        Column("opportunity_id", TEXT, "opportunity"),
        Column("person_id", TEXT, "contact"),
        Column("seat", TEXT, "seat"),
        Column("is_primary", FLAG, "primary contact"),
        Column("since", TIME, "earliest instant at which the role can have begun"),
        Column("is_exact", FLAG, "whether `since` is when it began"),
        Column("role_id", TEXT, "the CRM's own record of the role; null where it has none"),
    ),
)


def one_per_person(roles: nw.LazyFrame) -> nw.LazyFrame:
    """Several roles of one person on one opportunity become one: weightiest seat, earliest start, first id."""
    primary = nw.when(col("is_primary").fill_null(False)).then(1).otherwise(0)
    exact = nw.when(col("is_exact")).then(1).otherwise(0)
    grouped = (
        roles.select(
            "opportunity_id", "person_id", "since", "role_id", rank=seat_rank(col("seat")), primary=primary, exact=exact
        )
        .group_by("opportunity_id", "person_id")
        .agg(
            rank=col("rank").min(),
            primary=col("primary").max(),
            since=col("since").min(),
            exact=col("exact").max(),
            role_id=col("role_id").min(),
        )
    )
    return grouped.select(
        "opportunity_id",
        "person_id",
        seat=seat_of_rank(col("rank")),
        is_primary=col("primary") == 1,
        since=col("since"),
        is_exact=col("exact") == 1,
        role_id=col("role_id"),
    )


def snapshot(previous: nw.LazyFrame | None, current: nw.LazyFrame, as_of: datetime) -> nw.LazyFrame:
    """The role history after one more look (`ROLE_HISTORY`).

    Parameters
    ----------
    previous : the history so far; None before the first look.
    current : the roles that the CRM has now (`CURRENT_ROLES`).
    as_of : when the CRM was looked at.

    A role that vanished gets `left_at`; one that came back begins anew. A new role begins at its `since` where
    the CRM says so, at the first look, or where that lies after the previous look; else at `as_of`.
    """
    pair = ["opportunity_id", "person_id"]
    now = nw.lit(as_of).cast(TIME)
    if previous is None:
        return current.select(
            *pair,
            "seat",
            "is_primary",
            joined_at=col("since"),
            left_at=nothing(TIME),
            role_id=col("role_id"),
            seen_at=now,
        )
    ongoing = previous.filter(col("left_at").is_null())
    ended = previous.filter(~col("left_at").is_null()).select(*ROLE_HISTORY.names)
    vanished = (
        ongoing.join(current.select(*pair), on=pair, how="anti").with_columns(left_at=now).select(*ROLE_HISTORY.names)
    )
    stayed = current.join(ongoing.select(*pair, "joined_at"), on=pair).select(
        *pair, "seat", "is_primary", "joined_at", left_at=nothing(TIME), role_id=col("role_id"), seen_at=now
    )
    last_look = previous.select(last_look=col("seen_at").max())
    credible = col("is_exact") | col("last_look").is_null() | (col("since") > col("last_look"))
    new = (
        current.join(ongoing.select(*pair), on=pair, how="anti")
        .join(last_look, how="cross")
        .select(
            *pair,
            "seat",
            "is_primary",
            joined_at=nw.when(credible).then(col("since")).otherwise(now),
            left_at=nothing(TIME),
            role_id=col("role_id"),
            seen_at=now,
        )
    )
    back = ended.group_by(*pair).agg(left_before=col("left_at").max())
    new = (
        new.join(back, on=pair, how="left")
        .with_columns(joined_at=nw.max_horizontal(col("joined_at"), col("left_before")))
        .select(*ROLE_HISTORY.names)
    )
    return stacked([ended, vanished, stayed, new])
