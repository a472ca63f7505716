"""Puts into words what people say, in plain business Dutch or English, from the phrases in phrases/."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import yaml

from sandbox.market.calendar import next_working_day

PHRASES = Path(__file__).parent / "phrases"


class _Slots(dict[str, str]):
    """What is known of this occasion; any other slot is filled from the language's own list."""

    def __init__(self, known: dict[str, str], lists: dict[str, list[str]], rng: Random) -> None:
        super().__init__(known)
        self._lists = lists
        self._rng = rng

    def __missing__(self, slot: str) -> str:
        return self._rng.choice(self._lists[slot])


class Pen:
    """Writes in one language."""

    def __init__(self, language: str) -> None:
        self.phrases: dict[str, Any] = yaml.safe_load((PHRASES / f"{language}.yaml").read_text("utf-8"))

    def say(self, rng: Random, choices: list[str], known: dict[str, str]) -> str:
        """One of the phrases, its slots filled, beginning with a capital."""
        text = rng.choice(choices).format_map(_Slots(known, self.phrases["slots"], rng))
        return text[:1].upper() + text[1:]

    def about(self, rng: Random, group: str, topics: Iterable[str], known: dict[str, str]) -> list[str]:
        """A sentence for each topic, from the phrases of `group` (buyer, note or seller)."""
        return [self.say(rng, self.phrases[group][topic], known) for topic in topics]

    def neutral(self, rng: Random, who: str, known: dict[str, str]) -> str:
        return self.say(rng, self.phrases["neutral"][who], known)

    def letter(self, rng: Random, sentences: list[str], to: str, sender: str, *, formal: bool) -> str:
        """A message with greeting and signature."""
        phrases = self.phrases
        greeting = rng.choice(phrases["greeting"]["formal" if formal else "plain"]).format(name=to)
        halves = len(sentences) // 2 if len(sentences) > 3 else len(sentences)
        body = " ".join(sentences[:halves])
        if sentences[halves:]:
            body += "\n\n" + " ".join(sentences[halves:])
        return f"{greeting}\n\n{body}\n\n{rng.choice(phrases['closing'])}\n{sender}"

    def quoted(self, rng: Random, name: str, day: date, earlier: str) -> str:
        """An earlier message as mail programs put it under the answer."""
        month = self.phrases["months"][day.month - 1]
        head = rng.choice(self.phrases["quoted"]).format(d=day.day, month=month, name=name)
        return f"\n\n{head}\n" + "\n".join(f"> {line}" for line in earlier.splitlines()[:6])

    def due(self, rng: Random, made: date, due: date) -> str:
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
        day, month = self.phrases["days"][due.weekday()], self.phrases["months"][due.month - 1]
        return str(rng.choice(choices)).format(day=day, d=due.day, month=month)


@cache
def pen(language: str) -> Pen:
    """The writer of a language, read once."""
    return Pen(language)
