"""No text of the reports is missing in either language, and none is left over."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

import assets.reports
from transforms.texts import LANGUAGES, catalogue

FOLDER = Path(assets.reports.__file__).parent
KEY = re.compile(r"[a-z_]+(?:\.[a-z_]+)*")


def sentences(language: str) -> dict[str, str | tuple[str, ...]]:
    return {m.id if isinstance(m.id, str) else m.id[0]: m.string for m in catalogue(language, "reports") if m.id}


def places(message: str | tuple[str, ...]) -> set[str]:
    forms = [message] if isinstance(message, str) else message
    return {place for form in forms for _, place, _, _ in Formatter().parse(form) if place} - {"count"}


def asked() -> tuple[set[str], set[str]]:
    """What stands between quotes in the templates and the code of the reports: whole keys, and beginnings of keys."""
    files = [*FOLDER.glob("*.py"), *FOLDER.glob("templates/*.html")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    quoted = set(re.findall(r'"([a-z_.]+)(?:"|\{)', text))
    return quoted, {start for start in quoted if start.endswith(".")}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_sentence_with_the_same_places(language: str) -> None:
    reference, these = sentences("en"), sentences(language)
    assert set(these) == set(reference)
    for key, message in these.items():
        assert all([message] if isinstance(message, str) else message), key
        assert places(message) == places(reference[key]), key


def test_every_sentence_that_a_template_asks_for_is_there() -> None:
    templates = "\n".join(path.read_text(encoding="utf-8") for path in FOLDER.glob("templates/*.html"))
    wanted = set(re.findall(r'\bt(?:\.plural)?\("([a-z_.]+)"[,)]', templates))
    assert len(wanted) > 50
    assert wanted <= set(sentences("en"))


def test_no_sentence_is_left_over() -> None:
    quoted, stems = asked()
    unused = [key for key in sentences("en") if key not in quoted and not any(key.startswith(s) for s in stems)]
    assert unused == []
