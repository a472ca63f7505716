"""How often each door was used: calls per method and route template, as `GET /__sandbox/stats` shows them."""

from __future__ import annotations

import re
import time
from collections import Counter
from typing import Any

WINDOW_S = 10.0
REFUSED = (403, 429)
_CONVERTOR = re.compile(r":\w+}")


def template(path: str) -> str:
    """A route's path without the types of its parameters: `/crm/v3/objects/{type}/{id}`."""
    return _CONVERTOR.sub("}", path)


class Stats:
    """Counts since the last reset, the seconds between the first call and the last, and how many calls were let through
    in each `WINDOW_S` of them; the control plane and the record pages are not counted."""

    def __init__(self) -> None:
        self._first: float | None = None
        self._last = 0.0
        self.calls: Counter[str] = Counter()
        self.statuses: Counter[str] = Counter()
        self._windows: Counter[int] = Counter()

    def count(self, method: str, route: str, status: int) -> None:
        """Count one call; status 0 stands for a connection that was reset before any answer."""
        self._last = time.monotonic()
        self._first = self._last if self._first is None else self._first
        self._windows[int((self._last - self._first) / WINDOW_S)] += status not in REFUSED
        self.calls[f"{method} {route}"] += 1
        self.statuses[str(status)] += 1

    def reset(self) -> None:
        self.calls.clear()
        self.statuses.clear()
        self._windows.clear()
        self._first = None

    def shown(self) -> dict[str, Any]:
        return {
            "total": self.calls.total(),
            "calls": dict(sorted(self.calls.items())),
            "statuses": dict(sorted(self.statuses.items())),
            "windows": [self._windows[number] for number in range(max(self._windows, default=-1) + 1)],
            "seconds": 0.0 if self._first is None else round(self._last - self._first, 3),
        }
