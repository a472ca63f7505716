"""What the posterior's formula is made of: E_s and X_s, summed over the kinds of act, at moments of a silence.

Acts with the same half-life fade by the same factor, so they are summed once, and only the sums fade from moment to
moment. Where a cap is reached that doesn't hold, and each kind fades by itself.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import reduce
from operator import or_

import narwhals as nw

from readiness.evidence import PERSON, total
from readiness.model import Model, Signal

DAYS_PER_WEEK = 7.0
SILENCES = (0.0, 20.0, 60.0, 160.0, math.inf)
"""Days after the last act at which a tail is looked at to find its lowest value so far."""
NOW = len(SILENCES)
"""Columns of the moment itself carry this number after those of `SILENCES`."""


def said_and_due(watched: nw.LazyFrame, model: Model) -> nw.LazyFrame:
    """What the formula is made of, now and without the bound, for each row of `evidence.watched`.

    Returns
    -------
    opportunity_id, as_of, person_id, seat; acts, Σ E_s; said_1 … said_top, Σ E_s ln(λ_sk / λ_s0); due_0 … due_top, Λ_k.
    """
    held = [*PERSON, "seat"]
    names = ["acts", *(f"said_{k}" for k in range(1, model.top + 1)), *(f"due_{k}" for k in range(model.top + 1))]
    found = sums(watched, held, [NOW], model)
    return found.select(*held, **{name: nw.col(f"{name}_{NOW}") for name in names})


def sums(watched: nw.LazyFrame, held: list[str], moments: Sequence[int], model: Model) -> nw.LazyFrame:
    """The sums at each moment, for each row of `evidence.watched`.

    Parameters
    ----------
    held : columns to keep as they are.
    moments : places in `SILENCES`, or `NOW`.

    Returns
    -------
    held; for each moment acts_<at>, said_1_<at> … said_top_<at> and due_0_<at> … due_top_<at>, as `said_and_due` has
    them.
    """
    lives = _lives(model)
    fading = [at for at in moments if not _forgotten(at)]
    frame = watched.select(
        *held, *(f"then_{kind}" for kind in model.signals), capped=_capped(model), **_of_lives(model)
    )
    frame = frame.with_columns(
        **{name: of for at in fading for name, of in _over(at, model).items()},
        **{
            f"in_view_{life}_{at}": 1.0 - nw.col(f"missed_{life}") * fade
            for at in moments
            for life, fade in enumerate(_fades(lives, at))
        },
    )
    return frame.select(*held, **{name: of for at in moments for name, of in _at(at, model).items()})


def _lives(model: Model) -> list[float]:
    """The half-lives that there are, in days."""
    return sorted({signal.half_life for signal in model.signals.values()})


def _capped(model: Model) -> nw.Expr:
    """Whether any kind of act is over its cap just after the last act; later on it can only be less."""
    return reduce(or_, [nw.col(f"then_{kind}") > signal.cap for kind, signal in model.signals.items()])


def _of_lives(model: Model) -> dict[str, nw.Expr]:
    """Per half-life, caps aside: acts and what they say just after the last act; Λ_k of an endless watch.

    missed_<life> and left_<life> are what 2^(−t/h) makes of the days watched and of the days of silence.
    """
    columns = {}
    for life, half_life in enumerate(_lives(model)):
        kinds = {kind: signal for kind, signal in model.signals.items() if signal.half_life == half_life}
        columns[f"missed_{life}"] = _halved("tenure", half_life)
        columns[f"left_{life}"] = _halved("silence", half_life)
        columns[f"acts_of_{life}"] = total([nw.col(f"then_{kind}") for kind in kinds])
        for k in range(1, model.top + 1):
            said = [nw.col(f"then_{kind}") * _contrast(signal, k) for kind, signal in kinds.items()]
            columns[f"said_{k}_of_{life}"] = total(said)
        weeks = half_life / (DAYS_PER_WEEK * math.log(2))
        for k in range(model.top + 1):
            rates = dict.fromkeys((signal.seen_in for signal in kinds.values()), 0.0)
            for signal in kinds.values():
                rates[signal.seen_in] += signal.rates[k]
            columns[f"due_{k}_of_{life}"] = total(
                [_captured(seen_in) * (rate * weeks) for seen_in, rate in rates.items()]
            )
    return columns


def _over(at: int, model: Model) -> dict[str, nw.Expr]:
    """over_<kind>_<at>: what a decayed count has above its cap; null for who was over none at the last act."""
    fades = dict(zip(_lives(model), _fades(_lives(model), at), strict=True))
    return {
        f"over_{kind}_{at}": nw.when(nw.col("capped")).then(
            nw.max_horizontal(nw.col(f"then_{kind}") * fades[signal.half_life] - signal.cap, nw.lit(0.0))
        )
        for kind, signal in model.signals.items()
    }


def _at(at: int, model: Model) -> dict[str, nw.Expr]:
    """The sums at one moment."""
    lives, steps, phases = range(len(_lives(model))), range(1, model.top + 1), range(model.top + 1)
    in_view = [nw.col(f"in_view_{life}_{at}") for life in lives]
    due = {f"due_{k}_{at}": total([nw.col(f"due_{k}_of_{life}") * in_view[life] for life in lives]) for k in phases}
    if _forgotten(at):
        return {f"acts_{at}": nw.lit(0.0)} | {f"said_{k}_{at}": nw.lit(0.0) for k in steps} | due
    fades, over = _fades(_lives(model), at), {kind: nw.col(f"over_{kind}_{at}") for kind in model.signals}

    def faded(name: str, uncounted: list[nw.Expr]) -> nw.Expr:
        together = total([nw.col(f"{name}_of_{life}") * fades[life] for life in lives])
        return together - nw.when(nw.col("capped")).then(total(uncounted)).otherwise(0.0)

    said = {
        f"said_{k}_{at}": faded(f"said_{k}", [over[kind] * _contrast(s, k) for kind, s in model.signals.items()])
        for k in steps
    }
    return {f"acts_{at}": faded("acts", list(over.values()))} | said | due


def _fades(lives: Sequence[float], at: int) -> list[nw.Expr]:
    """What is left, per half-life, of what counted just after the last act."""
    if at == NOW:
        return [nw.col(f"left_{life}") for life in range(len(lives))]
    return [nw.lit(0.0 if _forgotten(at) else 2.0 ** (-SILENCES[at] / half_life)) for half_life in lives]


def _forgotten(at: int) -> bool:
    """After an endless silence no act counts any more."""
    return at != NOW and SILENCES[at] == math.inf


def _halved(days: str, half_life: float) -> nw.Expr:
    return (nw.col(days) * (-math.log(2) / half_life)).exp()


def _captured(channels: tuple[str, ...]) -> nw.Expr:
    return total([nw.col(f"obs_{channel}") for channel in channels]) / float(len(channels))


def _contrast(signal: Signal, k: int) -> float:
    """What one act says for phase k against phase 0."""
    return math.log(signal.rates[k] / signal.rates[0])
