"""What a message is about, found in memory: the text itself is never stored.

Topics come from the lexicons in `transforms/lexicon/`, one YAML file per language, which RevOps can read and extend.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from itertools import chain
from threading import Lock
from typing import Any

import yaml

from transforms.messages import MARKERS, clause_before, marked_topics, own_words, sentence_after
from transforms.phrases import Phrase, any_of, compiled, grouped, indexed, without_accents, word_starts
from transforms.promised import promises_in, source_text, task_meant

LANGUAGES = ("nl", "en")
TOPIC_KEYS = (
    "question", "need", "pricing", "quote_request", "reference_request", "legal", "procurement", "redline",
    "signed_document", "returned_document", "delay", "objection", "status_quo", "introduction", "promise", "complaint",
    "no_show", "cancelled", "form_submitted", "web_visit", "document_received", "document_sent", "trial", "demo",
    "opt_out", "out_of_office", "chat", "closing", "chase",
)  # fmt: skip
ASKING = frozenset(
    {"quote_request", "reference_request", "pricing", "legal", "procurement", "demo", "trial", "delay", "introduction"}
)
"""What is asked in a sentence with one of these is that, and no open question besides."""
EXCLUDES = {
    "document_sent": frozenset({"quote_request", "reference_request", "pricing", "promise"}),
    "chase": frozenset({"question", "quote_request", "promise"}),
    "promise": frozenset({"quote_request", "reference_request"}),
    "quote_request": frozenset({"need"}),
    "reference_request": frozenset({"introduction"}),
    "complaint": frozenset({"objection", "delay", "need", "promise", "status_quo"}),
    "status_quo": frozenset({"question", "need", "promise"}),
    "delay": frozenset({"need", "promise", "objection"}),
    "introduction": frozenset({"promise"}),
    "pricing": frozenset({"need"}),
    "legal": frozenset({"need", "objection"}),
    "procurement": frozenset({"need"}),
    "objection": frozenset({"pricing", "need"}),
    "closing": frozenset({"question", "pricing", "quote_request", "promise"}),
}
"""Topic of a sentence -> what that sentence does not say besides: "as promised, here is the quote" asks for none."""
NO_QUESTION = frozenset({"chase", "closing", "status_quo"})
"""A question in the seller's own interest, or one that wants no answer: "why would we change?"."""

PAPERS = frozenset({"signed_document", "returned_document", "redline"})
"""Documents that a buyer sends back: "attached is the signed contract" is no document that we sent."""

TELLING = 2
"""So many words of one language and none of another say that a sentence is in the one."""
REMEMBERED = 20_000
"""Sentences whose topics are kept in memory: people write the same short ones again and again."""

