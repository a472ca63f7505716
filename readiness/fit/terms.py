"""Which terms a tenant's history can support, and how firmly each is held to what an expert would expect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import narwhals as nw
import numpy as np

from readiness.fit.hazard import Floats
from readiness.fit.training import Training, column
from readiness.forecast.features import BUYER, DEAL
from readiness.forecast.parameters import Effect, Parameters, Term
from readiness.forecast.predict import term_value

ALWAYS = Term("", 0.0, 1.0, (0.0, 0.0, 0.0), (0.0, 0.0, 0.0))
"""Shifts all buckets of a cause together."""

LEVEL_DEALS = 30
"""An act must have been the last one on so many deals before it gets terms of its own."""

KNOTS = {"idle": 6, "age": 6, "since_quote": 6, "since_first_quote": 6, "since_document": 6}
FEWER_KNOTS = 3
AGE_KNOTS_PER_ACT = 4
FEWEST_VALUES = 50
ANY = (-np.inf, np.inf)
UP, DOWN = (0.0, np.inf), (-np.inf, 0.0)
LIMITS = {
    **dict.fromkeys(("ln_c3", "ln_c4", "ln_c5"), (UP, ANY, DOWN)),
    "silence": (DOWN, ANY, UP),
    "listening": (DOWN, UP, UP),
}
"""Bounds of the effects on win, loss and no-decision. A readier group is never less likely to buy, and silence never
makes it likelier; nor does a conversation in which less of ours was logged."""


def own_terms(history: Training, prior: Parameters) -> tuple[Term, ...]:
    """The expert's terms and smooth curves over every feature, with curves of idle time and age of their own for each
    act that was the last one on at least `LEVEL_DEALS` deals: what an act means is learnt, not read from its name."""
    rows = history.rows
    curves = [term for name in (*BUYER, *DEAL) for term in _curve(rows, name, KNOTS.get(name, FEWER_KNOTS))]
    acts = rows.group_by("event").agg(deals=nw.col("opportunity_id").n_unique()).sort("event")
    for act in acts.filter(nw.col("deals") >= LEVEL_DEALS)["event"].to_list():
        after = rows.filter(nw.col("event") == act)
        held = [ALWAYS, *_curve(after, "idle", KNOTS["idle"]), *_curve(after, "age", AGE_KNOTS_PER_ACT)]
        curves += [replace(term, where="event", level=act) for term in held]
    return (ALWAYS, *prior.terms, *curves)


def of_variant(terms: Sequence[Term], variant: str) -> tuple[Term, ...]:
    """The terms that a variant may read: `buyer` nothing the seller controls, `deal` no readiness, `combined` all."""
    left_out = {"buyer": set(DEAL), "deal": set(BUYER), "combined": set()}[variant]
    return tuple(term for term in terms if term.feature not in left_out and not (variant == "buyer" and term.where))


def values(rows: nw.DataFrame, terms: Sequence[Term]) -> Floats:
    """The terms' columns, of shape (rows, terms)."""
    columns = rows.select(*(term_value(term).alias(str(index)) for index, term in enumerate(terms)))
    return np.asarray(columns.to_numpy(), dtype=np.float64)


def bounds(term: Term) -> tuple[Effect, Effect]:
    """The least and the greatest effect on win, loss and no-decision."""
    (win, loss, no_decision) = LIMITS.get(term.feature, (ANY, ANY, ANY))
    return (win[0], loss[0], no_decision[0]), (win[1], loss[1], no_decision[1])


def _curve(rows: nw.DataFrame, feature: str, knots: int) -> list[Term]:
    """A piecewise linear curve between the feature's quantiles; none where it hardly varies."""
    seen = column(rows, feature)
    seen = seen[~np.isnan(seen)]
    if seen.size < FEWEST_VALUES:
        return []
    places = np.unique(np.round(np.quantile(seen, np.linspace(0.02, 0.98, knots)), 3))
    return [
        Term(feature, float(start), float(end), (0.0, 0.0, 0.0), (0.0, 0.0, 0.0)) for start, end in pairwise(places)
    ]
