"""One sandbox for all that may go wrong, and a scene per CRM in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.server import Sandbox, serve
from tests.assets.way import SECRETS
from tests.faults.cells import STEPS
from tests.faults.scene import Scene, quickly


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    with pytest.MonkeyPatch.context() as patch, serve(opportunities=12, limits=False) as running, quickly():
        for name, value in SECRETS.items():
            patch.setenv(name, value)
        yield running


@pytest.fixture(scope="session")
def scenes(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Scene]:
    return {crm: Scene(crm, sandbox, tmp_path_factory.mktemp(crm)) for crm in STEPS}
