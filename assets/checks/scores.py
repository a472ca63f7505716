"""Checks on the scores: whole, within their ranges, and how much of the book could be seen at all."""

from __future__ import annotations

from assets.legs.step import Check
from assets.session import Session

MOSTLY = 0.5


def scores_are_whole(session: Session) -> tuple[bool, str]:
    """Every open opportunity has one score, and every number lies where it must."""
    counts = session.store.query(
        "select (select count(*) from opportunities where outcome = 'open') as open,"
        " (select count(*) from opportunity_readiness s join opportunities o using (opportunity_id)"
        "  where o.outcome = 'open') as scored,"
        " (select count(*) from opportunity_readiness where readiness is null or isnan(readiness)"
        "  or readiness not between 0 and 100 or phase not between 0 and 6) as wrong"
    )[0]
    passed = counts["open"] == counts["scored"] and not counts["wrong"]
    return (
        passed,
        f"{counts['scored']:,} of {counts['open']:,} open opportunities scored, {counts['wrong']} out of range",
    )


def chances_are_chances(session: Session) -> tuple[bool, str]:
    """Every chance lies between 0 and 1, and the three of an opportunity add up to no more than 1."""
    wrong = session.store.query(
        "select count(*) as n from forecast where not coalesce(p_win between 0 and 1 and p_lost between 0 and 1"
        " and p_no_decision between 0 and 1 and p_win + p_lost + p_no_decision <= 1.000001, false)"
    )[0]["n"]
    return not wrong, f"{wrong} opportunities with an impossible chance"


def the_book_is_seen(session: Session) -> tuple[bool, str]:
    """Most of the open book has evidence; where it has not, contact is probably not recorded in the CRM."""
    counts = session.store.query(
        "select count(*) as total, count(*) filter (where state = 'unseen') as unseen from opportunity_readiness"
    )[0]
    return (
        counts["unseen"] <= counts["total"] * MOSTLY,
        f"{counts['unseen']:,} of {counts['total']:,} can't be judged yet: too little contact recorded",
    )


CHECKS = (
    Check("whole", "opportunity_readiness", "Every open opportunity has a score within range.", scores_are_whole, True),
    Check("possible", "forecast", "Chances lie between 0 and 1.", chances_are_chances, True),
    Check("coverage", "opportunity_readiness", "Most of the open book has evidence.", the_book_is_seen),
)
