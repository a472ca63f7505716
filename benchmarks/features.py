"""What the source documents ask for, F01-F71: where each is seen, the test that shows it, its figure on the market.

    python -m benchmarks.features [opportunities] [seed]

Figures come from the simulated market, whose truth is known; a claim that no CRM holds the evidence for says why.
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from assets.reports.past import past_readiness
from benchmarks import actions, promises, symptoms
from benchmarks.market import COUNTRY, ZONE, World, kept, rows, scored_at, world
from readiness.fit.metrics import auc
from readiness.model import load_prior
from transforms.enrich import VALUES, eager
from transforms.fit import action_fit
from transforms.leads import leads as all_leads
from transforms.leads import sources
from transforms.relationship import continuity
from transforms.relationship import relationship as per_deal
from transforms.reports.book import facts
from transforms.reports.burden import burden
from transforms.reports.effort import answered, channels, effort, work
from transforms.reports.kpis import kpis
from transforms.reports.leads import leads
from transforms.reports.phases import phases
from transforms.reports.relationship import relationship
from transforms.reports.service import service
from transforms.reports.standing import standing
from transforms.texts import Texts
from transforms.workdays import workdays

FILE = Path(__file__).with_name("features.yaml")
WIDTHS = (5, 46, 62, 44)
BANDS = (0, 0, 1, 1, 2, 3, 3)


@dataclass(frozen=True, slots=True)
class Feature:
    """A row of features.yaml."""

    about: str
    seen: tuple[str, ...] = ()
    test: str = ""
    figure: str = ""
    unknown: str = ""


@cache
def features() -> dict[str, Feature]:
    """F01 … F71 in order."""
    given: dict[str, dict[str, Any]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return {key: Feature(**{**row, "seen": tuple(row.get("seen", ()))}) for key, row in sorted(given.items())}


@dataclass
class Measured:
    """The figures of one market; each is worked out when it is first asked for."""

    here: World
    _kept: dict[str, Any] = field(default_factory=dict)

    def figure(self, name: str) -> str:
        """In words. Raises KeyError for a name that there is no figure of."""
        kind, _, rest = name.partition(" ")
        return FIGURES[kind](self, rest)

    def once(self, name: str, make: Callable[[], Any]) -> Any:
        if name not in self._kept:
            self._kept[name] = make()
        return self._kept[name]


def _symptom(of: Measured, kind: str) -> str:
    found = of.once("symptoms", lambda: symptoms.measured(of.here, symptoms.watched(of.here)))
    if kind != "called_off":
        return _told(found[kind])
    planted = found["ghost_deal"]
    return (
        f"of deals that ended, whether they ended without a purchase: {_told(found[kind])}; of deals planted as ghosts:"
        f" precision {planted.precision:.0%}, recall {planted.recall:.0%}"
    )


def _told(found: symptoms.Figures) -> str:
    warning = "" if found.warning is None else f", {found.warning:.0f} days of warning"
    return (
        f"precision {found.precision:.0%}, recall {found.recall:.0%}, {found.false_per_seller_week:.2f} false alarms"
        f" per seller and week{warning}"
    )


def _promises(of: Measured, which: str) -> str:
    found = of.once("promises", lambda: promises.measured(of.here))
    if which == "kept":
        return f"whether it was kept seen rightly for {found.kept_right:.0%}"
    return f"{found.recall:.1%} of {found.planted:,} planted found, {found.invented_share:.1%} invented"


def _actions(of: Measured, which: str) -> str:
    found = of.once("actions", lambda: actions.measured(of.here))
    ours = f"{found.asking_fit:.0%} of {found.asking:,} that ask something" if which == "asking" else ""
    ours = ours or f"{found.advised_fit:.0%} of {found.advised:,} advised"
    return f"{ours} fit the person's true phase; sellers' own acts: {found.done_fit:.0%} of {found.done:,}"


def _phases(of: Measured, _: str) -> str:
    """Bands found of the people who are in sight."""
    truth = {(one["opportunity_id"], one["person_id"]): one["phase"] for one in of.here.truth["people"]}
    scored = rows(of.once("now", lambda: scored_at(of.here, of.here.as_of))[1]["people_readiness"])
    seen = [r for r in scored if r["state"] == "seen" and (r["opportunity_id"], r["person_id"]) in truth]
    apart = [abs(BANDS[r["phase"]] - BANDS[truth[r["opportunity_id"], r["person_id"]]]) for r in seen]
    exact, near = (sum(gap <= most for gap in apart) / max(1, len(apart)) for most in (0, 1))
    return f"band right for {exact:.0%}, at most one off for {near:.0%} of {len(apart)} people in sight"


def _forecast(of: Measured, _: str) -> str:
    """What the packaged model said half a year ago of deals that are decided by now."""
    _, scores = scored_at(of.here, of.here.as_of - timedelta(days=180))
    outcome = {r["opportunity_id"]: r["outcome"] for r in rows(of.here.tables["opportunities"])}
    said = [r for r in rows(scores["forecast"]) if outcome[r["opportunity_id"]] != "open"]
    won = np.array([outcome[r["opportunity_id"]] == "won" for r in said])
    chance = np.array([r["p_win"] for r in said])
    return f"before any learning AUC {auc(chance, won):.2f} on {len(said)} deals decided since"


def _seats(of: Measured, _: str) -> str:
    """Coverage of the groups of open deals."""
    scored = rows(of.once("now", lambda: scored_at(of.here, of.here.as_of))[1]["opportunity_readiness"])
    known = [min(r["known_seats"] / r["expected_seats"], 1.0) for r in scored if r["expected_seats"]]
    missing = sum(bool(r["missing_decider"]) for r in scored) / max(1, len(scored))
    return f"{sum(known) / max(1, len(known)):.0%} of expected seats known; no decider known on {missing:.0%}"


def _measure(of: Measured, which: str) -> str:
    """A figure of the scorecard."""
    name, _, rest = which.partition(" ")
    section, _, measure = name.partition(".")
    segment, _, period = rest.partition(" ")
    rows_of_it = of.once("scorecard", partial(_scorecard, of))
    found = [
        r
        for r in rows_of_it
        if (r["section"], r["measure"]) == (section, measure)
        and (not segment or r["segment"] == segment)
        and (not period or r["period"] == period)
    ]
    row = max(found, key=lambda r: (r["value"] is not None, r["period"] in ("now", ""), r["n"] or 0))
    told = _label(section, measure)
    if row["value"] is None:
        return f"{told}: not known ({row['note']})"
    value = f"{row['value']:.0%}" if row["unit"] == "share" else f"{row['value']:,.3g}"
    unit = f" {row['unit']}" if row["unit"] in ("days", "hours") else ""
    of_what = "" if row["segment"] in ("all", "") else f" ({row['segment']})"
    return f"{told}{of_what}: {value}{unit}" + (f", n {row['n']:,}" if row["n"] else "")


def _label(section: str, measure: str) -> str:
    """As the scorecard's readers see it."""
    try:
        return Texts("en", domain="reports")(f"measure.{section}.{measure}")
    except KeyError:
        return measure.replace("_", " ")


