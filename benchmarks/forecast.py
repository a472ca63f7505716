"""How well the forecast foretells real outcomes: `python -m benchmarks.forecast [FOLDER]`.

FOLDER holds canonical tables as Parquet, with outcomes. Every deal open at 7, 14, 21 and 30 days after it was opened
(lead) or after its first quote (offer) is forecast from what was known then, at four rolling cut-offs: each model
learns from what was known at a cut-off and is asked about the deals opened between it and the next one.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import narwhals as nw
import numpy as np
import polars as pl

from benchmarks.forecast_opponents import LEARNING_AGES, learnable, said, with_activity
from readiness.fit import metrics
from readiness.fit.backtest import answers, landmark_features, questions
from readiness.fit.fit import fit
from readiness.fit.training import training
from readiness.forecast.parameters import VARIANTS
from readiness.model import load_prior
from readiness.schema import CANONICAL
from transforms.members import members
from transforms.signals import signals

DEFAULT = Path("../shared/data/bpic2012")
AGES = (7, 14, 21, 30)
SETS = {"created": "lead", "first_quote": "offer"}
KEY = ["opportunity_id", "as_of"]
OURS = {"combined": "ours, combined", "deal": "ours, deal only", "buyer": "ours, buyer only"}
RIVALS = ("base rate", "stage", "stage x idle", "LR", "LightGBM", "LR + LightGBM")
HEADINGS = (
    "  Brier  logloss    AUC    ECE  (perfect)             slope           intercept   less stage, less LR + LightGBM"
)
TO_BEAT = ("stage", "LR + LightGBM")


def main(folder: Path) -> int:
    if not (folder / "opportunities.parquet").exists():
        print(f"{folder}: no opportunities.parquet there; give a folder of canonical tables with outcomes")
        return 1
    frames = read(folder)
    deals = frames["opportunities"]
    first, last = deals["created_at"].min(), deals["created_at"].max()
    assert isinstance(first, datetime)
    assert isinstance(last, datetime)
    sixth = (last - first) / 6
    cuts = [_midnight(first + sixth * part) for part in (2, 3, 4, 5)]
    by_cut = [split(frames, cut) for cut in cuts]
    rolling = [
        found.filter(pl.col("created_at") < until) for found, until in zip(by_cut, [*cuts[1:], last], strict=True)
    ]
    days = ", ".join(f"{cut:%Y-%m-%d}" for cut in cuts)
    print(f"{folder}: deals opened {first:%Y-%m-%d} to {last:%Y-%m-%d}, learnt and forecast at cut-offs {days}")
    if left_out := deals.filter(pl.col("outcome") == "open").height:
        print(f"{left_out} of {deals.height} deals are open at the end and left out: the rest leans to quick ones")
    report(pl.concat(rolling))
    print(f"\nOne split: learnt until {cuts[2]:%Y-%m-%d}, all deals opened from then on")
    report(by_cut[2])
    return 0


def read(folder: Path) -> dict[str, pl.DataFrame]:
    """The canonical tables of a folder; tables and columns that it leaves out are empty."""
    frames = {}
    for table in CANONICAL:
        path = folder / f"{table.name}.parquet"
        held = nw.from_native(pl.read_parquet(path) if path.exists() else pl.DataFrame({"_": []}))
        missing = {c.name: nw.lit(None).cast(c.dtype) for c in table.columns if c.name not in held.columns}
        frames[table.name] = (held.with_columns(**missing) if missing else held).select(*table.names).to_native()
    return frames


def prepared(frames: dict[str, pl.DataFrame], end: datetime) -> dict[str, nw.LazyFrame]:
    """The tables with signals and members as the product would make them at `end`."""
    tables = {name: nw.from_native(frame.lazy()) for name, frame in frames.items()}
    return tables | {
        "signals": _kept("", signals(tables, end, _kept)),
        "members": _kept("", members(tables, end, _kept)),
    }


def split(frames: dict[str, pl.DataFrame], cut: datetime) -> pl.DataFrame:
    """Every forecaster's chance for the deals opened from the cut-off on, learnt from what was known at it."""
    end = frames["changes"]["changed_at"].max()
    assert isinstance(end, datetime)
    tables = prepared(frames, end)
    model, deals = load_prior(), frames["opportunities"].select("opportunity_id", "account_id", "created_at", "outcome")
    asked = _native(questions(tables, cut, AGES, end)).join(deals, on="opportunity_id")
    questioned = nw.from_native(asked.filter(pl.col("outcome") != "open").lazy())
    seen = _kept("", landmark_features(tables, questioned, model, _kept))
    history = training(tables, model, cut, _kept)
    rows = with_activity(_native(questioned).join(_native(seen), on=KEY), frames)
    for variant in VARIANTS:
        found = _native(answers(questioned, seen, fit(history, model.forecast, variant)))
        rows = rows.join(found.select(*KEY, "anchor", pl.col("p_win").alias(OURS[variant])), on=[*KEY, "anchor"])
    won = (pl.col("outcome") == "won").cast(pl.Float64)
    rows = rows.with_columns(
        won=won, **{name: pl.Series(chance) for name, chance in said(_lessons(frames, tables, cut), rows).items()}
    )
    return rows.select(*KEY, "account_id", "created_at", "anchor", "age_days", "won", *RIVALS, *OURS.values())


