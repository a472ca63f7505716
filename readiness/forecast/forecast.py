"""The forecast of the open deals: chances, the decision's date with its range, slip risk, and a rank among them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import reduce
from operator import add

import narwhals as nw

from readiness.engine import Keep, days, in_place
from readiness.forecast.calendar import date_days, with_dates
from readiness.forecast.parameters import CAUSES, Parameters
from readiness.forecast.predict import chances

OVERDUE_DAYS = 30.0
"""A close date already past is replaced by this many days from now."""

DATES = {"decision_date": 0.5, "decision_from": 0.1, "decision_to": 0.9}
CHANCES = ("p_win", "p_lost", "p_no_decision")
COLUMNS = ("opportunity_id", *CHANCES, *DATES, "slip_risk", "overdue", "calibrated", "rank")


def forecast(
    features: nw.LazyFrame,
    opportunities: nw.LazyFrame,
    parameters: Parameters,
    as_of: datetime,
    keep: Keep = in_place,
) -> nw.LazyFrame:
    """What will become of each open deal, as known at `as_of`.

    Parameters
    ----------
    features : one row per open deal, all at the landmark `as_of`; see `features.features`.
    opportunities : `schema.OPPORTUNITIES`, for the close dates that stand now.
    keep : stores the stages "chances" and "chances_dated".

    Returns
    -------
    One row per deal (`schema.FORECAST`). The decision's date is the median, and its range the 10-90 %, of the days to
    an ending, given that there is one within 52 weeks; null when that is less likely than not. `slip_risk` is the
    chance of being undecided at the end of the close date or, if that has passed (`overdue`), 30 days from now. Where
    `calibrated` is false, only `rank` (0-100, 100 the likeliest to be won) may be shown.
    """
    frame = _with_course(keep("chances", chances(features, parameters)), parameters.edges)
    frame = frame.join(opportunities.select("opportunity_id", "close_date"), on="opportunity_id", how="left")
    days_left = date_days(nw.col("close_date")) + 1 - days(as_of)
    overdue = (days_left < 0).fill_null(False)
    until = nw.when(overdue).then(nw.lit(OVERDUE_DAYS)).otherwise(days_left)
    expected = nw.col(f"decided_{len(parameters.edges)}") >= 0.5
    frame = frame.with_columns(
        slip_risk=1 - _decided_by(until, parameters.edges),
        overdue=overdue,
        calibrated=nw.lit(parameters.calibrated),
        **{
            name: nw.when(expected).then(days(as_of) + _days_until(share, parameters.edges))
            for name, share in DATES.items()
        },
    )
    return with_dates(keep("chances_dated", _ranked(frame).select(*COLUMNS)), list(DATES))


def _with_course(frame: nw.LazyFrame, edges: Sequence[float]) -> nw.LazyFrame:
    """Add decided_b: the chance of an ending before bucket b begins; the last of them within the horizon."""
    frame = frame.with_columns(decided_0=nw.lit(0.0))
    for bucket in range(len(edges)):
        ends = reduce(add, (nw.col(f"{cause}_{bucket}") for cause in CAUSES))
        frame = frame.with_columns((nw.col(f"decided_{bucket}") + ends).alias(f"decided_{bucket + 1}"))
    return frame


def _spans(edges: Sequence[float]) -> list[tuple[nw.Expr, nw.Expr, float, float]]:
    """For each bucket: the chance decided before it and within it, and its first and last day."""
    ends = zip((0.0, *edges[:-1]), edges, strict=True)
    return [
        (nw.col(f"decided_{b}"), nw.col(f"decided_{b + 1}") - nw.col(f"decided_{b}"), start, end)
        for b, (start, end) in enumerate(ends)
    ]


def _days_until(share: float, edges: Sequence[float]) -> nw.Expr:
    """Days until this share of the endings within the horizon has come, evenly spread within each bucket."""
    wanted = share * nw.col(f"decided_{len(edges)}")
    return reduce(
        add,
        ((end - start) * ((wanted - before) / within).clip(0.0, 1.0) for before, within, start, end in _spans(edges)),
    )


def _decided_by(until: nw.Expr, edges: Sequence[float]) -> nw.Expr:
    """The chance of an ending within so many days."""
    return reduce(
        add,
        (within * ((until - start) / (end - start)).clip(0.0, 1.0) for _, within, start, end in _spans(edges)),
    )


def _ranked(frame: nw.LazyFrame) -> nw.LazyFrame:
    """The percentile of p_win among the deals: the share below, and half of those equal."""
    frame = frame.with_columns(deal=nw.lit(1.0))
    frame = frame.with_columns(
        place=nw.col("deal").cum_sum().over("deal", order_by=["p_win", "opportunity_id"]),
        deals=nw.col("deal").sum().over("deal"),
    )
    return frame.with_columns(rank=100 * (nw.col("place").mean().over("p_win") - 0.5) / nw.col("deals"))
