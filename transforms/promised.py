"""Promises in what people write: what is promised, by whom, and for which day; the sentence itself is not kept.

The wording stands in `lexicon/promises.yaml`, which RevOps can read and extend.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

import yaml

from transforms.due_words import ANY, due_day
from transforms.phrases import any_of

WRITER, OTHER, TASK = "i", "they", "task"
REMINDER = "none"
OPEN = "-"

_SENTENCE = re.compile(r"[^.!?\n]+(?:\.(?=\d)[^.!?\n]+)*\??")
_BARE = re.compile(r"^\s*(?=(?:will|shall|sending)\b)")
_CLAUSES = re.compile(r"[,;()]|: | but | however | although | maar | echter | hoewel ")
_ANSWER = re.compile(r"(?:re|fw|fwd|aw|antw|tr|betr)\s?:")
MOST = 3
"""Promises that are kept of one message."""
REMEMBERED = 20_000
"""Sentences whose promise is kept in memory: people write the same short ones again and again."""


@dataclass(frozen=True, slots=True)
class Wording:
    """Expressions of both languages that tell a promise from other sentences."""

    commits: re.Pattern[str]
    reports: re.Pattern[str]
    voids: re.Pattern[str]
    keeps: re.Pattern[str]
    things: tuple[tuple[str, re.Pattern[str]], ...]
    reminders: re.Pattern[str]

    def thing(self, text: str) -> str | None:
        """What is promised: one of `things`, the first that fits."""
        return next((key for key, pattern in self.things if pattern.search(text)), None)

    def meant(self, sentence: str) -> str:
        """The clauses of a sentence that are no doubt, condition, denial, request or validity."""
        clauses = _CLAUSES.split(_BARE.sub("i ", self.keeps.sub(" ", sentence)))
        return ", ".join(clause for clause in clauses if not self.voids.search(clause))


@cache
def wording() -> Wording:
    """The packaged wording."""
    text = files("transforms").joinpath("lexicon", "promises.yaml").read_text(encoding="utf-8")
    source = yaml.safe_load(text)
    one = {name: any_of(source[name])[0] for name in ("commits", "reports", "voids", "keeps", "reminders")}
    things = tuple((key, any_of(phrases)[0]) for key, phrases in source["things"].items())
    return Wording(**one, things=things)


def source_text() -> str:
    """The wording as it stands in its file: when it changes, messages are read again."""
    return files("transforms").joinpath("lexicon", "promises.yaml").read_text(encoding="utf-8")


def promises_in(text: str) -> list[str]:
    """Promises for a named day in a message's own words, as "what/by/day".

    what: quote | price | visit | call | decision | answer | document. by: `i` for whoever wrote the message, `they`
    for somebody of whom a note tells it. day: a form of `due_words`.
    """
    found = [promise for sentence in _SENTENCE.findall(text) if (promise := _promise_in(sentence))]
    return list(dict.fromkeys(found))[:MOST]


@lru_cache(REMEMBERED)
def _promise_in(sentence: str) -> str | None:
    if sentence.endswith("?") or not ANY.search(sentence):
        return None
    words = wording()
    meant = words.meant(sentence)
    day = due_day(meant)
    by = _by(meant, words) if day else None
    what = words.thing(meant) if by else None
    return f"{what}/{by}/{day}" if what else None


def _by(meant: str, words: Wording) -> str | None:
    """Whose promise it is: whichever is said first; a report begins with another subject than the writer."""
    own, told = words.commits.search(meant), words.reports.search(meant)
    if own and (not told or own.start() <= told.start()):
        return WRITER
    return OTHER if told else None


def task_meant(subject: str) -> str | None:
    """What the subject of a task promises ("Send quote to Kim"), as "what/task/-"; `none` for one's own reminder."""
    words, text = wording(), " ".join(subject[:200].casefold().split())
    if _ANSWER.match(text):
        return None
    if words.reminders.search(text):
        return f"{REMINDER}/{TASK}/{OPEN}"
    what = words.thing(text)
    return f"{what}/{TASK}/{OPEN}" if what else None
