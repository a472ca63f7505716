"""The page of fields says what the code declares."""

from __future__ import annotations

from transforms.fields_page import PAGE, page


def test_the_fields_page_is_up_to_date():
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m transforms.fields_page"
