"""Fit the forecast to a tenant's own history, as far as that history goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import narwhals as nw
import numpy as np

from readiness.fit.baselines import known_wins
from readiness.fit.hazard import Beliefs, Evidence, Floats, at_risk_and_endings, maximise
from readiness.fit.metrics import losses
from readiness.fit.outlook import chances_by
from readiness.fit.terms import ALWAYS, bounds, of_variant, own_terms, values
from readiness.fit.training import OPEN, Training, column
from readiness.forecast.parameters import CAUSES, Parameters, Term
from readiness.forecast.predict import positions

FEWEST_CLOSED = 30
"""With fewer closed deals the expert's parameters stay as they are."""

FULL_CLOSED = 300
"""From here on buckets follow the tenant's own times to decision, and curves its own history."""

FIRMNESS = 8.0
"""Precision of an effect around the expert's from `FULL_CLOSED` on, times one of `CHOICES`."""

FEW_FIRMNESS = 2.0
"""The same before: the tenant's own curves, many times as many effects, take no part yet."""

BASELINE_FIRMNESS = 0.1
CHOICES = (4.0, 1.0, 0.25)
CUTS = (0.5, 0.75)
ROWS_TO_CHOOSE = 6_000
BUCKETS = 8


def fit(history: Training, prior: Parameters, variant: str = "combined", choice: float | None = None) -> Parameters:
    """The parameters of the highest likelihood, held to `prior` by a penalty.

    Fewer than 30 closed deals leave the prior as it is. Up to 300, its buckets and terms stay and go part of the way to
    where the likelihood would have them: half of it at 30 deals, as those few may have won or lost by chance. From 300
    on the buckets and curves are the tenant's, and the penalty is chosen on its later deals.

    Parameters
    ----------
    variant : buyer | deal | combined.
    choice : the penalty as a multiple of the usual one; None has it chosen on the later part of the history.
    """
    prior = replace(prior, terms=of_variant(prior.terms, variant), variant=variant)
    closed = history.closed
    if closed < FEWEST_CLOSED:
        return replace(prior, closed=closed)
    if closed < FULL_CLOSED:
        start = replace(prior, terms=(ALWAYS, *prior.terms), closed=closed)
        return _fitted(history, start, FEW_FIRMNESS, share=closed / (closed + FEWEST_CLOSED))
    edges = decision_edges(history, prior)
    start = Parameters(
        edges=edges,
        baseline=rebucketed(prior, edges),
        terms=of_variant(own_terms(history, prior), variant),
        turn=float(np.median(history.days[history.cause != OPEN])),
        closed=closed,
        variant=variant,
    )
    chosen = _chosen(history, start) if choice is None else choice
    return _fitted(history, start, FIRMNESS * chosen)


def decision_edges(history: Training, prior: Parameters) -> tuple[float, ...]:
    """Buckets with as many endings each, and after the last of them the prior's."""
    wanted = [*np.linspace(0, 1, BUCKETS + 1)[1:-1], 0.97]
    own = np.unique(np.round(np.quantile(history.days[history.cause != OPEN], wanted), 1))
    own = own[(own > 0) & (own < prior.edges[-1] / 1.3)]
    last = float(own[-1]) if own.size else 0.0
    return (*(float(edge) for edge in own), *(edge for edge in prior.edges if edge > 1.3 * last))


def rebucketed(prior: Parameters, edges: Sequence[float]) -> tuple[tuple[float, float, float], ...]:
    """The prior's baseline over other buckets, its rates of ending taken as even within each of its own."""
    odds = np.exp(np.asarray(prior.baseline))
    shares = odds / (1 + odds.sum(axis=1, keepdims=True))
    ends = np.asarray(prior.edges)
    starts = np.concatenate([[0.0], ends[:-1]])
    total = shares.sum(axis=1)
    rates = (-np.log(1 - total) / (ends - starts) / total)[:, None] * shares
    rows = []
    for start, end in zip((0.0, *edges[:-1]), edges, strict=True):
        overlap = np.clip(np.minimum(end, ends) - np.maximum(start, starts), 0.0, None)
        intensity = (rates * overlap[:, None]).sum(axis=0)
        win, loss, no_decision = np.log(intensity / intensity.sum() * np.expm1(intensity.sum()))
        rows.append((float(win), float(loss), float(no_decision)))
    return tuple(rows)


def evidence(history: Training, start: Parameters) -> Evidence:
    """What the landmarks say over the buckets and terms of `start`."""
    at_risk, endings = at_risk_and_endings(history.days, history.cause, history.followed, np.asarray(start.edges))
    return Evidence(
        terms=values(history.rows, start.terms),
        at_risk=at_risk * history.weight,
        endings=endings * history.weight,
        far=np.asarray(positions(start.edges, start.turn)),
    )


