"""Values as the store keeps them: text or nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson


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


def alike(one: Any, other: Any) -> bool:
    """Whether two values say the same, however a CRM writes it: 45 is "45.0", an instant is one in any zone."""
    if one == other or (one in (None, "") and other in (None, "")):
        return True
    if one in (None, "") or other in (None, ""):
        return False
    for read in (float, datetime.fromisoformat):
        try:
            return bool(read(one) == read(other))
        except (TypeError, ValueError):
            continue
    return _plain(one) == _plain(other)


def _plain(value: Any) -> str:
    return str(value).replace("\r\n", "\n").strip()
