"""`doctor`: each finding, by making it true in the CRM."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from assets.connection import Connection
from assets.examine import Finding, examine
from sandbox.faults import parse
from sandbox.salesforce import customfields
from sandbox.salesforce.dml import add_row
from sandbox.salesforce.schema import Choice
from sandbox.salesforce.setup import OPERATIONS
from sandbox.salesforce.values import stamp
from sandbox.server import Sandbox, serve
from tests.assets.conftest import Told
from tests.assets.way import SECRETS, linked, provision, stored, walk

DAY = date(2026, 11, 21)
"""The market's day: so small a one holds other reasons and stages on other days."""


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A company with next to nothing in it, and our fields made in both its CRMs: its set-up is what is looked at."""
    with serve(opportunities=3, limits=False) as running, pytest.MonkeyPatch.context() as patch:
        for name, value in SECRETS.items():
            patch.setenv(name, value)
        for crm in ("salesforce", "hubspot"):
            provision(linked(tmp_path_factory.mktemp(crm), crm, running.url))
        yield running


@pytest.fixture(scope="module")
def pulled(tmp_path_factory: pytest.TempPathFactory, empty: Sandbox) -> Iterator[Connection]:
    """A connection with a small market pulled and scored."""
    with serve(opportunities=15, as_of=DAY, limits=False) as running:
        acme = linked(tmp_path_factory.mktemp("pulled"), "hubspot", running.url, mode="observe")
        walk(acme, steps=4)
        yield acme


@pytest.fixture(autouse=True)
def _unbroken(empty: Sandbox) -> Iterator[None]:
    yield
    empty.world.faults.clear()


def bad(connection: Connection, level: str = "bad") -> list[Finding]:
    return [finding for finding in examine(connection) if finding.level == level]


def about(connection: Connection, subject: str) -> list[Finding]:
    return [finding for finding in examine(connection) if finding.subject == subject and finding.level != "ok"]


def set_up(sandbox: Sandbox, name: str, **values: Any) -> None:
    """What an admin makes in Salesforce's set-up."""
    org = sandbox.salesforce
    table = org.tooling[name]
    at = stamp(sandbox.world.clock.now())
    add_row(table, {"Id": org.serials.next(table.sobject.prefix), **values}, at, OPERATIONS)


def test_a_healthy_connection_has_nothing_bad(tmp_path: Path, empty: Sandbox) -> None:
    for crm in ("salesforce", "hubspot"):
        acme = linked(tmp_path / crm, crm, empty.url)
        assert bad(acme) == []


