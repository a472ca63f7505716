"""Reading readiness.yaml: every fault named with file, line, key and what to write instead."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from assets.config.base import meant
from assets.config.document import Document, Place, read
from assets.config.model import Config
from assets.errors import ConfigError

KINDS = ("salesforce", "hubspot", "files")
WORDS = {
    "string_type": "must be text; put it in quotes",
    "missing": "is needed",
    "dict_type": "must be lines of `key: value`, not a list",
}


def default_path() -> Path:
    """READINESS_CONFIG of the environment, else readiness.yaml in the working directory."""
    return Path(os.environ.get("READINESS_CONFIG", "readiness.yaml"))


def load(path: Path) -> Config:
    """Read and check the config. Secrets are named in it, not read.

    Raises
    ------
    ConfigError : one line per fault, each `file:line key: what is wrong (what to write)`.
    """
    document = read(path)
    try:
        config = Config.model_validate(document.data, context={"folder": path.resolve().parent})
    except ValidationError as faults:
        raise ConfigError("\n".join(_sentence(fault, document) for fault in faults.errors())) from None
    config._document = document
    return config


def chosen(config: Config, name: str | None) -> list[str]:
    """The connections to work on: the one named, or all.

    Raises
    ------
    ConfigError : there is no connection of that name.
    """
    if name is None:
        return list(config.connections)
    if name not in config.connections:
        raise ConfigError(f'{config.at("connections")}: no connection "{name}"{meant(name, list(config.connections))}.')
    return [name]


def _sentence(fault: Any, document: Document) -> str:
    place = _place(fault["loc"], document)
    kind, context = fault["type"], fault.get("ctx", {})
    if kind == "unknown_key":
        return f"{document.at((*place, context['key']))}: {context['text']}."
    if kind in ("literal_error", "union_tag_invalid"):
        options = list(KINDS) if kind == "union_tag_invalid" else _options(context["expected"])
        place = (*place, "crm") if kind == "union_tag_invalid" else place
        said = context["tag"] if kind == "union_tag_invalid" else fault["input"]
        return f'{document.at(place)}: "{said}" is none of {", ".join(options)}{meant(str(said), options)}.'
    if kind == "union_tag_not_found":
        return f"{document.at(place)}: say which crm it is: {', '.join(KINDS)}."
    text = WORDS.get(kind) or str(context.get("error") or fault["msg"])
    return f"{document.at(place)}: {text}."


def _options(expected: str) -> list[str]:
    return [word.strip().strip("'") for word in expected.replace(" or ", ", ").split(",")]


def _place(loc: tuple[str | int, ...], document: Document) -> Place:
    """Pydantic's path without the steps that stand for a kind of connection rather than for a key."""
    is_tagged = len(loc) > 2 and loc[0] == "connections" and loc[2] in KINDS and loc not in document.lines
    place = (*loc[:2], *loc[3:]) if is_tagged else loc
    return tuple(step for step in place if step != "[key]")
