"""A small market behind both CRMs, over real HTTP."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from assets.cli import main
from sandbox.server import Sandbox, serve
from tests.assets.way import DAY, SECRETS


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A market of its own for one test."""
    with serve(opportunities=30, as_of=DAY, limits=False) as running:
        yield running


Told = Callable[..., tuple[int, str, str]]


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Told:
    """Runs a command on the test's own config; gives its exit code, what it printed, and what it said on stderr."""

    def run(*arguments: str) -> tuple[int, str, str]:
        config = ["--config", str(tmp_path / "readiness.yaml")]
        monkeypatch.setattr(sys, "argv", ["readiness", *arguments, *config])
        monkeypatch.setattr("assets.cli.show.progress", lambda: None)
        with pytest.raises(SystemExit) as left:
            main()
        said = capsys.readouterr()
        return int(left.value.code or 0), said.out, said.err

    return run