def test_a_wrong_credential_is_the_first_and_last_thing_said_of_the_crm(
    tmp_path: Path, empty: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUBSPOT_TOKEN", "pat-very-secret")
    found = bad(linked(tmp_path, "hubspot", empty.url))
    assert [finding.subject for finding in found] == ["credential"]
    assert found[0].remedy
    assert "pat-very-secret" not in str(found)


def test_a_scope_that_the_app_lacks_is_named_and_blocks_only_what_needs_it(tmp_path: Path, empty: Sandbox) -> None:
    acme = linked(tmp_path, "hubspot", empty.url)
    empty.hubspot.state.scopes.discard("crm.objects.deals.write")
    found = about(acme, "scopes")
    assert [(f.level, f.finding) for f in found] == [("bad", "the app lacks crm.objects.deals.write")]
    reading = linked(tmp_path / "reading", "hubspot", empty.url, mode="observe")
    assert [f.level for f in about(reading, "scopes")] == ["note"]
    empty.hubspot.state.scopes.add("crm.objects.deals.write")
    empty.hubspot.state.scopes.discard("crm.schemas.deals.write")
    assert [(f.level, f.finding) for f in about(acme, "scopes")] == [("note", "the app lacks crm.schemas.deals.write")]


def test_an_object_that_may_not_be_edited(tmp_path: Path, empty: Sandbox) -> None:
    acme = linked(tmp_path, "salesforce", empty.url)
    table = empty.salesforce.store["ObjectPermissions"]
    for row in list(table.having(table.sobject.at("SobjectType"), ["Lead"])):
        table.put(row, table.sobject.at("PermissionsEdit"), False)
        table.put(row, table.sobject.at("PermissionsDelete"), False)
    assert [(f.level, f.finding) for f in about(acme, "object rights")] == [("bad", "Lead: no right to edit")]


def test_a_standard_field_that_is_hidden_is_named(tmp_path: Path, empty: Sandbox) -> None:
    acme = linked(tmp_path, "salesforce", empty.url)
    empty.world.faults.add(parse({"kind": "hidden_field", "object": "Contact", "field": "LeadSource"}))
    assert [f.finding for f in about(acme, "contact")] == ["without LeadSource"]
    empty.world.faults.add(parse({"kind": "hidden_field", "object": "Opportunity", "field": "CloseDate"}))
    found = [f for f in bad(acme) if "Opportunity.CloseDate" in f.finding]
    assert "read access" in found[0].remedy


def test_a_field_of_ours_that_lost_its_rights_or_a_value(
    tmp_path: Path, empty: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    acme = linked(tmp_path, "salesforce", empty.url)
    empty.world.faults.add(parse({"kind": "hidden_field", "object": "Opportunity", "field": "BR_Why__c"}))
    assert [f.finding for f in about(acme, "fields")] == ["1 to create field: Opportunity.BR_Why__c"]
    empty.world.faults.clear()
    phase = empty.salesforce.schema["Opportunity"]["BR_Phase__c"]
    monkeypatch.setattr(phase, "choices", phase.choices[1:])
    found = about(acme, "fields")
    assert [f.finding for f in found] == ["1 to add choices: Opportunity.BR_Phase__c"]
    assert "readiness provision --connection acme" in found[0].remedy


def test_a_field_that_every_task_must_have(tmp_path: Path, empty: Sandbox) -> None:
    acme = linked(tmp_path, "salesforce", empty.url)
    needed = {"type": "Text", "label": "Cost centre", "length": 20, "required": True}
    customfields.create(empty.salesforce, "Activity.Cost_Centre__c", needed, OPERATIONS)
    customfields.create(empty.salesforce, "Opportunity.Region__c", needed, OPERATIONS)
    found = about(acme, "required fields")
    assert [(f.level, f.finding) for f in found] == [
        ("note", "Opportunity requires Region__c"),
        ("bad", "Task requires Cost_Centre__c"),
    ]


def test_a_task_status_that_the_org_has_renamed(tmp_path: Path, empty: Sandbox) -> None:
    acme = linked(tmp_path, "salesforce", empty.url)
    empty.salesforce.schema["Task"]["Priority"].choices = [Choice("Normal", "Normal", True, True)]
    assert [(f.level, f.finding) for f in about(acme, "picklists")] == [("bad", "Task.Priority has no High, Low")]


def test_rules_triggers_and_flows_that_meet_our_writes(tmp_path: Path, empty: Sandbox) -> None:
    acme = linked(tmp_path, "salesforce", empty.url)
    rule = {"EntityDefinitionId": "Opportunity", "ErrorMessage": "Say why"}
    set_up(empty, "ValidationRule", ValidationName="Needs_Reason", Active=True, **rule)
    set_up(empty, "ValidationRule", ValidationName="Asleep", Active=False, **rule)
    uses = {"UsageBeforeUpdate": True, "UsageAfterUpdate": False, "Status": "Active"}
    set_up(empty, "ApexTrigger", Name="Recalculate", TableEnumOrId="Opportunity", **uses)
    set_up(empty, "ApexTrigger", Name="Other", TableEnumOrId="Product2", **uses)
    start = {"object": "Opportunity", "recordTriggerType": "CreateAndUpdate", "triggerType": "RecordAfterSave"}
    looping = {"start": start, "recordUpdates": [{"field": "BR_Why__c"}]}
    set_up(empty, "Flow", MasterLabel="Copy why", Status="Active", Metadata=looping)
    set_up(
        empty,
        "Flow",
        MasterLabel="On create",
        Status="Active",
        Metadata={"start": {**start, "recordTriggerType": "Create"}},
    )
    assert [f.finding for f in about(acme, "validation rule")] == ["Opportunity.Needs_Reason: Say why"]
    assert [f.finding for f in about(acme, "trigger")] == ["Opportunity: Recalculate runs at each of our writes"]
    flows = about(acme, "flow")
    assert [f.finding for f in flows] == ["Opportunity: Copy why reads or writes our fields: it may loop with us"]
    assert "entry condition" in flows[0].remedy


def test_workflows_that_name_our_properties_where_the_app_may_see_them(tmp_path: Path, empty: Sandbox) -> None:
    acme, state = linked(tmp_path, "hubspot", empty.url), empty.hubspot.state
    (unseen,) = about(acme, "workflows")
    assert unseen.finding == "not readable: scope automation (MISSING_SCOPES)"
    state.scopes.add("automation")
    assert about(acme, "workflows") == []
    shared = {"objectTypeId": "0-3", "flowType": "WORKFLOW", "actions": [{"fields": {"property_name": "br_why"}}]}
    state.flows["1"] = {"id": "1", "name": "Copy why", "isEnabled": True, **shared}
    state.flows["2"] = {"id": "2", "name": "Asleep", "isEnabled": False, **shared}
    state.flows["3"] = {"id": "3", "name": "Other", "isEnabled": True, **shared, "actions": []}
    assert [f.finding for f in about(acme, "workflows")] == ["Copy why names properties of ours"]


def test_a_quota_that_others_have_nearly_used_up(tmp_path: Path) -> None:
    with serve(opportunities=3) as busy:
        acme = linked(tmp_path, "salesforce", busy.url, mode="observe")
        busy.world.limits.leave(5_000, "salesforce")
        found = about(acme, "quota")
        assert [f.level for f in found] == ["note"]
        assert "our share is" in found[0].finding
        assert "daily_calls" in found[0].remedy


def test_a_clock_that_differs_from_the_crms(tmp_path: Path, empty: Sandbox) -> None:
    acme = linked(tmp_path, "hubspot", empty.url, mode="observe")
    empty.world.clock.advance(3)
    found = about(acme, "clock")
    assert [f.level for f in found] == ["note"]
    assert "CRM differ by" in found[0].finding


def test_what_was_inferred_is_shown_with_the_words_to_change_it(pulled: Connection) -> None:
    found = examine(pulled)
    said = {finding.subject: finding.finding for finding in found if finding.level == "ok"}
    assert "Decision maker → decider" in said["seats"]
    assert "No budget → no_decision" in said["loss reasons"]
    assert "Qualification → aware" in " ".join(f.finding for f in found if f.subject == "stages")
    assert said["currency"] == "EUR"
    assert "open)" in said["pipelines"]
    assert [f.remedy for f in found if f.subject == "time zone"] == ["Say country: (or time_zone:) in readiness.yaml."]


def test_nothing_is_inferred_before_the_first_pull(tmp_path: Path, empty: Sandbox) -> None:
    found = about(linked(tmp_path, "hubspot", empty.url, mode="observe"), "capture")
    assert [f.finding for f in found] == ["nothing has been pulled yet"]


def test_an_owner_whose_mail_never_reaches_the_crm_is_told_from_the_others(pulled: Connection) -> None:
    with stored(pulled) as store:
        owner = store.query(
            "select o.seller_id, s.name from opportunities o join sellers s using (seller_id) where outcome = 'open'"
            " order by 1 limit 1"
        )[0]
        store.execute(
            "delete from interactions where channel = 'email' and opportunity_id in"
            " (select opportunity_id from opportunities where seller_id = ?)",
            [owner["seller_id"]],
        )
    found = [f for f in about(pulled, "capture") if f.finding.startswith(owner["name"])]
    assert "next to no mail" in found[0].finding
    assert "inbox" in found[0].remedy


def test_the_exit_code_is_one_only_when_something_blocks(tmp_path: Path, empty: Sandbox, told: Told) -> None:
    linked(tmp_path, "hubspot", empty.url, mode="observe")
    empty.hubspot.state.scopes.discard("crm.objects.contacts.write")
    code, said, _ = told("doctor")
    assert code == 0
    assert "→ Add the scope to the app: writing needs it." in said
    linked(tmp_path, "hubspot", empty.url)
    assert told("doctor", "--json")[0] == 1