def _chosen(history: Training, start: Parameters) -> float:
    """How much firmer or looser than usual to hold the effects: as foretold the later deals best at cut-offs inside the
    history, if better than usual by a standard error."""
    ended = history.cause != OPEN
    horizon = float(np.quantile(history.days[ended], 0.75))
    landmarks = column(history.rows, "landmark")
    judged = landmarks[landmarks < history.until - horizon]
    found = (
        []
        if not judged.size
        else [_losses(history, float(np.quantile(judged, share)), horizon, start) for share in CUTS]
    )
    seen = np.concatenate([np.zeros((0, len(CHOICES))), *found])
    if len(seen) < FEWEST_CLOSED:
        return 1.0
    best = int(np.argmin(seen.mean(axis=0)))
    gain = seen[:, CHOICES.index(1.0)] - seen[:, best]
    return CHOICES[best] if gain.mean() > gain.std() / np.sqrt(gain.size) else 1.0


def _losses(history: Training, cut: float, horizon: float, start: Parameters) -> Floats:
    """Log loss of the wins within the horizon of each later deal, by what was known at the cut; a column per choice."""
    known = _thinned(history.known_at(cut))
    later = history.since(cut).rows.filter(nw.col("landmark") < history.until - horizon)
    later = later.unique("opportunity_id", keep="first", maintain_order=True)
    if known.closed < FULL_CLOSED or later.is_empty():
        return np.zeros((0, len(CHOICES)))
    rows, won = known_wins(Training(later, history.until), horizon)
    tried = (_fitted(known, start, FIRMNESS * choice) for choice in CHOICES)
    return np.column_stack([losses(chances_by(parameters, rows, horizon)[:, 0], won) for parameters in tried])


def _thinned(history: Training) -> Training:
    """Every n-th deal, so that choosing stays quick."""
    rows = history.rows
    if len(rows) <= ROWS_TO_CHOOSE:
        return history
    _, deal = np.unique(rows["opportunity_id"].to_numpy(), return_inverse=True)
    kept = deal % (len(rows) // ROWS_TO_CHOOSE + 1) == 0
    return Training(rows.filter(kept.tolist()), history.until)


def beliefs(start: Parameters, firmness: float) -> Beliefs:
    """`start` as a Gaussian prior: an effect's level is held by `firmness`, and its change over the horizon too.

    Baselines, and the shift that all of them share, are held by little: how many deals end, how soon and how, differs
    more from tenant to tenant than what moves them.
    """
    p, buckets = len(start.terms), len(start.edges)
    level = np.array([BASELINE_FIRMNESS if term == ALWAYS else firmness for term in start.terms])
    precision = np.zeros((2 * p + buckets, 2 * p + buckets))
    index = np.arange(p)
    precision[index, index] = precision[p + index, p + index] = level / 4 + firmness
    precision[index, p + index] = precision[p + index, index] = level / 4 - firmness
    precision[2 * p :, 2 * p :] = np.eye(buckets) * BASELINE_FIRMNESS
    effects = np.array([[*term.near, *term.far] for term in start.terms]).reshape(p, 2, len(CAUSES))
    limits = np.array([bounds(term) for term in start.terms]).reshape(p, 2, len(CAUSES))
    open_end = np.full((len(CAUSES), buckets), np.inf)
    return Beliefs(
        start=np.hstack([effects[:, 0].T, effects[:, 1].T, np.array(start.baseline).T]),
        lower=np.hstack([limits[:, 0].T, limits[:, 0].T, -open_end]),
        upper=np.hstack([limits[:, 1].T, limits[:, 1].T, open_end]),
        precision=precision,
    )


def _fitted(history: Training, start: Parameters, firmness: float, share: float = 1.0) -> Parameters:
    held = beliefs(start, firmness)
    point = held.start + share * (maximise(evidence(history, start), held) - held.start)
    p = len(start.terms)
    terms = tuple(_moved(term, point[:, index], point[:, p + index]) for index, term in enumerate(start.terms))
    rows = tuple((float(row[0]), float(row[1]), float(row[2])) for row in point[:, 2 * p :].T)
    return replace(start, terms=terms, baseline=rows)


def _moved(term: Term, near: Floats, far: Floats) -> Term:
    digits = 6
    return replace(
        term,
        near=(round(float(near[0]), digits), round(float(near[1]), digits), round(float(near[2]), digits)),
        far=(round(float(far[0]), digits), round(float(far[1]), digits), round(float(far[2]), digits)),
    )
