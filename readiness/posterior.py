"""How likely each phase is for a person, after so many days of silence.

With E_s the decayed count of acts of kind s, X_s the weeks in which they could have been seen, and λ_sk the rate of s
in phase k:

    ℓ_k = ln π_k + η · [ Σ_s E_s · ln λ_sk − (Σ_s E_s + a) · ln(a + Σ_s λ_sk · X_s) ]

It is a Gamma–Poisson model with exponential forgetting: the buyer's own loquacity, Gamma(a, a) distributed, is
integrated out (Gelman et al., Bayesian Data Analysis, 3rd ed., §2.6; forgetting as in West & Harrison, Bayesian
Forecasting and Dynamic Models, 2nd ed., §2.4).

Silence never makes anyone readier: P(Z ≥ m) is bounded by its lowest value since the person's last act. Evidence that
speaks for an early phase fades too, and a rate need not rise with the phase, so without the bound silence could.
"""

from __future__ import annotations

import math

import narwhals as nw

from readiness.evidence import total
from readiness.model import Model

DAYS_PER_WEEK = 7.0
SILENCES = (0.0, 30.0, 90.0, 240.0, math.inf)
"""Days after the last act at which a tail is looked at to find its lowest value so far."""
NOW = len(SILENCES)
"""Columns of the moment itself carry this number after those of `SILENCES`."""
MOST_LOG_ODDS = 600.0


def posterior(watched: nw.LazyFrame, model: Model) -> nw.LazyFrame:
    """Add the phases' chances to `evidence.watched`.

    Returns
    -------
    The same rows with odds_1 … odds_top, P(Z ≥ m) / P(Z < m) after the bound; inbound, the capped decayed count of all
    acts; due, the count that we should have seen by now, averaged over the prior.

    Notes
    -----
    A tail that falls at `silence` is the formula's own. Between two of `SILENCES` it stays within its lowest values at
    and before either, so that it is continuous and, as long as it turns at most once between the two, never rises.
    All moments stand side by side in one row: the expressions are written out, the frame is passed over once.
    """
    moments = range(NOW + 1)
    phases = range(len(model.phases))
    lives = _half_lives(model)
    frame = watched.with_columns(
        *((nw.col("silence") * (-math.log(2) / life)).exp().alias(f"faded_{life:g}") for life in lives),
        *((nw.col("tenure") * (-math.log(2) / life)).exp().alias(f"young_{life:g}") for life in lives),
        *(_expected(k, life, model).alias(f"rate_{k}_{life:g}") for k in phases for life in lives),
    )
    frame = frame.with_columns(*(_log_weight(k, at, model).alias(f"log_{k}_{at}") for k in phases for at in moments))
    frame = frame.with_columns(*(_weight(k, at).alias(f"weight_{k}_{at}") for k in phases for at in moments))
    frame = frame.with_columns(*(_odds(m, at, model).alias(f"odds_{m}_{at}") for m in phases[1:] for at in moments))
    return frame.select(
        *watched.collect_schema().names(),
        *(_bounded(m).alias(f"odds_{m}") for m in phases[1:]),
        _acts(NOW, model).alias("inbound"),
        total([_due(k, NOW, model) * share for k, share in enumerate(model.prior)]).alias("due"),
    )


def _expected(k: int, life: float, model: Model) -> nw.Expr:
    """Acts that somebody in phase k, watched for ever, would have been seen to do, of the kinds with this half-life."""
    rates: dict[tuple[str, ...], float] = {}
    for signal in model.signals.values():
        if signal.half_life == life:
            rates[signal.seen_in] = rates.get(signal.seen_in, 0.0) + signal.rates[k]
    seen = total([_captured(channels) * rate for channels, rate in rates.items()])
    return seen * (life / (DAYS_PER_WEEK * math.log(2)))


def _captured(channels: tuple[str, ...]) -> nw.Expr:
    return total([nw.col(f"obs_{channel}") for channel in channels]) / float(len(channels))


def _left(kind: str, at: int, model: Model) -> nw.Expr:
    """E_s, capped."""
    signal = model.signals[kind]
    return nw.min_horizontal(nw.col(f"then_{kind}") * _fade(signal.half_life, at), nw.lit(signal.cap))


def _acts(at: int, model: Model) -> nw.Expr:
    return total([_left(kind, at, model) for kind in model.signals])


def _due(k: int, at: int, model: Model) -> nw.Expr:
    """Λ_k: acts of all kinds that somebody in phase k would have been seen to do by then, after forgetting."""
    return total(
        [
            nw.col(f"rate_{k}_{life:g}") * (1.0 - nw.col(f"young_{life:g}") * _fade(life, at))
            for life in _half_lives(model)
        ]
    )


def _fade(life: float, at: int) -> nw.Expr:
    if at == NOW:
        return nw.col(f"faded_{life:g}")
    return nw.lit(0.0 if SILENCES[at] == math.inf else 2.0 ** (-SILENCES[at] / life))


def _log_weight(k: int, at: int, model: Model) -> nw.Expr:
    said = total([_left(kind, at, model) * math.log(signal.rates[k]) for kind, signal in model.signals.items()])
    silent = (_acts(at, model) + model.loquacity) * (_due(k, at, model) + model.loquacity).log()
    return (said - silent) * model.temper + math.log(model.prior[k])


def _weight(k: int, at: int) -> nw.Expr:
    """p_k / p_0."""
    return (nw.col(f"log_{k}_{at}") - nw.col(f"log_0_{at}")).clip(-MOST_LOG_ODDS, MOST_LOG_ODDS).exp()


def _odds(m: int, at: int, model: Model) -> nw.Expr:
    weights = [nw.col(f"weight_{k}_{at}") for k in range(len(model.phases))]
    return total(weights[m:]) / total(weights[:m])


def _bounded(m: int) -> nw.Expr:
    """Between the lowest odds at the silences passed and the lowest at those and the next one."""
    odds = [nw.col(f"odds_{m}_{at}") for at in range(NOW + 1)]
    lowest = [odds[0]]
    for here in odds[1:NOW]:
        lowest.append(nw.min_horizontal(lowest[-1], here))
    bounded = nw.min_horizontal(lowest[-2], nw.max_horizontal(lowest[-1], odds[NOW]))
    for passed in range(NOW - 3, -1, -1):
        here = nw.min_horizontal(lowest[passed], nw.max_horizontal(lowest[passed + 1], odds[NOW]))
        bounded = nw.when(nw.col("silence") < SILENCES[passed + 1]).then(here).otherwise(bounded)
    return bounded


def _half_lives(model: Model) -> list[float]:
    return sorted({signal.half_life for signal in model.signals.values()})
