"""Whatever happens on the wire while we pull, nothing is lost and nothing comes double."""

from __future__ import annotations

import pytest

from tests.connectors.conftest import fault
from tests.contract.mirror import Mirror
from tests.contract.subjects import HubSpotSubject, SalesforceSubject, Subject
from tests.faults.cells import PASSING

SLOW = {"slow": {"kind": "slow", "seconds": 0.5}}


@pytest.mark.parametrize("name", PASSING | SLOW)
@pytest.mark.parametrize("crm", ["salesforce", "hubspot"])
def test_a_passing_fault_is_got_over(crm: str, name: str, request: pytest.FixtureRequest) -> None:
    subject: Subject = request.getfixturevalue(crm)
    assert isinstance(subject, SalesforceSubject | HubSpotSubject)
    untroubled, troubled = Mirror(), Mirror()
    untroubled.sync(subject.open(), subject.opportunities, subject.big)
    data = "/query" if crm == "salesforce" else f"/crm/objects/.*/{subject.big}"
    fault(subject.url, path=data, **(PASSING | SLOW)[name])
    troubled.sync(subject.open(), subject.opportunities, subject.big)
    assert troubled.tables == untroubled.tables
