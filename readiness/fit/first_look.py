"""What warnings would have been worth on deals that are closed by now, for a first look without writing anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from readiness.engine import Keep, days, in_place
from readiness.fit.fit import fit
from readiness.fit.outlook import chances_by
from readiness.fit.training import OPEN, Tables, Training, column, training
from readiness.forecast.parameters import HORIZON_DAYS
from readiness.model import Model

FEWEST_CLOSED = 20
WARNED_SHARE = 0.2
"""A deal is warned of when its chance falls among the lowest fifth of what deals had in the time learnt from."""

EXAMPLES = 3
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Example:
    """A deal that was not won, and what would have been said of it: days counted back from its closing."""

    opportunity_id: str
    name: str
    amount: float
    warned_at: datetime
    closed_at: datetime
    days_earlier: float
    silent_days: float
    idle_days: float


@dataclass(frozen=True)
class FirstLook:
    """The later half of the closed deals, by a forecast that learnt from the earlier half.

    Attributes
    ----------
    since, until : the time looked at. lost : deals closed in it without being won; warned : of them, with a warning
    before the closing; days_earlier : the median lead of those, null without any.
    won : deals won in it; false_alarms : of them, warned of all the same; per_seller_week : false alarms a seller would
    have met a week.
    unseen : lost deals of which no act of the buyer (`no_act`) or no stage, quote or document (`no_progress`) was ever
    recorded.
    """

    since: datetime
    until: datetime
    lost: int
    warned: int
    days_earlier: float | None
    won: int
    false_alarms: int
    per_seller_week: float
    examples: tuple[Example, ...]
    unseen: Mapping[str, int]


def first_look(tables: Tables, model: Model, as_of: datetime, keep: Keep = in_place) -> FirstLook | None:
    """Look back from `as_of`; None with fewer than 20 closed deals that were open long enough to be looked at."""
    history = training(tables, model, as_of, keep)
    if history.closed < FEWEST_CLOSED:
        return None
    closed = history.rows.filter(nw.col("cause") != OPEN).unique("opportunity_id")
    split = float(np.median(column(closed, "landmark") + column(closed, "days")))
    known = history.known_at(split)
    forecast = fit(known, model.forecast)
    limit = float(np.quantile(chances_by(forecast, known.rows, HORIZON_DAYS)[:, 0], WARNED_SHARE))
    low = chances_by(forecast, history.rows, HORIZON_DAYS)[:, 0] < limit
    return _counted(_warnings(history, split, low), tables, split, as_of)


def _warnings(history: Training, split: float, low: NDArray[np.bool_]) -> nw.DataFrame:
    """One row per deal closed since: the first landmark with a low chance since then, or else null."""
    rows = history.rows.with_columns(nw.new_series("low", low.tolist(), nw.Boolean(), backend="polars"))
    rows = rows.filter((nw.col("cause") != OPEN) & (nw.col("landmark") + nw.col("days") >= split))
    first = rows.filter(nw.col("low") & (nw.col("landmark") >= split)).unique(
        "opportunity_id", keep="first", maintain_order=True
    )
    deals = rows.unique("opportunity_id", keep="last", maintain_order=True)
    deals = deals.select("opportunity_id", "cause", "event", closed=nw.col("landmark") + nw.col("days"))
    return deals.join(
        first.select("opportunity_id", "silence", "idle", warned="landmark"), on="opportunity_id", how="left"
    )


def _counted(deals: nw.DataFrame, tables: Tables, split: float, as_of: datetime) -> FirstLook:
    about = tables["opportunities"].select("opportunity_id", "seller_id", "name", "amount", "created_at", "closed_at")
    acts = (
        tables["signals"].filter(nw.col("direction") != "outbound").select("opportunity_id", heard=nw.lit(1)).unique()
    )
    told = about.join(acts, on="opportunity_id", how="left").collect("polars")
    deals = deals.join(told, on="opportunity_id", how="left")
    won, warned = nw.col("cause") == 0, ~nw.col("warned").is_null()
    lost = deals.filter(~won)
    hit = lost.filter(warned).with_columns(lead=nw.col("closed") - nw.col("warned"))
    largest = hit.sort("amount", "lead", descending=True, nulls_last=True).head(EXAMPLES)
    false_alarms = len(deals.filter(won & warned))
    seller_weeks = max(int(deals["seller_id"].n_unique()), 1) * max((days(as_of) - split) / 7, 1.0)
    return FirstLook(
        since=EPOCH + timedelta(days=split),
        until=as_of,
        lost=len(lost),
        warned=len(hit),
        days_earlier=float(np.median(column(hit, "lead"))) if len(hit) else None,
        won=len(deals) - len(lost),
        false_alarms=false_alarms,
        per_seller_week=false_alarms / seller_weeks,
        examples=tuple(_example(row) for row in largest.iter_rows(named=True)),
        unseen={
            "no_act": len(lost.filter(nw.col("heard").is_null())),
            "no_progress": len(lost.filter(nw.col("event") == "none")),
        },
    )


def _example(row: Mapping[str, Any]) -> Example:
    return Example(
        opportunity_id=row["opportunity_id"],
        name=row["name"] or row["opportunity_id"],
        amount=row["amount"] or 0.0,
        warned_at=EPOCH + timedelta(days=row["warned"]),
        closed_at=row["closed_at"],
        days_earlier=row["lead"],
        silent_days=row["silence"],
        idle_days=row["idle"],
    )
