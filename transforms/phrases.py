"""The lexicon's phrases as regular expressions, and the words that a text must hold for one of them to be there.

A phrase is words; `word*` also matches longer words, `(a|b)` is one of several, a group followed by `?` may be missing,
`...` stands for up to a few words in between, within one sentence; `<name>` for a group of words of the lexicon.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

GAP = r"\b[^.!?\n]{0,45}?\b"
SPACE = r"[\s,]+"
SHORTEST, LONGEST = 4, 6
"""Words are indexed by so many first letters; a shorter word by all of them."""

COMMON = frozenset(
    {
        *("i", "we", "you", "it", "the", "a", "an", "to", "of", "in", "on", "for", "and", "is", "are", "have", "has"),
        *("can", "will", "my", "our", "your", "with", "this", "that", "not", "be", "or", "at"),
        *("ik", "wij", "u", "je", "de", "het", "een", "van", "op", "voor", "en", "zijn", "heb", "heeft", "kan", "zal"),
        *("do", "does", "what", "how", "would", "could", "please", "need", "want", "so", "no", "but", "if", "as", "up"),
        *("from", "by", "me", "us", "they", "he", "she", "who", "over", "back", "time", "there", "get", "see", "after"),
        *(
            "mijn",
            "onze",
            "met",
            "dit",
            "dat",
            "niet",
            "te",
            "bij",
            "er",
            "om",
            "wil",
            "wat",
            "hoe",
            "die",
            "ons",
            "al",
        ),
        *(
            "we",
            "jullie",
            "aan",
            "in",
            "nog",
            "geen",
            "gaat",
            "moet",
            "goed",
            "ook",
            "maar",
            "dan",
            "als",
            "naar",
            "uit",
        ),
    }
)
"""Word starts that most texts have: no use as an index."""

_WORD = re.compile(rf"\b\w{{1,{LONGEST}}}")
_TOKEN = re.compile(r"\.\.\.|[()|?*]|\s+|[^()|?*\s.]+|\.")

Words = frozenset[str] | None
"""Prefixes of which a text must hold at least one; None where nothing can be said."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """One phrase, ready to search: a text without a word of each of `needs` can't have it."""

    topic: str
    words: str
    pattern: re.Pattern[str]
    needs: tuple[frozenset[str], ...]


def without_accents(text: str) -> str:
    """The text with "e" for "é": people leave accents out, or write one for stress ("wéér te laat")."""
    if text.isascii():
        return text
    return "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))


def word_starts(text: str) -> set[str]:
    """The beginnings under which the words of a text are indexed."""
    words = set(_WORD.findall(text))
    return {word[:length] for word in words for length in range(min(SHORTEST, len(word)), len(word) + 1)}


def indexed(phrases: Iterable[Phrase]) -> tuple[dict[str, list[Phrase]], list[Phrase]]:
    """Phrases by the words of which a text must have one, rare words rather than common ones; and those without."""
    index: dict[str, list[Phrase]] = {}
    anywhere: list[Phrase] = []
    for phrase in phrases:
        if not phrase.needs:
            anywhere.append(phrase)
            continue
        for start in min(phrase.needs, key=lambda need: (len(need & COMMON), len(need))):
            index.setdefault(start, []).append(phrase)
    return index, anywhere


def grouped(phrase: str, groups: Mapping[str, str]) -> str:
    """The phrase with each `<name>` replaced by the group of words of that name."""
    for name, words in groups.items():
        phrase = phrase.replace(f"<{name}>", f"({words})")
    return phrase


@cache
def compiled(topic: str, phrase: str) -> Phrase:
    """Raises ValueError, naming the phrase, where its brackets don't match."""
    tokens = [t for t in _TOKEN.findall(without_accents(phrase.strip().lower())) if t]
    expression, needs, rest = _sequence(tokens, phrase)
    if rest:
        raise ValueError(f"lexicon, topic {topic}: a bracket too many in {phrase!r}")
    known = tuple(need for need in needs if need is not None)
    return Phrase(topic, phrase, re.compile(rf"\b(?:{expression})(?!\w)"), known)


def any_of(phrases: Iterable[str]) -> tuple[re.Pattern[str], frozenset[str]]:
    """One expression that finds any of the phrases, and the word starts of which a text with one has at least one."""
    found = [compiled("", phrase) for phrase in phrases]
    starts = (min(phrase.needs, key=len) for phrase in found)
    inner = "|".join(phrase.pattern.pattern.removeprefix(r"\b").removesuffix(r"(?!\w)") for phrase in found)
    return re.compile(rf"\b(?:{inner})(?!\w)"), frozenset().union(*starts)


def _sequence(tokens: list[str], phrase: str) -> tuple[str, list[Words], list[str]]:
    """Up to the closing bracket or bar: the expression, what a text needs for it, and the tokens that are left."""
    parts: list[str] = []
    needs: list[Words] = []
    joint = ""
    while tokens and tokens[0] not in (")", "|"):
        if tokens[0] == "...":
            joint, tokens = GAP, tokens[1:]
            continue
        if tokens[0].isspace():
            joint, tokens = joint or SPACE, tokens[1:]
            continue
        glued = bool(parts) and not joint
        expression, need, tokens = _item(tokens, phrase)
        optional = bool(tokens) and tokens[0] == "?"
        tokens = tokens[1:] if optional else tokens
        if optional and not parts and tokens and tokens[0].isspace():
            parts.append(f"(?:{expression}{SPACE})?")
            tokens = tokens[1:]
        elif optional and SPACE in (expression[-len(SPACE) :], expression[-len(SPACE) - 1 : -1]):
            parts.append(f"{joint if parts else ''}{expression}?")
        elif optional:
            parts.append(f"(?:{joint}{expression})?")
        else:
            parts.append(f"{joint if parts else ''}{expression}")
            needs.append(None if glued and not needs else need)
        joint = ""
    if joint == SPACE and tokens and parts:
        parts.append(SPACE)
    return "".join(parts), needs, tokens


def _item(tokens: list[str], phrase: str) -> tuple[str, Words, list[str]]:
    """One word or one group, with a `*` after it."""
    if tokens[0] != "(":
        word, tokens = tokens[0], tokens[1:]
        if tokens and tokens[0] == "*":
            return rf"{re.escape(word)}\w*", _need(word, open_ended=True), tokens[1:]
        return re.escape(word), _need(word, open_ended=False), tokens
    tokens, choices, wanted = tokens[1:], [], []
    while True:
        expression, needs, tokens = _sequence(tokens, phrase)
        choices.append(expression)
        first = [need for need in needs if need is not None]
        wanted.append(max(first, key=lambda n: (n.isdisjoint(COMMON), min(map(len, n)))) if first else None)
        if not tokens:
            raise ValueError(f"lexicon: an open bracket in {phrase!r}")
        bar, tokens = tokens[0] == "|", tokens[1:]
        if not bar:
            break
    together = None if None in wanted else frozenset().union(*(w for w in wanted if w is not None))
    return f"(?:{'|'.join(choices)})", together, tokens


def _need(word: str, *, open_ended: bool) -> Words:
    """The index entry under which a text that has the word is found."""
    match = re.match(r"\w+", word)
    if match is None:
        return None
    start = match.group()
    whole_run = len(start) < len(word)
    if len(start) < SHORTEST and open_ended and not whole_run:
        return None
    return frozenset({start[:LONGEST]})
