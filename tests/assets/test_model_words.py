"""The first look and the model's page speak the connection's language, with figures in its locale."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from string import Formatter

import pytest

import assets.cli
import assets.model
import readiness
from assets.model.first_look import Look
from assets.model.page import page
from assets.model.report import report
from assets.model.words import Words
from readiness.fit.first_look import Example, FirstLook
from readiness.fit.learning import Learnt
from readiness.fit.promotion import Verdict, objections
from readiness.labels import Lesson
from readiness.model import Origin, load_prior
from readiness.said import Said
from transforms.texts import LANGUAGES, Texts, catalogue

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
BAD = {
    "log loss less current, low": -0.01,
    "log loss less current, high": 0.02,
    "log loss less base rate, low": -0.01,
    "log loss less base rate, high": 0.02,
    "ECE": 0.2,
    "ECE by chance, high": 0.05,
    "slope, low": 0.1,
    "slope, high": 0.5,
    "intercept, low": 0.5,
    "intercept, high": 1.5,
    "AUC, combined": 0.91,
    "AUC, current": 0.95,
}


def words(language: str) -> Words:
    return Words(Texts(language, domain="model"))


def sentences(language: str) -> dict[str, str]:
    return {str(m.id): str(m.string) for m in catalogue(language, "model") if m.id}


def places(sentence: str) -> list[tuple[str | None, str | None]]:
    return sorted((name, form) for _, name, form, _ in Formatter().parse(sentence) if name)


def test_both_languages_have_every_sentence_with_the_same_places() -> None:
    english, dutch = (sentences(language) for language in ("en", "nl"))
    assert set(english) == set(dutch)
    assert all(english.values())
    assert {key: places(dutch[key]) for key in dutch} == {key: places(english[key]) for key in english}


def test_no_sentence_is_left_over_and_none_is_missing() -> None:
    code = "".join(
        path.read_text(encoding="utf-8")
        for room in (assets.model, assets.cli, readiness)
        for path in Path(str(room.__path__[0])).rglob("*")
        if path.suffix in {".py", ".html"}
    )
    asked = set(re.findall(r"""(?:words|\bt)\(\s*f?["']([a-z_]+\.[\w .{}]*?)["'{]""", code))
    stems = {key for key in asked if key.endswith(".")}
    keys = {key for key in sentences("en") if re.match(r"[a-z_]+\.\S", key) and "{" not in key}
    assert asked - stems <= keys
    assert [key for key in keys if key not in asked and not any(key.startswith(stem) for stem in stems)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_objection_of_the_gate_can_be_said(language: str) -> None:
    found = [words(language).said(one) for one in objections(BAD)]
    assert len(found) == 7
    if language == "en":
        assert found == list(map(str, objections(BAD)))
    else:
        assert found[2] == "ijkfout 0,200, waar een volmaakt model onder 0,050 blijft (95%)"


def test_a_dutch_page_of_a_model_has_dutch_words_and_decimal_commas() -> None:
    origin = Origin("prior-1", date(2025, 1, 5), date(2026, 3, 2))
    model = replace(load_prior(), version="fit-1", origin=origin)
    lesson = Lesson(
        model,
        False,
        Said("On labels given where no phase was shown the taught model was not surely better."),
        {"labels": 1234, "prior_liking": -0.0123},
    )
    found = Learnt(model, False, lesson, Verdict(False, tuple(objections(BAD)), {}, None), ())
    shown = report("acme", found, {}, words("nl"))
    assert '<html lang="nl">' in shown
    assert "Geleerd van 5 jan 2025 tot 2 mrt 2026" in shown
    assert "Niet toegelaten." in shown
    assert 'vooraf aandeel van Afwegend, verschoven met</td><td class="number">-0,0123' in shown
    assert "1.234" in shown


def test_a_dutch_first_look_says_it_in_dutch() -> None:
    deal = Example("1", "Deal & zoon", 12500.0, NOW, NOW, 12.4, 30.0, 9.0)
    found = FirstLook(NOW, NOW, 1200, 300, 21.0, 80, 4, 0.25, (deal,), {"no_act": 3})
    look = Look("acme", NOW, found, (), words("nl"))
    assert look.summary.startswith("Bij uw laatste 1200 verloren deals hadden we 21 dagen eerder gewaarschuwd")
    assert "0,25 keer vals alarm" in look.summary
    shown = page("first_look.html", look.words, look=look, found=found)
    assert "12.500" in shown
    assert "Deal &amp; zoon" in shown
    assert "30 dagen niets van de kopers gehoord" in shown


def test_reasons_kept_in_english_are_told_again_in_the_connections_language() -> None:
    kept = [str(one) for one in objections(BAD)]
    assert kept
    assert [words("en").told(one) for one in kept] == kept
    for sentence in kept:
        assert words("nl").told(sentence) != sentence
    assert words("nl").told("something else") == "something else"
