"""How long a silence has to last before it is unusual for this group, from its own pauses and those of all others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from math import exp, log
from statistics import median

from transforms.facts import USUAL, Deal

PRIOR_PAUSES = 5
"""As many pauses of its own a group needs before its rhythm counts as much as that of all groups."""
ENOUGH = 50
"""Pauses in the whole book from which on they are believed."""
UNUSUAL = 0.95
"""A silence is unusual once it outlasts this share of the pauses after which buyers came back, each in its rhythm."""
SHORTEST, LONGEST = 10.0, 60.0
"""Days; a holiday is no silence, and after two months the slowest buyer is silent."""


def patience(book: Iterable[Deal]) -> dict[str, float]:
    """Opportunity -> days without an act of theirs from which on this group is silent.

    A group's rhythm is the median of its own pauses between days on which it acted, drawn toward the median of all
    groups the less is known of it. Leads, and every deal of a book that has too few pauses yet, get `USUAL` days.
    """
    pauses = {deal.opportunity_id: _pauses(deal) for deal in book if not deal.is_lead}
    every = [days for own in pauses.values() for days in own]
    if len(every) < ENOUGH:
        return dict.fromkeys(pauses, USUAL)
    usual = median(every)
    rhythms = {deal: _rhythm(own, usual) for deal, own in pauses.items()}
    longest = _outlasting(pauses, rhythms)
    return {deal: min(LONGEST, max(SHORTEST, longest * rhythm)) for deal, rhythm in rhythms.items()}


def _pauses(deal: Deal) -> list[int]:
    """Days between one day on which somebody of theirs acted and the next."""
    days = sorted({act.at.date() for act in deal.by_buyer()})
    return [(after - before).days for before, after in pairwise(days)]


def _rhythm(own: Sequence[int], usual: float) -> float:
    """Their median pause in days and that of all groups, as a mean of logarithms weighted by how many are known."""
    if not own:
        return usual
    known = len(own)
    return exp((known * log(median(own)) + PRIOR_PAUSES * log(usual)) / (known + PRIOR_PAUSES))


def _outlasting(pauses: Mapping[str, Sequence[int]], rhythms: Mapping[str, float]) -> float:
    """How many times their own rhythm a pause lasts that outlasts `UNUSUAL` of all those that ended."""
    times = sorted(days / rhythms[deal] for deal, own in pauses.items() for days in own)
    return times[int(UNUSUAL * (len(times) - 1))]
