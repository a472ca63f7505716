"""What a tenant's history makes of the model: taught by its labels, fitted to its outcomes, and put to the gate."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import date, datetime

import narwhals as nw

from readiness.engine import Keep, in_place, in_utc
from readiness.fit.coverage import Seen, coverage_by_month
from readiness.fit.fit import fit
from readiness.fit.promotion import Verdict, judged, promoted
from readiness.fit.training import Tables, training, under
from readiness.forecast.parameters import Parameters
from readiness.labels import Lesson, learn
from readiness.model import Model, Origin

DIGITS = 4


@dataclass(frozen=True)
class Learnt:
    """A new version of the model, and what it rests on.

    Attributes
    ----------
    model : with its version and origin. is_better : whether it should be used from now on.
    lesson : what the sellers' labels taught. verdict : of the gate on its forecast. coverage : by month.
    """

    model: Model
    is_better: bool
    lesson: Lesson
    verdict: Verdict
    coverage: tuple[Seen, ...]


def learnt(
    tables: Tables, current: Model, expert: Model, as_of: datetime, version: str, keep: Keep = in_place
) -> Learnt:
    """Learn from what is known at `as_of`.

    The labels teach the expert's model anew each time, so none of them counts twice. The forecast is fitted on the
    readiness that this gives, and used where it passes the gate; else the forecast in use stays.

    Parameters
    ----------
    tables : the canonical tables with signals and members.
    current : the model in use. expert : what fits and lessons are held to.

    Raises
    ------
    ValueError
        If `as_of` has no time zone.
    """
    as_of = in_utc(as_of)
    lesson = learn(tables, expert, as_of, version, under(keep, "lesson"))
    history = training(tables, lesson.model, as_of, under(keep, "history"))
    verdict = judged(history, current.forecast, expert.forecast, _stage_chances(tables), _learnt_until(current))
    forecast = replace(promoted(fit(history, expert.forecast), verdict), learnt_to=as_of.date())
    fitted = replace(lesson.model, forecast=forecast)
    lesson_is_new = not _same_posterior(lesson.model, current)
    if lesson_is_new and not verdict.promoted:
        fitted = replace(fitted, forecast=_still_true(current.forecast, verdict))
    opened = tables["opportunities"].select(nw.col("created_at").min()).collect().item()
    origin = Origin(
        parent=current.version,
        data_from=opened.date() if opened else None,
        data_to=as_of.date(),
        figures=_figures(verdict, lesson, history.closed),
        refused=verdict.reasons,
        labels=lesson.reason,
    )
    return Learnt(
        model=replace(fitted, version=version, origin=origin),
        is_better=verdict.promoted or lesson_is_new,
        lesson=lesson,
        verdict=verdict,
        coverage=coverage_by_month(tables, lesson.model, as_of, under(keep, "coverage")),
    )


def _stage_chances(tables: Tables) -> dict[str, float]:
    """The CRM's own chance of winning by open stage."""
    held = tables["stages"].filter(~nw.col("is_closed"), ~nw.col("probability").is_null())
    return dict(held.select("stage_id", "probability").collect().rows())


def _learnt_until(current: Model) -> float:
    """Day number up to which the forecast in use knows how deals ended."""
    last = current.forecast.learnt_to
    return float("-inf") if last is None else float((last - date(1970, 1, 1)).days + 1)


def _same_posterior(one: Model, other: Model) -> bool:
    return (one.temper, one.loquacity, one.prior) == (other.temper, other.loquacity, other.prior)


def _still_true(current: Parameters, verdict: Verdict) -> Parameters:
    """The forecast in use beside another posterior: free to show percentages only as far as those still hold."""
    figures = verdict.figures
    holds = bool(figures) and figures.get("ECE, current", 1.0) <= figures.get("ECE by chance, current, high", 0.0)
    return replace(current, calibrated=current.calibrated and holds)


def _figures(verdict: Verdict, lesson: Lesson, closed: int) -> dict[str, float | int | str | None]:
    found = {"closed deals": closed, **verdict.figures, **{f"labels, {k}": v for k, v in lesson.figures.items()}}
    return {name: _rounded(value) for name, value in found.items()}


def _rounded(value: float | int | str | None) -> float | int | str | None:
    """A figure that can't be worked out is none."""
    if not isinstance(value, float):
        return value
    return round(value, DIGITS) if math.isfinite(value) else None
