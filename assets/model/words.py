"""The words of the first look and of the model's page: in the connection's language, figures in its locale."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, partial
from string import Formatter

from babel.numbers import get_decimal_symbol, get_group_symbol

from assets.connection import Connection
from readiness.said import Said
from transforms.texts import LOCALES, Texts, catalogue


@dataclass(frozen=True, slots=True)
class Words:
    """Sentences of the catalogue `model`."""

    texts: Texts

    @property
    def language(self) -> str:
        return self.texts.language

    def __call__(self, key: str, **values: object) -> str:
        """The sentence under `key`; its numbers are written as its places ask for (such as ``{low:+.4f}``)."""
        locale = LOCALES[self.texts.language]
        local = {name: Figure(v, locale) if isinstance(v, int | float) else v for name, v in values.items()}
        return self.texts.filled(key, local)

    def said(self, sentence: Said) -> str:
        return self(sentence.words, **sentence.values)

    def told(self, text: str) -> str:
        """Sentences that were kept in English, such as the reasons in a model's file, in this language."""
        for words, pattern in _patterns().items():
            text = pattern.sub(partial(self._again, words), text)
        return text

    def _again(self, words: str, found: re.Match[str]) -> str:
        return self(words, **{name: float(figure) for name, figure in found.groupdict().items()})

    def day(self, moment: date | datetime) -> str:
        return self.texts.day(moment)

    def figure(self, value: float, form: str) -> str:
        """A number in this form of Python's, such as "+.4f"."""
        return format(Figure(value, LOCALES[self.texts.language]), form)


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    """The sentences that are kept with their figures filled in, the longest first, and how to find them again."""
    kept = (message.id for message in catalogue("en", "model") if isinstance(message.id, str) and " " in message.id)
    found = {}
    for sentence in sorted(kept, key=len, reverse=True):
        parts = [
            re.escape(text) + (rf"(?P<{name}>[-+]?\d+(?:\.\d+)?)" if name else "")
            for text, name, _, _ in Formatter().parse(sentence)
        ]
        found[sentence] = re.compile("".join(parts))
    return found


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that is formatted with the marks of a locale."""

    value: float
    locale: str

    def __format__(self, form: str) -> str:
        marks = str.maketrans(".,", get_decimal_symbol(self.locale) + get_group_symbol(self.locale))
        return format(self.value, form).translate(marks)


def words_of(connection: Connection) -> Words:
    config = connection.config
    return Words(Texts(config.language, time_zone=config.zone, domain="model"))
