"""Working days and hours where a connection is: weekends and public holidays are off, the day lasts from 9 to 17.

The Python side answers for one moment, the frame side for columns; days are whole numbers since 1970-01-01 there.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays
import narwhals as nw

from readiness.engine import Keep, with_days
from readiness.schema import TIME
from transforms.frames import SECOND, col

OPENS, CLOSES = 9, 17
MINUTES = (CLOSES - OPENS) * 60
YEARS_BACK, YEARS_AHEAD = 4, 2
_EPOCH, _FIRST = datetime(1970, 1, 1, tzinfo=UTC), date(1970, 1, 1)
_DAY = timedelta(days=1)


class Workdays:
    """The calendar of a country, or of weekends alone where none is named.

    Parameters
    ----------
    country : ISO 3166 alpha-2, or empty.
    time_zone : IANA name.
    as_of : the frame side knows holidays and clock changes from four years before it to two years after it.

    Raises
    ------
    ValueError : `holidays` knows no such country.
    """

    def __init__(self, country: str, time_zone: str, as_of: datetime) -> None:
        self.zone = ZoneInfo(time_zone)
        years = range(as_of.year - YEARS_BACK, as_of.year + YEARS_AHEAD + 1)
        self.off = frozenset(day for day in _holidays(country, years) if day.weekday() < 5)
        self._changes = _clock_changes(time_zone, years)

    def is_working(self, day: date) -> bool:
        return day.weekday() < 5 and day not in self.off

    def end_of_next(self, moment: datetime) -> datetime:
        """The close of the next working day."""
        day = moment.astimezone(self.zone).date() + _DAY
        while not self.is_working(day):
            day += _DAY
        return self.close(day)

    def close(self, day: date) -> datetime:
        """When that day's work ends."""
        return datetime.combine(day, time(CLOSES), self.zone).astimezone(UTC)

    def end_of_day(self, moment: datetime) -> datetime:
        """Today's close where today is a working day that is not over; else that of the next one."""
        day = moment.astimezone(self.zone).date()
        closes = self.close(day)
        return closes if self.is_working(day) and closes > moment else self.end_of_next(moment)

    def offset(self, moment: nw.Expr) -> nw.Expr:
        """Seconds by which local time is ahead of UTC."""
        (_, first), *later = self._changes
        found: nw.Expr = nw.lit(first)
        for when, seconds in later:
            found = nw.when(moment >= nw.lit(when).cast(TIME)).then(nw.lit(seconds)).otherwise(found)
        return found

    def with_local(self, frame: nw.LazyFrame, moment: str) -> nw.LazyFrame:
        """Adds _local (the local clock as if it were UTC), _day (number) and _minute (of that day, fractional)."""
        local = frame.with_columns(_local=col(moment) + self.offset(col(moment)) * nw.lit(SECOND))
        counted = with_days(local, _exact="_local").with_columns(_day=col("_exact").floor().cast(nw.Int64()))
        return counted.with_columns(_minute=(col("_exact") - col("_day").cast(nw.Float64())) * 1440.0).drop("_exact")

    def is_off(self, day: nw.Expr) -> nw.Expr:
        weekend = _weekday(day) >= 6
        return weekend | day.is_in(self._numbers()) if self.off else weekend

    def rolled(self, day: nw.Expr, by: int) -> nw.Expr:
        """The nearest working day from a numbered day on (by=1) or back (by=-1)."""
        over_weekend = (8 - _weekday(day)) if by > 0 else (5 - _weekday(day))
        shifted = nw.when(_weekday(day) >= 6).then(day + over_weekend).otherwise(day)
        moves = self._moves(by)
        if not moves:
            return shifted
        known = day.replace_strict(moves, default=nw.lit(None, dtype=nw.Int64()), return_dtype=nw.Int64())
        return nw.coalesce(known, shifted)

    def later(self, frame: nw.LazyFrame, day: str, count: str, keep: Keep) -> nw.LazyFrame:
        """`day` (a working day) moved on by `count` working days."""
        moved = keep(f"{day}_moved", frame.with_columns(_to=_weekdays_on(col(day), col(count))))
        inside = self._offs(lambda n: (col(day) < n) & (col("_to") >= n))
        counted = keep(f"{day}_counted", moved.with_columns(_inside=inside))
        reached = counted.with_columns(_to=_weekdays_on(col("_to"), col("_inside")))
        return reached.with_columns(**{day: self.rolled(col("_to"), 1)}).drop("_to", "_inside")

    def _offs(self, holds: Callable[[int], nw.Expr]) -> nw.Expr:
        """For how many days off on weekdays this holds."""
        counted = [nw.when(holds(number)).then(nw.lit(1)).otherwise(nw.lit(0)) for number in self._numbers()]
        return nw.sum_horizontal(*counted).cast(nw.Int64()) if counted else nw.lit(0).cast(nw.Int64())

    def _moves(self, by: int) -> dict[int, int]:
        """Each day whose nearest working day a look at the weekday alone would miss."""
        found: dict[int, int] = {}
        for day in {near for off in self.off for near in (off, *(off - n * by * _DAY for n in (1, 2)))}:
            end = day
            while not self.is_working(end):
                end += by * _DAY
            if end != day:
                found[(day - _FIRST).days] = (end - _FIRST).days
        return dict(sorted(found.items()))

    def closing(self, day: nw.Expr) -> nw.Expr:
        """The instant at which a numbered day's work ends."""
        local = nw.lit(_EPOCH).cast(TIME) + (day * 86_400 + CLOSES * 3600) * nw.lit(SECOND)
        return local - self.offset(local) * nw.lit(SECOND)

    def worked(self, frame: nw.LazyFrame, moment: str, name: str) -> nw.LazyFrame:
        """Adds `name`: the working minutes from 1970 up to `moment`; a difference of two is the time in between."""
        there = self.with_local(frame, moment)
        monday = (col("_day") + 3) // 7
        in_week = nw.min_horizontal((col("_day") + 3) % 7, nw.lit(5))
        before = self._offs(lambda n: col("_day") > n)
        days = monday * 5 + in_week - before
        today = nw.when(self.is_off(col("_day"))).then(nw.lit(0.0)).otherwise(_within_hours(col("_minute")))
        counted = there.with_columns(**{name: days.cast(nw.Float64()) * float(MINUTES) + today})
        return counted.drop("_local", "_day", "_minute")

    def _numbers(self) -> list[int]:
        return sorted((day - _FIRST).days for day in self.off)


