"""What few closed deals teach: the fitted forecast beside the cold start.

    python -m benchmarks.short_history [FOLDER]

From a real log (FOLDER of canonical tables with outcomes) and from two simulated markets, one in which readiness says
nothing about the outcome, `DRAWS` random histories with so many closed deals each are learnt from, and asked which of
all later deals are won within the horizon.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import narwhals as nw
import numpy as np
import polars as pl

from benchmarks.forecast import DEFAULT, prepared, read
from benchmarks.market import kept
from readiness.fit.baselines import known_wins
from readiness.fit.fit import fit
from readiness.fit.metrics import interval, losses
from readiness.fit.outlook import chances_by
from readiness.fit.training import OPEN, Training, training
from readiness.model import load_prior
from sandbox.export import tables
from sandbox.market import Market

CLOSED = (20, 40, 60, 120, 300)
DRAWS = 8
PRIOR = load_prior().forecast
MARKET, SEED = 1_200, 21
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


@dataclass(frozen=True)
class Source:
    """A history to draw from, and later landmarks with whether they were won within `horizon` days."""

    name: str
    history: Training
    later: nw.DataFrame
    won: np.ndarray
    horizon: float


def main(folder: Path) -> int:
    for source in sources(folder):
        cold = losses(chances_by(PRIOR, source.later, source.horizon)[:, 0], source.won)
        print(
            f"{source.name}: {len(cold)} later landmarks, won within {source.horizon:.0f} days {source.won.mean():.3f}"
        )
        print(f"  cold start: log loss {cold.mean():.4f}; what a history changes, over {DRAWS} draws:")
        for closed in CLOSED:
            print(f"  {closed:>4} closed  {compared(source, closed, cold)}", flush=True)
    return 0


def sources(folder: Path) -> Iterator[Source]:
    if (folder / "opportunities.parquet").exists():
        frames = read(folder)
        end, opened = frames["changes"]["changed_at"].max(), frames["opportunities"]["created_at"].max()
        assert isinstance(end, datetime)
        assert isinstance(opened, datetime)
        yield source(f"{folder}", prepared(frames, end), opened - timedelta(days=30), end, 30.0)
    else:
        print(f"{folder}: no opportunities.parquet there; simulated markets alone")
    for regime in ("informative", "uninformative"):
        given = tables(Market(MARKET, SEED, NOW, regime=regime).past())
        frames = {name: pl.DataFrame(table) for name, table in given.items()}
        yield source(f"market, {regime}", prepared(frames, NOW), NOW - timedelta(days=200), NOW, 90.0)


def source(name: str, known: dict[str, nw.LazyFrame], cut: datetime, end: datetime, horizon: float) -> Source:
    history, whole = (training(known, load_prior(), until, kept) for until in (cut, end))
    later, won = known_wins(Training(whole.since(history.until).rows, whole.until), horizon)
    return Source(name, history, later, won, horizon)


def compared(source: Source, closed: int, cold: np.ndarray) -> str:
    """The change in log loss; a draw is worse beyond noise if the 90 % interval of its change lies above 0."""
    accounts = source.later["account_id"].to_numpy().astype(object)
    changes, worse = [], 0
    for seed in range(DRAWS):
        parameters = fit(drawn(source.history, closed, seed), PRIOR)
        change = losses(chances_by(parameters, source.later, source.horizon)[:, 0], source.won) - cold
        changes.append(float(change.mean()))
        worse += interval(lambda rows, change=change: float(change[rows].mean()), accounts, 0.90)[0] > 0
    return f"mean {np.mean(changes):+.4f}, worst {max(changes):+.4f}; worse beyond noise: {worse} of {DRAWS}"


def drawn(history: Training, closed: int, seed: int) -> Training:
    """Random deals of the history, open ones in their share, among them so many closed ones."""
    deals = np.random.default_rng(seed).permutation(np.sort(history.rows["opportunity_id"].unique().to_numpy()))
    ended = set(history.rows.filter(nw.col("cause") != OPEN)["opportunity_id"].to_list())
    reached = np.cumsum([deal in ended for deal in deals])
    picked = deals[: int(np.searchsorted(reached, closed)) + 1]
    return Training(history.rows.filter(nw.col("opportunity_id").is_in(picked.tolist())), history.until)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT))
