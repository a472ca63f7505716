"""When and how a buying group decides: it buys, it chooses somebody else, or nothing comes of it.

In the informative regime each day's chances follow from what the group thinks; in the uninformative one they were
drawn when the deal was born, and have nothing to do with anybody's conviction.
"""

from __future__ import annotations

import numpy as np

from sandbox.market.calendar import DAY
from sandbox.market.minds import Group
from sandbox.market.state import Columns, Floats, Ints

OPEN, WON, LOST, NO_DECISION = range(4)
SOFTNESS = 1.6
BLIND_SHARES = (0.27, 0.33, 0.40)
BLIND_MEAN_DAYS, BLIND_SHAPE = 190.0, 1.6


def standing(deals: Columns, seats: Columns, among: Group) -> Floats:
    """How far each group is past the point where its members would say yes; a soft minimum, so one laggard counts."""
    beyond = seats.floats("conviction")[among.seats] - seats.floats("thresholds")[among.seats, 4]
    sway = seats.floats("sway")[among.seats]
    return -np.log(np.maximum(among.mean(np.exp(-SOFTNESS * beyond), sway), 1e-9)) / SOFTNESS


def chances(deals: Columns, seats: Columns, among: Group, now: int, open_share: Floats) -> Floats:
    """Chance of each outcome today, of shape (deals, 3): won, lost, no decision."""
    z = standing(deals, seats, among)
    warm = among.mean(seats.floats("conviction")[among.seats], seats.floats("sway")[among.seats])
    age = (now - deals.ints("born")[among.deals]) / DAY
    silent = (now - deals.ints("heard")[among.deals]) / DAY
    won = 0.042 * _rise(z, 0.35, 0.2)
    engaged = _rise(warm, 0.9, 0.4)
    lost = 0.0045 * engaged * _rise(deals.floats("rival")[among.deals] - 1.1 * z, 1.9, 0.5) + 0.0003
    tired = _rise(age / deals.floats("patience")[among.deals], 1.0, 0.22) * _rise(-z, 0.1, 0.35)
    dead = np.isfinite(deals.floats("ceiling")[among.deals]) * _rise(age, 130.0, 25.0)
    nothing = 0.009 * tired + 0.010 * _rise(silent, 85.0, 12.0) + 0.010 * dead
    return np.stack([won, lost, nothing], axis=1) * (1.15 * open_share)[:, None]


def decided(
    deals: Columns, seats: Columns, among: Group, now: int, window: int, open_share: Floats, rng: np.random.Generator
) -> tuple[Ints, Ints]:
    """Deals that are decided in this window and how: (positions within `among.deals`, outcomes)."""
    draw = rng.random(len(among.deals))
    if deals.n and deals.ints("fate")[0] != OPEN:
        due = (deals.ints("fate_day")[among.deals] <= window) & (open_share > 0)
        at = np.flatnonzero(due)
        return at, deals.ints("fate")[among.deals][at]
    edges = np.cumsum(chances(deals, seats, among, now, open_share), axis=1)
    outcome = (draw[:, None] >= edges).sum(axis=1)
    at = np.flatnonzero(outcome < 3)
    return at, outcome[at] + 1


def blind_fate(rng: np.random.Generator, window: int) -> dict[str, int]:
    """Outcome and time of a deal in the uninformative regime: how it goes is independent of when, and of all else."""
    days = 7 + rng.gamma(BLIND_SHAPE, BLIND_MEAN_DAYS / BLIND_SHAPE)
    return {"fate": int(rng.choice(3, p=BLIND_SHARES)) + 1, "fate_day": window + int(days)}


def _rise(x: Floats, middle: float, width: float) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-(x - middle) / width)))
