"""Forecasts of the past: learn from what was known at one day, forecast the deals opened from then on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import narwhals as nw

from readiness.engine import Keep, in_place
from readiness.fit.fit import FEWEST_CLOSED, fit
from readiness.fit.training import Tables, readiness_at, training, under
from readiness.forecast.features import features
from readiness.forecast.history import KEY
from readiness.forecast.parameters import Parameters
from readiness.forecast.predict import CHANCES, chances
from readiness.model import Model
from readiness.schema import TIME

COLUMNS = ("opportunity_id", "anchor", "age_days", "as_of", *CHANCES)


@dataclass(frozen=True)
class Backtest:
    """Forecasts of the past.

    Attributes
    ----------
    forecasts : one row per deal, anchor and age at which it was still open: opportunity_id, anchor ("created" |
        "first_quote"), age_days, as_of, p_win, p_lost, p_no_decision.
    closed : deals that the forecast could learn from.
    """

    forecasts: nw.LazyFrame
    closed: int

    @property
    def is_cold_start(self) -> bool:
        """Too few deals were closed by then: the chances are the expert's."""
        return self.closed < FEWEST_CLOSED


def backtest(
    tables: Tables,
    train_until: datetime,
    ages: Sequence[int],
    model: Model,
    as_of: datetime,
    keep: Keep = in_place,
) -> Backtest:
    """Fit on what was known at `train_until`, then forecast the deals opened from then on, from what was known of each.

    Parameters
    ----------
    tables : the canonical tables with signals and members.
    ages : days after the deal was opened, and after its first quote was sent.
    model : gives the readiness, and the expert's forecast to start from.
    as_of : the last instant that the tables know of; no later forecast is asked for.
    """
    history = training(tables, model, train_until, under(keep, "train"))
    parameters = fit(history, model.forecast)
    asked = keep("backtest_questions", questions(tables, train_until, ages, as_of))
    forecasts = answers(asked, landmark_features(tables, asked, model, under(keep, "test")), parameters)
    return Backtest(forecasts, history.closed)


def questions(tables: Tables, train_until: datetime, ages: Sequence[int], as_of: datetime) -> nw.LazyFrame:
    """Which deal to forecast when (opportunity_id, anchor, age_days, as_of): where it was still open at that age."""
    deals = tables["opportunities"].filter(nw.col("created_at") >= nw.lit(train_until, dtype=TIME))
    deals = deals.select("opportunity_id", "created_at", "closed_at")
    sent = tables["quotes"].group_by("opportunity_id").agg(start=nw.col("sent_at").min())
    anchors = (
        deals.with_columns(anchor=nw.lit("created"), start=nw.col("created_at")),
        deals.join(sent, on="opportunity_id").with_columns(anchor=nw.lit("first_quote")),
    )
    asked = [
        deals_at.select(
            "opportunity_id",
            "anchor",
            "closed_at",
            age_days=nw.lit(age, dtype=nw.Int64()),
            as_of=nw.col("start").dt.offset_by(f"{age}d"),
        )
        for deals_at in (frame.select("opportunity_id", "anchor", "start", "closed_at") for frame in anchors)
        for age in ages
    ]
    still_open = nw.col("closed_at").is_null() | (nw.col("closed_at") > nw.col("as_of"))
    known = nw.col("as_of") <= nw.lit(as_of, dtype=TIME)
    return nw.concat(asked).filter(still_open & known).drop("closed_at")


def landmark_features(tables: Tables, asked: nw.LazyFrame, model: Model, keep: Keep = in_place) -> nw.LazyFrame:
    """The features of the landmarks asked for, each once."""
    landmarks = keep("distinct_landmarks", asked.select(*KEY).unique())
    return features(tables, landmarks, readiness_at(tables, landmarks, model, keep), keep)


def answers(asked: nw.LazyFrame, seen: nw.LazyFrame, parameters: Parameters) -> nw.LazyFrame:
    """The chances of each question, by the features at its landmark."""
    found = chances(seen, parameters).select(*KEY, *CHANCES)
    return asked.join(found, on=KEY).select(*COLUMNS)