def _scorecard(of: Measured) -> list[dict[str, Any]]:
    tables, scores = of.once("now", lambda: scored_at(of.here, of.here.as_of))
    tables = {**tables, "fields": eager([], VALUES).lazy()}
    as_of, found = of.here.as_of, facts(tables, of.here.as_of)
    calendar = workdays(COUNTRY, ZONE, as_of)
    lead_rows = all_leads(tables, scores, calendar, as_of, kept)
    fits = kept("fits", action_fit(tables, scores, as_of))
    relations, customers = per_deal(tables, fits, calendar, as_of, kept), continuity(tables, calendar, as_of, kept)
    past = past_readiness(tables, load_prior(), as_of, kept)
    return [
        *kpis(tables, scores, found, as_of),
        *relationship(tables, found, as_of),
        *effort(found, as_of),
        *burden([], [], found, as_of),
        *phases(tables, scores, past, found),
        *work(tables, found, as_of),
        *answered(tables, as_of),
        *service(tables, found, as_of),
        *standing(tables, *(rows(frame) for frame in (relations, customers, fits))),
        *leads(tables, rows(lead_rows), rows(sources(lead_rows)), as_of),
        *channels(tables, as_of),
    ]


FIGURES: Mapping[str, Callable[[Measured, str], str]] = {
    "symptom": _symptom,
    "promises": _promises,
    "actions": _actions,
    "phases": _phases,
    "forecast": _forecast,
    "seats": _seats,
    "measure": _measure,
}


def main(arguments: Iterable[str]) -> None:
    """Print the table."""
    given = [int(argument) for argument in arguments]
    of = Measured(world(*(given or [400])))
    _print("", "what, and where it is seen", "test", "figure on the market, or why there is none")
    for key, feature in features().items():
        seen = f"{feature.about}: {'; '.join(feature.seen)}" if feature.seen else feature.about
        _print(key, seen, feature.test, of.figure(feature.figure) if feature.figure else feature.unknown)


def _print(*cells: str) -> None:
    wrapped = [
        textwrap.wrap(cell.replace("::", ":: "), width - 2) or [""] for cell, width in zip(cells, WIDTHS, strict=True)
    ]
    for line in range(max(len(cell) for cell in wrapped)):
        texts = (cell[line] if line < len(cell) else "" for cell in wrapped)
        print("".join(text.ljust(width) for text, width in zip(texts, WIDTHS, strict=True)).rstrip())


if __name__ == "__main__":
    main(sys.argv[1:])
