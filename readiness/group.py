"""How far a buying group has come as a whole, and who holds it back."""

from __future__ import annotations

import math
from itertools import pairwise

import narwhals as nw

from readiness.engine import Keep, in_place, with_days
from readiness.evidence import total
from readiness.model import Model
from readiness.people import confidence, entropy, state

OPPORTUNITY = ("opportunity_id", "as_of")
LEAD = "lead:"
"""A lead without an opportunity is a group of one under this prefix."""

DECIDER = "decider"
SCORE_DIGITS = 6
ROUNDING = 1e-9
"""A variance below this is what is left of subtracting equal numbers."""


def group_readiness(people: nw.LazyFrame, landmarks: nw.LazyFrame, model: Model, keep: Keep = in_place) -> nw.LazyFrame:
    """Roll the people of each opportunity up to one curve, C_m = exp(Σ ω_i ln P(Z_i ≥ m) / Σ ω_i).

    The weighted geometric mean lets one unready person hold a group back without letting the least ready one decide
    alone. A group without a decider has an empty decider's chair at the prior, unless it is a lead.

    Parameters
    ----------
    people : what `people.people_readiness` gives.
    landmarks : distinct (opportunity_id, as_of), optionally with expected_seats, people expected in the group
        (where null or left out, the model's default). Those without people get the empty chair alone, unseen.
    keep : stores the stages "added_up" and "scored_groups".

    Returns
    -------
    `schema.OPPORTUNITY_READINESS` but for claimed_phase and phase_gap: one row per landmark.
    """
    groups = keep("added_up", _added_up(people, model))
    default = nw.lit(model.expected_seats.default)
    given = "expected_seats" in landmarks.collect_schema().names()
    seats = nw.coalesce("expected_seats", default) if given else default
    landmarks = landmarks.select(*OPPORTUNITY, expected_seats=seats)
    return keep("scored_groups", _described(landmarks.join(groups, on=list(OPPORTUNITY), how="left"), model))


def _added_up(people: nw.LazyFrame, model: Model) -> nw.LazyFrame:
    """Weighted sums per group; a person's tails are never 0, so their logs are finite."""
    steps, phases = range(1, model.top + 1), range(model.top + 1)
    people = people.with_columns(
        weight=_seat_weight(model),
        in_sight=nw.when(nw.col("state") != "unseen").then(_ranking()),
        **{f"tail_{m}": total([nw.col(f"p_{k}") for k in phases[m:]]) for m in steps},
    )
    weight, mean = nw.col("weight"), nw.col("mean_phase")
    return people.group_by(*OPPORTUNITY).agg(
        *((weight * nw.col(f"tail_{m}").log()).sum().alias(f"sum_{m}") for m in steps),
        weights=weight.sum(),
        mean_sum=(weight * mean).sum(),
        square_sum=(weight * mean * mean).sum(),
        coverage_sum=nw.col("coverage").sum(),
        known_seats=nw.len(),
        deciders=nw.when(nw.col("seat") == DECIDER).then(1).otherwise(0).sum(),
        least=nw.col("in_sight").min(),
        last_inbound_at=nw.col("last_inbound_at").max(),
        inbound=nw.col("inbound").sum(),
    )


def _ranking() -> nw.Expr:
    """Text that sorts by readiness, then by person: the least of a group names its least ready person."""
    score = (nw.col("readiness") * 10.0**SCORE_DIGITS).floor().cast(nw.Int64) + 10 ** (SCORE_DIGITS + 3)
    return nw.concat_str(score.cast(nw.String), nw.col("person_id"))


def _seat_weight(model: Model) -> nw.Expr:
    weight = nw.lit(model.seats["unknown"])
    for seat, value in model.seats.items():
        weight = nw.when(nw.col("seat") == seat).then(nw.lit(value)).otherwise(weight)
    return weight


def _described(groups: nw.LazyFrame, model: Model) -> nw.LazyFrame:
    steps = range(1, model.top + 1)
    none = nw.col("weights").is_null()
    lead = nw.col("opportunity_id").str.starts_with(LEAD)
    missing = (nw.col("deciders").fill_null(0) == 0) & ~lead
    chair = nw.when(missing | none).then(model.seats.get(DECIDER, model.seats["unknown"])).otherwise(0.0)
    groups = groups.with_columns(missing_decider=missing, chair=chair, known_seats=nw.col("known_seats").fill_null(0))
    weights = nw.col("weights").fill_null(0.0) + nw.col("chair")
    groups = groups.with_columns(
        *(
            ((nw.col(f"sum_{m}").fill_null(0.0) + nw.col("chair") * math.log(tail)) / weights).exp().alias(f"c_{m}")
            for m, tail in zip(steps, model.prior_tails, strict=True)
        ),
        expected_seats=nw.when(lead).then(1.0).otherwise(nw.col("expected_seats")).cast(nw.Float64),
        mean_phase=(nw.col("mean_sum") / nw.col("weights")).fill_null(sum(model.prior_tails)),
    )
    known = nw.col("known_seats").cast(nw.Float64)
    held = nw.min_horizontal(known / nw.max_horizontal("expected_seats", nw.lit(1.0)), nw.lit(1.0))
    variance = nw.col("square_sum") / nw.col("weights") - nw.col("mean_phase") * nw.col("mean_phase")
    curve = [nw.lit(1.0), *(nw.col(f"c_{m}") for m in steps), nw.lit(0.0)]
    groups = with_days(groups, last="last_inbound_at", now="as_of")
    groups = groups.with_columns(
        readiness=total(curve[1:-1]) * (100.0 / model.top),
        phase=total([nw.when(c >= 0.5).then(1).otherwise(0) for c in curve[1:-1]]).cast(nw.Int64),
        coverage=((nw.col("coverage_sum") / known) * held).fill_null(0.0),
        dispersion=nw.when(variance > ROUNDING).then(nw.max_horizontal(variance, nw.lit(0.0)).sqrt()).otherwise(0.0),
        spread=entropy([upper - lower for upper, lower in pairwise(curve)]),
        inbound=nw.col("inbound").fill_null(0.0),
        least_ready_person_id=nw.col("least").str.slice(SCORE_DIGITS + 4),
    )
    return groups.with_columns(
        confidence=confidence(nw.col("coverage"), nw.col("spread"), model),
        state=state(nw.col("coverage"), nw.col("last").is_null(), nw.col("now") - nw.col("last"), model),
    ).select(
        *OPPORTUNITY,
        *(f"c_{m}" for m in steps),
        "readiness",
        "phase",
        "coverage",
        "confidence",
        "state",
        "mean_phase",
        "dispersion",
        nw.col("known_seats").cast(nw.Int64),
        "expected_seats",
        "missing_decider",
        "least_ready_person_id",
        "last_inbound_at",
        "inbound",
    )
