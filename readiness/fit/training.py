"""The history that a forecast learns from: landmarks of closed and open deals, with what came of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from readiness.engine import Keep, days, in_place, with_days
from readiness.forecast.features import asked, features
from readiness.forecast.history import KEY
from readiness.group import group_readiness
from readiness.model import Model
from readiness.people import people_readiness

Tables = Mapping[str, nw.LazyFrame]
Floats = NDArray[np.float64]
CAUSE = {"won": 0.0, "lost": 1.0, "no_decision": 2.0}
OPEN = -1.0
LATE_DAYS = 14.0
MOST_LANDMARKS = 12
MOST_ROWS = 150_000


@dataclass(frozen=True)
class Training:
    """Landmarks of every deal opened before `until`, open ones included, as known then.

    Attributes
    ----------
    rows : an eager frame, a row per landmark: the features, opportunity_id, account_id, landmark (day number), days
        (to the ending, or to `until` for a deal still open) and cause (0 win, 1 loss, 2 no-decision, -1 still open).
    until : day number of the last thing known.
    """

    rows: nw.DataFrame
    until: float

    @property
    def days(self) -> Floats:
        return column(self.rows, "days")

    @property
    def cause(self) -> NDArray[np.int64]:
        return column(self.rows, "cause").astype(np.int64)

    @property
    def closed(self) -> int:
        """Closed deals."""
        return int(self.rows.filter(nw.col("cause") != OPEN)["opportunity_id"].n_unique())

    @property
    def followed(self) -> Floats:
        """Days from each landmark to the last thing known."""
        return self.until - column(self.rows, "landmark")

    @property
    def weight(self) -> float:
        """What each landmark counts for: the same, and all together as much as there are deals.

        One over the deal's landmarks would tell at each of them how long the deal is still going to be open.
        """
        return float(self.rows["opportunity_id"].n_unique()) / max(len(self.rows), 1)

    def known_at(self, day: float) -> Training:
        """The same history as it was known at an earlier day: later endings are open, later landmarks gone."""
        rows = self.rows.filter(nw.col("landmark") < day)
        over = nw.col("landmark") + nw.col("days") > day
        rows = rows.with_columns(
            days=nw.when(over).then(day - nw.col("landmark")).otherwise(nw.col("days")),
            cause=nw.when(over).then(OPEN).otherwise(nw.col("cause")),
        )
        return Training(rows, day)

    def since(self, day: float) -> Training:
        """The landmarks from that day on."""
        return Training(self.rows.filter(nw.col("landmark") >= day), self.until)


def training(tables: Tables, model: Model, until: datetime, keep: Keep = in_place) -> Training:
    """Collect what may be learnt from at `until`.

    Parameters
    ----------
    tables : the canonical tables with signals and members.
    model : its phases and signal rates give the readiness at each landmark.
    """
    tables = dict(tables) | {"signals": keep("training_signals", _trusted(tables, until))}
    landmarks = keep("training_landmarks", _landmarks(tables["opportunities"], until))
    groups = readiness_at(tables, landmarks, model, keep)
    rows = features(tables, landmarks, groups, keep).join(landmarks, on=KEY)
    eager = rows.collect("polars").sort("opportunity_id", "landmark")
    return Training(eager, days(until))


def readiness_at(tables: Tables, landmarks: nw.LazyFrame, model: Model, keep: Keep) -> nw.LazyFrame:
    """The groups' readiness at each landmark and 28 days before."""
    return past_groups(tables, keep("asked_landmarks", asked(landmarks)), model, keep)


def past_groups(tables: Tables, wanted: nw.LazyFrame, model: Model, keep: Keep) -> nw.LazyFrame:
    """The groups' readiness (`group.group_readiness`) at past landmarks.

    What share of a colleague's contact the CRM captures is known for today only, so past landmarks take it as whole.
    """
    seen = {name: nw.lit(1.0) for name in ("obs_mail", "obs_call", "obs_meeting", "obs_web")}
    members = tables["members"].with_columns(**seen)
    return group_readiness(people_readiness(tables["signals"], members, wanted, model, keep), wanted, model, keep)


def under(keep: Keep, prefix: str) -> Keep:
    """The same store with every name prefixed, for stages that run more than once."""
    return lambda name, frame: keep(f"{prefix}_{name}", frame)


def column(rows: nw.DataFrame, name: str) -> Floats:
    """A numeric column as floats; null is NaN."""
    return np.asarray(rows[name].cast(nw.Float64()).to_numpy(), dtype=np.float64)


def _trusted(tables: Tables, until: datetime) -> nw.LazyFrame:
    """Signals without those recorded more than 14 days late, or written up after the fact within a day of closing."""
    closed = tables["opportunities"].filter(nw.col("closed_at") <= until).select("opportunity_id", "closed_at")
    signals = tables["signals"].filter(nw.col("known_at") <= until)
    frame = with_days(
        signals.join(closed, on="opportunity_id", how="left"), happened="occurred_at", known="known_at", end="closed_at"
    )
    late = nw.col("known") - nw.col("happened")
    at_the_end = ((nw.col("known") - nw.col("end")).abs() <= 1).fill_null(False)
    return frame.filter((late <= LATE_DAYS) & ~((late > 1) & at_the_end)).drop("closed_at", "happened", "known", "end")


def _landmarks(opportunities: nw.LazyFrame, until: datetime) -> nw.LazyFrame:
    """A row per age of `_ages` at which a deal was open before `until`, with what came of it."""
    ended = (nw.col("closed_at") <= until).fill_null(False)
    cause = nw.lit(OPEN)
    for outcome, number in CAUSE.items():
        cause = nw.when(ended & (nw.col("outcome") == outcome)).then(nw.lit(number)).otherwise(cause)
    deals = opportunities.filter(nw.col("created_at") < until).with_columns(cause=cause)
    deals = with_days(deals, opened="created_at", closed="closed_at").with_columns(
        end=nw.when(nw.col("cause") != OPEN).then(nw.col("closed")).otherwise(nw.lit(days(until)))
    )
    spans = deals.select(open=nw.col("end") - nw.col("opened")).collect("polars")
    at = [
        deals.with_columns(as_of=nw.col("created_at").dt.offset_by(f"{round(age * 86400)}s"))
        for age in _ages(column(spans, "open"))
    ]
    rows = with_days(nw.concat(at), landmark="as_of").with_columns(days=nw.col("end") - nw.col("landmark"))
    return rows.filter(nw.col("days") > 0).select(*KEY, "account_id", "landmark", "days", "cause")


def _ages(spans: Floats) -> Sequence[float]:
    """Ages in days to look at, evenly spread over the time that nine deals in ten are open."""
    lasting = spans[spans > 0]
    if not lasting.size:
        return (0.5,)
    number = int(np.clip(MOST_ROWS // lasting.size, 3, MOST_LANDMARKS))
    step = max(float(np.quantile(lasting, 0.9)), 1.0) / number
    return tuple((index + 0.25) * step for index in range(number + number // 2))
