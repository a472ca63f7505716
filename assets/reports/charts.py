"""Charts as SVG for pages and as PNG for Dagster: few marks, readable in grey; labels are their only text."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

GREEN, BLUE, GREY, INK = "#1f6f5c", "#2a5fa8", "#aab4bf", "#1d2733"
STYLE: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "readiness",
    "font.family": "sans-serif",
    "font.size": 10,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": GREY,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
    "figure.constrained_layout.use": True,
    "text.parse_math": False,
}
Draw = Callable[["Axes"], None]
Format = Callable[[float], str]


def svg(draw: Draw, alt: str, size: tuple[float, float] = (7.0, 2.8)) -> Markup:
    """The chart as an inline SVG that scales with the page and is read out as `alt`."""
    with _drawn(draw, size) as figure:
        out = io.StringIO()
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    body = re.sub(r"^.*?<svg", "<svg", out.getvalue(), count=1, flags=re.DOTALL)
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    body = re.sub(
        r'(<svg[^>]*?) width="[^"]*"', r"\1", re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", body, count=1), count=1
    )
    opening = Markup('<svg role="img" aria-label="{}"').format(alt)
    return opening + Markup(body.removeprefix("<svg"))  # noqa: S704 (drawn here; its texts are escaped by matplotlib)


def png(draw: Draw, size: tuple[float, float] = (7.0, 2.8)) -> str:
    """The chart as Markdown that Dagster shows."""
    with _drawn(draw, size) as figure:
        out = io.BytesIO()
        figure.savefig(out, format="png", dpi=110)
    return f"![chart](data:image/png;base64,{base64.b64encode(out.getvalue()).decode()})"


def bars(labels: Sequence[str], values: Sequence[float], shown: Format, color: str = GREEN) -> Draw:
    """Horizontal bars with their figures beside them, the first on top."""

    def draw(axes: Axes) -> None:
        places = list(range(len(labels)))
        axes.barh(places, values, color=color, height=0.62)
        axes.set_yticks(places, [_short(label) for label in labels])
        axes.invert_yaxis()
        axes.xaxis.set_visible(False)
        axes.spines["bottom"].set_visible(False)
        axes.spines["left"].set_position("zero")
        for place, value in zip(places, values, strict=True):
            axes.annotate(shown(value), (max(value, 0), place), xytext=(4, 0), textcoords="offset points", va="center")
        axes.margins(x=0.16)

    return draw


def columns(labels: Sequence[str], series: Mapping[str, Sequence[float]], shown: Format) -> Draw:
    """Columns side by side per label, one colour a series."""

    def draw(axes: Axes) -> None:
        width = 0.8 / len(series)
        for number, (name, values) in enumerate(series.items()):
            places = [place - 0.4 + width * (number + 0.5) for place in range(len(labels))]
            axes.bar(places, values, width * 0.92, label=name, color=(GREY, GREEN, BLUE)[number % 3])
        axes.set_xticks(list(range(len(labels))), [_short(label) for label in labels])
        _scaled(axes, shown)
        axes.legend(loc="upper left", ncols=len(series), bbox_to_anchor=(0, 1.2), borderpad=0)

    return draw


def columns_and_line(
    labels: Sequence[str], bars_: tuple[str, Sequence[float]], line: tuple[str, Sequence[float | None]],
    shown: Format, shown_line: Format,
) -> Draw:  # fmt: skip
    """Columns, and a line from 0 to 1 with its own figures on the points."""

    def draw(axes: Axes) -> None:
        places = list(range(len(labels)))
        axes.bar(places, bars_[1], 0.55, color=GREY, label=bars_[0])
        axes.set_xticks(places, [_short(label) for label in labels])
        _scaled(axes, shown)
        other = axes.twinx()
        known = [(place, value) for place, value in zip(places, line[1], strict=True) if value is not None]
        other.plot([p for p, _ in known], [v for _, v in known], color=GREEN, marker="o", linewidth=2, label=line[0])
        for place, value in known:
            other.annotate(shown_line(value), (place, value), xytext=(0, 7), textcoords="offset points", ha="center")
        other.set_ylim(0, 1.15)
        other.yaxis.set_visible(False)
        for side in other.spines.values():
            side.set_visible(False)
        axes.figure.legend(loc="outside upper left", ncols=2)

    return draw


def _scaled(axes: Axes, shown: Format) -> None:
    axes.yaxis.set_major_locator(_locator())
    axes.yaxis.set_major_formatter(lambda value, _: shown(value))
    axes.grid(axis="y", color="#e3e8ed", linewidth=0.8)


def _locator() -> Any:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(nbins=4, integer=True)


def _short(label: str) -> str:
    return label if len(label) <= 24 else label[:23] + "…"


@contextmanager
def _drawn(draw: Draw, size: tuple[float, float]) -> Iterator[Figure]:
    import matplotlib
    from matplotlib.figure import Figure as Drawn

    with matplotlib.rc_context(STYLE):
        figure = Drawn(figsize=size)
        draw(figure.subplots())
        yield figure
