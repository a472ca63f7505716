"""Symptoms found beside symptoms that set in, on the simulated market, week by week over its last half year.

    python -m benchmarks.symptoms [opportunities] [seed]

An alert is right when that symptom sets in on its deal between `BEFORE` days before the alert is first raised and
`AFTER` days after it. A symptom is found when an alert of its kind stands on its deal between `AFTER` days before its
onset and `BEFORE` days after it. Warning: the days from the alert to what it warns of: the close date being moved, or,
for the others, the deal's end.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from benchmarks.market import COUNTRY, ZONE, World, rows, scored_at, world
from transforms.alerts import alerts
from transforms.book import deals
from transforms.settings import Settings

WEEKS = 26
BEFORE, AFTER = timedelta(days=45), timedelta(days=60)
KINDS = {
    "slipping_date": "slipping_date",
    "unanswered_questions": "unanswered_questions",
    "champion_replaced": "champion_replaced",
    "several_quotes": "quote_ahead",
    "ghost_deal": "ghost_deal",
}
"""The market's name of a symptom -> the alert for it."""


@dataclass(frozen=True)
class Figures:
    """Of one symptom: how many alerts and onsets, shares right and found, false ones, and days of warning."""

    alerts: int
    onsets: int
    precision: float
    recall: float
    false_per_seller_week: float
    warning: float | None


def raised(here: World, weeks: int = WEEKS) -> dict[str, dict[str, list[datetime]]]:
    """kind -> opportunity -> the weeks in which such an alert stood."""
    found: dict[str, dict[str, list[datetime]]] = defaultdict(lambda: defaultdict(list))
    settings = Settings(time_zone=ZONE, country=COUNTRY)
    for week in range(weeks, -1, -1):
        as_of = here.as_of - timedelta(weeks=week)
        tables, scores = scored_at(here, as_of)
        for alert in alerts(deals(tables, scores, as_of), settings, as_of).to_arrow().to_pylist():
            if alert["opportunity_id"]:
                found[alert["kind"]][alert["opportunity_id"]].append(as_of)
    return found


def measured(here: World, found: Mapping[str, Mapping[str, list[datetime]]], weeks: int = WEEKS) -> dict[str, Figures]:
    """Figures per symptom."""
    start = here.as_of - timedelta(weeks=weeks)
    sellers = len({row["seller_id"] for row in rows(here.tables["opportunities"].select("seller_id"))})
    ends = {row["opportunity_id"]: row["closed_at"] for row in rows(here.tables["opportunities"])}
    result = {}
    for symptom, kind in KINDS.items():
        onsets: dict[str, list[datetime]] = defaultdict(list)
        for one in here.truth["symptoms"]:
            if one.kind == symptom:
                onsets[one.opportunity_id].append(one.onset)
        first = {deal: when[0] for deal, when in found.get(kind, {}).items()}
        judged = {deal: at for deal, at in first.items() if at + AFTER <= here.as_of or _near(onsets[deal], at)}
        right = [deal for deal, at in judged.items() if _near(onsets[deal], at)]
        due = [(d, at) for d, all_ in onsets.items() for at in all_ if start <= at <= here.as_of - timedelta(days=14)]
        seen = [(d, at) for d, at in due if any(at - AFTER <= when <= at + BEFORE for when in found[kind].get(d, ()))]
        warnings = [_warning(symptom, onsets[deal], first[deal], ends.get(deal)) for deal in right]
        known = [days for days in warnings if days is not None]
        result[symptom] = Figures(
            len(judged),
            len(due),
            len(right) / max(1, len(judged)),
            len(seen) / max(1, len(due)),
            (len(judged) - len(right)) / sellers / weeks,
            median(known) if known else None,
        )
    return result


def _near(onsets: list[datetime], at: datetime) -> bool:
    return any(at - BEFORE <= onset <= at + AFTER for onset in onsets)


def _warning(symptom: str, onsets: list[datetime], at: datetime, end: datetime | None) -> float | None:
    if symptom == "slipping_date":
        later = [onset for onset in onsets if onset >= at]
        return (min(later) - at).days if later else None
    return (end - at).days if end and end > at else None


def main(arguments: Iterable[str]) -> None:
    """Print the table."""
    given = [int(argument) for argument in arguments]
    here = world(*(given or [400]))
    print(
        f"{'symptom':24}{'alerts':>8}{'onsets':>8}{'precision':>11}{'recall':>8}{'false/seller/week':>19}{'warning':>9}"
    )
    for symptom, one in measured(here, raised(here)).items():
        warning = "–" if one.warning is None else f"{one.warning:.0f} d"
        print(
            f"{symptom:24}{one.alerts:8}{one.onsets:8}{one.precision:11.0%}{one.recall:8.0%}"
            f"{one.false_per_seller_week:19.3f}{warning:>9}"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
