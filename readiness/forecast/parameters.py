"""What the forecast knows: its horizon in buckets, and how much each thing seen moves the chance of each ending.

A term is the part of a feature between two values, so that a smooth effect is a row of terms (a piecewise linear
curve, flat outside its knots) and every number reads as "what going from here to there does to the log-hazard".
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

CAUSES = ("win", "loss", "no_decision")
VARIANTS = ("buyer", "deal", "combined")
HORIZON_DAYS = 364.0

Effect = tuple[float, float, float]
"""One number for each of `CAUSES`."""


@dataclass(frozen=True, slots=True)
class Term:
    """One column of the design, between 0 and 1, with its effects.

    Attributes
    ----------
    feature : a feature of `features.FEATURES`; empty for a term that only asks whether `where` holds.
    start, end : the term runs from 0 at `start` to 1 at `end` and stays flat outside.
    where, level : the term counts only where the text feature `where` reads `level`; empty: everywhere.
    near, far : effect on the log-hazard of win, loss and no-decision at once, and in the far future; half of the way
        between them lies at the parameters' `turn` days (the terms beta and gamma of a landmark model: gamma is
        `far - near`).
    """

    feature: str
    start: float
    end: float
    near: Effect
    far: Effect
    where: str = ""
    level: str = ""

    @property
    def name(self) -> str:
        held = f" where {self.where} is {self.level}" if self.where else ""
        ramp = f"{self.feature} {self.start:g} to {self.end:g}" if self.feature else "always"
        return f"{ramp}{held}"


@dataclass(frozen=True, slots=True)
class Parameters:
    """All that a forecast needs.

    Attributes
    ----------
    edges : ends of the horizon's buckets in days after the landmark, ascending; the last is 364.
    turn : days after which effects are half of the way from `near` to `far`.
    baseline : for each bucket the log-odds of win, loss and no-decision against staying open.
    terms : see `Term`.
    closed : closed deals that it was fitted on; 0 for the expert prior.
    calibrated : true when the chances may be shown as percentages, which takes a promotion.
    variant : buyer | deal | combined: which features it reads.
    learnt_to : last day of the history that it was fitted on; null for the expert prior.
    """

    edges: tuple[float, ...]
    baseline: tuple[Effect, ...]
    terms: tuple[Term, ...]
    turn: float
    closed: int = 0
    calibrated: bool = False
    variant: str = "combined"
    learnt_to: date | None = None

    def as_dict(self) -> dict[str, Any]:
        """Plain lists and numbers, for a YAML file; `from_dict` reads it back without loss."""
        plain = asdict(self)
        plain["terms"] = [{key: value for key, value in term.items() if value != ""} for term in plain["terms"]]
        return {key: _listed(value) for key, value in plain.items()}

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> Parameters:
        """The inverse of `as_dict`.

        Raises
        ------
        ValueError : a bucket without baseline, or edges that do not ascend.
        """
        edges = tuple(float(edge) for edge in plain["edges"])
        baseline = tuple(_effect(row) for row in plain["baseline"])
        if len(edges) != len(baseline) or list(edges) != sorted(set(edges)) or edges[0] <= 0:
            raise ValueError("forecast: `edges` must ascend from above 0 and `baseline` have one row for each of them")
        return cls(
            edges=edges,
            baseline=baseline,
            terms=tuple(_term(term) for term in plain["terms"]),
            turn=float(plain["turn"]),
            closed=int(plain.get("closed", 0)),
            calibrated=bool(plain.get("calibrated", False)),
            variant=str(plain.get("variant", "combined")),
            learnt_to=plain.get("learnt_to"),
        )


def load_prior() -> Parameters:
    """The expert's forecast for a tenant whose history says nothing yet: good for ranking, never for percentages."""
    text = Path(__file__).with_name("prior.yaml").read_text(encoding="utf-8")
    return Parameters.from_dict(yaml.safe_load(text))


def _term(plain: dict[str, Any]) -> Term:
    return Term(
        feature=str(plain.get("feature", "")),
        start=float(plain.get("start", 0.0)),
        end=float(plain.get("end", 1.0)),
        near=_effect(plain["near"]),
        far=_effect(plain.get("far", plain["near"])),
        where=str(plain.get("where", "")),
        level=str(plain.get("level", "")),
    )


def _effect(row: Any) -> Effect:
    win, loss, no_decision = (float(value) for value in row)
    return (win, loss, no_decision)


def _listed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _listed(item) for key, item in value.items()}
    return [_listed(item) for item in value] if isinstance(value, list | tuple) else value
