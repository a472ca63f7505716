"""How likely each phase is for a person, after so many days of silence.

With E_s the decayed count of acts of kind s, X_s the weeks in which they could have been seen, and λ_sk the rate of s
in phase k:

    ℓ_k = ln π_k + η · [ Σ_s E_s · ln λ_sk − (Σ_s E_s + a) · ln(a + Σ_s λ_sk · X_s) ]

It is a Gamma–Poisson model with exponential forgetting: the buyer's own loquacity, Gamma(a, a) distributed, is
integrated out (Gelman et al., Bayesian Data Analysis, 3rd ed., §2.6; forgetting as in West & Harrison, Bayesian
Forecasting and Dynamic Models, 2nd ed., §2.4).

Silence never makes anyone readier: P(Z ≥ m) never rises again above where it fell to since the person's last act.
Evidence that speaks for an early phase fades too, and a rate need not rise with the phase, so without a bound silence
could.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from readiness.kinds import Floats, Ints, Kinds
from readiness.model import Model
from readiness.sums import Sums, sums, weighted
from readiness.watch import Watch

SILENCES = (0.0, 20.0, 60.0, 160.0, math.inf)
"""Days after the last act at which a tail is looked at to find its lowest value so far."""
FLAT = 0.02
"""Odds that fall by less than this share between two of `SILENCES` go straight from the one to the other."""
STRAIGHT_DAYS = 45.0
"""Half-life of the way that is left on such a straight course."""
MOST_LOG_ODDS = 600.0
AT_ONCE = 2**12
"""People whose arrays stay near the processor while the formula is evaluated at one moment after the other. Those
silent about as long go together: who acted of late needs fewer moments."""


@dataclass(frozen=True, slots=True)
class Posterior:
    """How ready people are.

    Attributes
    ----------
    odds : of shape (top, n_people): P(Z ≥ m) / P(Z < m) after the bound, for m = 1 … top.
    inbound : of shape (n_people,): the capped decayed count of all acts.
    due : of shape (n_people,): the count that we should have seen by now, averaged over the prior.
    """

    odds: Floats
    inbound: Floats
    due: Floats


def posterior(watch: Watch, model: Model) -> Posterior:
    """How ready people are, whoever else is looked at with them.

    Notes
    -----
    Between two of `SILENCES` the odds of a tail run from their lowest value so far down to the lower of that and the
    value at the next one. They are the formula's, kept within those two, where they fall by `FLAT` or more; else they
    go straight, as a course so flat may turn more than once. So a tail that only falls is the formula's own (to 0.005
    where it is flat), and none is ever above that of the last act (of the start of the watch, for somebody who never
    acted).
    """
    kinds = Kinds.of(model)
    alike = np.argsort(_stretch(watch.silence), kind="stable")
    starts = range(0, max(len(alike), 1), AT_ONCE)
    parts = [_posterior(watch.of(alike[start : start + AT_ONCE]), kinds, model) for start in starts]
    back = np.argsort(alike)
    return Posterior(*(np.concatenate(values, axis=-1)[..., back] for values in zip(*parts, strict=True)))


def _posterior(watch: Watch, kinds: Kinds, model: Model) -> tuple[Floats, Floats, Floats]:
    """The odds of the tails, inbound and due of people whose arrays fit near the processor together."""
    now = sums(watch, watch.silence, kinds)
    stretch = _stretch(watch.silence)
    needed = SILENCES[: stretch.max(initial=0) + 2]
    looked_at = np.stack([_odds(sums(watch, np.array([days]), kinds), model) for days in needed])
    passed = _of_stretch(_lowest(looked_at), stretch)
    ahead = np.minimum(passed, _of_stretch(looked_at, stretch + 1))
    straight = passed + (ahead - passed) * _way(watch.silence, stretch)
    within = np.minimum(passed, np.maximum(_odds(now, model), ahead))
    held = np.where(passed < ahead * (1.0 + FLAT), straight, within)
    due = weighted(now.due, np.array(model.prior)[:, None])[0]
    return _lowest(held), now.acts, due


def _stretch(silence: Floats) -> Ints:
    """Which two of `SILENCES` people are between: the number of the first."""
    return np.searchsorted(SILENCES[1:-1], silence, side="right")


def _odds(at: Sums, model: Model) -> Floats:
    """Odds of the tails by the formula, of shape (top, n_people)."""
    prior = np.array(model.prior)
    quiet = np.log((at.due[1:] + model.loquacity) / (at.due[:1] + model.loquacity))
    evidence = at.said - (at.acts + model.loquacity) * quiet
    log_odds = evidence * model.temper + np.log(prior[1:] / prior[0])[:, None]
    weights = np.exp(np.clip(log_odds, -MOST_LOG_ODDS, MOST_LOG_ODDS))
    above = [*accumulate(weights[::-1], np.add)][::-1]
    below = accumulate([1.0, *weights[:-1]], np.add)
    return np.stack([upper / lower for upper, lower in zip(above, below, strict=True)])


def _lowest(values: Floats) -> Floats:
    """The lowest so far, along the first axis."""
    return np.stack([*accumulate(values, np.minimum)])


def _of_stretch(values: Floats, stretch: Ints) -> Floats:
    """Of each person the values at their own place, from shape (n_silences, top, n_people)."""
    return np.asarray(np.take_along_axis(values, stretch[None, None, :], axis=0)[0])


def _way(silence: Floats, stretch: Ints) -> Floats:
    """How much of the way from one of `SILENCES` to the next lies behind, 0-1."""
    ends = np.array(SILENCES)
    start, length = ends[stretch], np.diff(ends)[stretch]
    gone: Floats = 1.0 - np.exp2(-(silence - start) / STRAIGHT_DAYS)
    return gone / (1.0 - np.exp2(-length / STRAIGHT_DAYS))
