"""The latent state of the market, in columns: one row per deal, one per seat (a person in a deal's buying group).

Conviction is a real number per seat. Where it stands between a person's own six thresholds is what others would call
a phase; the thresholds differ from person to person.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

THRESHOLDS = 6


class Columns:
    """Arrays of one length that grow together; `n` rows are in use."""

    def __init__(self, **columns: object) -> None:
        self.n = 0
        self._arrays: dict[str, NDArray[Any]] = {
            name: np.zeros((64, *shape), dtype=kind)
            for name, (kind, *shape) in ((k, v if isinstance(v, tuple) else (v,)) for k, v in columns.items())
        }

    def append(self, row: Mapping[str, Any]) -> int:
        """Add a row; columns that are not named are zero. Returns its index."""
        for name, array in self._arrays.items():
            if self.n == len(array):
                array = np.concatenate([array, np.zeros_like(array)])
                self._arrays[name] = array
            if name in row:
                array[self.n] = row[name]
        self.n += 1
        return self.n - 1

    def floats(self, name: str) -> Floats:
        return self._arrays[name][: self.n]

    def ints(self, name: str) -> Ints:
        return self._arrays[name][: self.n]

    def flags(self, name: str) -> Flags:
        return self._arrays[name][: self.n]


def deals() -> Columns:
    """One row per deal.

    open; born (s); fit: how well the offer suits them; ceiling: conviction that a deal without a purchase behind it
    never passes (infinite for others); rival: how attractive the competitor is; patience (days); stage: index in its
    pipeline; claimed: share of the open stages passed; since (s): in the stage; rep: index; close_day: ordinal of the
    close date; effort: the seller's recent acts, decayed; pressure: recent outbound not answered, decayed; heard (s):
    last inbound or mutual act; hurt: broken promises, decayed; fate, fate_day: outcome and window drawn beforehand in
    the uninformative regime.
    """
    return Columns(
        open=bool,
        born=np.int64,
        fit=float,
        ceiling=float,
        rival=float,
        patience=float,
        stage=np.int64,
        stages=np.int64,
        since=np.int64,
        rep=np.int64,
        close_day=np.int64,
        effort=float,
        pressure=float,
        heard=np.int64,
        hurt=float,
        fate=np.int64,
        fate_day=np.int64,
    )


def seats() -> Columns:
    """One row per person in a deal.

    live; deal, person: indices; conviction; thresholds (6): the conviction at which each phase begins; pull: where
    conviction drifts to; speed (per day): how fast; sway: influence in the group; talk: loquacity (1 is average);
    stirred (acts per day): excitation left by recent acts; word: share of promises kept; seat: index of the seat.
    """
    return Columns(
        live=bool,
        deal=np.int64,
        person=np.int64,
        conviction=float,
        thresholds=(float, THRESHOLDS),
        pull=float,
        speed=float,
        sway=float,
        talk=float,
        stirred=float,
        word=float,
        seat=np.int64,
    )


def position(conviction: Floats, thresholds: Floats) -> Floats:
    """Where conviction stands among the thresholds, from below 0 to above 6, continuous between them.

    Parameters
    ----------
    conviction : of shape (n,).
    thresholds : ascending, of shape (n, 6).
    """
    rows = np.arange(len(conviction))
    step = np.minimum(np.maximum(phase(conviction, thresholds), 1), THRESHOLDS - 1)
    low = thresholds[rows, step - 1]
    into = (conviction - low) / (thresholds[rows, step] - low)
    return np.asarray(step + np.minimum(np.maximum(into, -2.0), 2.0))


def position_of(conviction: float, thresholds: tuple[float, ...]) -> float:
    """The same for one person."""
    passed = bisect_right(thresholds, conviction)
    low = min(max(passed - 1, 0), THRESHOLDS - 2)
    into = (conviction - thresholds[low]) / (thresholds[low + 1] - thresholds[low])
    return low + 1 + min(max(into, -2.0), 2.0)


def phase(conviction: Floats, thresholds: Floats) -> Ints:
    """Thresholds passed, 0-6."""
    return np.asarray((conviction[:, None] >= thresholds).sum(axis=1), dtype=np.int64)
