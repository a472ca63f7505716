"""One connection as the assets know it: its name, its config, and the folder that is its own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from assets.config import Config, CrmConfig


@dataclass(frozen=True, slots=True)
class Connection:
    """A CRM connection.

    Attributes
    ----------
    whole : the config that it is a part of.
    folder : `<data_dir>/<name>`, with the store, the lock and nothing of any other connection.
    """

    name: str
    config: CrmConfig
    folder: Path
    whole: Config

    def at(self, *place: str) -> str:
        """Where in readiness.yaml something is said of this connection."""
        return self.whole.at("connections", self.name, *place)

    @property
    def store(self) -> Path:
        return self.folder / "store.duckdb"


def connections(config: Config) -> list[Connection]:
    """All connections, in the order of readiness.yaml."""
    return [Connection(name, crm, config.data / name, config) for name, crm in config.connections.items()]
