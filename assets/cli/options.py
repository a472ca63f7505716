"""The options that every command has, and what they lead to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from assets.config import Config
    from assets.connection import Connection

ConnectionOption = Annotated[
    str | None, typer.Option("--connection", help="The connection to work on; all when left out.", metavar="NAME")
]
ConfigOption = Annotated[
    Path | None, typer.Option("--config", help="The config; READINESS_CONFIG, or readiness.yaml.", metavar="FILE")
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object per connection, for scripts.")]


def read(config: Path | None) -> Config:
    """The config that was named, or the default one."""
    from assets.config import default_path, load

    return load(config or default_path())


def chosen(config: Config, name: str | None) -> list[Connection]:
    """The connection that was named, or all."""
    from assets.config import chosen as names
    from assets.connection import connections

    wanted = names(config, name)
    return [connection for connection in connections(config) if connection.name in wanted]


def single(config: Config, name: str | None) -> Connection:
    """The connection that was named, or the only one.

    Raises
    ------
    ConfigError : none was named, and there are several.
    """
    from assets.errors import ConfigError

    found = chosen(config, name)
    if len(found) > 1:
        names = ", ".join(one.name for one in found)
        raise ConfigError(f"Say which connection it is for: --connection NAME, one of {names}.")
    return found[0]
