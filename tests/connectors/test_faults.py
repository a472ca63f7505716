"""Whatever happens on the wire while we pull, nothing is lost and nothing comes double."""

from __future__ import annotations

from typing import Any

import pytest

from tests.connectors.conftest import fault
from tests.contract.mirror import Mirror
from tests.contract.subjects import HubSpotSubject, SalesforceSubject, Subject

PASSING: dict[str, dict[str, Any]] = {
    "429 with Retry-After": {"kind": "rate_limit", "retry_after": 1},
    "429 without Retry-After": {"kind": "rate_limit"},
    "500": {"kind": "server_error", "status": 500},
    "502": {"kind": "server_error", "status": 502},
    "503": {"kind": "server_error", "status": 503},
    "504": {"kind": "server_error", "status": 504},
    "reset": {"kind": "reset"},
    "lost answer": {"kind": "lost_answer"},
    "reset within the body": {"kind": "reset_mid_body"},
    "truncated": {"kind": "truncated"},
    "slow": {"kind": "slow", "seconds": 0.5},
    "drop by drop": {"kind": "slow_loris", "seconds": 0.5},
}


@pytest.mark.parametrize("name", PASSING)
@pytest.mark.parametrize("crm", ["salesforce", "hubspot"])
def test_a_passing_fault_is_got_over(crm: str, name: str, request: pytest.FixtureRequest) -> None:
    subject: Subject = request.getfixturevalue(crm)
    assert isinstance(subject, SalesforceSubject | HubSpotSubject)
    untroubled, troubled = Mirror(), Mirror()
    untroubled.sync(subject.open(), subject.opportunities, subject.big)
    data = "/query" if crm == "salesforce" else f"/crm/objects/.*/{subject.big}"
    fault(subject.url, path=data, **PASSING[name])
    troubled.sync(subject.open(), subject.opportunities, subject.big)
    assert troubled.tables == untroubled.tables
