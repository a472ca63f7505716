"""When people work: office hours per time zone, weekends and the days when everything is closed.

Instants are whole seconds since 1970, UTC. The market moves in windows of 24 hours that end at the market's own time
of day, so that a window holds whatever office hours fall into it: many on a weekday, none on a Saturday.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

DAY = 86_400
OPENS, CLOSES = 8.5, 17.75
OFFICE_SECONDS = int((CLOSES - OPENS) * 3600)
CLOSED = {(1, 1), (12, 25), (12, 26)}
QUARTER_END_DAYS = 12


def instant(seconds: float) -> datetime:
    """Seconds since 1970 as a UTC datetime, whole seconds."""
    return datetime.fromtimestamp(int(seconds), UTC)


@cache
def works(day: date) -> bool:
    """Whether offices are open on that day."""
    return day.weekday() < 5 and (day.month, day.day) not in CLOSED


def next_working_day(day: date, days: int = 1) -> date:
    """The working day that comes so many working days after `day`."""
    while days > 0:
        day += timedelta(days=1)
        days -= works(day)
    return day


def month_end(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def quarter_end(day: date) -> date:
    """The last day of the calendar quarter in which `day` falls."""
    return month_end(day.replace(day=1, month=(day.month - 1) // 3 * 3 + 3))


def near_quarter_end(day: date) -> bool:
    return (quarter_end(day) - day).days < QUARTER_END_DAYS


class Office:
    """The office hours of one time zone in Europe, where they lie within one day UTC."""

    def __init__(self, time_zone: str) -> None:
        self.zone = ZoneInfo(time_zone)
        self._hours: dict[int, tuple[int, int] | None] = {}

    def local(self, seconds: float) -> datetime:
        return datetime.fromtimestamp(int(seconds), self.zone)

    def at(self, day: date, hour: float) -> int:
        """That hour of that day, local time."""
        midnight = datetime(day.year, day.month, day.day, tzinfo=self.zone)
        return int((midnight + timedelta(hours=hour)).timestamp())

    def hours(self, day: int) -> tuple[int, int] | None:
        """From when till when the office is open on that day, counted from 1970; None if it is closed."""
        if day not in self._hours:
            date_ = date(1970, 1, 1) + timedelta(days=day)
            self._hours[day] = (self.at(date_, OPENS), self.at(date_, CLOSES)) if works(date_) else None
        return self._hours[day]

    def segments(self, begin: int, end: int) -> list[tuple[int, int]]:
        """The office hours between two instants, as (from, to) pairs."""
        days = (self.hours(day) for day in range(begin // DAY, end // DAY + 1))
        cut = ((max(hours[0], begin), min(hours[1], end)) for hours in days if hours)
        return [(first, last) for first, last in cut if last > first]

    def workable(self, seconds: float, jitter: float = 0.0) -> int:
        """The instant itself if it lies in office hours, else some `jitter` seconds after they next begin."""
        day = int(seconds) // DAY
        while True:
            hours = self.hours(day)
            if hours and seconds < hours[1]:
                return int(seconds) if seconds >= hours[0] else int(hours[0] + jitter)
            day += 1


class Window:
    """One step of the market: 24 hours ending at `end`, and what office hours of one time zone lie in them."""

    __slots__ = ("_ends", "_segments", "open_share", "total")

    def __init__(self, office: Office, begin: int, end: int) -> None:
        self._segments = office.segments(begin, end)
        self._ends: list[int] = []
        self.total = 0
        for first, last in self._segments:
            self.total += last - first
            self._ends.append(self.total)
        self.open_share = self.total / OFFICE_SECONDS

    def moment(self, share: float) -> int:
        """The instant that lies so far (0-1) into the window's office hours."""
        into = int(share * self.total)
        at = min(bisect_right(self._ends, into), len(self._ends) - 1)
        before = self._ends[at - 1] if at else 0
        return self._segments[at][0] + into - before
