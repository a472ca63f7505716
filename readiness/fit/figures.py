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

LIFTS = {
    "stage probability": "the CRM's stage probability",
    "stage and idle": "win rate per stage and idle time",
    "base rate": "the overall win rate",
}
VARIANTS = {"buyer": "buyers only", "deal": "deal's record only", "combined": "both"}


def reliability(chance: Floats, won: Floats) -> list[tuple[float, float, int]]:
    """Mean chance, share won and number of deals in ten bins of equal mass, in ascending order."""
    parts = [part for part in np.array_split(np.argsort(chance, kind="stable"), BINS) if part.size]
    return [(float(chance[part].mean()), float(won[part].mean()), int(part.size)) for part in parts]


def pictures(trial: Trial, figures: Mapping[str, float]) -> dict[str, bytes]:
    """What a trial (with the figures measured on it) shows.

    Returns
    -------
    `reliability`: share won by chance said, per cut-off. `lift`: log loss gained over each baseline, with its 90 %
    interval; what is left of zero is worth nothing. `worth`: the same over the win rate for what the forecast may
    read, and what readiness adds to the deal's own record.
    """
    return {
        "reliability": _png(lambda axes: _draw_reliability(axes, trial)),
        "lift": _png(lambda axes: _draw_lift(axes, figures)),
        "worth": _png(lambda axes: _draw_worth(axes, figures)),
    }


def coverage_picture(months: Sequence[Seen]) -> bytes:
    """`coverage`: how much of the open book had an answer, and its mean coverage, month by month."""
    return _png(lambda axes: _draw_coverage(axes, months))


def _draw_reliability(axes: Any, trial: Trial) -> None:
    axes.plot([0, 1], [0, 1], color="grey", linewidth=0.8, label="perfect")
    for number, cut in enumerate(np.unique(trial.cut), start=1):
        at_cut = trial.cut == cut
        points = reliability(trial.said["combined"][at_cut], trial.won[at_cut])
        axes.plot([x for x, _, _ in points], [y for _, y, _ in points], marker="o", label=f"cut-off {number}")
    axes.set(xlabel=f"chance of being won within {trial.horizon:.0f} days", ylabel="share won", title="Reliability")
    axes.legend()


def _draw_lift(axes: Any, figures: Mapping[str, float]) -> None:
    names = list(LIFTS)
    gained = np.array([-figures[f"log loss less {name}"] for name in names])
    low = np.array([-figures[f"log loss less {name}, high"] for name in names])
    high = np.array([-figures[f"log loss less {name}, low"] for name in names])
    axes.barh(range(len(names)), gained, xerr=np.clip([gained - low, high - gained], 0, None), color="steelblue")
    axes.axvline(0, color="grey", linewidth=0.8)
    axes.set_yticks(range(len(names)), [LIFTS[name] for name in names])
    axes.set(xlabel="log loss gained over it, with 90 % interval", title="Lift")


def _draw_worth(axes: Any, figures: Mapping[str, float]) -> None:
    gained = [figures["log loss, base rate"] - figures[f"log loss, {name}"] for name in VARIANTS]
    axes.barh(range(len(VARIANTS)), gained, color=["steelblue", "lightgrey", "seagreen"])
    axes.axvline(0, color="grey", linewidth=0.8)
    axes.set_yticks(range(len(VARIANTS)), list(VARIANTS.values()))
    added, low, high = (-figures[f"log loss less deal{end}"] for end in ("", ", high", ", low"))
    axes.set(
        xlabel="log loss gained over the win rate",
        title=f"Readiness adds {added:+.4f} to the deal's own record\n({low:+.4f} to {high:+.4f}, 90 % interval)",
    )


def _draw_coverage(axes: Any, months: Sequence[Seen]) -> None:
    at = [month.at for month in months]
    axes.plot(at, [month.answered for month in months], marker="o", label="share of open deals with an answer")
    axes.plot(at, [month.coverage for month in months], marker="o", label="mean coverage")
    axes.set(ylim=(0, 1), title="Coverage of the open book")
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