_SENTENCE = re.compile(r"[^.!?\n]+\??")
_COURTESY = re.compile(
    r"how are you|how's it going|hope you|hoe gaat het|alles goed|hoe is het met|goed weekend|nietwaar|ok\?$"
    r"|everything (?:ok|all right|alright)"
)
_REPROACH = re.compile(r"(?:why|waarom|how (?:can|could|is it)|hoe (?:kan|komt|is het))\b")
"""How a question begins that, in a sentence with a complaint, is part of the complaint."""
_PLANNING = re.compile(
    r"\b(?:shall we|zullen we|suits? you|works? for you|make it (?:at|on|to)|call me|ring me|schikt|what time|which day"
    r"|hoe laat|welke dag|bel(?:len)? (?:je|u) (?:me|mij)|past (?:het|dat|dit|jou|je|u|jullie)"
    r"|(?:are|bent|ben) (?:you|je|u) (?:available|free|beschikbaar|vrij))\b"
)
"""A question of when to meet says nothing of what they want to know."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The phrases of one language by the words they need.

    `tells`: words that tell the language. `asked`: phrases that count only in a sentence that asks for something, as
    `asking` or its last mark says.
    """

    tells: frozenset[str]
    index: Mapping[str, Sequence[Phrase]]
    asked: Mapping[str, Sequence[Phrase]]
    asking: re.Pattern[str]

    def asks(self, sentence: str) -> bool:
        return sentence.endswith("?") or self.asking.search(sentence) is not None


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The vocabularies, the phrases to look for in any sentence, and how something is denied."""

    spoken: Sequence[Vocabulary]
    anywhere: Sequence[Phrase]
    negatable: frozenset[str]
    negators: re.Pattern[str]
    not_negators: re.Pattern[str]
    denied_after: re.Pattern[str]
    denials: frozenset[str]

    def topics(self, sentence: str) -> frozenset[str]:
        """The topics of one sentence."""
        starts = word_starts(sentence)
        spoken = list(self._spoken_in(starts))
        found = set(self._said(self.anywhere, sentence, starts, set()))
        for one in spoken:
            found |= self._said(_held(one.index, starts), sentence, starts, found)
        for one in spoken:
            more = self._said(_held(one.asked, starts), sentence, starts, found)
            if more and one.asks(sentence):
                found |= more
        return frozenset(found)

    def _said(self, phrases: Iterable[Phrase], sentence: str, starts: set[str], known: set[str]) -> set[str]:
        """The topics of those phrases that the sentence says, without those known."""
        found: set[str] = set()
        for phrase in phrases:
            topic = phrase.topic
            if topic in known or topic in found:
                continue
            for need in phrase.needs:
                if need.isdisjoint(starts):
                    break
            else:
                if self._is_said(phrase, sentence, starts):
                    found.add(topic)
        return found

    def _spoken_in(self, starts: set[str]) -> Iterable[Vocabulary]:
        """The languages that the sentence may be in: not one without a telling word where another has several."""
        told = [len(one.tells & starts) for one in self.spoken]
        if max(told) < TELLING:
            return self.spoken
        return (one for one, words in zip(self.spoken, told, strict=True) if words)

    def _is_said(self, phrase: Phrase, text: str, starts: set[str]) -> bool:
        if phrase.topic not in self.negatable or self.denials.isdisjoint(starts):
            return phrase.pattern.search(text) is not None
        matches = phrase.pattern.finditer(text)
        is_denial = bool(self.negators.search(phrase.words))
        return any(not self._denied(text, match, is_denial) for match in matches)

    def _denied(self, text: str, match: re.Match[str], is_denial: bool) -> bool:
        """Whether the phrase is denied before, inside (unless it is a denial itself), or after it in its clause."""
        said = clause_before(text, match.start()) + ("" if is_denial else match.group())
        after = sentence_after(text, match.end())
        return bool(self.negators.search(self.not_negators.sub(" ", said)) or self.denied_after.search(after))


def _held(index: Mapping[str, Sequence[Phrase]], starts: set[str]) -> Iterable[Phrase]:
    """The phrases of which the text has a word."""
    return chain.from_iterable(index[start] for start in starts & index.keys())


def annotator(
    languages: Sequence[str] = LANGUAGES, own: Mapping[str, Sequence[str]] | None = None
) -> Callable[[str, str], dict[str, str | None]]:
    """A function (subject, body) -> what is kept instead of them.

    `topics`: JSON list of topic keys; `promises`: JSON list as of `promised.promises_in` and `promised.task_meant`, or
    None; `lexicon`: the version of the words.

    Parameters
    ----------
    languages : of "nl" and "en", in which buyers and sellers write.
    own : topic key -> further phrases, as a connection's RevOps want them.

    Raises
    ------
    ValueError : an unknown language or topic, or a phrase whose brackets don't match.
    """
    added = check_phrases(own or {})
    version = _version(languages, own)
    loading = Lock()

    @cache
    def lexicon() -> Lexicon:
        keys = [compiled(key, key.replace("_", " ")) for key in TOPIC_KEYS if "_" in key]
        return _loaded(languages, added + keys)

    @lru_cache(REMEMBERED)
    def said(sentence: str) -> frozenset[str]:
        with loading:
            words = lexicon()
        return words.topics(without_accents(sentence))

    def annotate(subject: str, body: str) -> dict[str, str | None]:
        text = own_words(subject, body)
        topics = topics_of(text, said)
        promises = [] if "out_of_office" in topics else promises_in(text)
        task = None if promises or text.count("\n") > 1 else task_meant(subject)
        if promises:
            topics.add("promise")
        kept = [*promises, *([task] if task else [])]
        return {
            "topics": json.dumps(sorted(topics)),
            "promises": json.dumps(kept) if kept else None,
            "lexicon": version,
        }

    return annotate


def check_phrases(own: Mapping[str, Sequence[str]]) -> list[Phrase]:
    """RevOps' own phrases, ready to search.

    Raises
    ------
    ValueError : an unknown topic, or a phrase whose brackets don't match.
    """
    unknown = [key for key in own if key not in TOPIC_KEYS]
    if unknown:
        raise ValueError(f"lexicon: no topic {unknown[0]!r}; topics are {', '.join(TOPIC_KEYS)}")
    return [compiled(topic, phrase) for topic, phrases in own.items() for phrase in phrases]


def topics_of(text: str, said: Callable[[str], frozenset[str]]) -> set[str]:
    """The topic keys of one message in its `messages.own_words`, of which `said` gives a sentence's."""
    marked = marked_topics(text, TOPIC_KEYS)
    if marked is not None:
        return marked
    found: set[str] = set()
    for sentence in _SENTENCE.findall(text):
        here = set(said(sentence))
        for said_too, not_besides in EXCLUDES.items():
            if said_too in here:
                here -= not_besides
        if sentence.endswith("?"):
            here.discard("promise")
        if here & ASKING:
            here.discard("question")
        elif (
            sentence.endswith("?")
            and here.isdisjoint(NO_QUESTION)
            and not ("complaint" in here and _REPROACH.match(sentence.strip()))
            and not _COURTESY.search(sentence)
            and not _PLANNING.search(sentence)
            and "://" not in sentence
        ):
            here.add("question")
        found |= here
    if found & PAPERS:
        found.discard("document_sent")
    return {"out_of_office"} if "out_of_office" in found else found


