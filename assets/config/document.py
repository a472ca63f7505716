"""A YAML document together with the line of every key and value in it, so that a message can say where."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from assets.errors import ConfigError

Place = tuple[str | int, ...]


class _Loader(yaml.SafeLoader):
    """YAML 1.2's reading of words: `on`, `off`, `yes` and `NO` (Norway) are text; only true and false are flags."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$", re.IGNORECASE), list("tTfF"))


@dataclass(frozen=True, slots=True)
class Document:
    """What a YAML file says (`data`) and where it says so (`lines`, by path of keys; lines count from 1)."""

    name: str
    data: dict[str, Any]
    lines: dict[Place, int] = field(default_factory=dict)

    def at(self, place: Place) -> str:
        """`readiness.yaml:14 connections › acme › mode`, with the nearest line that the file has for that place."""
        known = place
        while known and known not in self.lines:
            known = known[:-1]
        path = " › ".join(str(step) for step in place)
        return f"{self.name}:{self.lines.get(known, 1)} {path}".rstrip()


def read(path: Path) -> Document:
    """Read a YAML mapping.

    Raises
    ------
    ConfigError : the file is absent, is not readable YAML, says a key twice, or is not a mapping at its top.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(
            f"{path}: no such file. Make one, or name another with --config; three lines are enough, see README.md."
        ) from None
    except (OSError, UnicodeDecodeError) as fault:
        raise ConfigError(f"{path}: can't be read ({fault}).") from None
    lines: dict[Place, int] = {}
    try:
        node = yaml.compose(text, Loader=_Loader)
        data = {} if node is None else _value(node, (), lines, path.name)
    except yaml.MarkedYAMLError as fault:
        mark = fault.problem_mark or fault.context_mark
        line = mark.line + 1 if mark else 1
        raise ConfigError(f"{path.name}:{line} not readable as YAML: {fault.problem}.") from None
    except yaml.YAMLError as fault:
        raise ConfigError(f"{path.name}: not readable as YAML: {fault}.") from None
    if not isinstance(data, dict):
        raise ConfigError(f"{path.name}:1 must be a list of keys, such as `connections:`, at its top.")
    return Document(path.name, data, lines)


def _value(node: yaml.Node, place: Place, lines: dict[Place, int], name: str) -> Any:
    lines.setdefault(place, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        return _mapping(node.value, place, lines, name)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*place, index), lines, name) for index, item in enumerate(node.value)]
    return _Loader("").construct_object(node)


def _mapping(
    pairs: Sequence[tuple[yaml.Node, yaml.Node]], place: Place, lines: dict[Place, int], name: str
) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for key_node, value_node in pairs:
        key = str(key_node.value)
        here = (*place, key)
        if key in data:
            raise ConfigError(f"{name}:{key_node.start_mark.line + 1} {key}: said twice, first on line {lines[here]}.")
        lines[here] = key_node.start_mark.line + 1
        data[key] = _value(value_node, here, lines, name)
    return data
