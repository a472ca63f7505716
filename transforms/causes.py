"""One cause, one alert: of those on a deal that come from the same cause, the most telling one names the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from transforms.actions import View


@dataclass(frozen=True, slots=True)
class Found:
    """What was found on one deal: what makes it this one, since when, about whom, and the values of its sentences.

    `due`: by when to act, where it is not by the next working day.
    """

    kind: str
    cause: str
    since: datetime
    values: Mapping[str, object]
    person_id: str | None = None
    is_high: bool = False
    due: datetime | None = None


def _nobody_acted_since(view: View, first: Found) -> bool:
    """Whoever is gone was the last of them that we heard of."""
    last = view.deal.last_heard
    return last is None or last <= first.since


def _always(view: View, first: Found) -> bool:
    return True


Covers = Callable[[View, Found], bool]

EXPLAINS: dict[str, tuple[tuple[str, ...], Covers]] = {
    "champion_replaced": (
        ("silent_buyer", "unanswered_questions", "quote_ahead", "ghost_deal", "slipping_date"),
        _nobody_acted_since,
    ),
    "silent_buyer": (("unanswered_questions", "quote_ahead", "ghost_deal", "slipping_date"), _always),
    "buyer_ahead": (("slipping_date",), _always),
    "unanswered_questions": (("ghost_deal", "slipping_date"), _always),
    "quote_ahead": (("ghost_deal", "slipping_date"), _always),
    "ghost_deal": (("slipping_date",), _always),
}
"""Kind -> the kinds that follow from it on the same deal, and when they do; the most telling first.

Whoever we spoke with is gone, so nobody answers; nobody answers, so the date will not hold; we ask for a decision
before the buyers are that far, so nothing of a purchase is seen and the date will not hold. A promise is kept for its
own sake: it stays a task of its own.
"""


def by_cause(view: View, found: Sequence[Found]) -> Iterator[tuple[Found, tuple[Found, ...]]]:
    """Each cause on a deal: the alert that tells it, and those that follow from it.

    Parameters
    ----------
    found : all that was found on the deal of `view`, in the order of urgency among equals.
    """
    explained: set[int] = set()
    groups: dict[int, tuple[Found, ...]] = {}
    for kind, (follows, holds) in EXPLAINS.items():
        for first in found:
            if first.kind == kind and id(first) not in explained and holds(view, first):
                rest = tuple(one for one in found if one.kind in follows and id(one) not in explained)
                explained.update(id(one) for one in rest)
                groups[id(first)] = rest
    for one in found:
        if id(one) not in explained:
            yield one, groups.get(id(one), ())
