"""A small sandbox for tests that break something."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from sandbox.server import Sandbox, serve
from tests.contract.subjects import HubSpotSubject, SalesforceSubject


@pytest.fixture(scope="package")
def served() -> Iterator[Sandbox]:
    with serve(opportunities=20, seed=3, limits=False) as running:
        yield running


@pytest.fixture
def sandbox(served: Sandbox) -> Iterator[Sandbox]:
    """The package's sandbox, whole again after each test."""
    yield served
    assert requests.delete(f"{served.url}/__sandbox/faults", timeout=30).ok


@pytest.fixture
def salesforce(sandbox: Sandbox) -> SalesforceSubject:
    return SalesforceSubject(sandbox.url)


@pytest.fixture
def hubspot(sandbox: Sandbox) -> HubSpotSubject:
    return HubSpotSubject(sandbox.url)


def fault(url: str, kind: str, path: str = "", method: str = "", **parameters: Any) -> None:
    """Ask the sandbox for a fault on requests whose method and path match; `times` and `after` as it says."""
    match = parameters.pop("match", {}) | {n: one for n, one in (("path", path), ("method", method)) if one}
    body = {"kind": kind, "match": match, **parameters}
    answer = requests.post(f"{url}/__sandbox/faults", json=body, timeout=30)
    assert answer.ok, answer.text


def calls(url: str) -> dict[str, int]:
    """Calls by method and route since the counts were reset; resets them."""
    counted: dict[str, int] = requests.get(f"{url}/__sandbox/stats", timeout=30).json()["calls"]
    requests.post(f"{url}/__sandbox/reset-stats", timeout=30)
    return counted


def advance(url: str, days: int) -> None:
    assert requests.post(f"{url}/__sandbox/advance", json={"days": days}, timeout=120).ok
