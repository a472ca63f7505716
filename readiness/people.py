"""How ready each person is, for the seller to read: phase, readiness, coverage, confidence, state."""

from __future__ import annotations

import math
from functools import partial

import narwhals as nw
import pyarrow as pa

from readiness.engine import Keep, in_place
from readiness.evidence import PERSON, gathered, total, watchable
from readiness.kinds import Kinds
from readiness.model import Model
from readiness.posterior import posterior
from readiness.slices import sliced
from readiness.watch import INSTANT, instants, watch

TINY = 1e-300


def people_readiness(
    signals: nw.LazyFrame, members: nw.LazyFrame, landmarks: nw.LazyFrame, model: Model, keep: Keep = in_place
) -> nw.LazyFrame:
    """Posterior over the buying phases, per person and opportunity, as known at each landmark.

    Parameters
    ----------
    signals : one row per act (`schema.SIGNALS`); acts known after the landmark are ignored.
    members : one row per person in a buying group (`schema.MEMBERS`); who joined later or left before is ignored. Rows
        that carry an `as_of` column hold for that landmark alone.
    landmarks : distinct (opportunity_id, as_of): what to score, and when.
    keep : stores the stages "seated", "acts", "odds_0", "odds_1" … slice by slice, and "scored_people".

    Returns
    -------
    `schema.PEOPLE_READINESS`: one row per (opportunity_id, as_of, person_id).
    """
    people, acts = gathered(signals, members, landmarks, model, keep)
    slices = sliced(watchable(people), acts, partial(_odds, model=model), _columns(model))
    odds = nw.concat([keep(f"odds_{n}", some) for n, some in enumerate(slices)])
    return keep("scored_people", described(people.select("place", *PERSON, "seat").join(odds, on="place"), model))


def _columns(model: Model) -> pa.Schema:
    floats = ["silence", "inbound", "due", *(f"odds_{m}" for m in range(1, model.top + 1))]
    return pa.schema([("last_inbound_at", INSTANT), *((name, pa.float64()) for name in floats)])


def _odds(people: pa.Table, acts: pa.Table, model: Model) -> pa.Table:
    seen = watch(people, acts, Kinds.of(model))
    found = posterior(seen, model)
    return pa.table([instants(seen.last), seen.silence, found.inbound, found.due, *found.odds], _columns(model))


def described(people: nw.LazyFrame, model: Model) -> nw.LazyFrame:
    """Turn the odds of the tails into what is shown (`schema.PEOPLE_READINESS`)."""
    steps = range(1, model.top + 1)
    people = people.with_columns(
        *((nw.col(f"odds_{m}") / (1.0 + nw.col(f"odds_{m}"))).alias(f"tail_{m}") for m in steps),
        *((1.0 / (1.0 + nw.col(f"odds_{m}"))).alias(f"head_{m}") for m in steps),
    )
    people = people.with_columns(
        *(_chance(k, model.top).alias(f"p_{k}") for k in range(model.top + 1)),
        mean_phase=total([nw.col(f"tail_{m}") for m in steps]),
        phase=total([nw.when(nw.col(f"odds_{m}") >= 1.0).then(1).otherwise(0) for m in steps]).cast(nw.Int64),
        coverage=1.0 - ((nw.col("inbound") + nw.col("due")) / -model.thresholds.coverage_scale).exp(),
    )
    people = people.with_columns(
        readiness=nw.col("mean_phase") * (100.0 / model.top),
        entropy=entropy([nw.col(f"p_{k}") for k in range(model.top + 1)]),
        state=state(nw.col("coverage"), nw.col("last_inbound_at").is_null(), nw.col("silence"), model),
    )
    return people.with_columns(confidence=confidence(nw.col("coverage"), nw.col("entropy"), model)).select(
        *PERSON,
        "seat",
        *(f"p_{k}" for k in range(model.top + 1)),
        "phase",
        "readiness",
        "mean_phase",
        "coverage",
        "entropy",
        "confidence",
        "state",
        "last_inbound_at",
        "inbound",
    )


def _chance(k: int, top: int) -> nw.Expr:
    """p_k, taken from whichever side keeps its digits."""
    if k == 0:
        return nw.col("head_1")
    if k == top:
        return nw.col(f"tail_{top}")
    upper = nw.col(f"tail_{k}") - nw.col(f"tail_{k + 1}")
    lower = nw.col(f"head_{k + 1}") - nw.col(f"head_{k}")
    return nw.when(nw.col(f"odds_{k}") < 1.0).then(upper).otherwise(lower)


def entropy(chances: list[nw.Expr]) -> nw.Expr:
    """Of a distribution, in nats; 0 · ln 0 is 0."""
    return total([chance * nw.max_horizontal(chance, nw.lit(TINY)).log() for chance in chances]) * -1.0


def state(coverage: nw.Expr, never_acted: nw.Expr, silence: nw.Expr, model: Model) -> nw.Expr:
    """unseen: we could not have seen; silent: we could, and there was no act for long; seen: there was."""
    quiet = never_acted | (silence > model.thresholds.silent_after_days)
    return (
        nw.when(coverage < model.thresholds.unseen_below)
        .then(nw.lit("unseen"))
        .when(quiet)
        .then(nw.lit("silent"))
        .otherwise(nw.lit("seen"))
    )


def confidence(coverage: nw.Expr, spread: nw.Expr, model: Model) -> nw.Expr:
    """low | medium | high, by coverage × (1 − entropy / ln of the number of phases)."""
    score = coverage * (1.0 - spread / math.log(len(model.phases)))
    return (
        nw.when(score >= model.thresholds.high_from)
        .then(nw.lit("high"))
        .when(score >= model.thresholds.medium_from)
        .then(nw.lit("medium"))
        .otherwise(nw.lit("low"))
    )
