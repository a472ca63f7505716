"""How good chances were, and how sure one may be of that."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
CLIP = 1e-4
BINS = 10


def brier(chance: Floats, won: Floats) -> float:
    """Mean squared error; 0 is perfect."""
    return float(np.mean((chance - won) ** 2))


def log_loss(chance: Floats, won: Floats) -> float:
    """Mean of -ln of the chance given to what happened, chances kept within 0.0001 of 0 and 1."""
    return float(np.mean(losses(chance, won)))


def losses(chance: Floats, won: Floats) -> Floats:
    """The log loss of each row."""
    kept = np.clip(chance, CLIP, 1 - CLIP)
    return np.asarray(-np.where(won > 0, np.log(kept), np.log1p(-kept)))


def auc(chance: Floats, won: Floats) -> float:
    """The share of pairs of a won and another deal in which the won one had the greater chance; NaN without pairs."""
    wins = int(won.sum())
    if not 0 < wins < won.size:
        return float("nan")
    return float((_ranks(chance)[won > 0].sum() - wins * (wins + 1) / 2) / (wins * (won.size - wins)))


def _ranks(values: Floats) -> Floats:
    """Ranks from 1, equal values sharing the mean of theirs; SciPy has it too, but takes a second to load."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(count) - (count - 1) / 2)[place])


def ece(chance: Floats, won: Floats) -> float:
    """Expected calibration error over ten bins of equal mass."""
    order = np.argsort(chance, kind="stable")
    bins = [part for part in np.array_split(order, BINS) if part.size]
    gaps = [part.size * abs(float(chance[part].mean() - won[part].mean())) for part in bins]
    return sum(gaps) / chance.size if chance.size else float("nan")


def ece_by_chance(chance: Floats, draws: int = 500, seed: int = 0) -> tuple[float, float]:
    """The range that holds 95 % of the calibration errors of a perfect model with these chances at this n."""
    random = np.random.default_rng(seed)
    seen = [ece(chance, (random.random(chance.size) < chance).astype(float)) for _ in range(draws)]
    return float(np.quantile(seen, 0.025)), float(np.quantile(seen, 0.975))


def calibration(chance: Floats, won: Floats) -> tuple[float, float]:
    """Slope and intercept of a logistic regression of the outcome on the log-odds; 1 and 0 when calibrated."""
    kept = np.clip(chance, CLIP, 1 - CLIP)
    design = np.column_stack([np.log(kept / (1 - kept)), np.ones_like(kept)])
    point = np.array([1.0, 0.0])
    for _ in range(30):
        fitted = 1 / (1 + np.exp(-np.clip(design @ point, -30, 30)))
        curvature = design.T @ (design * (fitted * (1 - fitted))[:, None]) + 1e-6 * np.eye(2)
        step = np.linalg.solve(curvature, design.T @ (won - fitted))
        point = point + np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-8:
            break
    return float(point[0]), float(point[1])


def calibration_intervals(
    chance: Floats, won: Floats, clusters: NDArray[np.object_], draws: int = 300, seed: int = 0
) -> tuple[tuple[float, float], tuple[float, float]]:
    """95 % bootstrap intervals of slope and intercept, whole clusters drawn with replacement."""
    seen = np.array([calibration(chance[rows], won[rows]) for rows in _drawn(clusters, draws, seed)])
    (slope_low, intercept_low), (slope_high, intercept_high) = np.quantile(seen, (0.025, 0.975), axis=0).tolist()
    return (slope_low, slope_high), (intercept_low, intercept_high)


def interval(
    statistic: Callable[[NDArray[np.intp]], float],
    clusters: NDArray[np.object_],
    level: float,
    draws: int = 400,
    seed: int = 0,
) -> tuple[float, float]:
    """Bootstrap interval of a statistic of row numbers, whole clusters drawn with replacement.

    Parameters
    ----------
    clusters : of shape (n,), which rows belong together, such as the account.
    level : 0-1, the share of draws that the interval holds.
    """
    seen = [statistic(rows) for rows in _drawn(clusters, draws, seed)]
    tail = (1 - level) / 2
    return float(np.nanquantile(seen, tail)), float(np.nanquantile(seen, 1 - tail))


def _drawn(clusters: NDArray[np.object_], draws: int, seed: int) -> Iterator[NDArray[np.intp]]:
    _, cluster = np.unique(clusters.astype(str), return_inverse=True)
    rows = np.argsort(cluster, kind="stable")
    ends = np.cumsum(np.bincount(cluster))
    starts = ends - np.bincount(cluster)
    random = np.random.default_rng(seed)
    for _ in range(draws):
        picked = random.integers(ends.size, size=ends.size)
        sizes = ends[picked] - starts[picked]
        within = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        yield rows[np.repeat(starts[picked], sizes) + within]
