"""The call limits of both CRMs: what they count, what they refuse, and the headers in which they say so.

Salesforce: calls per rolling 24 hours (100,000 and 1,000 a user), 403 REQUEST_LIMIT_EXCEEDED when they are used up;
25 calls of 20 s or more at a time (https://developer.salesforce.com/docs/atlas.en-us.salesforce_app_limits_cheatsheet).
HubSpot: 190 calls per rolling 10 s for a private app, 110 for an OAuth app, 5 searches a second, 625,000 calls a day
(https://developers.hubspot.com/docs/guides/apps/api-usage/usage-details).
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta

from sandbox import refusals
from sandbox.clock import Clock
from sandbox.refusals import Refusal

LONG_CALLS, LONG_SECONDS = 25, 20.0
BURST, BURST_OAUTH, BURST_SECONDS = 190, 110, 10.0
SEARCHES_PER_SECOND = 5
HUBSPOT_DAILY = 625_000


class Window:
    """Counts events in a rolling window of `seconds`, on the clock given as a function of no argument."""

    def __init__(self, seconds: float, now: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._now = now
        self._events: deque[float] = deque()

    def used(self) -> int:
        earliest = self._now() - self._seconds
        while self._events and self._events[0] <= earliest:
            self._events.popleft()
        return len(self._events)

    def count(self) -> None:
        self._events.append(self._now())


class DailyQuota:
    """Calls used of a daily quota; `leave` plays other integrations that spend from it.

    `rolling`: the calls of the last 24 hours count, by the minute; otherwise those of the calendar day (UTC).
    """

    def __init__(self, clock: Clock, limit: int, *, rolling: bool) -> None:
        self.limit = limit
        self._clock = clock
        self._rolling = rolling
        self._minutes: deque[tuple[datetime, int]] = deque()
        self._used = 0
        self._others = 0
        self.forced = False

    @property
    def used(self) -> int:
        now = self._clock.now()
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        earliest = now - timedelta(days=1) if self._rolling else midnight
        while self._minutes and self._minutes[0][0] < earliest:
            self._used -= self._minutes.popleft()[1]
        return self._used + self._others

    @property
    def remaining(self) -> int:
        return max(0, self.limit - self.used)

    def count(self, calls: int = 1) -> None:
        minute = self._clock.now().replace(second=0, microsecond=0)
        if self._minutes and self._minutes[-1][0] == minute:
            minute, before = self._minutes.pop()
            self._minutes.append((minute, before + calls))
        else:
            self._minutes.append((minute, calls))
        self._used += calls

    def leave(self, calls: int) -> None:
        """Let others have used up all but so many calls; the quota is then enforced whatever the setting."""
        self._others += self.remaining - calls
        self.forced = True

    def forgive(self) -> None:
        """Take back what others have used."""
        self._others = 0
        self.forced = False


class Limits:
    """Both CRMs' limits. With `enforced` false nothing is refused: the day's quota is counted and told, but no
    burst limit, to which a client would keep.

    `daily["salesforce"]` and `daily["hubspot"]` are the quotas, for the CRMs' own limits resources.
    """

    def __init__(self, clock: Clock, *, enforced: bool, users: int = 0) -> None:
        self.enforced = enforced
        self.daily = {
            refusals.SALESFORCE: DailyQuota(clock, 100_000 + 1_000 * users, rolling=True),
            refusals.HUBSPOT: DailyQuota(clock, HUBSPOT_DAILY, rolling=False),
        }
        self._bursts: dict[str, Window] = {}
        self._searches = Window(1.0)
        self._running: dict[int, float] = {}

    def refuse(self, path: str, token: str) -> Refusal | None:
        """Count a call and say whether it is one too many. Refused calls don't count towards a burst."""
        if not metered(path):
            return None
        if refusals.crm_of(path) == refusals.SALESFORCE:
            return self._refuse_salesforce()
        return self._refuse_hubspot(path, token)

    def headers(self, path: str, token: str) -> dict[str, str]:
        """What the CRM tells of its limits on every answer."""
        if not metered(path):
            return {}
        crm = refusals.crm_of(path)
        quota = self.daily[crm]
        if crm == refusals.SALESFORCE:
            return {"Sforce-Limit-Info": f"api-usage={quota.used}/{quota.limit}"}
        daily = {
            "X-HubSpot-RateLimit-Daily": str(quota.limit),
            "X-HubSpot-RateLimit-Daily-Remaining": str(quota.remaining),
        }
        if is_search(path) or not self.enforced:
            return daily
        most, window = self._burst(token)
        second = most // 10
        return {
            **(daily if private(token) else {}),
            "X-HubSpot-RateLimit-Interval-Milliseconds": str(int(BURST_SECONDS * 1000)),
            "X-HubSpot-RateLimit-Max": str(most),
            "X-HubSpot-RateLimit-Remaining": str(max(0, most - window.used())),
            "X-HubSpot-RateLimit-Secondly": str(second),
            "X-HubSpot-RateLimit-Secondly-Remaining": str(second - 1),
        }

    def leave(self, calls: int, crm: str | None = None) -> None:
        """Leave so many calls of the daily quota of one CRM, or of both."""
        for name in (crm,) if crm else tuple(self.daily):
            self.daily[name].leave(calls)

    def forgive(self) -> None:
        for quota in self.daily.values():
            quota.forgive()

    def begin(self, call: int) -> None:
        """Note that a call is running: Salesforce allows only so many long ones at a time."""
        self._running[call] = time.monotonic()

    def end(self, call: int) -> None:
        self._running.pop(call, None)

    def _burst(self, token: str) -> tuple[int, Window]:
        kind = "private" if private(token) else "oauth"
        most = BURST if kind == "private" else BURST_OAUTH
        return most, self._bursts.setdefault(kind, Window(BURST_SECONDS))

    def _refuse_salesforce(self) -> Refusal | None:
        quota = self.daily[refusals.SALESFORCE]
        if (self.enforced or quota.forced) and quota.remaining == 0:
            return refusals.daily_limit(refusals.SALESFORCE)
        long_ago = time.monotonic() - LONG_SECONDS
        if self.enforced and sum(begun <= long_ago for begun in self._running.values()) >= LONG_CALLS:
            message = "ConcurrentPerOrgLongTxn Limit exceeded."
            return refusals.salesforce(403, "REQUEST_LIMIT_EXCEEDED", message)
        quota.count()
        return None

    def _refuse_hubspot(self, path: str, token: str) -> Refusal | None:
        quota = self.daily[refusals.HUBSPOT]
        if (self.enforced or quota.forced) and quota.remaining == 0:
            return refusals.daily_limit(refusals.HUBSPOT)
        quota.count()
        if is_search(path):
            if self.enforced and self._searches.used() >= SEARCHES_PER_SECOND:
                message = "You have reached your secondly limit."
                return refusals.hubspot(429, message, category="RATE_LIMITS")
            self._searches.count()
            return None
        most, window = self._burst(token)
        if self.enforced and window.used() >= most:
            return refusals.too_many(refusals.HUBSPOT)
        window.count()
        return None


def metered(path: str) -> bool:
    """Logging in is not an API call."""
    return not path.startswith(("/services/oauth2", "/oauth"))


def is_search(path: str) -> bool:
    return path.startswith("/crm/") and path.endswith("/search")


def private(token: str) -> bool:
    """A private app's token begins with `pat-`; any other is an OAuth app's."""
    return token.removeprefix("Bearer ").startswith("pat-")
