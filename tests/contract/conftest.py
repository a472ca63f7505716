"""One sandbox for the whole suite, with both CRMs over real HTTP, and a folder of tables beside it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from connectors.protocol import Connector, FieldSpec
from sandbox.server import Sandbox, serve
from tests.contract.subjects import FilesSubject, HubSpotSubject, SalesforceSubject, Subject

WANTED = (
    FieldSpec("opportunity", "readiness", "Readiness", "number", "0-100"),
    FieldSpec("opportunity", "why", "Why", "long_text", length=2000),
    FieldSpec("opportunity", "confidence", "Confidence", "choice", choices=(("low", "Low"), ("high", "High"))),
    FieldSpec("opportunity", "decision_date", "Decision expected", "date"),
    FieldSpec("person", "readiness", "Readiness", "number"),
    FieldSpec("task", "key", "Key", "text", length=80, unique=True),
    FieldSpec("task", "answer", "Answer", "choice", choices=(("not_right", "Not right"), ("snooze", "Snooze"))),
)


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    with serve(opportunities=100, seed=11, limits=False) as running:
        yield running


@pytest.fixture(scope="session", params=["salesforce", "hubspot", "files"])
def subject(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Subject]:
    """A connection that has been pulled once and knows our fields."""
    if request.param == "files":
        subject: Any = FilesSubject(tmp_path_factory.mktemp("export"))
    else:
        server = request.getfixturevalue("sandbox")
        subject = (SalesforceSubject if request.param == "salesforce" else HubSpotSubject)(server.url)
    connector = subject.open()
    connector.provision(WANTED)
    subject.mirror.sync(connector)
    yield subject
    connector.close()


@pytest.fixture
def connector(subject: Subject) -> Iterator[Connector]:
    """A connector as a new run has it."""
    opened = subject.open()
    yield opened
    opened.close()
