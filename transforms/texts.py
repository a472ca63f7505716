"""Sentences for sellers in the connection's language, from gettext catalogues; dates and numbers in its locale.

Text from the CRM is data: it is shortened and stripped of control characters before it goes into a sentence.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

LANGUAGES = ("nl", "en")
LOCALES = {"nl": "nl_NL", "en": "en_GB"}
DOMAIN = "buyer_readiness"
NAME_LENGTH = 60


@cache
def catalogue(language: str, domain: str = DOMAIN) -> Catalog:
    """The packaged translations of one language: message key -> sentence.

    Parameters
    ----------
    domain : "buyer_readiness", what stands in the CRM; "reports"; "model", the first look and the pages of the model.

    Raises
    ------
    ValueError : there is no catalogue for it.
    """
    path = files("transforms").joinpath("locale", language, "LC_MESSAGES", f"{domain}.po")
    if not path.is_file():
        raise ValueError(f"language {language!r}: there are texts in {', '.join(LANGUAGES)}")
    with path.open("rb") as file:
        return read_po(file, locale=language)


@dataclass(frozen=True, slots=True)
class Texts:
    """Sentences of one connection.

    Attributes
    ----------
    language : of the catalogue.
    locale : of dates and numbers; the language's own where empty.
    time_zone : in which an instant has its date.
    domain : the catalogue, see `catalogue`.
    """

    language: str
    locale: str = ""
    time_zone: str = "UTC"
    domain: str = DOMAIN

    def __call__(self, key: str, **values: object) -> str:
        """The sentence under `key`, its places filled. Raises KeyError where the catalogue has none."""
        return self.filled(key, values)

    def filled(self, key: str, values: Mapping[str, object]) -> str:
        """The same, with values that are looked up only where the sentence has a place for them."""
        sentence = _sentences(self.language, self.domain).get(key)
        if not isinstance(sentence, str):
            raise KeyError(f"no {self.language} text for {key}")
        return sentence.format_map(values)

    def plural(self, key: str, count: int, **values: object) -> str:
        """The sentence for this number of things, as `{count}`."""
        forms = _sentences(self.language, self.domain).get(key)
        if not isinstance(forms, tuple):
            raise KeyError(f"no {self.language} plural for {key}")
        return forms[0 if count == 1 else -1].format(count=self.number(count), **values)

    def day(self, moment: date | datetime) -> str:
        """A date with its year, such as 12 nov 2026: it reads the same whenever it is read."""
        local = moment.astimezone(_zone(self.time_zone)) if isinstance(moment, datetime) else moment
        return _day(local.date() if isinstance(local, datetime) else local, self._locale)

    def number(self, value: float) -> str:
        return _number(value, self._locale)

    def listed(self, items: Iterable[str]) -> str:
        return format_list(list(items), locale=_locale(self._locale))

    @property
    def _locale(self) -> str:
        return self.locale or LOCALES[self.language]


@cache
def _sentences(language: str, domain: str) -> dict[str, str | tuple[str, ...]]:
    """Key -> sentence, or its forms for one and several; what is not translated is left out."""
    found: dict[str, str | tuple[str, ...]] = {}
    for message in catalogue(language, domain):
        if message.id and message.string:
            key = message.id if isinstance(message.id, str) else message.id[0]
            found[key] = message.string if isinstance(message.string, str) else tuple(message.string)
    return found


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@cache
def _locale(name: str) -> Locale:
    return Locale.parse(name)


@lru_cache(maxsize=10_000)
def _day(day: date, locale: str) -> str:
    return format_date(day, "d MMM y", locale=_locale(locale)).replace(".", "")


@lru_cache(maxsize=10_000)
def _number(value: float, locale: str) -> str:
    return format_decimal(value, locale=_locale(locale))


def name(text: str | None, otherwise: str = "") -> str:
    """A name from the CRM, safe inside a sentence: one line, no control or direction marks, at most 60 characters."""
    given = (text or "")[: NAME_LENGTH * 4]
    if not given.isprintable():
        given = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in given)
    plain = " ".join(given.split())
    if not plain:
        return otherwise
    return plain if len(plain) <= NAME_LENGTH else plain[: NAME_LENGTH - 1].rstrip() + "…"


def shortened(text: str, length: int) -> str:
    """At most `length` characters, cut after a whole sentence or word."""
    if len(text) <= length:
        return text
    return text[: length - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"
