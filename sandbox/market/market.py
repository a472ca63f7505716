"""The market as a whole: its past at the start, and what each further day brings."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sandbox.company import Batch


class Market:
    """A market of about so many opportunities, the same for the same seed and instant."""

    def __init__(
        self, opportunities: int, seed: int, as_of: datetime, *, regime: str = "informative", density: float = 1.0
    ) -> None:
        self.as_of = as_of

    def past(self) -> Batch:
        return Batch(self.as_of)

    def advance(self, days: int) -> Batch:
        self.as_of += timedelta(days=days)
        return Batch(self.as_of)

    def truth(self) -> dict[str, Any]:
        return {}
