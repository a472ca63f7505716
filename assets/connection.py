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
    folder : `<data_dir>/<name>`, with the store, the lock and nothing of any other connection.
    """

    name: str
    config: CrmConfig
    folder: Path

    @property
    def store(self) -> Path:
        return self.folder / "store.duckdb"


def connections(config: Config) -> list[Connection]:
    """All connections, in the order of readiness.yaml."""
    return [Connection(name, crm, config.data / name) for name, crm in config.connections.items()]
