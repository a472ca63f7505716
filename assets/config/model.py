"""readiness.yaml as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, PrivateAttr

from assets.config.base import Strict
from assets.config.connection import CrmConfig
from assets.config.document import Document
from assets.config.secret import Secret
from assets.config.texts import PathText


def _name(value: str) -> str:
    if not value.isidentifier() or not value.islower() or not value.isascii() or value.startswith("_"):
        raise ValueError("a connection's name has lower-case letters, digits and _ and starts with a letter")
    return value


Name = Annotated[str, AfterValidator(_name)]


class Config(Strict):
    """The connections, where their data is kept, and whom to tell when a run fails (Apprise addresses)."""

    connections: dict[Name, CrmConfig] = Field(min_length=1)
    data_dir: PathText = Field(default="data", validate_default=True)
    notify: list[Secret] = Field(default_factory=list)
    _document: Document = PrivateAttr(default=Document("readiness.yaml", {}))

    def at(self, *place: str) -> str:
        """Where in the file something is said: `readiness.yaml:14 connections › acme › mode`."""
        return self._document.at(place)

    @property
    def data(self) -> Path:
        return Path(self.data_dir)
