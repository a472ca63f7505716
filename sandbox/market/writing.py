"""Puts into words what people say, in plain business Dutch or English, from the phrases in phrases/."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from random import Random
from string import Formatter
from typing import Any

import yaml

from sandbox.market.calendar import next_working_day

PHRASES = Path(__file__).parent / "phrases"


class Phrase:
    """A phrase cut at its slots once, so that filling it is quick."""

    __slots__ = ("_slots", "_text")

    def __init__(self, text: str) -> None:
        pieces = list(Formatter().parse(text))
        self._slots = tuple(slot for _, slot, _, _ in pieces if slot)
        cut = (f"{piece.replace('%', '%%')}{'%s' if slot else ''}" for piece, slot, _, _ in pieces)
        self._text = "".join(cut) if self._slots else text

    def filled(self, dice: Random, known: Mapping[str, str], lists: Mapping[str, list[str]]) -> str:
        """With what is known of the occasion; any other slot is filled from the language's own list."""
        if not self._slots:
            return self._text
        return self._text % tuple([known[slot] if slot in known else dice.choice(lists[slot]) for slot in self._slots])


def _cut(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _cut(value) for key, value in node.items()}
    return [Phrase(text) for text in node] if isinstance(node, list) else [Phrase(node)]


class Pen:
    """Writes in one language."""

    def __init__(self, language: str) -> None:
        source: dict[str, Any] = yaml.load((PHRASES / f"{language}.yaml").read_text("utf-8"), yaml.CSafeLoader)
        self._lists = {name: source.pop(name) for name in ("slots", "days", "months")}
        self.phrases = _cut(source)

    def say(self, dice: Random, choices: list[Phrase], known: Mapping[str, str]) -> str:
        """One of the phrases, its slots filled, beginning with a capital."""
        text = dice.choice(choices).filled(dice, known, self._lists["slots"])
        return text[:1].upper() + text[1:]

    def about(self, dice: Random, group: str, topics: Iterable[str], known: Mapping[str, str]) -> list[str]:
        """A sentence for each topic, from the phrases of `group` (buyer, note or seller)."""
        return [self.say(dice, self.phrases[group][topic], known) for topic in topics]

    def neutral(self, dice: Random, who: str, known: Mapping[str, str]) -> str:
        return self.say(dice, self.phrases["neutral"][who], known)

    def letter(self, dice: Random, sentences: list[str], to: str, sender: str, *, formal: bool) -> str:
        """A message with greeting and signature."""
        phrases = self.phrases
        greeting = self.say(dice, phrases["greeting"]["formal" if formal else "plain"], {"name": to})
        halves = len(sentences) // 2 if len(sentences) > 3 else len(sentences)
        body = " ".join(sentences[:halves])
        if sentences[halves:]:
            body += "\n\n" + " ".join(sentences[halves:])
        return f"{greeting}\n\n{body}\n\n{self.say(dice, phrases['closing'], {})}\n{sender}"

    def quoted(self, dice: Random, name: str, day: date, earlier: str) -> str:
        """An earlier message as mail programs put it under the answer."""
        month = self._lists["months"][day.month - 1]
        head = self.say(dice, self.phrases["quoted"], {"d": str(day.day), "month": month, "name": name})
        return f"\n\n{head}\n" + "\n".join(f"> {line}" for line in earlier.splitlines()[:6])

    def due(self, dice: Random, made: date, due: date) -> str:
        """How one names the day on which something is due: today, tomorrow, a weekday within the week, or a date."""
        kinds = self.phrases["due"]
        if due <= made:
            choices = kinds["today"]
        elif due == made + timedelta(days=1):
            choices = kinds["tomorrow"]
        elif due <= next_working_day(made, 4):
            choices = kinds["weekday"]
        else:
            choices = kinds["date"]
        words = {
            "day": self._lists["days"][due.weekday()],
            "d": str(due.day),
            "month": self._lists["months"][due.month - 1],
        }
        return str(dice.choice(choices).filled(dice, words, {}))


@cache
def pen(language: str) -> Pen:
    """The writer of a language, read once."""
    return Pen(language)
