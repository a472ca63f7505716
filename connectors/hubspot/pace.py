"""Keeping below HubSpot's limits by ourselves, so that a refusal is rare.

Source: developers.hubspot.com, "API usage guidelines": so many calls in any ten seconds, as the X-HubSpot-RateLimit
headers say, and five searches a second per account.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Mapping

SEARCHES, SEARCH_WINDOW_S = 5, 1.0
BURST_WINDOW_S = 10.0
SPARE = 2
MARGIN_S, STEP_S = 0.05, 0.01


class Window:
    """At most `most` starts in any `seconds`, whoever asks; None: no limit is known yet.

    What others have spent of the same limit is set aside at first, and given back as their calls leave the window.
    """

    def __init__(self, most: int | None, seconds: float) -> None:
        self.most = most
        self.seconds = seconds
        self._lock = threading.Lock()
        self._starts: deque[float] = deque()
        self._others, self._told = 0, 0.0

    def wait(self) -> None:
        """Sleep until it is this caller's turn."""
        while not self._begun():
            time.sleep(STEP_S)

    def told(self, most: int, left: int | None) -> None:
        """What an answer says: the limit, and how much of it is left to everybody."""
        with self._lock:
            self.most = most
            self._told = time.monotonic()
            self._others = 0 if left is None else max(most - left - self._recent(self._told), 0)

    def _begun(self) -> bool:
        with self._lock:
            now = time.monotonic()
            ours = self._recent(now)
            others = self._others * max(0.0, 1 - (now - self._told) / self.seconds)
            if self.most is not None and ours and ours + others >= self.most:
                return False
            self._starts.append(now)
            return True

    def _recent(self, now: float) -> int:
        while self._starts and self._starts[0] <= now - self.seconds - MARGIN_S:
            self._starts.popleft()
        return len(self._starts)


class Pace:
    """The two windows of one HubSpot account, and its daily quota, as its answers tell."""

    def __init__(self) -> None:
        self.daily_limit: int | None = None
        self.daily_used: int | None = None
        self._burst = Window(None, BURST_WINDOW_S)
        self._searches = Window(SEARCHES, SEARCH_WINDOW_S)

    def wait(self, path: str) -> None:
        """Called before each request."""
        if path.endswith("/search"):
            self._searches.wait()
        self._burst.wait()

    def learn(self, headers: Mapping[str, str]) -> None:
        """Called with each answer; what others have spent of the burst limit is left to them."""
        most, left = _number(headers, "Max"), _number(headers, "Remaining")
        if most is not None:
            self._burst.told(max(most - SPARE, 1), None if left is None else max(left - SPARE, 0))
        limit, remaining = _number(headers, "Daily"), _number(headers, "Daily-Remaining")
        if limit is not None and remaining is not None:
            self.daily_limit, self.daily_used = limit, limit - remaining


def _number(headers: Mapping[str, str], name: str) -> int | None:
    said = headers.get(f"X-HubSpot-RateLimit-{name}", "")
    return int(said) if said.isdigit() else None
