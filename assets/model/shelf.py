"""The versions of a connection's model, each a file that a person can read, and which of them is in use."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from assets.connection import Connection
from assets.errors import ConfigError
from readiness.model import Model, ModelError, from_yaml, load_prior

CHOSEN = "chosen"
"""The file with the version in use; without it, the expert's."""


def folder(connection: Connection) -> Path:
    return connection.folder / "models"


def versions(connection: Connection) -> list[str]:
    """The versions there are, the expert's first, then in the order of their making."""
    fitted = sorted(folder(connection).glob("fit-*.yaml"), key=_number)
    return [load_prior().version, *(path.stem for path in fitted)]


def next_version(connection: Connection) -> str:
    last = max((_number(path) for path in folder(connection).glob("fit-*.yaml")), default=0)
    return f"fit-{last + 1}"


def model_of(connection: Connection, version: str) -> Model:
    """
    Raises
    ------
    ConfigError : there is no such version, or its file can't be used.
    """
    expert = load_prior()
    if version == expert.version:
        return expert
    path = folder(connection) / f"{version}.yaml"
    if version not in versions(connection):
        raise ConfigError(f"{connection.name}: no version {version!r}; there are {', '.join(versions(connection))}.")
    try:
        return from_yaml(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError, ModelError) as fault:
        raise ConfigError(
            f"{connection.name}: version {version} can't be used ({fault}). Choose another with `readiness model "
            f"--connection {connection.name} --choose VERSION`."
        ) from None


def chosen_version(connection: Connection) -> str:
    path = folder(connection) / CHOSEN
    return path.read_text(encoding="utf-8").strip() if path.exists() else load_prior().version


def in_use(connection: Connection) -> Model:
    """The model that scores are made with."""
    return model_of(connection, chosen_version(connection))


def listed(connection: Connection) -> list[dict[str, Any]]:
    """Every version with its parent, the data that it learnt from, and what the gate said."""
    return [_told(model_of(connection, version)) for version in versions(connection)]


def _told(model: Model) -> dict[str, Any]:
    origin = model.origin
    if origin is None:
        return {"version": model.version, "parent": None, "from": None, "to": None, "closed": 0} | {
            "percentages": False,
            "said": "the expert's expectations",
        }
    return {
        "version": model.version,
        "parent": origin.parent,
        "from": origin.data_from,
        "to": origin.data_to,
        "closed": model.forecast.closed,
        "percentages": model.forecast.calibrated,
        "said": "; ".join(origin.refused) or "promoted to show chances",
    }


def put(connection: Connection, model: Model) -> Path:
    """Keep a new version beside the others."""
    path = folder(connection) / f"{model.version}.yaml"
    _write(path, model.to_yaml())
    return path


def choose(connection: Connection, version: str) -> None:
    """Use this version from the next run on.

    Raises
    ------
    ConfigError : there is no such version, or its file can't be used.
    """
    _write(folder(connection) / CHOSEN, f"{model_of(connection, version).version}\n")


def _number(path: Path) -> int:
    number = path.stem.removeprefix("fit-")
    return int(number) if number.isdecimal() else 0


def _write(path: Path, text: str) -> None:
    """All of the file or none of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.part")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(path)
