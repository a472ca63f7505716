"""Pictures of a trial and of coverage, as PNG files in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from typing import Any

import numpy as np

from readiness.fit.coverage import Seen
from readiness.fit.hazard import Floats
from readiness.fit.metrics import BINS
from readiness.fit.promotion import Trial

LIFTS = ("stage probability", "stage and idle", "base rate")
VARIANTS = ("buyer", "deal", "combined")

Words = Callable[..., str]
"""A key of what is written in a picture, with the values for its places -> that text in the reader's language."""


def reliability(chance: Floats, won: Floats) -> list[tuple[float, float, int]]:
    """Mean chance, share won and number of deals in ten bins of equal mass, in ascending order."""
    parts = [part for part in np.array_split(np.argsort(chance, kind="stable"), BINS) if part.size]
    return [(float(chance[part].mean()), float(won[part].mean()), int(part.size)) for part in parts]


def pictures(trial: Trial, figures: Mapping[str, float], words: Words) -> dict[str, bytes]:
    """What a trial (with the figures measured on it) shows.

    Returns
    -------
    `reliability`: share won by chance said, per cut-off. `lift`: log loss gained over each baseline, with its 90 %
    interval; what is left of zero is worth nothing. `worth`: the same over the win rate for what the forecast may
    read, and what readiness adds to the deal's own record.
    """
    return {
        "reliability": _png(lambda axes: _draw_reliability(axes, trial, words)),
        "lift": _png(lambda axes: _draw_lift(axes, figures, words)),
        "worth": _png(lambda axes: _draw_worth(axes, figures, words)),
    }


def coverage_picture(months: Sequence[Seen], words: Words) -> bytes:
    """`coverage`: how much of the open book had an answer, and its mean coverage, month by month."""
    return _png(lambda axes: _draw_coverage(axes, months, words))


def _draw_reliability(axes: Any, trial: Trial, words: Words) -> None:
    axes.plot([0, 1], [0, 1], color="grey", linewidth=0.8, label=words("picture.perfect"))
    for number, cut in enumerate(np.unique(trial.cut), start=1):
        at_cut = trial.cut == cut
        points = reliability(trial.said["combined"][at_cut], trial.won[at_cut])
        axes.plot(
            [x for x, _, _ in points],
            [y for _, y, _ in points],
            marker="o",
            label=words("picture.cut_off", number=number),
        )
    axes.set(
        xlabel=words("picture.chance", days=trial.horizon),
        ylabel=words("picture.share_won"),
        title=words("picture.reliability"),
    )
    axes.legend()


def _draw_lift(axes: Any, figures: Mapping[str, float], words: Words) -> None:
    gained = np.array([-figures[f"log loss less {name}"] for name in LIFTS])
    low = np.array([-figures[f"log loss less {name}, high"] for name in LIFTS])
    high = np.array([-figures[f"log loss less {name}, low"] for name in LIFTS])
    axes.barh(range(len(LIFTS)), gained, xerr=np.clip([gained - low, high - gained], 0, None), color="steelblue")
    axes.axvline(0, color="grey", linewidth=0.8)
    axes.set_yticks(range(len(LIFTS)), [words(f"rival.{name}") for name in LIFTS])
    axes.set(xlabel=words("picture.gained"), title=words("picture.lift"))


def _draw_worth(axes: Any, figures: Mapping[str, float], words: Words) -> None:
    gained = [figures["log loss, base rate"] - figures[f"log loss, {name}"] for name in VARIANTS]
    axes.barh(range(len(VARIANTS)), gained, color=["steelblue", "lightgrey", "seagreen"])
    axes.axvline(0, color="grey", linewidth=0.8)
    axes.set_yticks(range(len(VARIANTS)), [words(f"variant.{name}") for name in VARIANTS])
    added, low, high = (-figures[f"log loss less deal{end}"] for end in ("", ", high", ", low"))
    axes.set(xlabel=words("picture.gained_over_rate"), title=words("picture.worth", added=added, low=low, high=high))


def _draw_coverage(axes: Any, months: Sequence[Seen], words: Words) -> None:
    at = [month.at for month in months]
    axes.plot(at, [month.answered for month in months], marker="o", label=words("picture.answered"))
    axes.plot(at, [month.coverage for month in months], marker="o", label=words("picture.mean_coverage"))
    axes.set(ylim=(0, 1), title=words("picture.coverage"))
    axes.tick_params(axis="x", rotation=30)
    axes.legend()


def _png(draw: Callable[[Any], None]) -> bytes:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4.5), layout="constrained")
    FigureCanvasAgg(figure)
    draw(figure.subplots())
    target = BytesIO()
    figure.savefig(target, format="png", dpi=110)
    return target.getvalue()
