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
from itertools import pairwise

import narwhals as nw

from readiness.evidence import PERSON, total
from readiness.model import Model
from readiness.sums import NOW, SILENCES, sums

FLAT = 0.02
"""Odds that fall by less than this share between two of `SILENCES` go straight from the one to the other."""
STRAIGHT_DAYS = 45.0
"""Half-life of the way that is left on such a straight course."""
MOST_LOG_ODDS = 600.0


def posterior(watched: nw.LazyFrame, model: Model) -> nw.LazyFrame:
    """Add the phases' chances to `evidence.watched`.

    Returns
    -------
    opportunity_id, as_of, person_id, seat, last_inbound_at and silence as they were; odds_1 … odds_top, P(Z ≥ m) /
    P(Z < m) after the bound; inbound, the capped decayed count of all acts; due, the count that we should have seen by
    now, averaged over the prior.

    Notes
    -----
    Between two of `SILENCES` the odds of a tail run from their lowest value so far down to the lower of that and the
    value at the next one. They are the formula's, kept within those two, where they fall by `FLAT` or more; else they
    go straight, as a course so flat may turn more than once. So a tail that only falls is the formula's own (to 0.005
    where it is flat), and none is ever above that of the last act (of the start of the watch, for somebody who never
    acted).
    All moments stand side by side in one row, so that the people are passed over once.
    """
    moments, steps = range(NOW + 1), range(1, model.top + 1)
    held = [*PERSON, "seat", "last_inbound_at", "silence"]
    frame = sums(watched, held, moments, model)
    now = {
        "inbound": nw.col(f"acts_{NOW}"),
        "due": total([nw.col(f"due_{k}_{NOW}") * share for k, share in enumerate(model.prior)]),
    }
    frame = frame.select(*held, **now, **{f"weight_{k}_{at}": _weight(k, at, model) for at in moments for k in steps})
    frame = frame.select(*held, *now, **{f"odds_{m}_{at}": _odds(m, at, model) for at in moments for m in steps})
    passed = {
        f"passed_{m}": _by_silence([_least([f"odds_{m}_{p}" for p in range(at)]) for at in range(1, NOW)])
        for m in steps
    }
    ahead = {f"ahead_{m}": _by_silence([nw.col(f"odds_{m}_{at}") for at in range(1, NOW)]) for m in steps}
    odds = [nw.col(f"odds_{m}_{NOW}").alias(f"odds_{m}") for m in steps]
    way = _by_silence([_way(*ends) for ends in pairwise(SILENCES)])
    frame = frame.select(*held, *now, *odds, way=way, **passed, **ahead)
    frame = frame.with_columns(**{f"ahead_{m}": nw.min_horizontal(f"passed_{m}", f"ahead_{m}") for m in steps})
    frame = frame.select(*held, *now, **{f"held_{m}": _held(m) for m in steps})
    lowest = {f"odds_{m}": _least([f"held_{n}" for n in range(1, m + 1)]) for m in steps}
    return frame.select(*held, *now, **lowest)


def _weight(k: int, at: int, model: Model) -> nw.Expr:
    """p_k / p_0."""
    quiet = (nw.col(f"due_{k}_{at}") + model.loquacity) / (nw.col(f"due_0_{at}") + model.loquacity)
    evidence = nw.col(f"said_{k}_{at}") - (nw.col(f"acts_{at}") + model.loquacity) * quiet.log()
    log_odds = evidence * model.temper + math.log(model.prior[k] / model.prior[0])
    return log_odds.clip(-MOST_LOG_ODDS, MOST_LOG_ODDS).exp()


def _odds(m: int, at: int, model: Model) -> nw.Expr:
    weights = [nw.lit(1.0), *(nw.col(f"weight_{k}_{at}") for k in range(1, model.top + 1))]
    return total(weights[m:]) / total(weights[:m])


def _by_silence(values: list[nw.Expr]) -> nw.Expr:
    """The value for each stretch between two of `SILENCES`."""
    chosen = values[-1]
    for value, end in reversed(list(zip(values, SILENCES[1:-1], strict=False))):
        chosen = nw.when(nw.col("silence") < end).then(value).otherwise(chosen)
    return chosen


def _least(names: list[str]) -> nw.Expr:
    """The least of one or more columns; Spark has no least of one."""
    return nw.min_horizontal(*names) if len(names) > 1 else nw.col(*names)


def _way(start: float, end: float) -> nw.Expr:
    """How much of the way from one of `SILENCES` to the next lies behind, 0-1."""
    gone = 1.0 - ((nw.col("silence") - start) * (-math.log(2) / STRAIGHT_DAYS)).exp()
    return gone * (1.0 / (1.0 - math.pow(2.0, -(end - start) / STRAIGHT_DAYS)))


def _held(m: int) -> nw.Expr:
    passed, ahead, odds = (nw.col(f"{name}_{m}") for name in ("passed", "ahead", "odds"))
    straight: nw.Expr = passed + (ahead - passed) * nw.col("way")
    within = nw.min_horizontal(passed, nw.max_horizontal(odds, ahead))
    flat = passed < ahead * (1.0 + FLAT)
    return nw.when(flat).then(straight).otherwise(within)
