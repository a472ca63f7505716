"""How η, a and the prior over the phases follow from labels, by penalised maximum likelihood."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.optimize import minimize

from readiness.kinds import Floats, Ints
from readiness.labelled import Labelled
from readiness.model import Model

SPREAD = {"temper": 0.5, "loquacity": 0.7, "prior": 0.5, "pull": 3.0}
"""Prior standard deviations: of ln η and ln a around their values, of the log offsets and the pulls around 0."""
TINY = 1e-12


def chances(found: Labelled, model: Model, theta: Floats) -> Floats:
    """The phase of each label's person or group under these parameters, of shape (n_labels, n_phases).

    theta : ln η, ln a, then an offset to each phase's log prior.
    """
    top = model.top
    temper, loquacity = np.exp(theta[:2])
    log_prior = np.log(model.prior) + theta[2 : top + 3]
    acts, said, due = found.people[:, :1], found.people[:, 1 : top + 1], found.people[:, top + 1 :]
    said = np.hstack([np.zeros_like(acts), said])
    p = _softmax(log_prior + temper * (said - (acts + loquacity) * np.log(loquacity + due)))
    log_tails = np.log(np.maximum(_tails(p), TINY)) * found.seat_weight[:, None]
    sums = found.chair[:, None] * np.log(_tails(_softmax(log_prior[None, :])))
    weights = found.chair.copy()
    np.add.at(sums, found.label, log_tails)
    np.add.at(weights, found.label, found.seat_weight)
    curve = np.exp(sums / weights[:, None])
    edges = np.hstack([np.ones((len(curve), 1)), curve, np.zeros((len(curve), 1))])
    return np.asarray(np.maximum(-np.diff(edges, axis=1), TINY))


def fitted(found: Labelled, model: Model) -> Floats:
    """Penalised maximum likelihood: ln η, ln a and the offsets, with the teams' pulls fitted along and dropped."""
    teams = int(found.team.max()) + 1
    start = np.concatenate([np.log([model.temper, model.loquacity]), np.zeros(model.top + 1 + teams)])
    spread = np.concatenate(
        [
            [SPREAD["temper"], SPREAD["loquacity"]],
            np.full(model.top + 1, SPREAD["prior"]),
            np.full(teams, SPREAD["pull"]),
        ]
    )
    everybody = np.arange(len(found.phase))
    beside = found.shown >= 0

    def loss(theta: Floats) -> float:
        log_q = np.log(chances(found, model, theta))
        pulls = theta[model.top + 3 :]
        log_q[everybody[beside], found.shown[beside]] += pulls[found.team[beside]]
        log_q -= np.log(np.exp(log_q).sum(axis=1, keepdims=True))
        said = -(found.weight * log_q[everybody, found.phase]).sum()
        return float(said + 0.5 * (((theta - start) / spread) ** 2).sum())

    best = minimize(loss, start, method="L-BFGS-B")
    return np.asarray(best.x[: model.top + 3])


def taught(model: Model, theta: Floats) -> Model:
    prior = _softmax(np.log(model.prior) + theta[2:])
    temper, loquacity = np.exp(theta[:2])
    phases = tuple(replace(phase, prior=float(share)) for phase, share in zip(model.phases, prior, strict=True))
    return replace(model, phases=phases, temper=float(temper), loquacity=float(loquacity))


def ranked_score(p: Floats, phase: Ints) -> Floats:
    """Mean squared difference of the cumulated chances and the cumulated truth, per row; 0 is perfect."""
    reached = np.arange(p.shape[1] - 1)[None, :] >= phase[:, None]
    return np.asarray(((p.cumsum(axis=1)[:, :-1] - reached) ** 2).mean(axis=1))


def _softmax(log_weights: Floats) -> Floats:
    weights = np.exp(log_weights - log_weights.max(axis=-1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=-1, keepdims=True))


def _tails(p: Floats) -> Floats:
    return np.asarray(p[..., ::-1].cumsum(axis=-1)[..., ::-1][..., 1:])
