"""What is known of each person at an instant: their acts, decayed, and how long we could have seen them act."""

from __future__ import annotations

import math
from functools import reduce
from operator import add

import narwhals as nw

from readiness.engine import with_days
from readiness.model import CHANNELS, Model

PERSON = ("opportunity_id", "as_of", "person_id")

MOST_HALVINGS = 1000.0
"""An act this many half-lives ago has no weight left that a float can hold."""


def at_landmarks(rows: nw.LazyFrame, landmarks: nw.LazyFrame) -> nw.LazyFrame:
    """The rows with `as_of`, once for each landmark of their opportunity.

    Rows that carry an `as_of` of their own speak of that landmark alone.
    """
    on = ["opportunity_id", "as_of"] if "as_of" in rows.collect_schema().names() else ["opportunity_id"]
    return rows.join(landmarks.select("opportunity_id", "as_of"), on=on)


def known_acts(signals: nw.LazyFrame, landmarks: nw.LazyFrame, model: Model) -> nw.LazyFrame:
    """The acts that count as evidence at each landmark, with `age` in days and a weight of at most 1.

    Outbound rows, kinds that the model has no rates for, acts not known or not happened yet, and rows without a person
    or a positive weight are left out.
    """
    weight = nw.col("weight")
    acts = signals.filter(
        nw.col("kind").is_in(list(model.signals)),
        nw.col("direction").is_in(["inbound", "mutual"]),
        weight > 0,
        ~weight.is_nan(),
        ~nw.col("person_id").is_null(),
    )
    acts = at_landmarks(acts, landmarks)
    acts = acts.filter(nw.col("known_at") <= nw.col("as_of"), nw.col("occurred_at") <= nw.col("as_of"))
    acts = with_days(acts, day="occurred_at", now="as_of")
    return acts.with_columns(age=nw.col("now") - nw.col("day"), weight=nw.min_horizontal(weight, nw.lit(1.0)))


def left_of(half_life: float) -> nw.Expr:
    """What is left of an act's weight at its age."""
    return nw.col("weight") * (nw.col("age") * (-math.log(2) / half_life)).exp()


def evidence(signals: nw.LazyFrame, landmarks: nw.LazyFrame, model: Model) -> nw.LazyFrame:
    """Decayed counts per person and landmark, not capped yet.

    Returns
    -------
    One row per (opportunity_id, as_of, person_id) with any evidence: now_<kind> (0 or null where there is none),
    first_act_at, last_inbound_at.
    """
    kind = nw.col("kind")
    counts = {
        f"now_{name}": nw.when(kind == name).then(left_of(signal.half_life)).sum()
        for name, signal in model.signals.items()
    }
    acts = known_acts(signals, landmarks, model).group_by(*PERSON)
    return acts.agg(**counts, first_act_at=nw.col("occurred_at").min(), last_inbound_at=nw.col("occurred_at").max())


def watched(members: nw.LazyFrame, seen: nw.LazyFrame, landmarks: nw.LazyFrame, model: Model) -> nw.LazyFrame:
    """Every person in a group at the landmark, as they stood at their last act.

    A person is watched from joining the group, or from their first act on it where the CRM learnt of them later.

    Parameters
    ----------
    members : `schema.MEMBERS`; with an `as_of`, a row holds for that landmark alone.
    seen : what `evidence` gives.

    Returns
    -------
    One row per (opportunity_id, as_of, person_id): seat; obs_<channel> (0-1); last_inbound_at; then_<kind>, the decayed
    counts just after the last act; tenure, days watched up to it; silence, days since it. Who never acted counts as
    silent since the watch began.
    """
    there = nw.col("left_at").is_null() | (nw.col("left_at") > nw.col("as_of"))
    came = nw.col("joined_at").is_null() | (nw.col("joined_at") <= nw.col("as_of"))
    people = at_landmarks(members, landmarks).filter(came, there).join(seen, on=list(PERSON), how="left")
    people = with_days(people, joined="joined_at", first="first_act_at", last="last_inbound_at", now="as_of")
    start = nw.min_horizontal("joined", "first", "now")
    people = people.with_columns(
        tenure=nw.col("last").fill_null(start) - start, silence=nw.col("now") - nw.col("last").fill_null(start)
    )
    return people.select(
        *PERSON,
        nw.when(nw.col("seat").is_in(list(model.seats)))
        .then(nw.col("seat"))
        .otherwise(nw.lit("unknown"))
        .alias("seat"),
        "last_inbound_at",
        "tenure",
        "silence",
        *(_share(nw.col(f"obs_{channel}")).alias(f"obs_{channel}") for channel in CHANNELS),
        *(_then(kind, signal.half_life).alias(f"then_{kind}") for kind, signal in model.signals.items()),
    )


def _then(kind: str, half_life: float) -> nw.Expr:
    halvings = nw.min_horizontal(nw.col("silence") / half_life, nw.lit(MOST_HALVINGS))
    return nw.col(f"now_{kind}").fill_null(0.0) * (halvings * math.log(2)).exp()


def _share(captured: nw.Expr) -> nw.Expr:
    """A share of 0-1; what is missing or no number counts as fully captured."""
    return nw.when(captured <= 0).then(0.0).when(captured < 1).then(captured).otherwise(1.0)


def total(parts: list[nw.Expr]) -> nw.Expr:
    """The sum, left to right, so that every engine adds in the same order."""
    return reduce(add, parts)
