"""Promises in people's own words: what, by whom, for which day; and what is none."""

from __future__ import annotations

import pytest

from transforms.annotate import annotator
from transforms.due_words import due_day
from transforms.promised import promises_in, task_meant

MADE = {
    "I'll send the quote before Thursday": "quote/i/w4-",
    "Donderdag heeft u de offerte": "quote/i/w4",
    "Sorry for the delay, you will receive our proposal by 12 June.": "quote/i/y0612",
    "Graag stuur ik u overmorgen de prijslijst toe.": "price/i/d2",
    "Morgen bel ik je even terug": "call/i/d1",
    "I'll find out and come back to you within two working days": "answer/i/b2",
    "We komen volgende week dinsdag bij u langs": "visit/i/n2",
    "Ge krijgt het lastenboek nog deze week van mij": "document/i/e5",
    "You'll have the specs from us no later than close of business on Monday": "document/i/w1",
    "We beslissen uiterlijk 15 maart": "decision/i/y0315",
    "Will get back to you tomorrow": "answer/i/d1",
    "Toegezegd dat de offerte maandag komt": "quote/i/w1",
    "Kim Smith will let us know by Friday": "answer/they/w5",
    "Jan de Boer komt er donderdag op terug": "answer/they/w4",
    "I can't make Thursday, but I'll send it over on Friday": "document/i/w5",
}
NONE = (
    "Can you send me the quote by Thursday?",
    "Kunt u mij donderdag de offerte sturen",
    "Please let me know by Friday.",
    "Laat u het mij weten voor vrijdag",
    "If you sign by Friday I can send you a discount",
    "Als u deze week tekent, dan stuur ik u een korting",
    "The offer is valid until Friday.",
    "I won't be able to send it before Thursday.",
    "We hebben de offerte donderdag nodig",
    "I am around most of this week, except Wednesday.",
    "I'll send the notes of Thursday's meeting.",
    "As promised on Tuesday, here is the quote.",
    "I'll send you the quote.",
)


@pytest.mark.parametrize(("sentence", "code"), MADE.items())
def test_a_promise_is_found_with_its_day(sentence, code):
    assert promises_in(sentence.lower()) == [code]


@pytest.mark.parametrize("sentence", NONE)
def test_what_is_no_promise_for_a_day_is_none(sentence):
    assert promises_in(sentence.lower()) == []


@pytest.mark.parametrize(
    ("words", "form"),
    [
        ("before the end of friday", "w5"),
        ("vóór vrijdag", "w5-"),
        ("on 3 march 2027", "y20270303"),
        ("op 12-6", "y0612"),
        ("by the 12th", "h12"),
        ("binnen 48 uur", "b2"),
        ("within the hour", "d0"),
        ("in two weeks", "d14"),
        ("begin volgende week", "n2"),
        ("by the end of the month", "m"),
        ("24/7 support", None),
        ("our talk of last tuesday", None),
    ],
)
def test_days_are_read_as_people_name_them(words, form):
    assert due_day(words) == form


@pytest.mark.parametrize(
    ("subject", "code"),
    [
        ("Send quote to Kim", "quote/task/-"),
        ("Jan de Wit terugbellen", "call/task/-"),
        ("Opvolgen bij Jan de Wit", "none/task/-"),
        ("Follow up with Kim on the quote", "none/task/-"),
        ("Kim", None),
    ],
)
def test_a_task_says_whether_a_buyer_waits_for_it(subject, code):
    assert task_meant(subject) == code


def test_a_promise_is_not_read_in_quoted_mail_or_an_automatic_answer():
    annotate = annotator()
    quoted = "Thanks.\n\nOn Mon, 3 Feb 2025 at 10:12 John wrote:\n> I'll send the quote on Thursday"
    assert annotate("Planner", quoted)["promises"] is None
    away = "I am out of the office until Friday. I will come back to you on Monday."
    assert annotate("", away)["promises"] is None
    assert annotate("Hi", "Hi Kim,\nI'll send the quote on Thursday.\nBest,")["promises"] == '["quote/i/w4"]'
