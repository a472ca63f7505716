"""What a forecast must beat: the win rate, the CRM's stage probability, and the win rate per stage and idle time."""

from __future__ import annotations

from collections.abc import Mapping

import narwhals as nw
import numpy as np

from readiness.fit.hazard import Floats
from readiness.fit.training import Training, column
from readiness.forecast.features import FLOOR

IDLE_DAYS = (1.0, 3.0, 7.0, 14.0, 21.0, 30.0)
PSEUDO_ROWS = 10.0


def known_wins(history: Training, day: float) -> tuple[nw.DataFrame, Floats]:
    """The landmarks whose next so many days are known, and whether the deal was won in them (0 or 1)."""
    rows = history.rows.filter(nw.col("landmark") + day <= history.until)
    won = (column(rows, "cause") == 0) & (column(rows, "days") <= day)
    return rows, won.astype(float)


def rates(history: Training, rows: nw.DataFrame, day: float, by: str) -> Floats:
    """The win rate within so many days for each of `rows`, learnt from `history`.

    Parameters
    ----------
    by : "all": one rate; "stage": per seller's stage; "stage and idle": per last act and days since, in bands. Rates of
        groups are drawn to the overall one by 10 pseudo-rows.
    """
    seen, won = known_wins(history, day)
    base = (float(won.sum()) + 0.5) / (won.size + 1.0)
    groups = _groups(seen, by)
    names, place = np.unique(groups, return_inverse=True)
    sums, sizes = np.bincount(place, won, names.size), np.bincount(place, minlength=names.size)
    rate = dict(zip(names, (sums + PSEUDO_ROWS * base) / (sizes + PSEUDO_ROWS), strict=True))
    return np.array([rate.get(group, base) for group in _groups(rows, by)])


def stage_chances(rows: nw.DataFrame, probability: Mapping[str, float]) -> Floats:
    """The CRM's own probability of each landmark's stage; a half where it gives none."""
    chance = np.array([probability.get(stage, 0.5) for stage in rows["stage"].to_list()])
    return np.asarray(np.clip(chance, FLOOR, 1 - FLOOR))


def _groups(rows: nw.DataFrame, by: str) -> np.ndarray:
    if by == "all":
        return np.full(len(rows), "all", dtype=object)
    if by == "stage":
        return rows["stage"].to_numpy().astype(object)
    band = np.searchsorted(IDLE_DAYS, column(rows, "idle"), side="left")
    return np.array(
        [f"{event}|{idle}" for event, idle in zip(rows["event"].to_list(), band, strict=True)], dtype=object
    )
