"""readiness.yaml as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from assets.config.base import Strict
from assets.config.connection import CrmConfig
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

    @property
    def data(self) -> Path:
        return Path(self.data_dir)
