"""What users of other integrations suffered and told in public, each as a test that it does not happen here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
import requests

from connectors.errors import NeedsAdmin, TryLater
from connectors.protocol import FieldDescription, FieldSpec, Update
from connectors.salesforce import describe
from sandbox.server import Sandbox, serve
from tests.connectors.conftest import fault
from tests.contract.conftest import WANTED
from tests.contract.mirror import Mirror
from tests.contract.subjects import HubSpotSubject, SalesforceSubject

MANY = 12_000


@pytest.mark.slow
@pytest.mark.parametrize("crm", ["salesforce", "hubspot"])
def test_twelve_thousand_records_on_one_timestamp_come_whole_distinct_and_once(crm: str) -> None:
    with serve(opportunities=5, limits=False) as sandbox:
        subject: Any = (SalesforceSubject if crm == "salesforce" else HubSpotSubject)(sandbox.url)
        stream = "contact" if crm == "salesforce" else "contacts"
        subject.mirror.sync(subject.open(), stream)
        before = subject.mirror.ids(stream)
        fault(sandbox.url, "timestamp_ties")
        make_contacts(subject, MANY)
        requests.delete(f"{sandbox.url}/__sandbox/faults", timeout=30)
        sandbox.world.clock.advance(1)
        came = subject.mirror.sync(subject.open(), stream)
        assert len(subject.mirror.ids(stream) - before) == MANY
        assert came[stream] == MANY, "none of them twice"
        sandbox.world.clock.advance(1)
        assert subject.mirror.sync(subject.open(), stream)[stream] == 0, "and no more in the next run"
        first = Mirror()
        first.sync(subject.open(), stream)
        assert first.ids(stream) == subject.mirror.ids(stream)


def make_contacts(subject: SalesforceSubject | HubSpotSubject, count: int) -> None:
    if isinstance(subject, SalesforceSubject):
        for start in range(0, count, 200):
            records = [
                {"attributes": {"type": "Contact"}, "LastName": f"Tied {number}"}
                for number in range(start, start + 200)
            ]
            subject.call("POST", "composite/sobjects", {"allOrNone": False, "records": records})
        return
    for start in range(0, count, 100):
        inputs = [{"properties": {"email": f"tied{number}@example.com"}} for number in range(start, start + 100)]
        subject.call("POST", "/crm/v3/objects/contacts/batch/create", {"inputs": inputs})


def test_an_earlier_value_set_between_two_runs_is_not_missing_from_the_history(hubspot: HubSpotSubject) -> None:
    hubspot.mirror.sync(hubspot.open(), "deals")
    deal = hubspot.some(1)[0]
    for amount in ("1001", "1002"):
        hubspot.call("PATCH", f"/crm/v3/objects/deals/{deal}", {"properties": {"amount": amount}})
    hubspot.mirror.sync(hubspot.open(), "deals")
    rows = hubspot.mirror.tables["property_history"].values()
    values = {row["value"] for row in rows if (row["object_id"], row["property"]) == (deal, "amount")}
    assert {"1001", "1002"} <= values
    assert len(values) > 2, "and what was there before still is"


def test_a_stage_renamed_in_mid_flight_takes_its_new_words_and_keeps_its_deals(hubspot: HubSpotSubject) -> None:
    hubspot.mirror.sync(hubspot.open(), "deal_pipelines", "deals")
    pipeline, stage = next(key for key in hubspot.mirror.tables["deal_pipelines"])
    deals = {row["id"] for row in hubspot.mirror.tables["deals"].values() if row["dealstage"] == stage}
    hubspot.call("PATCH", f"/crm/v3/pipelines/deals/{pipeline}/stages/{stage}", {"label": "Renamed"})
    hubspot.mirror.sync(hubspot.open(), "deal_pipelines", "deals")
    assert hubspot.mirror.tables["deal_pipelines"][(pipeline, stage)]["stage_label"] == "Renamed"
    assert {row["id"] for row in hubspot.mirror.tables["deals"].values() if row["dealstage"] == stage} == deals


def test_a_field_made_in_mid_flight_is_read_from_then_on(salesforce: SalesforceSubject) -> None:
    salesforce.mirror.sync(salesforce.open(), "opportunity")
    extra = FieldSpec("opportunity", "later_made", "Later made", "text")
    connector = salesforce.open()
    connector.provision([extra])
    deal = salesforce.some(1)[0]
    assert [r.outcome for r in connector.push([Update("opportunity", deal, {"later_made": "here"})])] == ["written"]
    salesforce.mirror.sync(salesforce.open(), "opportunity")
    assert salesforce.mirror.tables["opportunity"][(deal,)]["BR_Later_Made__c"] == "here"


def test_a_portal_with_hundreds_of_long_property_names_is_read_without_a_too_long_address(
    hubspot: HubSpotSubject,
) -> None:
    names = [f"br_{'long_name_' * 6}{number}" for number in range(220)]
    inputs = [
        {"name": name, "label": name, "type": "string", "fieldType": "text", "groupName": "dealinformation"}
        for name in names
    ]
    for start in range(0, len(inputs), 100):
        hubspot.call("POST", "/crm/v3/properties/deals/batch/create", {"inputs": inputs[start : start + 100]})
    try:
        hubspot.mirror.sync(hubspot.open(), "deals")
    finally:
        for start in range(0, len(names), 100):
            archived = {"inputs": [{"name": name} for name in names[start : start + 100]]}
            hubspot.call("POST", "/crm/v3/properties/deals/batch/archive", archived)
    rows = list(hubspot.mirror.tables["deals"].values())
    assert rows
    assert all(row["dealname"] and names[0] in row for row in rows)


@pytest.mark.slow
@pytest.mark.parametrize("crm", ["salesforce", "hubspot"])
def test_calls_keep_to_the_limits_so_that_hardly_any_is_refused(crm: str) -> None:
    with serve(opportunities=60, seed=5, limits=True) as sandbox:
        subject: Any = (SalesforceSubject if crm == "salesforce" else HubSpotSubject)(sandbox.url)
        subject.mirror.sync(subject.open())
        statuses = requests.get(f"{sandbox.url}/__sandbox/stats", timeout=30).json()["statuses"]
        assert statuses.get("429", 0) <= 0.01 * sum(statuses.values())


def test_a_formula_that_moves_no_stamp_is_read_again_the_next_day(
    salesforce: SalesforceSubject, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    genuine = describe._fields

    def with_formula(described: Mapping[str, Any]) -> dict[str, FieldDescription]:
        return {name: replace(field, calculated=name == "Amount") for name, field in genuine(described).items()}

    monkeypatch.setattr(describe, "_fields", with_formula)
    salesforce.mirror.sync(salesforce.open(), "opportunity")
    table = sandbox.salesforce.as_api_user().store["Opportunity"]
    deal = next(row["Id"] for row in salesforce.mirror.tables["opportunity"].values() if row["IsClosed"] == "false")
    assert deal
    table.put(table.rows[deal], table.sobject.at("Amount"), 4321.0)
    salesforce.mirror.sync(salesforce.open(), "opportunity")
    assert salesforce.mirror.tables["opportunity"][(deal,)]["Amount"] != "4321.0", "once a day is enough"
    sandbox.world.clock.advance(1)
    salesforce.mirror.sync(salesforce.open(), "opportunity")
    assert salesforce.mirror.tables["opportunity"][(deal,)]["Amount"] == "4321.0"


def test_a_query_that_times_out_fails_the_run_and_the_next_one_has_all(
    salesforce: SalesforceSubject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.recovery.patiently.sleep", lambda _: None)
    whole = Mirror()
    whole.sync(salesforce.open(), "task")
    fault(
        salesforce.url, "refused", path="/query", code="QUERY_TIMEOUT", message="Your query has timed out.", times=None
    )
    with pytest.raises(TryLater, match="query took too long"):
        salesforce.mirror.sync(salesforce.open(), "task")
    assert "task" not in salesforce.mirror.cursors
    requests.delete(f"{salesforce.url}/__sandbox/faults", timeout=30)
    salesforce.mirror.sync(salesforce.open(), "task")
    assert salesforce.mirror.tables["task"] == whole.tables["task"]


def test_a_field_hidden_from_the_user_is_named_and_never_silently_empty(salesforce: SalesforceSubject) -> None:
    fault(salesforce.url, "hidden_field", object="Opportunity", field="CloseDate")
    with pytest.raises(NeedsAdmin, match=r"Opportunity\.CloseDate"):
        salesforce.open().streams()


def test_each_rejected_row_is_matched_with_what_was_sent(salesforce: SalesforceSubject) -> None:
    connector = salesforce.open()
    connector.provision(WANTED)
    salesforce.mirror.sync(connector, "opportunity")
    deals = salesforce.some(12)
    bad = set(deals[::5])
    updates = [
        Update("opportunity", deal, {"confidence": "no such choice" if deal in bad else "low"}) for deal in deals
    ]
    receipts = {receipt.ref: receipt for receipt in connector.push(updates)}
    assert {ref for ref, receipt in receipts.items() if receipt.outcome == "rejected"} == bad
    assert all("restricted picklist" in (receipts[ref].reason or "") for ref in bad)


def test_one_bad_row_does_not_fail_a_batch_of_a_hundred(hubspot: HubSpotSubject) -> None:
    connector = hubspot.open()
    connector.provision(WANTED)
    hubspot.mirror.sync(connector, "contacts")
    people = sorted(id for id in hubspot.mirror.ids("contacts") if id)
    updates = [Update("person", one, {"readiness": "many" if one == people[3] else "20"}) for one in people]
    outcomes = Counter(receipt.outcome for receipt in connector.push(updates))
    assert outcomes == {"written": len(people) - 1, "rejected": 1}


@pytest.mark.parametrize("crm", ["salesforce", "hubspot"])
def test_enrichment_makes_no_record_and_changes_nothing_that_a_person_typed(
    crm: str, request: pytest.FixtureRequest
) -> None:
    subject = request.getfixturevalue(crm)
    connector = subject.open()
    connector.provision(WANTED)
    subject.mirror.sync(connector, subject.opportunities)
    before = dict(subject.mirror.tables[subject.opportunities])
    unknown = {"salesforce": "006000000000001AAA", "hubspot": "999999999999"}[crm]
    updates = [Update("opportunity", id, {"readiness": "35"}) for id in [*subject.some(5), unknown]]
    list(connector.push(updates))
    subject.mirror.sync(subject.open(), subject.opportunities)
    after = subject.mirror.tables[subject.opportunities]
    assert set(after) == set(before)
    stamps = {"SystemModstamp", "updatedAt", "hs_lastmodifieddate"}
    for key, row in after.items():
        theirs = {name for name in row if not name.lower().startswith("br_")} - stamps
        assert {name: row[name] for name in theirs} == {name: before[key][name] for name in theirs}
