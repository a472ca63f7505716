"""What a version of the model rests on, as pictures in Dagster and as one HTML page for people."""

from __future__ import annotations

import dagster as dg

from assets.model.page import data_uri, page
from assets.model.words import Words
from readiness.fit.figures import LIFTS, coverage_picture, pictures
from readiness.fit.learning import Learnt

FORECASTERS = ("combined", "deal", "buyer", "current", *LIFTS)
RIVALS = (*LIFTS, "deal", "current")
SCORES = ("log loss", "Brier", "AUC")
PRIOR = "prior_"
"""A figure of a lesson with this beginning is the shift of one phase's prior share."""


def pictures_of(found: Learnt, words: Words) -> dict[str, bytes]:
    """PNG files by name; those of the trial only where there was one."""
    trial = found.verdict.trial
    drawn = pictures(trial, found.verdict.figures, words) if trial else {}
    return drawn | ({"coverage": coverage_picture(found.coverage, words)} if found.coverage else {})


def embedded(png: bytes) -> dg.MarkdownMetadataValue:
    """The picture as Dagster's UI shows it."""
    return dg.MetadataValue.md(f"![]({data_uri(png)})")


def report(connection: str, found: Learnt, drawn: dict[str, bytes], words: Words) -> str:
    """The page of one version."""
    figures = found.verdict.figures
    return page(
        "model.html",
        words,
        connection=connection,
        model=found.model,
        origin=found.model.origin,
        promoted=found.verdict.promoted,
        against=[words.said(one) for one in found.verdict.against],
        in_use=found.is_better,
        figures=figures,
        scores=SCORES,
        table=[
            (name, [figures[f"{score}, {name}"] for score in SCORES])
            for name in FORECASTERS
            if f"log loss, {name}" in figures
        ],
        gains=[
            (name, *(-figures[f"log loss less {name}{end}"] for end in ("", ", high", ", low")))
            for name in RIVALS
            if f"log loss less {name}" in figures
        ],
        lesson=words.said(found.lesson.said),
        taught=_taught(found, words),
        pictures=[(name, data_uri(png)) for name, png in drawn.items()],
    )


def _taught(found: Learnt, words: Words) -> list[tuple[str, str]]:
    """The figures of the lesson, each with what it is."""
    labels = {phase.key: phase.label[words.language] for phase in found.model.phases}
    rows = []
    for name, value in found.lesson.figures.items():
        key = name.removeprefix(PRIOR)
        what = words("lesson.prior", phase=labels[key]) if name.startswith(PRIOR) else words(f"lesson.{name}")
        shown = (
            words.figure(value, ",d" if isinstance(value, int) else ".4f") if isinstance(value, int | float) else value
        )
        rows.append((what, str(shown)))
    return rows
