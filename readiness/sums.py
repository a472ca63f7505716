"""What the posterior's formula is made of: E_s and X_s, summed over the kinds of act, after so many days of silence."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from readiness.kinds import Floats, Kinds
from readiness.watch import Watch

DAYS_PER_WEEK = 7.0


@dataclass(frozen=True, slots=True)
class Sums:
    """Of each person, at one moment.

    Attributes
    ----------
    acts : of shape (n_people,): Σ E_s, the capped decayed count of all acts.
    said : of shape (top, n_people): Σ E_s ln(λ_sk / λ_s0), for k = 1 … top.
    due : of shape (top + 1, n_people): Λ_k, the decayed count that we should have seen in phase k.
    """

    acts: Floats
    said: Floats
    due: Floats


def sums(watch: Watch, days: Floats, kinds: Kinds) -> Sums:
    """The sums so many days after the last act.

    Parameters
    ----------
    days : of shape (n_people,), or (1,) for the same moment of all; may be infinite.
    """
    counted = watch.then * halved(days, kinds)[kinds.fading]
    np.minimum(counted, kinds.caps[:, None], out=counted)
    return Sums(counted.sum(axis=0), weighted(counted, kinds.contrasts), _due(watch, days, kinds))


def halved(days: Floats, kinds: Kinds) -> Floats:
    """2^(−days / half-life), of shape (n_half_lives, n_days)."""
    return np.asarray(np.exp2(-days / kinds.half_lives[:, None]))


def weighted(amounts: Floats, weights: Floats) -> Floats:
    """Σ_i weights[i, j] · amounts[i], of shape (n_j, n_people).

    It adds in the same order for everybody, so that nobody's result leans on who else is in the slice; a product of
    matrices doesn't promise that.
    """
    return np.asarray(np.einsum("ij,in->jn", weights, amounts))


def _due(watch: Watch, days: Floats, kinds: Kinds) -> Floats:
    weeks = kinds.half_lives[:, None] / (DAYS_PER_WEEK * math.log(2)) * (1.0 - halved(watch.tenure + days, kinds))
    return weighted(watch.captured * weeks[kinds.view_fading], kinds.view_rates)
