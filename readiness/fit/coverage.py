"""How much of the open book could be seen, month by month: contact that is no longer recorded shows here first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import narwhals as nw

from readiness.engine import Keep, in_place
from readiness.fit.training import Tables, past_groups
from readiness.model import Model
from readiness.schema import TIME

MONTHS = 12
MONTH = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Seen:
    """The open book at one instant: deals, the share of them with an answer (not unseen), and their mean coverage."""

    at: datetime
    deals: int
    answered: float
    coverage: float


def coverage_by_month(tables: Tables, model: Model, as_of: datetime, keep: Keep = in_place) -> tuple[Seen, ...]:
    """The last twelve months at intervals of 30 days, the earliest first; none where no deal was open."""
    moments = [as_of - MONTH * back for back in range(MONTHS)]
    deals = tables["opportunities"]
    open_then = [
        deals.filter(
            nw.col("created_at") <= nw.lit(at, dtype=TIME),
            nw.col("closed_at").is_null() | (nw.col("closed_at") > nw.lit(at, dtype=TIME)),
        ).select("opportunity_id", as_of=nw.lit(at, dtype=TIME))
        for at in moments
    ]
    landmarks = keep("coverage_landmarks", nw.concat(open_then))
    groups = past_groups(tables, landmarks, model, keep)
    answered = nw.when(nw.col("state") == "unseen").then(0.0).otherwise(1.0)
    by_month = groups.group_by("as_of").agg(
        deals=nw.len(), answered=answered.mean(), coverage=nw.col("coverage").mean()
    )
    rows = by_month.collect("polars").sort("as_of").select("as_of", "deals", "answered", "coverage")
    return tuple(Seen(*row) for row in rows.iter_rows())
