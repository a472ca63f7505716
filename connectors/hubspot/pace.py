"""Keeping below HubSpot's limits by ourselves, so that a refusal is rare.

Source: developers.hubspot.com, "API usage guidelines": so many calls in any ten seconds, as the X-HubSpot-RateLimit
headers say, and five searches a second per account.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

SEARCHES, SEARCH_WINDOW_S = 5, 1.0
BURST_WINDOW_S = 10.0
MARGIN_S, STEP_S = 0.02, 0.01


class Window:
    """At most `most` calls in any `seconds` as the CRM counts them, whoever asks; None: no limit is known yet.

    The CRM counts a call some time between its start and its answer. So a call holds its place until its answer has
    come, and then for the window less the shortest way there and back that was ever seen. What others have spent of the
    same limit, as the latest answer tells, is left to them until another answer tells better, or a window has passed.
    """

    def __init__(self, most: int | None, seconds: float) -> None:
        self.most = most
        self.seconds = seconds
        self._lock = threading.Lock()
        self._under_way = 0
        self._leaving: deque[float] = deque()
        self._shortest = seconds
        self._others, self._told = 0, 0.0

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Sleep until it is this caller's turn; the call is made within."""
        while not self._begun():
            time.sleep(STEP_S)
        began = time.monotonic()
        try:
            yield
        finally:
            self._answered(began)

    def told(self, most: int, left: int | None) -> None:
        """What an answer says: the limit, and how much of it is left to everybody."""
        with self._lock:
            self.most = most
            self._told = time.monotonic()
            self._others = 0 if left is None else max(most - left - self._answered_of(self._told), 0)

    def _begun(self) -> bool:
        with self._lock:
            now = time.monotonic()
            ours = self._answered_of(now) + self._under_way
            others = self._others if now < self._told + self.seconds else 0
            if self.most is not None and ours and ours + others >= self.most:
                return False
            self._under_way += 1
            return True

    def _answered(self, began: float) -> None:
        with self._lock:
            now = time.monotonic()
            self._shortest = min(self._shortest, now - began)
            self._under_way -= 1
            self._leaving.append(now + self.seconds - self._shortest + MARGIN_S)

    def _answered_of(self, now: float) -> int:
        """How many of our answered calls are in the window still."""
        while self._leaving and self._leaving[0] <= now:
            self._leaving.popleft()
        return len(self._leaving)


class Pace:
    """The two windows of one HubSpot account, and its daily quota, as its answers tell."""

    def __init__(self) -> None:
        self.daily_limit: int | None = None
        self.daily_used: int | None = None
        self._burst = Window(None, BURST_WINDOW_S)
        self._searches = Window(SEARCHES, SEARCH_WINDOW_S)

    @contextmanager
    def turn(self, path: str) -> Iterator[None]:
        """Wait until a request may be sent; it is sent and answered within."""
        window = self._searches if path.endswith("/search") else self._burst
        with window.turn():
            yield

    def learn(self, headers: Mapping[str, str]) -> None:
        """Called with each answer; what others have spent of the burst limit is left to them."""
        most, left = _number(headers, "Max"), _number(headers, "Remaining")
        if most is not None:
            self._burst.told(most, left)
        limit, remaining = _number(headers, "Daily"), _number(headers, "Daily-Remaining")
        if limit is not None and remaining is not None:
            self.daily_limit, self.daily_used = limit, limit - remaining


def _number(headers: Mapping[str, str], name: str) -> int | None:
    said = headers.get(f"X-HubSpot-RateLimit-{name}", "")
    return int(said) if said.isdigit() else None
