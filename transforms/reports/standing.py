"""How the open book and the customers stand today: answers in working hours (F23), pressure and forcing (F34, F42),
acts that fit the buyer (F08), customers who come back, and those at risk (F37, F45).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from transforms.reports.book import Tables, middle, share
from transforms.reports.measures import Row, of_enough, unknown
from transforms.reports.teams import teams

SECTION = "standing"
Found = Sequence[Mapping[str, Any]]


def standing(tables: Tables, deals: Found, customers: Found, acts: Found) -> list[Row]:
    """All figures, of everybody together.

    Parameters
    ----------
    tables : canonical sellers.
    deals, customers : rows of `transforms.relationship.RELATIONSHIP` and `CONTINUITY`.
    acts : rows of `transforms.fit.ACTION_FIT`.
    """
    ours = _of_sellers(deals, acts) if teams(tables) else [unknown(SECTION, "working_hours", "hours", "few_sellers")]
    return [*ours, *_of_customers(customers)]


def _of_sellers(deals: Found, acts: Found) -> Iterator[Row]:
    for measure, column in (("working_hours", "answer_minutes"), ("working_hours_late", "answer_minutes_p90")):
        held = [float(r[column]) / 60 for r in deals if r[column] is not None]
        yield of_enough(SECTION, measure, middle(held), "hours", len(held))
    pressed = [float(r["pressure"]) for r in deals if r["pressure"] is not None]
    yield of_enough(SECTION, "pressure", middle(pressed), "number", len(pressed))
    yield of_enough(SECTION, "forced", share(sum(bool(r["is_forced"]) for r in deals), len(deals)), "share", len(deals))
    judged = [bool(r["fits"]) for r in acts if r["fits"] is not None]
    yield of_enough(SECTION, "fitting", share(sum(judged), len(judged)), "share", len(judged))


def _of_customers(customers: Found) -> Iterator[Row]:
    again = [r for r in customers if r["repeats"]]
    yield of_enough(SECTION, "came_back", share(len(again), len(customers)), "share", len(customers))
    for measure, column in (("first_days", "first_cycle_days"), ("repeat_days", "repeat_cycle_days")):
        held = [float(r[column]) for r in again if r[column] is not None]
        yield of_enough(SECTION, measure, middle(held), "days", len(held))
    at_risk = share(sum(bool(r["is_at_risk"]) for r in customers), len(customers))
    yield of_enough(SECTION, "at_risk", at_risk, "share", len(customers))
