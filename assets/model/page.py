"""Pages of one file: nothing is asked for from elsewhere, and whatever comes from the CRM is escaped."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from assets.model.words import Words

TEMPLATES = Path(__file__).parent / "templates"


def page(template: str, words: Words, **values: Any) -> str:
    """The template in `templates/` with these values, and its words as `t`."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return environment.get_template(template).render(t=words, **values)


def data_uri(png: bytes) -> str:
    """The picture as an address that holds it whole."""
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"
