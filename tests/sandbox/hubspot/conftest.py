"""A portal of the small company behind real HTTP, with HubSpot's own Python client on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from hubspot import HubSpot

from sandbox.hubspot.portal import Portal
from sandbox.server import running
from sandbox.world import World
from tests.sandbox.hubspot.company import Company


@dataclass
class Served:
    """A running portal: its address, the client, a bare session, and the portal itself to look behind the API."""

    url: str
    world: World
    client: HubSpot
    session: requests.Session

    @property
    def portal(self) -> Portal:
        return self.world.crm("hubspot")  # type: ignore[return-value]

    def id(self, kind: str, key: str) -> str:
        """The portal's id of one of the company's records."""
        return str(self.portal.ids[(kind, key)])

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> requests.Response:
        return self.session.request(method, self.url + path, json=body, timeout=20, **more)

    def get(self, path: str, **params: Any) -> Any:
        return self.call("GET", path, params=params).json()

    def fault(self, **fault: Any) -> None:
        assert self.call("POST", "/__sandbox/faults", fault).status_code == 200

    def clear_faults(self) -> None:
        self.call("DELETE", "/__sandbox/faults")


@contextmanager
def serving(*, limits: bool = False) -> Iterator[Served]:
    with running(World(Company(), limits=limits)) as sandbox, requests.Session() as session:
        session.headers["Authorization"] = "Bearer pat-sandbox"
        yield Served(sandbox.url, sandbox.world, HubSpot(access_token="pat-sandbox", host=sandbox.url), session)


@pytest.fixture(scope="module")
def hub() -> Iterator[Served]:
    """One portal per test file."""
    with serving() as served:
        yield served


@pytest.fixture
def fresh() -> Iterator[Served]:
    """A portal for one test alone."""
    with serving() as served:
        yield served