def _lessons(frames: dict[str, pl.DataFrame], tables: dict[str, nw.LazyFrame], cut: datetime) -> pl.DataFrame:
    """Rows of deals closed by the cut-off: at the ages asked for, and (anchor "any") at all ages that learners see."""
    closed = learnable(frames["opportunities"], cut)
    known = dict(tables) | {"opportunities": nw.from_native(closed.lazy())}
    long_ago, later = datetime(1970, 1, 1, tzinfo=UTC), cut + timedelta(days=365)
    asked = _native(questions(known, long_ago, AGES, later))
    pooled = _native(questions(known, long_ago, LEARNING_AGES, later)).filter(pl.col("anchor") == "created")
    rows = pl.concat([asked, pooled.with_columns(anchor=pl.lit("any"))])
    seen = _native(landmark_features(known, nw.from_native(rows.lazy()), load_prior(), _kept))
    rows = rows.join(seen, on=KEY).join(
        closed.select("opportunity_id", won=pl.col("outcome") == "won"), on="opportunity_id"
    )
    return with_activity(rows.with_columns(pl.col("won").cast(pl.Float64)), frames)


def report(results: pl.DataFrame) -> None:
    """Print a table per set and age, and one of all ages from 14 days."""
    print("Brier, log loss, AUC and ECE (range of a perfect model, 95 %), slope and intercept of calibration (95 %),")
    print("less ...: difference of Brier, 90 % interval")
    for anchor, label in SETS.items():
        of_set = results.filter(pl.col("anchor") == anchor)
        for age in (*AGES, None):
            rows = of_set.filter(pl.col("age_days") == age if age else pl.col("age_days") >= 14)
            if rows.is_empty():
                continue
            won = rows["won"].to_numpy()
            head = f"{label}, {f'{age} days' if age else 'from 14 days'}: n {rows.height}, won {won.mean():.3f}"
            print(f"\n{head:<44}{HEADINGS}")
            for name in (*RIVALS, *OURS.values()):
                print(_line(name, rows, won))


def _line(name: str, rows: pl.DataFrame, won: np.ndarray) -> str:
    chance = rows[name].to_numpy()
    low, high = metrics.ece_by_chance(chance, draws=200)
    scores = f"{metrics.brier(chance, won):7.4f}{metrics.log_loss(chance, won):9.4f}{metrics.auc(chance, won):7.3f}"
    accounts = rows["account_id"].to_numpy().astype(object)
    limits = metrics.calibration_intervals(chance, won, accounts, draws=200)
    calibrated = "".join(f"  {f'{start:.2f} to {end:.2f}':>16}" for start, end in limits)
    text = f"  {name:<42}{scores}{metrics.ece(chance, won):7.3f}  ({low:.3f}-{high:.3f}){calibrated}"
    if not name.startswith("ours"):
        return text
    for rival in TO_BEAT:
        gap = (chance - won) ** 2 - (rows[rival].to_numpy() - won) ** 2
        bounds = metrics.interval(lambda picked, gap=gap: float(gap[picked].mean()), accounts, 0.90)
        text += f"  {gap.mean():+.4f} [{bounds[0]:+.4f} {bounds[1]:+.4f}]"
    return text


def _midnight(moment: datetime) -> datetime:
    return (moment + timedelta(hours=12)).replace(hour=0, minute=0, second=0, microsecond=0)


def _native(frame: nw.LazyFrame) -> pl.DataFrame:
    return frame.collect("polars").to_native()


def _kept(_name: str, frame: nw.LazyFrame) -> nw.LazyFrame:
    return nw.from_native(_native(frame).lazy())


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT))
