"""One running sandbox per file of tests; each test keeps to records of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from simple_salesforce import Salesforce

from tests.sandbox.salesforce.company import login, running

Ask = Callable[..., requests.Response]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Any]:
    with running() as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def sf(sandbox: Any) -> Salesforce:
    return login(sandbox.url)


@pytest.fixture(scope="module")
def ask(sandbox: Any, sf: Salesforce) -> Ask:
    """Ask an address under /services/data/v65.0, logged in, and get the bare answer."""

    def ask(method: str, path: str, **more: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {sf.session_id}", **more.pop("headers", {})}
        whole = path if path.startswith("/services") else "/services/data/v65.0" + path
        return requests.request(method, sandbox.url + whole, headers=headers, timeout=30, **more)

    return ask


@pytest.fixture
def faults(sandbox: Any) -> Iterator[Callable[..., None]]:
    """Put a fault in the way, through the control plane; what is left is cleared afterwards."""

    def add(kind: str, **more: Any) -> None:
        posted = requests.post(f"{sandbox.url}/__sandbox/faults", json={"kind": kind, **more}, timeout=30)
        assert posted.status_code == 200, posted.text

    yield add
    requests.delete(f"{sandbox.url}/__sandbox/faults", timeout=30)


def error_of(answer: requests.Response) -> tuple[int, str]:
    """Status and error code of a refusal, which is a list with one object."""
    return answer.status_code, answer.json()[0]["errorCode"]
