"""What a version of the model rests on, as pictures in Dagster and as one HTML page for people."""

from __future__ import annotations

import dagster as dg

from assets.model.page import data_uri, page
from readiness.fit.figures import LIFTS, coverage_picture, pictures
from readiness.fit.learning import Learnt

FORECASTERS = {
    "combined": "this forecast",
    "deal": "from the deal's record only",
    "buyer": "from the buyers only",
    "current": "the forecast in use until now",
    "stage and idle": "win rate per stage and idle time",
    "stage probability": "the CRM's stage probability",
    "base rate": "overall win rate",
}
RIVALS = LIFTS | {"deal": "the same without readiness", "current": "the forecast in use until now"}
SCORES = ("log loss", "Brier", "AUC")
CAPTIONS = {
    "reliability": "Of the deals given a chance, how many were won. True chances lie on the diagonal.",
    "lift": "How much better than what is there without it. A bar whose interval touches zero claims nothing.",
    "worth": "What the buyers' readiness is worth beside all that the deal's own record says.",
    "coverage": "Contact that is no longer recorded in the CRM shows here first.",
}


def pictures_of(found: Learnt) -> dict[str, bytes]:
    """PNG files by name; those of the trial only where there was one."""
    trial = found.verdict.trial
    drawn = pictures(trial, found.verdict.figures) if trial else {}
    return drawn | ({"coverage": coverage_picture(found.coverage)} if found.coverage else {})


def embedded(png: bytes) -> dg.MarkdownMetadataValue:
    """The picture as Dagster's UI shows it."""
    return dg.MetadataValue.md(f"![]({data_uri(png)})")


def report(connection: str, found: Learnt, drawn: dict[str, bytes]) -> str:
    """The page of one version."""
    figures = found.verdict.figures
    return page(
        "model.html",
        connection=connection,
        model=found.model,
        origin=found.model.origin,
        verdict=found.verdict,
        in_use=found.is_better,
        figures=figures,
        scores=SCORES,
        table=[
            (words, [figures[f"{score}, {name}"] for score in SCORES])
            for name, words in FORECASTERS.items()
            if f"log loss, {name}" in figures
        ],
        gains=[
            (words, *(-figures[f"log loss less {name}{end}"] for end in ("", ", high", ", low")))
            for name, words in RIVALS.items()
            if f"log loss less {name}" in figures
        ],
        lesson=found.lesson,
        pictures=[(name, CAPTIONS[name], data_uri(png)) for name, png in drawn.items()],
    )
