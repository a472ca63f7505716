"""Words and figures of a report in the connection's language, and text of the CRM made safe to show."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from babel.numbers import format_currency, format_decimal, format_percent
from markupsafe import Markup, escape

from transforms.texts import LOCALES, Texts

MOST = 1_000
"""Characters of one text of the CRM on a page; the CSV has it whole."""
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Words:
    """Sentences of reports, and figures by their unit.

    Attributes
    ----------
    texts : of the catalogue `reports`.
    currency : of amounts without one of their own.
    """

    texts: Texts
    currency: str

    def __call__(self, key: str, **values: object) -> str:
        return self.texts(key, **values)

    def plural(self, key: str, count: int, **values: object) -> str:
        return self.texts.plural(key, count, **values)

    def day(self, moment: date | datetime | None) -> str:
        return "–" if moment is None else self.texts.day(moment)

    def money(self, amount: float | None, currency: str | None = None) -> str:
        """Without cents."""
        if amount is None:
            return "–"
        return str(
            format_currency(
                round(amount), currency or self.currency, "¤ #,##0", locale=self._locale, currency_digits=False
            )
        )

    def shown(self, value: float | None, unit: str) -> str:
        """A figure by its unit: count | money | days | hours | share | number."""
        if value is None:
            return "–"
        if unit == "money":
            return self.money(value)
        if unit == "share":
            return str(format_percent(value, "#,##0%", locale=self._locale))
        number = str(format_decimal(value, "#,##0.#" if unit == "number" else "#,##0", locale=self._locale))
        return self.texts(f"unit.{unit}", number=number) if unit in ("days", "hours") else number

    @property
    def _locale(self) -> str:
        return self.texts.locale or LOCALES[self.texts.language]


def clean(text: object) -> str:
    """Text of the CRM without what no page can show: control characters become a space."""
    return CONTROL.sub(" ", "" if text is None else str(text))


def whole(text: object) -> Markup:
    """Text of the CRM on a page: escaped, in a direction of its own, at most a thousand characters."""
    plain = clean(text).strip()
    plain = plain if len(plain) <= MOST else plain[: MOST - 1] + "…"
    return Markup("<bdi>") + escape(plain or "–") + Markup("</bdi>")
