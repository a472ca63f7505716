"""Short texts with a meaning, as people write them in readiness.yaml: spans of time, shares, schedules, time zones."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, available_timezones

from dateutil.relativedelta import relativedelta
from pydantic import AfterValidator, BeforeValidator, ValidationInfo

_SPAN = re.compile(r"^(\d+) (day|week|month|year)s?$")
_HOURS = re.compile(r"^(\d\d:\d\d) ?- ?(\d\d:\d\d)$")
_SHARE = re.compile(r"^(\d+(?:\.\d+)?) ?%$")
_CRON_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_CRON_NAMES = ("minute", "hour", "day of the month", "month", "day of the week")
_CRON_PART = re.compile(r"^(\*|\d+(?:-\d+)?)(?:/([1-9]\d*))?$")


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time on the calendar, such as 24 months."""

    count: int
    unit: str

    def before(self, instant: datetime) -> datetime:
        """The instant that lies this span earlier."""
        days, months = {"day": (1, 0), "week": (7, 0), "month": (0, 1), "year": (0, 12)}[self.unit]
        return instant - relativedelta(days=days * self.count, months=months * self.count)

    def __str__(self) -> str:
        return f"{self.count} {self.unit}{'' if self.count == 1 else 's'}"


@dataclass(frozen=True, slots=True)
class Hours:
    """A stretch of every day on the clock, such as 18:00-08:00; it may pass midnight."""

    start: time
    end: time

    def cover(self, at: time) -> bool:
        if self.start < self.end:
            return self.start <= at < self.end
        return at >= self.start or at < self.end


def _hours(value: Any) -> Hours:
    match = _HOURS.match(value) if isinstance(value, str) else None
    try:
        start, end = (time.fromisoformat(part) for part in match.groups()) if match else (None, None)
    except ValueError:
        start = end = None
    if start is None or end is None or start == end:
        raise ValueError('hours are written like "18:00-08:00"')
    return Hours(start, end)


def _span(value: Any) -> Span:
    match = _SPAN.match(value) if isinstance(value, str) else None
    if match is None or int(match[1]) == 0:
        raise ValueError('a span of time is written like "24 months", "90 days", "6 weeks" or "2 years"')
    return Span(int(match[1]), match[2])


def _share(value: Any) -> float:
    match = _SHARE.match(value) if isinstance(value, str) else None
    if match is None or not 0 < float(match[1]) <= 100:
        raise ValueError('a share is written like "20%", above 0 % and at most 100 %')
    return float(match[1]) / 100


def _cron(value: str) -> str:
    fields = value.split()
    if len(fields) != len(_CRON_RANGES):
        raise ValueError(f'a schedule has five fields, such as "*/15 * * * *"; this one has {len(fields)}')
    for text, (low, high), name in zip(fields, _CRON_RANGES, _CRON_NAMES, strict=True):
        for part in text.split(","):
            match = _CRON_PART.match(part)
            numbers = [int(number) for number in match[1].split("-")] if match and match[1] != "*" else []
            if match is None or any(not low <= number <= high for number in numbers) or numbers != sorted(numbers):
                raise ValueError(f'"{part}" is no {name} of a schedule: {low}-{high}, *, */n, a-b or a list of them')
    return value


def _time_zone(value: str) -> str:
    if value not in available_timezones():
        raise ValueError(f'no time zone "{value}"; write an IANA name such as "Europe/Amsterdam"')
    ZoneInfo(value)
    return value


def _beside_the_config(value: str, info: ValidationInfo) -> str:
    folder: Path = (info.context or {})["folder"]
    return str(folder / value)


HoursText = Annotated[Hours, BeforeValidator(_hours)]
SpanText = Annotated[Span, BeforeValidator(_span)]
Share = Annotated[float, BeforeValidator(_share)]
Cron = Annotated[str, AfterValidator(_cron)]
TimeZone = Annotated[str, AfterValidator(_time_zone)]
PathText = Annotated[str, AfterValidator(_beside_the_config)]
"""A path, relative to the folder of readiness.yaml."""


def longest_gap(cron: str) -> timedelta:
    """The longest that can pass between two runs of a schedule, counted generously where days are restricted."""
    minutes, hours, days, months, weekdays = (
        _numbers(text, *limits) for text, limits in zip(cron.split(), _CRON_RANGES, strict=True)
    )
    ticks = [hour * 60 + minute for hour in hours for minute in minutes]
    within = max((b - a for a, b in zip(ticks, [*ticks[1:], ticks[0] + 24 * 60], strict=True)), default=0)
    sundays = sorted({day % 7 for day in weekdays})
    idle = max(b - a for a, b in zip(sundays, [*sundays[1:], sundays[0] + 7], strict=True)) - 1
    idle += 30 if len(days) < 31 else 0
    idle += 334 if len(months) < 12 else 0
    return timedelta(minutes=within, days=idle)


def _numbers(text: str, low: int, high: int) -> list[int]:
    found: set[int] = set()
    for part in text.split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        start, end = (low, high) if span == "*" else (int(first), int(last or (high if step else first)))
        found.update(range(start, end + 1, int(step or 1)))
    return sorted(found)
