"""What is known of each person at an instant: their acts, decayed, and how long we could have seen them act."""

from __future__ import annotations

from functools import reduce
from operator import add

import narwhals as nw
import pyarrow as pa

from readiness.engine import Keep, beside, in_place
from readiness.model import CHANNELS, Model
from readiness.slices import slice_of

PERSON = ("opportunity_id", "as_of", "person_id")
BUYERS_OWN = ("inbound", "mutual")
"""Directions of acts that the buyer had a part in."""


def at_landmarks(rows: nw.LazyFrame, landmarks: nw.LazyFrame) -> nw.LazyFrame:
    """The rows with `as_of`, once for each landmark of their opportunity.

    Rows that carry an `as_of` of their own speak of that landmark alone.
    """
    on = ["opportunity_id", "as_of"] if "as_of" in rows.collect_schema().names() else ["opportunity_id"]
    return rows.join(landmarks.select("opportunity_id", "as_of"), on=on)


def known_acts(signals: nw.LazyFrame, people: nw.LazyFrame, kinds: pa.Table) -> nw.LazyFrame:
    """The acts that count as evidence of each person at their landmark, with a weight of at most 1.

    Outbound rows, kinds that are not asked for, acts not known or not happened yet, and rows without a person or a
    positive weight are left out.

    Parameters
    ----------
    people : one row per (opportunity_id, as_of, person_id), with whatever is to stand beside their acts.
    kinds : one row per kind asked for: kind, and whatever is to stand beside its acts.
    """
    weight = nw.col("weight")
    either = pa.concat_tables([kinds.append_column("direction", [[way] * len(kinds)]) for way in BUYERS_OWN])
    acts = signals.filter(weight > 0, ~weight.is_nan()).join(beside(signals, either), on=["kind", "direction"])
    acts = acts.join(people, on=["opportunity_id", "person_id"])
    acts = acts.filter(nw.col("known_at") <= nw.col("as_of"), nw.col("occurred_at") <= nw.col("as_of"))
    return acts.with_columns(weight=nw.min_horizontal(weight, nw.lit(1.0)))


def gathered(
    signals: nw.LazyFrame, members: nw.LazyFrame, landmarks: nw.LazyFrame, model: Model, keep: Keep = in_place
) -> tuple[nw.LazyFrame, nw.LazyFrame]:
    """Every person in a group at the landmark, and what each is known to have done by then.

    Parameters
    ----------
    signals : `schema.SIGNALS`.
    members : `schema.MEMBERS`; with an `as_of`, a row holds for that landmark alone.
    landmarks : distinct (opportunity_id, as_of).
    keep : stores the stages "seated" and "acts".

    Returns
    -------
    People: place, their number from 0 on; slice, see `slices.slice_of`; opportunity_id, as_of, person_id; seat;
    joined_at; obs_<channel> (0-1).
    Acts: place and slice of their person; kind_number, the kind's place among the model's; weight; occurred_at. They
    lie together by slice.
    """
    people = keep("seated", _seated(members, landmarks, model))
    numbers = pa.array(range(len(model.signals)), pa.int16())
    kinds = pa.table({"kind": [*model.signals], "kind_number": numbers})
    acts = known_acts(signals, people.select("place", "slice", *PERSON), kinds)
    return people, keep("acts", acts.select("place", "slice", "kind_number", "weight", "occurred_at").sort("slice"))


def watchable(people: nw.LazyFrame) -> nw.LazyFrame:
    """What `watch.watch` asks of the people that `gathered` gives: no text, which is dear to carry."""
    return people.select("place", "slice", "as_of", "joined_at", *(f"obs_{channel}" for channel in CHANNELS))


def _seated(members: nw.LazyFrame, landmarks: nw.LazyFrame, model: Model) -> nw.LazyFrame:
    """Who is in a group at the landmark; `place` numbers them."""
    there = nw.col("left_at").is_null() | (nw.col("left_at") > nw.col("as_of"))
    came = nw.col("joined_at").is_null() | (nw.col("joined_at") <= nw.col("as_of"))
    people = at_landmarks(members, landmarks).filter(came, there)
    seat = nw.when(nw.col("seat").is_in(list(model.seats))).then(nw.col("seat")).otherwise(nw.lit("unknown"))
    people = people.select(
        *PERSON, "joined_at", seat=seat, **{f"obs_{channel}": _share(nw.col(f"obs_{channel}")) for channel in CHANNELS}
    )
    return people.with_row_index("place", order_by=PERSON).with_columns(slice=slice_of(nw.col("place")))


def _share(captured: nw.Expr) -> nw.Expr:
    """A share of 0-1; what is missing or no number counts as fully captured."""
    return nw.when(captured <= 0).then(0.0).when(captured < 1).then(captured).otherwise(1.0)


def total(parts: list[nw.Expr]) -> nw.Expr:
    """The sum, left to right, so that every engine adds in the same order."""
    return reduce(add, parts)
