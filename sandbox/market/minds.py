"""How conviction moves: toward where a person is drawn, with the group, by chance, and now and then by a jump."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from sandbox.market.state import THRESHOLDS, Columns, Floats, Ints

SEATS = ("decider", "champion", "procurement", "technical", "user", "unknown")
SWAY = (2.1, 1.5, 0.9, 0.8, 0.7, 0.5)

WANDER = 0.085
GROUP_PULL = 0.022
OWN_JUMP, OWN_JUMP_SIZE = 0.010, 0.55
SHARED_JUMP, SHARED_JUMP_SIZE = 0.005, 0.75
FORGET_STIR = float(np.exp(-1 / 4.0))
FORGET_EFFORT = float(np.exp(-1 / 6.0))
FORGET_PRESSURE = float(np.exp(-1 / 14.0))
FORGET_HURT = float(np.exp(-1 / 30.0))
TOO_MUCH, REACTANCE = 2.5, 0.010


@dataclass(frozen=True, slots=True)
class Group:
    """Open deals and the seats in them, as indices, with the group's sway-weighted mean conviction per seat's deal."""

    deals: Ints
    seats: Ints
    at: Ints
    """For each of `seats` the position of its deal within `deals`."""

    def mean(self, values: Floats, weights: Floats) -> Floats:
        """Weighted mean per deal, of shape (len(deals),); 0 for a deal with nobody in it."""
        total = np.bincount(self.at, weights, len(self.deals))
        return np.bincount(self.at, weights * values, len(self.deals)) / np.maximum(total, 1e-9)


def group(deals: Columns, seats: Columns) -> Group:
    """The open deals and their live seats."""
    open_deals = np.flatnonzero(deals.flags("open"))
    live = np.flatnonzero(seats.flags("live"))
    return Group(open_deals, live, np.searchsorted(open_deals, seats.ints("deal")[live]))


def newcomer(
    rng: np.random.Generator, seat: int, fit: float, start: float, *, reluctant: bool = False
) -> dict[str, Any]:
    """The latent state of somebody who joins a buying group."""
    gaps = 0.68 * np.exp(0.3 * rng.standard_normal(THRESHOLDS - 1))
    first = 0.3 * rng.standard_normal()
    drawn = 2.1 + 1.45 * fit + 0.55 * rng.standard_normal() - (1.6 if reluctant else 0.0)
    return {
        "live": True,
        "conviction": start + 0.6 * rng.standard_normal() - (0.7 if reluctant else 0.0),
        "thresholds": first + np.concatenate([[0.0], np.cumsum(gaps)]),
        "pull": drawn,
        "speed": 0.013 * np.exp(0.4 * rng.standard_normal()),
        "sway": SWAY[seat] * np.exp(0.25 * rng.standard_normal()),
        "talk": np.exp(0.5 * rng.standard_normal()),
        "word": rng.beta(6.0, 2.0),
        "seat": seat,
    }


def live_on(deals: Columns, seats: Columns, among: Group, rng: np.random.Generator) -> None:
    """One day in the heads of all who are in an open deal."""
    conviction = seats.floats("conviction")
    x, deal = conviction[among.seats], seats.ints("deal")[among.seats]
    mean = among.mean(x, seats.floats("sway")[among.seats])
    x = x + seats.floats("speed")[among.seats] * (seats.floats("pull")[among.seats] - x)
    x += GROUP_PULL * (mean[among.at] - x) + WANDER * rng.standard_normal(len(x))
    x += _jumps(rng, len(x), OWN_JUMP, OWN_JUMP_SIZE)
    x += _jumps(rng, len(among.deals), SHARED_JUMP, SHARED_JUMP_SIZE)[among.at]
    x -= REACTANCE * np.maximum(deals.floats("pressure")[deal] - TOO_MUCH, 0.0)
    over = x - deals.floats("ceiling")[deal]
    conviction[among.seats] = np.where(over > 0, x - 1.3 * over, x)
    seats.floats("stirred")[among.seats] *= FORGET_STIR
    for name, kept in (("effort", FORGET_EFFORT), ("pressure", FORGET_PRESSURE), ("hurt", FORGET_HURT)):
        deals.floats(name)[among.deals] *= kept


def _jumps(rng: np.random.Generator, n: int, share: float, size: float) -> Floats:
    return np.where(rng.random(n) < share, size * rng.standard_normal(n), 0.0)
