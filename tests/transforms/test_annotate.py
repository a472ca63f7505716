"""Topics of messages, in Dutch and English."""

from __future__ import annotations

import json
import time
from collections import Counter
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.annotate import TOPIC_KEYS, annotator

MESSAGES = yaml.safe_load((Path(__file__).parent / "messages.yaml").read_text(encoding="utf-8"))
ANNOTATE = annotator()
QUOTE = "Could you send us a quote?"


def topics(body: str, subject: str = "") -> set[str]:
    return set(json.loads(ANNOTATE(subject, body)["topics"]))


@pytest.mark.parametrize("language", ["en", "nl"])
def test_each_topic_is_found_in_most_of_its_messages(language):
    found, asked = Counter(), Counter()
    for topic, text in MESSAGES[language]:
        asked[topic] += 1
        found[topic] += topic in topics(text)
    assert sum(found.values()) >= 0.95 * sum(asked.values()), asked - found


def test_few_topics_are_found_that_are_not_there():
    pairs = [pair for language in ("en", "nl") for pair in MESSAGES[language]]
    extra = sum(len(topics(text) - {topic}) for topic, text in pairs)
    assert extra <= 0.25 * len(pairs)


@pytest.mark.parametrize("text", MESSAGES["nothing"])
def test_small_talk_and_denials_have_no_topic(text):
    assert topics(text) == set()


@pytest.mark.parametrize(
    ("subject", "body", "expected"),
    [
        ("Call: question, quote request", "", {"question", "quote_request"}),
        ("Call", "Call: need, no show", {"need", "no_show"}),
        ("", "Form submitted: application", {"form_submitted"}),
        ("Web visit", "", {"web_visit"}),
        ("Web visit: ", "Web visit: ", {"web_visit"}),
        ("", "Returned document: returned document", {"returned_document"}),
        ("", "Document sent: ", {"document_sent"}),
        ("", "E-mail: status quo, signed document", {"status_quo", "signed_document"}),
        ("Note", "Note: trial", {"trial"}),
    ],
)
def test_activities_that_carry_keys_instead_of_text_are_read(subject, body, expected):
    assert topics(body, subject) == expected


@pytest.mark.parametrize("key", [key for key in TOPIC_KEYS if key != "out_of_office"])
def test_every_topic_survives_as_a_word_behind_a_marker(key):
    assert key in topics(f"E-mail: {key.replace('_', ' ')}")


@pytest.mark.parametrize(
    "quoted",
    [
        "On Mon, 3 Feb 2025 at 10:12 John wrote:\n> Could you send us a quote?",
        "Op 3 februari 2025 schreef Jan <jan@x.example>:\n\nKunt u een offerte sturen?",
        "-----Oorspronkelijk bericht-----\nKunt u een offerte sturen?",
        "Van: Jan\nVerzonden: maandag\n\nKunt u een offerte sturen?",
        "> Could you send us a quote?",
    ],
)
def test_quoted_mail_is_not_read_again(quoted):
    assert topics(f"Thanks, see you then.\n\n{quoted}") == set()


@pytest.mark.parametrize("closing", ["Met vriendelijke groet,", "Kind regards,", "-- ", "Hartelijke groeten,"])
def test_a_signature_is_not_read(closing):
    assert topics(f"Tot dinsdag.\n\n{closing}\nJan de Wit\nManager Procurement and Legal") == set()


def test_html_is_read_as_text():
    assert topics("<div><p>Could you <b>send</b> us a&nbsp;quote?</p><blockquote>Is it legal?</blockquote></div>") == {
        "quote_request"
    }


def test_quoted_html_mail_is_not_read_again():
    reply = (
        "<div>Thanks, see you then.</div><div class='gmail_quote'>On Monday Jan wrote: could you send a quote?</div>"
    )
    assert topics(reply) == set()


def test_an_automatic_answer_is_nothing_else():
    assert topics("I am out of the office. For urgent questions contact my colleague.") == {"out_of_office"}


def test_the_version_changes_with_what_revops_add():
    own = annotator(own={"need": ["palletiser*"]})
    assert json.loads(own("", "Our palletisers are full.")["topics"]) == ["need"]
    assert own("", "")["lexicon"] != ANNOTATE("", "")["lexicon"] == annotator()("", "")["lexicon"]


@pytest.mark.parametrize(
    ("languages", "own", "message"),
    [
        (("nl", "fr"), None, "no language 'fr'"),
        (("nl",), {"weather": ["rain"]}, "no topic 'weather'"),
        (("nl",), {"need": ["(rain"]}, r"an open bracket in '\(rain'"),
        (("nl",), {"need": ["rain)"]}, r"a bracket too many in 'rain\)'"),
    ],
)
def test_a_faulty_lexicon_is_refused_with_its_fault(languages, own, message):
    with pytest.raises(ValueError, match=message):
        annotator(languages, own)


@given(st.text(max_size=400), st.text(max_size=60))
@settings(max_examples=50, deadline=None)
def test_no_text_breaks_it_and_no_text_comes_out(body, subject):
    given_back = ANNOTATE(subject, body)
    assert set(given_back) == {"topics", "promises", "lexicon"}
    assert set(json.loads(given_back["topics"])) <= set(TOPIC_KEYS)


@pytest.mark.parametrize(
    "text",
    [
        "-" * 10**6,
        "<" * 10**6,
        "a<b " * 250_000,
        "<div " * 200_000,
        "<p>" * 300_000,
        "i'll " * 200_000,
        "quote " * 200_000,
        "?" * 10**6,
        "on " + "x" * 10**6,
    ],
)
def test_a_huge_message_takes_no_time(text):
    began = time.process_time()
    topics(text, text)
    assert time.process_time() - began < 2.0


def test_it_is_fast_enough_for_a_first_sync():
    texts = [text for language in ("en", "nl") for _, text in MESSAGES[language]] * 5
    began = time.process_time()
    for text in texts:
        topics(f"{text}\n\nMet vriendelijke groet,\nKim")
    assert (time.process_time() - began) / len(texts) < 0.001


@pytest.mark.parametrize(
    "text",
    [
        "I'll talk it over with my manager and see what she thinks.",
        "My colleague was ill last week, sorry for the late reply.",
        "It was nice to meet your colleagues last Tuesday.",
        "Ik overleg het even met mijn leidinggevende.",
        "Mijn collega wil weten of het ook op een tablet werkt.",
        "Het was prettig kennismaken vorige week.",
        "De installatie sluiten we aan op het bestaande netwerk.",
    ],
)
def test_a_colleague_who_is_only_mentioned_is_not_introduced(text: str) -> None:
    assert "introduction" not in topics(text)


@pytest.mark.parametrize("text", ["Shall we call on Thursday?", "Schikt dinsdag om 10 uur?", "What time suits you?"])
def test_asking_when_to_meet_is_no_open_question(text: str) -> None:
    assert "question" not in topics(text)
