"""The sandbox's own clock: an instant given at the start, plus real seconds, plus the days that were let pass."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from email.utils import format_datetime


class Clock:
    """What time it is in the sandbox; `advance` and `hold` are for the control plane.

    Parameters
    ----------
    start : timezone-aware UTC instant at which the clock begins.
    """

    def __init__(self, start: datetime) -> None:
        self._start = start
        self._began = time.monotonic()
        self._held: datetime | None = None

    def now(self) -> datetime:
        """The present instant, UTC."""
        return self._held or self._start + timedelta(seconds=time.monotonic() - self._began)

    def advance(self, days: float) -> None:
        """Let days pass at once."""
        self._start += timedelta(days=days)
        if self._held:
            self._held += timedelta(days=days)

    def hold(self) -> None:
        """Stand still at the next full second, so that all that is written gets one and the same timestamp."""
        self._held = self._held or self.now().replace(microsecond=0) + timedelta(seconds=1)

    def release(self) -> None:
        """Go on, from where real time has come to meanwhile, and never back."""
        held, self._held = self._held, None
        if held:
            self._start += max(held - self.now(), timedelta(0))

    def http_date(self, skew_seconds: float = 0) -> str:
        """The present instant as a Date header of a server whose own clock is so far off."""
        return format_datetime(self.now() + timedelta(seconds=skew_seconds), usegmt=True)
