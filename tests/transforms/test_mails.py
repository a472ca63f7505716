"""Topics of mail and notes as people write them: precision and recall on sets written without the lexicon at hand."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
import yaml

from benchmarks import topics
from transforms.annotate import TOPIC_KEYS, annotator

MAILS = yaml.safe_load((Path(__file__).parent / "mails.yaml").read_text(encoding="utf-8"))
TOPICS = frozenset(TOPIC_KEYS[:7]) | {"delay", "objection", "status_quo", "introduction", "promise", "complaint"}
ANNOTATE = annotator()


def counted(mails):
    """Topics found rightly, found wrongly and missed."""
    right, wrong, missed = Counter(), Counter(), Counter()
    for mail in mails:
        found, there = set(json.loads(ANNOTATE("", mail["text"])["topics"])) & TOPICS, set(mail["topics"])
        right.update(found & there)
        wrong.update(found - there)
        missed.update(there - found)
    return right, wrong, missed


@pytest.mark.parametrize("part", ["en", "nl"])
def test_nearly_all_that_was_said_is_found_and_little_that_was_not(part):
    right, wrong, missed = counted(MAILS[part])
    assert right.total() >= 0.95 * (right + missed).total(), missed
    assert right.total() >= 0.8 * (right + wrong).total(), wrong


def test_each_topic_holds_by_itself():
    right, wrong, missed = counted([mail for part in ("en", "nl") for mail in MAILS[part]])
    for topic in TOPICS:
        assert right[topic] >= 0.8 * (right + missed)[topic], topic
        assert right[topic] >= 0.6 * (right + wrong)[topic], topic


def test_a_second_set_is_read_rightly_too():
    right, wrong, missed = counted(MAILS["later"])
    assert right.total() >= 0.9 * (right + missed).total(), missed
    assert right.total() >= 0.85 * (right + wrong).total(), wrong


@pytest.mark.parametrize(
    ("part", "precision", "recall"), [("known", 0.85, 0.9), ("unseen", 0.8, 0.9), ("oblique", 0.6, 0.25)]
)
@pytest.mark.parametrize("language", ["en", "nl"])
def test_sentences_of_many_trades_are_read(part, precision, recall, language):
    found = topics.counted(topics.labelled()[part][language])
    assert found.precision() >= precision, found.wrong
    assert found.recall() >= recall, found.missed


@pytest.mark.parametrize(
    ("text", "is_asked"),
    [
        ("Could you tell me what the premium would be?", True),
        ("The premium members liked the event.", False),
        ("Wat is jullie marge op uitzendkrachten?", True),
        ("De marges in onze branche zijn dun.", False),
    ],
)
def test_some_words_tell_a_topic_only_where_something_is_asked(text, is_asked):
    assert ("pricing" in json.loads(ANNOTATE("", text)["topics"])) is is_asked
