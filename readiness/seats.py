"""How many people a buying group of a deal like this has, by what won deals had."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime

import narwhals as nw

from readiness.model import Model

BANDS_PER_DECADE = 2


def expected_seats(tables: Mapping[str, nw.LazyFrame], model: Model, as_of: datetime) -> nw.LazyFrame:
    """People expected per opportunity: the median number with an act of their own in won deals of similar amount.

    Amounts are similar when they fall in the same half of a decade (1-3.2, 3.2-10, 10-32 …); deals without an amount
    are similar to each other.

    Parameters
    ----------
    tables : at least `opportunities` and `signals`.

    Returns
    -------
    One row per opportunity that has `model.expected_seats.min_deals` similar deals won by `as_of`: opportunity_id,
    learnt_seats (≥ 1).
    """
    deals = tables["opportunities"].with_columns(band=_band(nw.col("amount")))
    won = deals.filter(nw.col("outcome") == "won", nw.col("closed_at") <= as_of).select("opportunity_id", "band")
    acts = tables["signals"].filter(nw.col("direction") != "outbound", nw.col("known_at") <= as_of)
    people = acts.select("opportunity_id", "person_id").unique().group_by("opportunity_id").agg(people=nw.len())
    known = won.join(people, on="opportunity_id", how="left").with_columns(
        people=nw.col("people").fill_null(0).cast(nw.Float64)
    )
    bands = known.group_by("band").agg(learnt_seats=nw.col("people").median(), deals=nw.len())
    bands = bands.filter(nw.col("deals") >= model.expected_seats.min_deals)
    seats = nw.max_horizontal("learnt_seats", nw.lit(1.0)).alias("learnt_seats")
    return deals.join(bands, on="band").select("opportunity_id", seats)


def _band(amount: nw.Expr) -> nw.Expr:
    stated = (amount > 0) & (amount < math.inf)
    return nw.when(stated).then((amount.log(10) * BANDS_PER_DECADE).floor()).otherwise(-1000.0)
