"""Date literals such as LAST_N_DAYS:30: the days that they stand for.

Source: SOQL and SOSL Reference, Date Formats and Date Literals in WHERE. Fiscal years are calendar years here, and
weeks begin on Monday, as in a Dutch org.
"""

from __future__ import annotations

from datetime import date, timedelta

UNITS = {"DAYS": "DAY", "WEEKS": "WEEK", "MONTHS": "MONTH", "QUARTERS": "QUARTER", "YEARS": "YEAR"}


def days(literal: str, today: date) -> tuple[date, date]:
    """The first day of a period, and the day after its last."""
    name, _, number = literal.replace("FISCAL_", "").partition(":")
    if name in ("YESTERDAY", "TODAY", "TOMORROW"):
        first = today + timedelta(days=("YESTERDAY", "TODAY", "TOMORROW").index(name) - 1)
        return first, first + timedelta(days=1)
    if name == "LAST_90_DAYS":
        return today - timedelta(days=89), today + timedelta(days=1)
    if name == "NEXT_90_DAYS":
        return today + timedelta(days=1), today + timedelta(days=91)
    if not number:
        which, unit = name.split("_")
        return _whole(today, unit, {"LAST": -1, "THIS": 0, "NEXT": 1}[which], 1)
    return _counted(name, int(number), today)


def _counted(name: str, number: int, today: date) -> tuple[date, date]:
    words = name.split("_")
    unit = UNITS[words[1] if words[-1] == "AGO" else words[-1]]
    if words[-1] == "AGO":
        return _whole(today, unit, -number, 1)
    if unit == "DAY":
        if words[0] == "LAST":
            return today - timedelta(days=number), today + timedelta(days=1)
        return today + timedelta(days=1), today + timedelta(days=number + 1)
    return _whole(today, unit, -number if words[0] == "LAST" else 1, number)


def _whole(today: date, unit: str, offset: int, count: int) -> tuple[date, date]:
    """`count` whole units, the first being `offset` units from the one that today is in."""
    if unit == "DAY":
        first = today + timedelta(days=offset)
        return first, first + timedelta(days=count)
    if unit == "WEEK":
        monday = today - timedelta(days=today.weekday()) + timedelta(weeks=offset)
        return monday, monday + timedelta(weeks=count)
    months = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}[unit]
    start = (today.year * 12 + today.month - 1) // months * months + offset * months
    return _month(start), _month(start + count * months)


def _month(number: int) -> date:
    return date(number // 12, number % 12 + 1, 1)
