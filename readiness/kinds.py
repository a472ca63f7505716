"""A model's kinds of act as arrays, for arithmetic on many people at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from readiness.model import Model

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Kinds:
    """Kinds in the model's order. Those seen through the same channels that fade alike are due together: a view.

    Attributes
    ----------
    half_lives : of shape (n_half_lives,), in days.
    fading : of shape (n_kinds,): which of `half_lives` is a kind's.
    caps : of shape (n_kinds,): where the decayed count stops.
    contrasts : of shape (n_kinds, top): ln(λ_sk / λ_s0), for k = 1 … top.
    views : the channels of each view. view_fading : of shape (n_views,): which of `half_lives` is its.
    view_rates : of shape (n_views, top + 1): its acts a week in each phase, all kinds together.
    """

    half_lives: Floats
    fading: Ints
    caps: Floats
    contrasts: Floats
    views: tuple[tuple[str, ...], ...]
    view_fading: Ints
    view_rates: Floats

    @staticmethod
    def of(model: Model) -> Kinds:
        signals = model.signals.values()
        half_lives = sorted({signal.half_life for signal in signals})
        rates = np.array([signal.rates for signal in signals])
        views: dict[tuple[tuple[str, ...], float], Floats] = {}
        for signal in signals:
            view = signal.seen_in, signal.half_life
            views[view] = views.get(view, 0.0) + np.array(signal.rates)
        return Kinds(
            half_lives=np.array(half_lives),
            fading=np.array([half_lives.index(signal.half_life) for signal in signals]),
            caps=np.array([signal.cap for signal in signals]),
            contrasts=np.log(rates[:, 1:] / rates[:, :1]),
            views=tuple(channels for channels, _ in views),
            view_fading=np.array([half_lives.index(half_life) for _, half_life in views]),
            view_rates=np.stack([*views.values()]),
        )
