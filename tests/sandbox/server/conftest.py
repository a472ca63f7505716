from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from sandbox.server import Sandbox, serve

AS_OF = datetime(2026, 3, 2, 9, tzinfo=UTC)


class Client:
    """A bare HTTP client of one sandbox, logged in to both CRMs."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.url = sandbox.url
        self.session = requests.Session()
        self.session.trust_env = False
        grant = {"grant_type": "client_credentials", "client_id": "sandbox", "client_secret": "sandbox"}
        self.token = self.session.post(f"{self.url}/services/oauth2/token", data=grant).json()["access_token"]

    def hubspot(self, path: str, method: str = "GET", **more: Any) -> requests.Response:
        return self.session.request(
            method, self.url + path, headers={"Authorization": "Bearer pat-sandbox"}, timeout=20, **more
        )

    def salesforce(self, path: str, method: str = "GET", **more: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token}"}
        return self.session.request(
            method, f"{self.url}/services/data/v60.0{path}", headers=headers, timeout=20, **more
        )

    def control(self, path: str, method: str = "POST", **more: Any) -> requests.Response:
        return self.session.request(method, f"{self.url}/__sandbox/{path}", timeout=60, **more)

    def fault(self, kind: str, **more: Any) -> None:
        assert self.control("faults", json={"kind": kind, **more}).status_code == 200


@pytest.fixture(scope="package")
def running() -> Iterator[Sandbox]:
    with serve(opportunities=12, seed=3, as_of=AS_OF) as sandbox:
        yield sandbox


@pytest.fixture(scope="package")
def logged_in(running: Sandbox) -> Client:
    return Client(running)


@pytest.fixture
def client(logged_in: Client) -> Iterator[Client]:
    """The shared sandbox, its faults and stats cleared before and after."""
    logged_in.control("faults", "DELETE")
    logged_in.control("reset-stats")
    yield logged_in
    logged_in.control("faults", "DELETE")
