"""What sellers think of a buyer's phase, and what the model learns from it.

A seller may say which phase a buyer is in. Such labels teach η, a and the prior over the phases; the rates stay the
expert's. A label given beside a shown phase leans toward it, so each team has a pull of its own that is fitted along
and then left out; no seller, and no deal, weighs more than its share. Whether the lesson is kept is decided on labels
given where nothing was shown, by the ranked probability score (Epstein 1969, J. Appl. Meteor. 8:985).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import narwhals as nw
import numpy as np

from readiness.engine import Keep, in_place, in_utc
from readiness.kinds import Floats, Ints
from readiness.label_fit import chances, fitted, ranked_score, taught
from readiness.labelled import Labelled, labelled
from readiness.model import Model, Origin
from readiness.said import Said

FEWEST_LABELS = 30
FEWEST_BLIND = 10
"""Labels given where nothing was shown, without which a lesson can't be judged."""
FOLDS = 5
SURE = 0.95


@dataclass(frozen=True, slots=True)
class Lesson:
    """What the labels taught.

    Attributes
    ----------
    model : the taught model where the lesson is kept, else the one it started from.
    kept : whether it is.
    said : why or why not, in one sentence.
    figures : labels, blind (given where nothing was shown), sellers; temper, loquacity and the prior's shift; the
        ranked probability score on blind labels before and after (cross-validated; smaller is better), and the share of
        resampled deals in which it fell.
    """

    model: Model
    kept: bool
    said: Said
    figures: Mapping[str, float | int | str | None]

    @property
    def reason(self) -> str:
        """Why or why not, in English."""
        return str(self.said)


def learn(
    tables: Mapping[str, nw.LazyFrame], model: Model, as_of: datetime, version: str, keep: Keep = in_place
) -> Lesson:
    """Let the labels given by `as_of` teach the model.

    Parameters
    ----------
    tables : `labels`, `signals`, `members`, `opportunities` and `sellers`. A label of nobody in particular speaks of
        the group as a whole; one of a phase that the model has not, or of people unknown at that time, says nothing.
    version : name of the taught model.

    Raises
    ------
    ValueError
        If `as_of` has no time zone.
    """
    found = labelled(tables, model, in_utc(as_of), keep)
    blind = found.shown < 0
    figures: dict[str, Any] = {"labels": len(found.phase), "blind": int(blind.sum()), "sellers": found.sellers}
    if len(found.phase) < FEWEST_LABELS:
        said = Said(
            "{labels:.0f} labels so far; they teach from {needed:.0f} on.",
            {"labels": len(found.phase), "needed": FEWEST_LABELS},
        )
        return Lesson(model, kept=False, said=said, figures=figures)
    theta = fitted(found, model)
    new = taught(model, theta)
    figures |= {"temper": new.temper, "loquacity": new.loquacity}
    figures |= {f"prior_{one.key}": one.prior - old.prior for one, old in zip(new.phases, model.phases, strict=True)}
    if blind.sum() < FEWEST_BLIND:
        said = Said(
            "Only {blind:.0f} labels were given where no phase was shown; {needed:.0f} are needed to judge.",
            {"blind": int(blind.sum()), "needed": FEWEST_BLIND},
        )
        return Lesson(model, kept=False, said=said, figures=figures)
    before, after = _blind_scores(found, model)
    better = _share_better(before, after, found.deal[blind])
    figures |= {"score_before": before.mean(), "score_after": after.mean(), "share_better": better}
    if better < SURE:
        said = Said("On labels given where no phase was shown the taught model was not surely better.")
        return Lesson(model, kept=False, said=said, figures=figures)
    days = tables["labels"].filter(nw.col("given_at") <= in_utc(as_of))
    first, last = days.select(nw.col("given_at").min().alias("a"), nw.col("given_at").max().alias("b")).collect().row(0)
    origin = Origin(model.version, first.date(), last.date(), _rounded(figures))
    said = Said(
        "Learnt from {labels:.0f} labels of {sellers:.0f} sellers.",
        {"labels": len(found.phase), "sellers": found.sellers},
    )
    return Lesson(replace(new, version=version, origin=origin), kept=True, said=said, figures=figures)


def _blind_scores(found: Labelled, model: Model) -> tuple[Floats, Floats]:
    """Ranked probability score of each blind label under the model as it was, and taught on other deals' labels."""
    start = np.concatenate([np.log([model.temper, model.loquacity]), np.zeros(model.top + 1)])
    blind = found.shown < 0
    before = ranked_score(chances(found, model, start), found.phase)
    after = before.copy()
    for fold in range(FOLDS):
        held_out = found.deal % FOLDS == fold
        if held_out.any() and not held_out.all():
            theta = fitted(replace(found, weight=np.where(held_out, 0.0, found.weight)), model)
            after[held_out] = ranked_score(chances(found, model, theta), found.phase)[held_out]
    return before[blind], after[blind]


def _share_better(before: Floats, after: Floats, deal: Ints, draws: int = 1000) -> float:
    """In what share of resampled sets of deals the score fell."""
    deals = np.unique(deal)
    gain = np.array([(before - after)[deal == one].sum() for one in deals])
    picks = np.random.default_rng(0).integers(0, len(deals), size=(draws, len(deals)))
    return float((gain[picks].sum(axis=1) > 0).mean())


def _rounded(figures: Mapping[str, Any]) -> dict[str, float | int | str | None]:
    return {name: round(value, 4) if isinstance(value, float) else value for name, value in figures.items()}
