"""Symptoms found beside symptoms that set in, on the simulated market, week by week over its last half year.

    python -m benchmarks.symptoms [opportunities] [seed]

An alert is right when that symptom sets in on its deal between `BEFORE` days before the alert is first raised and
`AFTER` days after it; one that stood when the half year began was raised earlier and is not judged. A symptom is found
when an alert of its kind stands on its deal between `AFTER` days before its onset and `BEFORE` days after it. Warning:
the days from the alert to what it warns of: the close date being moved, or, for the others, the deal's end.

One cause makes one alert, which names what else follows from it. Here an alert counts for its own kind and for each
that it names: a deal whose silence is told, with the close date that will not hold, is warned of both. The last line,
`tasks`, counts each alert once, as a seller meets it: right when any of what it says is, and false when none is.

Nobody plants a silence, so `silent_buyer` is judged by what came after: right when nobody of theirs acted within
`GONE` days of the alert; to be found are deals that ended without a purchase whose buyers were last heard of `GONE`
days before the end or longer, and they are found when the alert came before the end.

A ghost is planted at birth, as a limit to how far its buyers will go; most deals whose buyers are not there yet look
the same until they end. So two lines are added: what reading the buyers' minds would give, and `called_off`, which
judges the same alert by what it warns of: of deals that closed, whether they closed without a purchase from anybody.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from math import inf, isnan, nan
from statistics import median

import narwhals as nw

from benchmarks.market import COUNTRY, ZONE, World, rows, scored_at, world
from transforms.alerts import LATE_STAGE, alerts
from transforms.book import deals
from transforms.settings import Settings

WEEKS = 26
BEFORE, AFTER = timedelta(days=45), timedelta(days=60)
GONE = timedelta(days=30)
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


@dataclass(frozen=True)
class Watched:
    """The weeks in which something stood.

    Attributes
    ----------
    alerts : kind -> opportunity, under a name of its own or named by another alert.
    tasks : key of an alert -> its first week, its opportunity and all kinds that it told.
    late : of an opportunity at a late stage.
    """

    alerts: Mapping[str, Mapping[str, list[datetime]]]
    tasks: Mapping[str, tuple[datetime, str, tuple[str, ...]]]
    late: Mapping[str, list[datetime]]


def watched(here: World, weeks: int = WEEKS) -> Watched:
    """The book of each week, and the alerts that stood in it."""
    stood: dict[str, dict[str, list[datetime]]] = defaultdict(lambda: defaultdict(list))
    tasks: dict[str, tuple[datetime, str, tuple[str, ...]]] = {}
    late: dict[str, list[datetime]] = defaultdict(list)
    settings = Settings(time_zone=ZONE, country=COUNTRY)
    for week in range(weeks, -1, -1):
        as_of = here.as_of - timedelta(weeks=week)
        tables, scores = scored_at(here, as_of)
        book = deals(tables, scores, as_of)
        for deal in book:
            if deal.stage_share > LATE_STAGE:
                late[deal.opportunity_id].append(as_of)
        for alert in alerts(book, settings, as_of).to_arrow().to_pylist():
            if alert["opportunity_id"]:
                kinds = (alert["kind"], *filter(None, alert["also"].split(",")))
                tasks.setdefault(alert["key"], (as_of, alert["opportunity_id"], kinds))
                for kind in kinds:
                    stood[kind][alert["opportunity_id"]].append(as_of)
    return Watched(stood, tasks, late)


def measured(here: World, found: Watched, weeks: int = WEEKS) -> dict[str, Figures]:
    """Figures per symptom, and for ghosts by what became of the deals (`called_off`)."""
    start = here.as_of - timedelta(weeks=weeks)
    sellers = len({row["seller_id"] for row in rows(here.tables["opportunities"].select("seller_id"))})
    ends = {row["opportunity_id"]: row["closed_at"] for row in rows(here.tables["opportunities"])}
    result = {}
    for symptom, kind in KINDS.items():
        onsets = _onsets(here, symptom)
        stood = found.alerts.get(kind, {})
        first = {deal: when[0] for deal, when in stood.items() if when[0] > start}
        judged = {deal: at for deal, at in first.items() if at + AFTER <= here.as_of or _near(onsets[deal], at)}
        right = [deal for deal, at in judged.items() if _near(onsets[deal], at)]
        due = [(d, at) for d, all_ in onsets.items() for at in all_ if start <= at <= here.as_of - timedelta(days=14)]
        seen = [(d, at) for d, at in due if any(at - AFTER <= when <= at + BEFORE for when in stood.get(d, ()))]
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
    seller_weeks = sellers * weeks
    return {
        **result,
        "called_off": _called_off(here, found, seller_weeks),
        "silent_buyer": _silent(here, found, start, seller_weeks),
        "tasks": _tasks(here, found, start, seller_weeks),
    }


def _onsets(here: World, symptom: str) -> dict[str, list[datetime]]:
    """Opportunity -> when that symptom set in."""
    onsets: dict[str, list[datetime]] = defaultdict(list)
    for one in here.truth["symptoms"]:
        if one.kind == symptom:
            onsets[one.opportunity_id].append(one.onset)
    return onsets


def _theirs(here: World) -> dict[str, list[datetime]]:
    """Opportunity -> when its buyers acted, oldest first."""
    acts: dict[str, list[datetime]] = defaultdict(list)
    inbound = here.tables["interactions"].filter(nw.col("direction") != "outbound")
    for row in rows(inbound.select("opportunity_id", "occurred_at").sort("occurred_at")):
        acts[row["opportunity_id"]].append(row["occurred_at"])
    return acts


def _stays_away(acts: list[datetime], at: datetime) -> bool:
    return not any(at < act <= at + GONE for act in acts)


def _silent(here: World, found: Watched, start: datetime, seller_weeks: int) -> Figures:
    acts = _theirs(here)
    first = {deal: when[0] for deal, when in found.alerts.get("silent_buyer", {}).items() if when[0] > start}
    judged = {deal: at for deal, at in first.items() if at + GONE <= here.as_of}
    right = [deal for deal, at in judged.items() if _stays_away(acts[deal], at)]
    ends = {
        row["opportunity_id"]: row["closed_at"]
        for row in rows(here.tables["opportunities"])
        if row["outcome"] in ("lost", "no_decision") and row["closed_at"] > start + GONE
    }
    due = {deal: end for deal, end in ends.items() if acts[deal] and acts[deal][-1] <= end - GONE}
    told = {deal: found.alerts.get("silent_buyer", {}).get(deal, [end])[0] for deal, end in due.items()}
    warned = [(due[deal] - at).days for deal, at in told.items() if at < due[deal]]
    return Figures(
        len(judged),
        len(due),
        len(right) / max(1, len(judged)),
        len(warned) / max(1, len(due)),
        (len(judged) - len(right)) / seller_weeks,
        median(warned) if warned else None,
    )


def _tasks(here: World, found: Watched, start: datetime, seller_weeks: int) -> Figures:
    """Every alert on a deal that tells a symptom, counted once."""
    onsets = {kind: _onsets(here, symptom) for symptom, kind in KINDS.items()}
    acts = _theirs(here)
    judged = [
        any(_near(onsets[kind].get(deal, []), at) for kind in kinds if kind in onsets)
        or ("silent_buyer" in kinds and _stays_away(acts[deal], at))
        for at, deal, kinds in found.tasks.values()
        if at > start and at + AFTER <= here.as_of and {*kinds} & {*onsets, "silent_buyer"}
    ]
    right = sum(judged)
    share = right / max(1, len(judged))
    return Figures(len(judged), 0, share, nan, (len(judged) - right) / seller_weeks, None)


def _called_off(here: World, found: Watched, seller_weeks: int) -> Figures:
    """Deals seen at a late stage that have closed: whether those without a purchase were the ones with an alert."""
    deals = {row["opportunity_id"]: row for row in rows(here.tables["opportunities"])}
    closed = {deal for deal in found.late if deals[deal]["outcome"] != "open"}
    off = {deal for deal in closed if deals[deal]["outcome"] == "no_decision"}
    told = {deal: when[0] for deal, when in found.alerts.get("ghost_deal", {}).items() if deal in closed}
    right = [(deals[deal]["closed_at"] - at).days for deal, at in told.items() if deal in off]
    return Figures(
        len(told),
        len(off),
        len(right) / max(1, len(told)),
        len(right) / max(1, len(off)),
        (len(told) - len(right)) / seller_weeks,
        median(right) if right else None,
    )


def by_reading_minds(here: World, found: Watched, recall: float = 0.7) -> float | None:
    """Precision at `recall` of telling planted ghosts by what their buyers truly think, among late deals still open."""
    minds: dict[str, float] = {}
    for one in here.truth["people"]:
        if one["left_at"] is None:
            deal = one["opportunity_id"]
            minds[deal] = max(minds.get(deal, -inf), one["conviction"])
    ghosts = {one["opportunity_id"] for one in here.truth["opportunities"] if one["ghost"]}
    late = [deal for deal, when in found.late.items() if when[-1] == here.as_of]
    is_ghost = [deal in ghosts for deal in sorted(late, key=lambda deal: minds[deal])]
    hits = list(accumulate(is_ghost))
    if not hits or not hits[-1]:
        return None
    return max(hit / n for n, hit in enumerate(hits, 1) if hit >= recall * hits[-1])


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
    found = watched(here)
    for symptom, one in measured(here, found).items():
        warning = "–" if one.warning is None else f"{one.warning:.0f} d"
        recall = "–" if isnan(one.recall) else f"{one.recall:.0%}"
        print(
            f"{symptom:24}{one.alerts:8}{one.onsets or '–':>8}{one.precision:11.0%}{recall:>8}"
            f"{one.false_per_seller_week:19.3f}{warning:>9}"
        )
    if (ceiling := by_reading_minds(here, found)) is not None:
        print(f"Reading minds, planted ghosts at a late stage could be told with {ceiling:.0%} at 70% recall.")


if __name__ == "__main__":
    main(sys.argv[1:])
