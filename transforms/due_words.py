"""The day that a sentence names as the one on which something is due, relative to the day on which it is said.

A day is told in one of these forms, N being a number: `dN` N days later, `bN` N working days later, `wN` the next
weekday N (1 Monday … 7 Sunday), `nN` weekday N of next week, `eN` weekday N of this week (or today, once that has
passed), `yMMDD` the next such date, `yYYYYMMDD` that date, `hN` the next Nth of a month, `m` the end of the month.
A `-` behind it means the working day before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

NUMBERS = (
    "(?P<n>\\d{1,2}|a|an|one|two|three|four|five|six|seven|eight|nine|ten|couple of|few|een|één|twee|drie|vier|vijf|zes"
    "|zeven|acht|negen|tien|paar)"
)
_WORTH = {
    **dict.fromkeys(("a", "an", "one", "een", "één"), 1),
    **dict.fromkeys(("two", "twee", "couple of", "paar"), 2),
    **dict.fromkeys(("three", "drie", "few"), 3),
    **{w: n for n, pair in enumerate(("four vier", "five vijf", "six zes", "seven zeven"), 4) for w in pair.split()},
    **{w: n for n, pair in enumerate(("eight acht", "nine negen", "ten tien"), 8) for w in pair.split()},
}
_DAYS = (
    ("monday", "mon", "maandag"),
    ("tuesday", "tues?", "dinsdag"),
    ("wednesday", "weds?", "woensdag"),
    ("thursday", "thu(?:rs?)?", "donderdag"),
    ("friday", "fri", "vrijdag"),
    ("saturday", "sat", "zaterdag"),
    ("sunday", "sun", "zondag"),
)
_MONTHS = (
    "jan(?:uary|uari)?", "feb(?:ruary|ruari)?", "mar(?:ch)?|maart|mrt", "apr(?:il)?", "may|mei", "june?|juni",
    "july?|juli", "aug(?:ust|ustus)?", "sept?(?:ember)?", "o[ck]t(?:ober)?", "nov(?:ember)?", "dec(?:ember)?",
)  # fmt: skip
_DAY = "|".join(f"(?P<day{n}>{'|'.join(names)})" for n, names in enumerate(_DAYS, 1))
_MONTH = "|".join(f"(?P<month{n}>{names})" for n, names in enumerate(_MONTHS, 1))
_PART = r"(?:-?\s?(?:morning|afternoon|evening|ochtend|morgen|middag|namiddag|avond|voormiddag)|s)?"
_OF_WEEK = r"\s(?:of|in|of the|van)?\s?(?:next|the next|coming|the following|volgende|komende) week"


@dataclass(frozen=True, slots=True)
class _Way:
    """One way of naming a day, and the form that it takes."""

    pattern: re.Pattern[str]
    form: Callable[[Mapping[str, str | None]], str | None]


def _way(pattern: str, form: Callable[[Mapping[str, str | None]], str | None]) -> _Way:
    return _Way(re.compile(rf"\b(?:{pattern})(?!\w|')"), form)


def _one_of(named: Mapping[str, str | None], name: str, count: int) -> int:
    return next(n for n in range(1, count + 1) if named.get(f"{name}{n}"))


def _weekday(named: Mapping[str, str | None]) -> int:
    return _one_of(named, "day", 7)


def _number(named: Mapping[str, str | None]) -> int:
    text = named["n"] or ""
    return int(text) if text.isdigit() else _WORTH[text]


def _span(named: Mapping[str, str | None]) -> str:
    number, unit = _number(named), named["unit"] or ""
    if unit.startswith(("working", "business", "werk")):
        return f"b{number}"
    if unit.startswith(("h", "u")):
        return f"b{number // 24}" if number >= 24 else "d0"
    return f"d{7 * number}" if unit.startswith("w") else f"d{number}"


def _date(named: Mapping[str, str | None]) -> str | None:
    day = int(named["date"] or 0)
    month = int(named["m"] or 0) if named.get("m") else _one_of(named, "month", 12)
    if not (1 <= day <= 31 and 1 <= month <= 12):
        return None
    year = named.get("year")
    century = f"20{year}" if year and len(year) == 2 else year
    return f"y{century or ''}{month:02d}{day:02d}"


def _first_week(named: Mapping[str, str | None]) -> str:
    return f"y{_one_of(named, 'month', 12):02d}07"


_YEAR = r"(?:,?\s?(?P<year>20\d\d))?"
_UNIT = r"(?P<unit>(?:working|business)\s?days?|werkdag(?:en)?|days?|dag(?:en)?|weeks?|weken|hours?|hrs?|uur|uren)"
_WAYS = (
    _way(r"(?P<year>20\d\d)-(?P<m>\d\d)-(?P<date>\d\d)", _date),
    _way(rf"(?P<date>\d{{1,2}})(?:st|nd|rd|th|e|ste|de)?\s(?:of\s)?(?:{_MONTH}){_YEAR}", _date),
    _way(rf"(?:{_MONTH})\.?\s(?:the\s)?(?P<date>\d{{1,2}})(?:st|nd|rd|th)?{_YEAR}", _date),
    _way(r"(?!24[/-]7)(?P<date>\d{1,2})[/-](?P<m>\d{1,2})(?:[/-](?P<year>20\d\d|\d\d))?", _date),
    _way(r"overmorgen|(?:the )?day after tomorrow", lambda _: "d2"),
    _way(rf"(?:next|volgende|following) (?:week )?(?:on )?(?:{_DAY}){_PART}", lambda m: f"n{_weekday(m)}"),
    _way(rf"(?:{_DAY}){_PART}{_OF_WEEK}|(?:{_DAY.replace('<day', '<_day')}) over een week", lambda m: f"n{_later(m)}"),
    _way(
        rf"(?:tomorrow|morgen(?!\s?(?:bij|om)\s?stond)|tmrw|tmr){_PART}|(?:within|in|over|binnen) (?:a|een|één|1) day",
        lambda _: "d1",
    ),
    _way(rf"(?:{_DAY}){_PART}", lambda m: f"w{_weekday(m)}"),
    _way(r"(?:early|begin|start|beginning of|the start of|at the start of) (?:volgende|next) week", lambda _: "n2"),
    _way(r"(?:in |within )?a fortnight|(?:over |binnen )veertien dagen", lambda _: "d14"),
    _way(rf"(?:the )?(?:first|eerste) week (?:of|van|in) (?:{_MONTH})", _first_week),
    _way(r"(?:next|volgende|komende|coming|the coming) week", lambda _: "n5"),
    _way(
        r"(?:later |nog )?(?:this|deze) week|(?:the )?end of (?:the|this) week"
        r"|(?:het )?eind(?:e)? (?:van )?(?:de|deze) week|for the weekend|(?:before|by) the weekend|voor het weekend",
        lambda _: "e5",
    ),
    _way(r"(?:the )?end of (?:the|this) month|month end|(?:het )?eind(?:e)? (?:van )?(?:de|deze) maand", lambda _: "m"),
    _way(rf"(?:within|in|over|binnen)\s(?:the\s(?:next\s)?)?(?:the|de|een)?\s?{NUMBERS}\s{_UNIT}(?:\stijd)?", _span),
    _way(r"(?:the|de) (?P<date>\d{1,2})(?:st|nd|rd|th|e|ste|de)", lambda m: f"h{int(m['date'] or 0)}"),
    _way(
        r"(?:later |nog )?today|vandaag|(?:this|deze) (?:morning|afternoon|evening|ochtend|middag|namiddag|avond)"
        r"|vanmiddag|vanavond|vanochtend|vannamiddag|tonight|straks|(?:the )?end of (?:the )?(?:business )?(?:day|play)"
        r"|eod|cob|close of (?:business|play)|(?:het )?eind(?:e)? van de (?:dag|middag)|within the hour"
        r"|binnen het uur|in de loop van de dag",
        lambda _: "d0",
    ),
)
"""In the order in which they are tried: the most telling first."""

_STRICT = re.compile(r"\b(?:before|v[oó]{2}r|voor|ahead of)\s(?:the\s|next\s|volgende\s|komende\s|aanstaande\s)?$")
_NOT_DUE = re.compile(
    r"\b(?:(?<!end )(?<!course )(?<!close )of|from|since|last|past|previous|after|until|till|(?<!loop )van|sinds|vorige"
    r"|afgelopen|na|tot|jongstleden|dated|d\.d\.)\s(?:the\s|de\s|next\s|volgende\s)?$"
)
_UNTIL = re.compile(r"\b(?:by|at the latest|uiterlijk)\b")
_END_OF_DAY = re.compile(r"^(?:\s?(?:eind|einde|end|close|noon|lunch|\d|of|om|at))")
ANY = re.compile("|".join(re.sub(r"\?P<\w+>", "?:", way.pattern.pattern) for way in _WAYS))
"""Any of them: a quick look whether a text names a day at all."""


def _later(named: Mapping[str, str | None]) -> int:
    return next(n for n in range(1, 8) if named.get(f"day{n}") or named.get(f"_day{n}"))


def due_day(sentence: str) -> str | None:
    """The day named in a lower-case sentence as the one on which something is due, in one of the forms above."""
    for way in _WAYS:
        for match in way.pattern.finditer(sentence):
            before = sentence[max(0, match.start() - 24) : match.start()]
            if _NOT_DUE.search(before) and not _UNTIL.search(before):
                continue
            form = way.form(match.groupdict())
            if form is None:
                continue
            strict = _STRICT.search(before) and form[0] in "wnyhd" and not _END_OF_DAY.match(sentence[match.end() :])
            return f"{form}-" if strict and form not in ("d0", "d1") else form
    return None
