"""What others have changed in the records that are about to be written is found in few calls."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.hubspot import live
from connectors.protocol import FieldSpec, Update
from tests.connectors.conftest import calls, fault
from tests.contract.subjects import HubSpotSubject, SalesforceSubject, Subject

WHY = FieldSpec("opportunity", "why", "Why", "long_text", length=500)


@pytest.fixture(params=["salesforce", "hubspot"])
def subject(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Subject:
    """A connection in which five records are many."""
    monkeypatch.setattr(live, "ROWS", 5)
    found: SalesforceSubject | HubSpotSubject = request.getfixturevalue(request.param)
    connector = found.open()
    connector.provision([WHY])
    found.mirror.sync(connector, found.opportunities)
    return found


def test_of_many_records_those_changed_since_come_in_one_call(subject: Subject) -> None:
    connector = subject.open()
    updates = [Update("opportunity", one, {"why": "Ours"}) for one in subject.some(15)]
    list(connector.push([Update("opportunity", subject.some(3)[2], {"why": "Hers"})]))
    connector.describe("opportunity")
    connector.identity()
    calls(subject.url)  # type: ignore[attr-defined]
    found = {one.record_id: one.values for one in connector.live(updates, connector.now() - timedelta(seconds=5))}
    assert sum(calls(subject.url).values()) == 1  # type: ignore[attr-defined]
    assert found[subject.some(3)[2]] == {"why": "Hers"}


def test_after_a_mass_update_hubspot_is_asked_by_id(hubspot: HubSpotSubject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "ROWS", 5)
    monkeypatch.setattr(live, "CAP", 3)
    connector = hubspot.open()
    connector.provision([WHY])
    hubspot.mirror.sync(connector, "deals")
    everyone = hubspot.some(12)
    list(connector.push([Update("opportunity", one, {"why": "Mass"}) for one in everyone]))
    updates = [Update("opportunity", one, {"why": "Ours"}) for one in everyone]
    found = {one.record_id: one.values for one in connector.live(updates, connector.now())}
    assert found == {one: {"why": "Mass"} for one in everyone}


def test_where_the_org_refuses_the_look_nothing_is_taken_for_unchanged(salesforce: SalesforceSubject) -> None:
    connector = salesforce.open()
    connector.provision([WHY])
    salesforce.mirror.sync(connector, "opportunity")
    connector.describe("opportunity")
    fault(salesforce.url, "hidden_field", object="Opportunity", field="BR_Why__c")
    with pytest.raises(Exception, match=r"unknown to the CRM user.*Opportunity"):
        list(connector.live([Update("opportunity", salesforce.some(1)[0], {"why": "Ours"})], connector.now()))
