"""Values as the store keeps them: text or nothing. Message bodies pass through here in memory and are dropped."""

from __future__ import annotations

import html
import re
from typing import Any

import orjson

_TAG = re.compile(r"<[^>]{0,2000}>")


def as_text(value: Any) -> str | None:
    """A JSON value as text: true/false, plain numbers, JSON for lists and objects; "" and null are None."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        text = repr(value)
        return f"{value:f}" if "e" in text else text
    if isinstance(value, int):
        return str(value)
    return orjson.dumps(value).decode()


def plain(text: str | None) -> str:
    """The words of a text that may be HTML."""
    if not text:
        return ""
    return html.unescape(_TAG.sub(" ", text)) if "<" in text else text
