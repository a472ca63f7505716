"""A portal of the small company behind real HTTP, with HubSpot's own Python client on it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import requests
import uvicorn
from hubspot import HubSpot

from sandbox.app import Door
from sandbox.control import ControlPlane
from sandbox.hubspot.portal import Portal
from sandbox.transport import Protocol
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
    world = World(Company(), limits=limits)
    config = uvicorn.Config(
        Door(world, ControlPlane(world).routes(), 0), port=0, http=Protocol, lifespan="off", log_level="warning",
        server_header=False, date_header=False,
    )  # fmt: skip
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.005)
    url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    session = requests.Session()
    session.headers["Authorization"] = "Bearer pat-sandbox"
    try:
        yield Served(url, world, HubSpot(access_token="pat-sandbox", host=url), session)
    finally:
        session.close()
        server.should_exit = server.force_exit = True
        thread.join(timeout=10)


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
