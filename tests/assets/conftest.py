"""A small market behind both CRMs, over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.server import Sandbox, serve
from tests.assets.way import SECRETS


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A market of its own for one test."""
    with serve(opportunities=30, limits=False) as running:
        yield running
