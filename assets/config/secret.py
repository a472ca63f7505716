"""Secrets are named in readiness.yaml, never written there: read at the last moment, and never printed."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import SecretStr, model_validator

from assets.config.base import Strict
from assets.config.texts import PathText
from assets.errors import ConfigError


class Secret(Strict):
    """Where a secret is to be found: `{env: NAME}` or `{file: PATH}` (relative to readiness.yaml)."""

    env: str | None = None
    file: PathText | None = None

    @model_validator(mode="after")
    def _one_place(self) -> Secret:
        if (self.env is None) == (self.file is None):
            raise ValueError("name one place for the secret: {env: NAME} or {file: PATH}")
        return self

    def read(self, purpose: str) -> SecretStr:
        """The secret itself.

        Raises
        ------
        ConfigError : the environment or the file doesn't have it. `purpose` says in the message what it is for.
        """
        if self.env is not None:
            value = os.environ.get(self.env, "").strip()
            if not value:
                raise ConfigError(f"{purpose}: the environment has no {self.env}. Set it, or name another place.")
            return SecretStr(value)
        try:
            value = Path(str(self.file)).read_text(encoding="utf-8").strip()
        except OSError as fault:
            raise ConfigError(f"{purpose}: {self.file} can't be read ({fault.strerror}).") from None
        if not value:
            raise ConfigError(f"{purpose}: {self.file} is empty.")
        return SecretStr(value)