@lru_cache(maxsize=64)
def workdays(country: str, time_zone: str, as_of: datetime) -> Workdays:
    """The calendar, made once."""
    return Workdays(country, time_zone, as_of)


def weekday(day: nw.Expr) -> nw.Expr:
    """1 Monday … 7 Sunday of a numbered day."""
    return _weekday(day)


def day_number(year: nw.Expr, month: nw.Expr, day: nw.Expr) -> nw.Expr:
    """The number of a date (days from civil, H. Hinnant, "chrono-compatible low-level date algorithms")."""
    from_march = (month + 9) % 12
    years = year - nw.when(month <= 2).then(nw.lit(1)).otherwise(nw.lit(0))
    leaps = years // 4 - years // 100 + years // 400
    return years * 365 + leaps + (from_march * 153 + 2) // 5 + day - 1 - 719_468


def _weekday(day: nw.Expr) -> nw.Expr:
    return (day + 3) % 7 + 1


def _weekdays_on(day: nw.Expr, count: nw.Expr) -> nw.Expr:
    """A weekday moved on by `count` weekdays."""
    in_week = _weekday(day) - 1
    total = in_week + count
    return day - in_week + 7 * (total // 5) + total % 5


def _within_hours(minute: nw.Expr) -> nw.Expr:
    late = nw.max_horizontal(minute - float(OPENS * 60), nw.lit(0.0))
    return nw.min_horizontal(late, nw.lit(float(MINUTES)))


@lru_cache(maxsize=64)
def _holidays(country: str, years: range) -> frozenset[date]:
    if not country:
        return frozenset()
    try:
        return frozenset(holidays.country_holidays(country, years=years))
    except NotImplementedError as fault:
        raise ValueError(f"country {country!r}: no calendar of public holidays is known for it") from fault


@lru_cache(maxsize=64)
def _clock_changes(time_zone: str, years: range) -> tuple[tuple[datetime, int], ...]:
    """(from when, seconds ahead of UTC): each change of the clock, to the hour, by halving."""
    zone = ZoneInfo(time_zone)

    def ahead(moment: datetime) -> int:
        return int((moment.astimezone(zone).utcoffset() or timedelta(0)).total_seconds())

    moment, end = datetime(years[0], 1, 1, tzinfo=UTC), datetime(years[-1] + 1, 1, 1, tzinfo=UTC)
    found = [(moment, ahead(moment))]
    while moment < end:
        later = moment + timedelta(days=7)
        if ahead(later) != found[-1][1]:
            found.append((_first_hour(moment, later, lambda at: ahead(at) != found[-1][1]), ahead(later)))
        moment = later
    return tuple(found)


def _first_hour(low: datetime, high: datetime, changed: Callable[[datetime], bool]) -> datetime:
    while high - low > timedelta(hours=1):
        middle = low + timedelta(hours=int((high - low) / timedelta(hours=2)))
        low, high = (low, middle) if changed(middle) else (middle, high)
    return high
