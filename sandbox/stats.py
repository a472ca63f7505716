"""How often each door was used: calls per method and route template, as `GET /__sandbox/stats` shows them."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

_CONVERTOR = re.compile(r":\w+}")


def template(path: str) -> str:
    """A route's path without the types of its parameters: `/crm/v3/objects/{type}/{id}`."""
    return _CONVERTOR.sub("}", path)


class Stats:
    """Counts since the last reset; the control plane and the record pages are not counted."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.statuses: Counter[str] = Counter()

    def count(self, method: str, route: str, status: int) -> None:
        """Count one call; status 0 stands for a connection that was reset before any answer."""
        self.calls[f"{method} {route}"] += 1
        self.statuses[str(status)] += 1

    def reset(self) -> None:
        self.calls.clear()
        self.statuses.clear()

    def shown(self) -> dict[str, Any]:
        return {
            "total": self.calls.total(),
            "calls": dict(sorted(self.calls.items())),
            "statuses": dict(sorted(self.statuses.items())),
        }
