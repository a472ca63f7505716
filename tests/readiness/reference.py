"""The model of one person, written a second time, from the formulas alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from readiness.model import Model

Vector = NDArray[np.float64]


def chances(buyer: dict[str, Any], model: Model, days_ago: float) -> Vector:
    """p over the phases so many days before now, without the bound on silence."""
    return course(buyer, model, [days_ago])[0]


def course(buyer: dict[str, Any], model: Model, moments: Sequence[float]) -> Vector:
    """p at each of these moments (days before now), of shape (n_moments, n_phases).

    The buyer has acts (kind, days, weight), all before the first moment; joined (days ago); obs_<channel>.
    """
    days = np.asarray(moments, dtype=float)
    acts = [act for act in buyer["acts"] if act["kind"] in model.signals and act["days"] >= days[0]]
    watched = max([buyer["joined"], *(act["days"] for act in acts)])
    counts = {kind: np.zeros(len(days)) for kind in model.signals}
    for act in acts:
        counts[act["kind"]] += act["weight"] * 0.5 ** ((act["days"] - days) / model.signals[act["kind"]].half_life)
    counts = {kind: np.minimum(count, model.signals[kind].cap) for kind, count in counts.items()}
    due = expected(buyer, model, np.maximum(watched - days, 0.0))
    log_weights = np.tile(np.log(model.prior), (len(days), 1))
    for kind, count in counts.items():
        log_weights += model.temper * np.outer(count, np.log(model.signals[kind].rates))
    silent = np.log(model.loquacity + due)
    log_weights -= model.temper * (sum(counts.values()) + model.loquacity)[:, None] * silent
    weights = np.exp(log_weights - log_weights.max(axis=1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def expected(buyer: dict[str, Any], model: Model, tenure: Vector) -> Vector:
    """Λ_k after so many days, of shape (n_moments, n_phases)."""
    due = np.zeros((len(tenure), len(model.phases)))
    for signal in model.signals.values():
        seen = float(np.mean([buyer[f"obs_{channel}"] for channel in signal.seen_in]))
        weeks = signal.half_life / (7 * math.log(2)) * (1 - 0.5 ** (tenure / signal.half_life))
        due += np.outer(seen * weeks, signal.rates)
    return due


def tails(p: Vector) -> Vector:
    """P(Z >= m), m = 1 … top, along the last axis."""
    return np.asarray(p[..., ::-1].cumsum(axis=-1)[..., ::-1][..., 1:])
