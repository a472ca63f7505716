"""The features x of the forecast, per landmark: what the buyers' readiness says, and what the deal's record says."""

from __future__ import annotations

import math

import narwhals as nw

from readiness.engine import Keep, in_place, with_days
from readiness.forecast import history
from readiness.forecast.calendar import text_days
from readiness.forecast.history import KEY, Tables

CHANGE_DAYS = 28
BUYER = (
    "ln_c3",
    "ln_c4",
    "ln_c5",
    "phase_mean",
    "phase_change",
    "dispersion",
    "seats",
    "inbound",
    "silence",
    "buyer_late",
)
"""Of the buyers alone: the group's curve in logs, its mean phase and that less the one of 28 days before, its spread,
people known, decayed acts, days since the last, and the share of their promises kept late."""

DEAL = (
    "age",
    "idle",
    "stage_share",
    "sellers",
    "quotes_sent",
    "quotes_decided",
    "since_quote",
    "since_first_quote",
    "documents",
    "since_document",
    "pushes",
    "to_close",
    "amount",
    "seller_late",
    "listening",
)
"""Of the deal's record: days since it was opened and since the last act that moved it on, how far its stage is (0-1),
ln(1 + count) and days since each kind of act (null: none yet), ln(1 + times the close date was pushed) and days to it,
ln(1 + amount), the share of promises kept late, and the buyers' share of the conversation."""

TEXTS = ("event", "stage")
"""What terms may ask for by name: the last act that moved the deal on, and the seller's stage."""

FLOOR = 1e-6


def asked(landmarks: nw.LazyFrame) -> nw.LazyFrame:
    """The landmarks (opportunity_id, as_of) and those 28 days before: where `features` wants the groups' readiness."""
    before = landmarks.select("opportunity_id", nw.col("as_of").dt.offset_by(f"-{CHANGE_DAYS}d"))
    return nw.concat([landmarks.select(*KEY), before]).unique()


def features(tables: Tables, landmarks: nw.LazyFrame, groups: nw.LazyFrame, keep: Keep = in_place) -> nw.LazyFrame:
    """The features of each landmark, from what was known at it.

    Parameters
    ----------
    tables : opportunities, stages, changes, quotes, promises and signals.
    landmarks : distinct (opportunity_id, as_of).
    groups : `group.group_readiness` at those landmarks, and 28 days before (`asked`) for the change in mean phase,
        which counts as none where the earlier row is missing.
    keep : stores the stages "landmark_…".

    Returns
    -------
    One row per landmark whose opportunity exists: opportunity_id, as_of, `BUYER`, `DEAL` and `TEXTS`.
    """
    landmarks = landmarks.select(*KEY)
    parts = {
        "readiness": _readiness(landmarks, groups),
        "acts": history.buyer_acts(tables, landmarks),
        "progress": history.latest_progress(tables, landmarks),
        "stage": history.stage(tables, landmarks),
        "counts": history.counts(tables, landmarks),
        "amount": history.amount(tables, landmarks),
        "close_date": history.close_date(tables, landmarks),
        "promises": history.promises(tables, landmarks),
    }
    deals = tables["opportunities"].select("opportunity_id", "pipeline_id", "created_at")
    frame = landmarks.join(deals, on="opportunity_id")
    for name, part in parts.items():
        frame = frame.join(keep(f"landmark_{name}", part), on=KEY, how="left")
    frame = frame.join(_stage_shares(tables), on=["pipeline_id", "stage"], how="left")
    frame = with_days(frame, now="as_of", opened="created_at")
    return keep("landmark_features", frame.select(*KEY, *_described()))


def _described() -> list[nw.Expr | str]:
    age = nw.col("now") - nw.col("opened")
    counted = ("inbound", "sellers", "quotes_sent", "quotes_decided", "documents", "pushes")
    return [
        *(nw.max_horizontal(f"c_{m}", nw.lit(FLOOR)).log().alias(f"ln_c{m}") for m in (3, 4, 5)),
        nw.col("mean_phase").alias("phase_mean"),
        "phase_change",
        "dispersion",
        nw.col("known_seats").cast(nw.Float64()).alias("seats"),
        *((nw.col(name).fill_null(0.0) + 1).log().alias(name) for name in counted),
        nw.col("silence").fill_null(age).alias("silence"),
        "buyer_late",
        "seller_late",
        "listening",
        age.alias("age"),
        nw.col("idle").fill_null(age).alias("idle"),
        "stage_share",
        "since_quote",
        "since_first_quote",
        "since_document",
        (text_days(nw.col("close_date")) - nw.col("now")).alias("to_close"),
        (nw.when((nw.col("amount") > 0) & (nw.col("amount") < math.inf)).then(nw.col("amount")).otherwise(0.0) + 1)
        .log()
        .alias("amount"),
        nw.col("event").fill_null("none"),
        nw.col("stage").fill_null("none"),
    ]


def _readiness(landmarks: nw.LazyFrame, groups: nw.LazyFrame) -> nw.LazyFrame:
    """The group's readiness at each landmark, and how far its mean phase moved in the 28 days before."""
    later = nw.col("as_of").dt.offset_by(f"{CHANGE_DAYS}d")
    earlier = groups.select("opportunity_id", later, earlier=nw.col("mean_phase"))
    frame = landmarks.join(groups, on=KEY, how="left").join(earlier, on=KEY, how="left")
    change = (nw.col("mean_phase") - nw.col("earlier")).fill_null(0.0)
    return frame.select(*KEY, "c_3", "c_4", "c_5", "mean_phase", "dispersion", "known_seats", phase_change=change)


def _stage_shares(tables: Tables) -> nw.LazyFrame:
    """How far each open stage is among the open stages of its pipeline: 0 the first, 1 the last."""
    stages = tables["stages"].filter(~nw.col("is_closed")).with_columns(position=nw.col("position").cast(nw.Float64()))
    ends = stages.group_by("pipeline_id").agg(first=nw.col("position").min(), last=nw.col("position").max())
    share = (nw.col("position") - nw.col("first")) / nw.max_horizontal(nw.col("last") - nw.col("first"), nw.lit(1.0))
    return stages.join(ends, on="pipeline_id").select("pipeline_id", stage=nw.col("stage_id"), stage_share=share)
