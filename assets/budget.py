"""One budget of calls per connection, shared by pull and write: other integrations live from the same quota.

As it shrinks, what can wait does: earlier values first, then people, so that what is open can be read and written to
the end. What waited is read by a later run by itself, as its cursor stays where it was.
"""

from __future__ import annotations

from collections.abc import Mapping

from assets.config import Files
from assets.errors import Busy
from assets.session import Session

HISTORY, PEOPLE, BOOK, OTHER_WRITING = "history", "people", "the open book", "other writing"
KEPT: Mapping[str, float] = {HISTORY: 0.3, PEOPLE: 0.15, BOOK: 0.05, OTHER_WRITING: 0.02}
"""A purpose -> the share of our calls that must be left for it to go on. Writing to open opportunities needs none: it
goes on as long as the CRM itself takes a call."""
OTHERS = 0.05
"""Of the whole quota so much is never touched by us, whatever our own share would allow."""

STREAMS: Mapping[str, str] = {
    "opportunity_history": HISTORY,
    "opportunity_field_history": HISTORY,
    "opportunity_line_item": HISTORY,
    "quote_history": HISTORY,
    "case": HISTORY,
    "line_items": HISTORY,
    "tickets": HISTORY,
    "account": PEOPLE,
    "contact": PEOPLE,
    "lead": PEOPLE,
    "companies": PEOPLE,
    "contacts": PEOPLE,
    "leads": PEOPLE,
}
"""What a stream is for, where it isn't for the open book itself."""


class Spent(Busy):
    """Our share of the day's calls is used up. What was pulled and written is kept; the next run goes on there."""


class Budget:
    """The calls that this connection may still make. Safe to ask from several threads.

    Attributes
    ----------
    most : calls in 24 hours that are our share of the CRM's quota; 0 where there is no quota, or the CRM tells none.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._before = session.run.calls_before
        config = session.connection.config
        self._share = 0.0 if isinstance(config, Files) else config.daily_calls

    @property
    def most(self) -> int:
        return int((self._session.connector.limits().daily_limit or 0) * self._share)

    def left(self) -> float:
        """Which part of our share is left, 1 at most: less where others have used up what would have been ours."""
        limits, most = self._session.connector.limits(), self.most
        if not most or not limits.daily_limit:
            return 1.0
        ours = most - self._session.calls - self._before
        everybody = limits.daily_limit * (1 - OTHERS) - (limits.daily_used or 0)
        return min(ours, everybody, most) / most

    def allows(self, purpose: str) -> bool:
        """Whether there is still enough for this, beside all that comes before it."""
        return self.left() > KEPT[purpose]

    def spent(self) -> Spent:
        """What to say when there is not."""
        limits, config = self._session.connector.limits(), self._session.connection.config
        share = 0.0 if isinstance(config, Files) else config.daily_calls
        return Spent(
            f"{self._session.connection.name}: our share of {self.most:,} calls a day ({share:.0%} of "
            f"{limits.daily_limit or 0:,}) is used up: {self._session.calls + self._before:,} by us in 24 hours, "
            f"{limits.daily_used or 0:,} by everybody. A later run goes on from here by itself; a larger share is "
            "given with daily_calls: in readiness.yaml."
        )
