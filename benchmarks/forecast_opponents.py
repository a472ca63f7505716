"""What the forecast is measured against: win rates per stage, and two learners on closed deals."""

from __future__ import annotations

import warnings
from datetime import datetime, timedelta

import numpy as np
import polars as pl
from lightgbm import LGBMClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

LEARNING_AGES = (0, 1, 3, 5, 7, 10, 14, 17, 21, 25, 30, 40)
IDLE_BANDS = (1, 3, 7, 14, 21, 30)
PSEUDO_ROWS = 10
FEWEST_CLOSED = 300
CLOCKS = ["age", "idle", "silence", "since_quote", "since_first_quote", "since_document", "since_call"]
COUNTS = ["inbound", "sellers", "quotes_sent", "quotes_decided", "documents", "calls", "calls_7", "acts_7"]
NUMBERS = [*CLOCKS, *COUNTS, "amount", "hour", "weekday"]


def with_activity(rows: pl.DataFrame, tables: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """Add what only the opponents read: calls made, activity in the last 7 days, hour and weekday of the opening."""
    acts = tables["interactions"].select(
        "opportunity_id", "direction", at=pl.max_horizontal("occurred_at", "recorded_at")
    )
    known = rows.select("opportunity_id", "as_of").unique().join(acts, on="opportunity_id")
    known = known.filter(pl.col("at") <= pl.col("as_of"))
    days = (pl.col("as_of") - pl.col("at")).dt.total_seconds() / 86400
    call, recent = pl.col("direction") == "outbound", days <= 7
    counted = known.group_by("opportunity_id", "as_of").agg(
        calls=call.sum(), since_call=days.filter(call).min(), calls_7=(call & recent).sum(), acts_7=recent.sum()
    )
    opened = tables["opportunities"].select(
        "opportunity_id", hour=pl.col("created_at").dt.hour(), weekday=pl.col("created_at").dt.weekday()
    )
    return rows.join(counted, on=["opportunity_id", "as_of"], how="left").join(opened, on="opportunity_id")


def learnable(deals: pl.DataFrame, train_until: datetime) -> pl.DataFrame:
    """The deals closed by then; those opened in the last 30 days are left out where enough others remain, because only
    the quick ones of them are closed."""
    closed = deals.filter(pl.col("closed_at") < train_until, pl.col("created_at") < train_until)
    settled = closed.filter(pl.col("created_at") < train_until - timedelta(days=30))
    return settled if settled.height >= FEWEST_CLOSED else closed


def said(learnt: pl.DataFrame, asked: pl.DataFrame) -> dict[str, np.ndarray]:
    """Every opponent's chance for each row asked.

    Parameters
    ----------
    learnt : closed deals' rows with anchor, age_days and won; anchor "any" holds the ages that the learners see.
    asked : rows with anchor and age_days.
    """
    pooled = learnt.filter(pl.col("anchor") == "any")
    events = sorted(pooled["event"].unique())
    won = pooled["won"].to_numpy()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        linear = make_pipeline(StandardScaler(), LogisticRegression(C=0.3, max_iter=2000))
        linear.fit(_design(pooled, events, slopes=True), won)
        trees = LGBMClassifier(
            n_estimators=150, num_leaves=6, learning_rate=0.03, min_child_samples=150, n_jobs=1, verbose=-1
        ).fit(_design(pooled, events, slopes=False), won)
        by_linear = linear.predict_proba(_design(asked, events, slopes=True))[:, 1]
        by_trees = trees.predict_proba(_design(asked, events, slopes=False))[:, 1]
    return {
        "base rate": _rate(learnt, asked, ["anchor", "age_days"], []),
        "stage": _rate(learnt, asked, ["anchor", "age_days"], ["event"]),
        "stage x idle": _rate(
            pooled.with_columns(band=_band()), asked.with_columns(band=_band()), [], ["event", "band"]
        ),
        "LR": by_linear,
        "LightGBM": by_trees,
        "LR + LightGBM": (by_linear + by_trees) / 2,
    }


def _design(rows: pl.DataFrame, events: list[str], *, slopes: bool) -> np.ndarray:
    numbers = rows.select(NUMBERS).fill_null(-1).to_numpy().astype(float)
    last = np.column_stack([(rows["event"] == event).to_numpy() for event in events]).astype(float)
    if not slopes:
        return np.hstack([numbers, last])
    idle, age = numbers[:, [NUMBERS.index("idle")]], numbers[:, [NUMBERS.index("age")]]
    return np.hstack([numbers, last, last * idle, last * age])


def _band() -> pl.Expr:
    return pl.sum_horizontal(*((pl.col("idle") > edge).cast(pl.Int64) for edge in IDLE_BANDS))


def _rate(learnt: pl.DataFrame, asked: pl.DataFrame, within: list[str], by: list[str]) -> np.ndarray:
    """The win rate per group, drawn by pseudo-rows to the rate of all groups within the same anchor and age."""
    learnt, asked = learnt.with_columns(all=1), asked.with_columns(all=1).with_row_index("row")
    bases = learnt.group_by("all", *within).agg(base=pl.col("won").mean())
    rates = (
        learnt.join(bases, on=["all", *within])
        .group_by("all", *within, *by, "base")
        .agg(wins=pl.col("won").sum(), rows=pl.len())
    )
    rates = rates.with_columns(rate=(pl.col("wins") + PSEUDO_ROWS * pl.col("base")) / (pl.col("rows") + PSEUDO_ROWS))
    found = asked.join(bases, on=["all", *within], how="left").join(
        rates.drop("base"), on=["all", *within, *by], how="left"
    )
    overall = float(learnt["won"].mean() or 0.0)
    return found.sort("row").select(pl.coalesce("rate", "base", pl.lit(overall))).to_series().to_numpy()
