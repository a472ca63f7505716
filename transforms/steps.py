"""Numbers in coarse steps that hold still: a value changes only when it has moved by a whole step.

So that forgetting alone, a little every day, seldom causes a write.
"""

from __future__ import annotations

from datetime import date, timedelta

from transforms.labels import BAND_OF_PHASE, BANDS

NEAR = 0.05
STEADY = timedelta(days=7)


def stepped(value: float | None, held: str | None, step: int = 5) -> str | None:
    """The nearest step, or what is held while `value` lies within one step of it."""
    if value is None:
        return None
    before = _number(held)
    if before is not None and before % step == 0 and abs(value - before) < step:
        return str(int(before))
    return str(int(step * int(value / step + 0.5)))


def steady_day(value: date | None, held: str | None, today: date) -> str | None:
    """The day, or the one held while that is still to come and within a week of it."""
    if value is None:
        return None
    before = _day(held)
    if before is not None and before >= today and abs(before - value) <= STEADY:
        return before.isoformat()
    return value.isoformat()


def steady_band(phase: int, passed: list[float], held: str | None) -> str:
    """The band of a phase, or the one held while every boundary between the two is a close call.

    Parameters
    ----------
    passed : P(Z >= m) or C_m for m = 1 … 6.
    """
    shown = BANDS[BAND_OF_PHASE[phase]]
    if held not in BANDS or held == shown:
        return shown
    low, high = sorted((BANDS.index(held), BANDS.index(shown)))
    boundaries = [
        m
        for m in range(1, len(BAND_OF_PHASE))
        if low < BAND_OF_PHASE[m] <= high and BAND_OF_PHASE[m - 1] < BAND_OF_PHASE[m]
    ]
    return held if all(abs(passed[m - 1] - 0.5) <= NEAR for m in boundaries) else shown


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError:
        return None
