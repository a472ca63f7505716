"""From features to chances, in expressions: discrete-time competing risks over the buckets of the horizon.

In each bucket an open deal is won, lost, ends without a decision, or stays open, with log-odds against staying open of
`baseline + term * effect`, summed over the terms (a multinomial logit per bucket: Tutz & Schmid, "Modeling Discrete
Time-to-Event Data", 2016; landmarks after van Houwelingen 2007 and Nicolaie et al. 2013).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import add

import narwhals as nw

from readiness.forecast.parameters import CAUSES, Parameters, Term

CHANCES = {"p_win": "win", "p_lost": "loss", "p_no_decision": "no_decision"}


def positions(edges: Sequence[float], turn: float) -> list[float]:
    """How far each bucket's middle is from now (0) to the far future (1): half of the way at `turn` days."""
    middles = ((start + end) / 2 for start, end in zip((0.0, *edges[:-1]), edges, strict=True))
    return [middle / (middle + turn) for middle in middles]


def term_value(term: Term) -> nw.Expr:
    """The term's column, 0 to 1; 0 where the feature is null."""
    ramp = nw.lit(1.0)
    if term.feature:
        ramp = ((nw.col(term.feature) - term.start) / (term.end - term.start)).clip(0.0, 1.0).fill_null(0.0)
    if not term.where:
        return ramp
    return nw.when(nw.col(term.where) == term.level).then(ramp).otherwise(nw.lit(0.0))


def chances(features: nw.LazyFrame, parameters: Parameters) -> nw.LazyFrame:
    """What will become of each landmark, a row of `features`.

    Returns
    -------
    The columns of `features` without those that are only terms' input, with for each bucket b, from 0: win_b, loss_b,
    no_decision_b (the chance that the deal ends so within it), and p_win, p_lost, p_no_decision within the horizon.
    """
    buckets = range(len(parameters.edges))
    terms = (term_value(term).alias(f"term_{n}") for n, term in enumerate(parameters.terms))
    frame = features.with_columns(*terms, open_0=nw.lit(1.0))
    frame = frame.with_columns(*_ends(parameters.terms))
    frame = frame.with_columns(*(odds for bucket in buckets for odds in _odds(parameters, bucket)))
    frame = frame.with_columns(
        *((1 / (1 + _sum(nw.col(f"odds_{cause}_{b}") for cause in CAUSES))).alias(f"stays_{b}") for b in buckets)
    )
    for b in buckets:
        frame = frame.with_columns((nw.col(f"open_{b}") * nw.col(f"stays_{b}")).alias(f"open_{b + 1}"))
    frame = frame.with_columns(
        *(
            (nw.col(f"open_{b + 1}") * nw.col(f"odds_{cause}_{b}")).alias(f"{cause}_{b}")
            for cause in CAUSES
            for b in buckets
        )
    )
    totals = {name: _sum(nw.col(f"{cause}_{b}") for b in buckets) for name, cause in CHANCES.items()}
    shares = [f"{cause}_{b}" for cause in CAUSES for b in buckets]
    return frame.with_columns(**totals).select(*features.collect_schema().names(), *shares, *totals)


def _ends(terms: Sequence[Term]) -> Iterable[nw.Expr]:
    """The sums of the terms' effects now and in the far future."""
    for index, cause in enumerate(CAUSES):
        for end in ("near", "far"):
            effects = [(n, getattr(term, end)[index]) for n, term in enumerate(terms)]
            yield _sum(nw.col(f"term_{n}") * effect for n, effect in effects if effect).alias(f"{end}_{cause}")


def _odds(parameters: Parameters, bucket: int) -> Iterable[nw.Expr]:
    far = positions(parameters.edges, parameters.turn)[bucket]
    for index, cause in enumerate(CAUSES):
        terms = nw.col(f"near_{cause}") * (1 - far) + nw.col(f"far_{cause}") * far
        log_odds = (terms + parameters.baseline[bucket][index]).clip(-30.0, 30.0)
        yield log_odds.exp().alias(f"odds_{cause}_{bucket}")


def _sum(parts: Iterable[nw.Expr]) -> nw.Expr:
    return reduce(add, parts, nw.lit(0.0))
