"""Dates as numbers of days since 1970-01-01 and back, in expressions that every engine understands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import narwhals as nw

_FIRST_DAY = date(1970, 1, 1).toordinal()
DAYS_BEFORE_1970 = 719468
"""Days from 1 March of the year 0."""
ISO_DATE = r"^[1-9]\d{3}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"


def date_days(date_column: nw.Expr) -> nw.Expr:
    """Days since 1970-01-01 of a date; null stays null."""
    past_years = date_column.dt.year().cast(nw.Float64()) - 1
    leap_days = (past_years / 4).floor() - (past_years / 100).floor() + (past_years / 400).floor()
    return past_years * 365 + leap_days + date_column.dt.ordinal_day().cast(nw.Float64()) - _FIRST_DAY


def text_days(text: nw.Expr) -> nw.Expr:
    """Days since 1970-01-01 of text that begins with an ISO 8601 date; null for any other text.

    The civil calendar by arithmetic, as in `with_dates`; a day that its month has not counts into the next month.
    """
    date_text = nw.when(text.str.contains(ISO_DATE)).then(text)
    year, month, day = (date_text.str.slice(at, n).cast(nw.Float64()) for at, n in ((0, 4), (5, 2), (8, 2)))
    early = nw.when(month <= 2).then(1.0).otherwise(0.0)
    from_march, year = month - 3 + 12 * early, year - early
    leap_days = (year / 4).floor() - (year / 100).floor() + (year / 400).floor()
    return year * 365 + leap_days + ((153 * from_march + 2) / 5).floor() + day - 1 - DAYS_BEFORE_1970


def with_dates(frame: nw.LazyFrame, columns: Sequence[str]) -> nw.LazyFrame:
    """Turn columns of days since 1970-01-01 (not negative) into the UTC dates that they fall on; null stays null.

    The civil calendar by arithmetic (H. Hinnant, "chrono-compatible low-level date algorithms"), because no engine's
    date offsets work in all three; step by step, so that no long expression is repeated inside another.
    """
    kept = frame.collect_schema().names()
    for part, value in _CIVIL.items():
        frame = frame.with_columns(*(value(column).alias(f"{column}_{part}") for column in columns))
    return frame.with_columns(*(_date(column).alias(column) for column in columns)).select(*kept)


_CIVIL: dict[str, Callable[[str], nw.Expr]] = {
    "shifted": lambda c: nw.col(c).floor() + DAYS_BEFORE_1970,
    "era": lambda c: (nw.col(f"{c}_shifted") / 146097).floor(),
    "in_era": lambda c: nw.col(f"{c}_shifted") - nw.col(f"{c}_era") * 146097,
    "leapless": lambda c: (
        nw.col(f"{c}_in_era") - _every(c, "in_era", 1460) + _every(c, "in_era", 36524) - _every(c, "in_era", 146096)
    ),
    "of_era": lambda c: (nw.col(f"{c}_leapless") / 365).floor(),
    "in_year": lambda c: (
        nw.col(f"{c}_in_era") - nw.col(f"{c}_of_era") * 365 - _every(c, "of_era", 4) + _every(c, "of_era", 100)
    ),
    "from_march": lambda c: ((5 * nw.col(f"{c}_in_year") + 2) / 153).floor(),
    "day": lambda c: nw.col(f"{c}_in_year") - ((153 * nw.col(f"{c}_from_march") + 2) / 5).floor() + 1,
    "next_year": lambda c: nw.when(nw.col(f"{c}_from_march") >= 10).then(1.0).otherwise(0.0),
    "month": lambda c: nw.col(f"{c}_from_march") + 3 - 12 * nw.col(f"{c}_next_year"),
    "year": lambda c: nw.col(f"{c}_of_era") + nw.col(f"{c}_era") * 400 + nw.col(f"{c}_next_year"),
}


def _every(column: str, part: str, number: int) -> nw.Expr:
    return (nw.col(f"{column}_{part}") / number).floor()


def _date(column: str) -> nw.Expr:
    year, month, day = (_digits(nw.col(f"{column}_{part}"), n) for part, n in (("year", 4), ("month", 2), ("day", 2)))
    text = nw.concat_str(year, nw.lit("-"), month, nw.lit("-"), day)
    return text.str.to_date(format="%Y-%m-%d")


def _digits(number: nw.Expr, width: int) -> nw.Expr:
    return number.cast(nw.Int64()).cast(nw.String()).str.zfill(width)
