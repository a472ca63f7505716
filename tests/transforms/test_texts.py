"""No text is missing in either language, and none is left over."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from string import Formatter

import pytest

import transforms
from transforms.actions import rules
from transforms.alerts import KINDS
from transforms.causes import EXPLAINS
from transforms.fields import FIELDS
from transforms.signals import ACTS, TOPICS
from transforms.texts import LANGUAGES, Texts, catalogue, name, shortened


def sentences(language):
    return {m.id if isinstance(m.id, str) else m.id[0]: m.string for m in catalogue(language) if m.id}


def places(message):
    forms = [message] if isinstance(message, str) else message
    return {place for form in forms for _, place, _, _ in Formatter().parse(form) if place} - {"count"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_sentence_with_the_same_places(language):
    reference, these = sentences("en"), sentences(language)
    assert set(these) == set(reference)
    for key, message in these.items():
        assert message, key
        assert all(message if isinstance(message, tuple) else [message]), key
        assert places(message) == places(reference[key]), key


def test_every_sentence_that_the_code_asks_for_is_there():
    keys = set(sentences("en"))
    fixed, stems = asked()
    assert fixed <= keys, sorted(fixed - keys)
    for stem in stems:
        assert any(key.startswith(stem) for key in keys), stem
    assert {f"action.{r.rule}.{part}" for r in rules() for part in ("do", "dont")} <= keys
    assert {f"alert.{kind}.{part}" for kind in KINDS for part in ("subject", "body", "remedy")} <= keys
    assert {f"alert.{kind}.also" for kinds, _ in EXPLAINS.values() for kind in kinds} <= keys
    kinds = {*TOPICS.values(), *(rule.kind for rule in ACTS)} - {"outbound"}
    assert {f"reason.{kind}" for kind in kinds} <= keys


def test_no_sentence_is_left_over():
    fixed, stems = asked()
    unused = [key for key in sentences("en") if key not in fixed and not any(key.startswith(s) for s in stems)]
    assert unused == []


def asked():
    """Keys, and beginnings of keys, that stand in calls of texts(...) in the code."""
    fixed, stems = set(), set()
    for path in Path(transforms.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and re.fullmatch(r"[a-z_]+(\.[a-z_0-9]+)*", node.value)
            ):
                fixed.add(node.value)
            if (
                isinstance(node, ast.JoinedStr)
                and isinstance(node.values[0], ast.Constant)
                and "." in node.values[0].value
            ):
                stems.add(node.values[0].value)
    known = set(sentences("en"))
    return fixed & known, {s for s in stems if re.fullmatch(r"[a-z_]+\.[a-z_.]*", s)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_field_is_labelled_and_explained(language):
    for field in FIELDS:
        spec = field.spec(language)
        assert spec["label"]
        assert spec["help"]
        assert [value for value, _ in spec["choices"]] == list(field.choices)
        assert len(spec["label"]) <= 40, "Salesforce's limit for a label"


def test_an_unknown_language_is_refused_by_name():
    with pytest.raises(ValueError, match="language 'xx': there are texts in nl, en"):
        Texts("xx")("somebody")


def test_a_missing_sentence_is_an_error_and_not_an_empty_field():
    with pytest.raises(KeyError, match=r"no nl text for nothing\.of\.the\.kind"):
        Texts("nl")("nothing.of.the.kind")


def test_names_are_one_clean_line():
    assert name("Kim\n\x00\u202eSmit ") == "Kim Smit"
    assert name("", "iemand") == "iemand"
    assert len(name("é" * 500)) == 60
    assert shortened("one two three", 9) == "one two…"
