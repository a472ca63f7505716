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
MARGIN_S = 0.05


class Window:
    """At most `most` starts in any `seconds`, whoever asks; None: no limit is known yet."""

    def __init__(self, most: int | None, seconds: float) -> None:
        self.most = most
        self.seconds = seconds
        self._lock = threading.Lock()
        self._starts: deque[float] = deque()

    def wait(self) -> None:
        """Sleep until it is this caller's turn."""
        with self._lock:
            now = time.monotonic()
            while self._starts and self._starts[0] <= now - self.seconds - MARGIN_S:
                self._starts.popleft()
            turn = now
            if self.most is not None and len(self._starts) >= self.most:
                turn = max(now, self._starts[-self.most] + self.seconds + MARGIN_S)
            self._starts.append(turn)
        if turn > now:
            time.sleep(turn - now)

    def started(self) -> int:
        """Starts within the window up to now."""
        with self._lock:
            now = time.monotonic()
            return sum(now - self.seconds < start <= now for start in self._starts)


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
            others = max(most - left - self._burst.started(), 0) if left is not None else 0
            self._burst.most = max(most - others - SPARE, 1)
        limit, remaining = _number(headers, "Daily"), _number(headers, "Daily-Remaining")
        if limit is not None and remaining is not None:
            self.daily_limit, self.daily_used = limit, limit - remaining


def _number(headers: Mapping[str, str], name: str) -> int | None:
    said = headers.get(f"X-HubSpot-RateLimit-{name}", "")
    return int(said) if said.isdigit() else None