def _source(language: str) -> str:
    if language not in LANGUAGES:
        raise ValueError(f"lexicon: no language {language!r}; there are {', '.join(LANGUAGES)}")
    return files("transforms").joinpath("lexicon", f"{language}.yaml").read_text(encoding="utf-8")


def _loaded(languages: Sequence[str], added: Sequence[Phrase]) -> Lexicon:
    sources = [yaml.safe_load(_source(language)) for language in languages]
    anywhere: list[Phrase] = []
    spoken = []
    for data in sources:
        index, unknown = indexed([*_phrases(data, "topics"), *added])
        asked, _ = indexed(_phrases(data, "asked"))
        spoken.append(Vocabulary(frozenset(data["tells"]), index, asked, any_of(data["asking"])[0]))
        anywhere += unknown
    negators, before = any_of(phrase for data in sources for phrase in data["negators"])
    not_negators, _ = any_of(phrase for data in sources for phrase in data["not_negators"])
    denied_after, after = any_of(phrase for data in sources for phrase in data["denied_after"])
    negatable = frozenset(topic for data in sources for topic in data["negatable"])
    return Lexicon(spoken, anywhere, negatable, negators, not_negators, denied_after, before | after)


def _phrases(data: Mapping[str, Any], part: str) -> list[Phrase]:
    """The phrases of "topics" or "asked" of one language."""
    return [
        compiled(topic, grouped(phrase, data["groups"])) for topic, phrases in data[part].items() for phrase in phrases
    ]


def _version(languages: Sequence[str], own: Mapping[str, Sequence[str]] | None) -> str:
    """Changes whenever a lexicon does, so that older messages are read again."""
    digest = hashlib.sha256()
    for language in languages:
        digest.update(_source(language).encode())
    digest.update(source_text().encode())
    digest.update(json.dumps({k: list(v) for k, v in sorted((own or {}).items())}).encode())
    digest.update(json.dumps(sorted(MARKERS)).encode())
    return f"{'-'.join(languages)}-{digest.hexdigest()[:10]}"
