"""`provision`: a diff that is applied, twice to no effect, undone without touching what isn't ours, or written down."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest

from assets.provisioning import destroy, provision
from connectors.errors import NeedsAdmin
from connectors.protocol import Update
from sandbox.salesforce import customfields
from sandbox.salesforce.schema import Choice
from sandbox.salesforce.setup import OPERATIONS
from sandbox.server import Sandbox, serve
from tests.assets.conftest import Told
from tests.assets.way import DAY, connect_to, linked
from transforms.fields import FIELDS

CRMS = pytest.mark.parametrize("crm", ["salesforce", "hubspot"])
SALESFORCE_SLOW = pytest.mark.parametrize("crm", [pytest.param("salesforce", marks=pytest.mark.slow), "hubspot"])


@pytest.fixture
def empty() -> Iterator[Sandbox]:
    with serve(opportunities=2, as_of=DAY, limits=False) as running:
        yield running


def ours(sandbox: Sandbox, crm: str) -> set[str]:
    """What the CRM has of ours, whoever may see it."""
    if crm == "salesforce":
        schema = sandbox.salesforce.schema
        return {
            f"{one.name}.{field.name}" for one in schema for field in one.fields.values() if field.name[:3] == "BR_"
        }
    state = sandbox.hubspot.state
    return {
        f"{kind}.{held.name}"
        for kind, properties in state.properties.items()
        for held in properties
        if held.name.startswith("br_") and held.archived_at is None
    }


def section_of(sandbox: Sandbox, layout: str) -> list[str]:
    """The fields in our section of a layout, in the order of its columns."""
    table = sandbox.salesforce.tooling["Layout"]
    at = table.sobject.at
    row = next(row for row in table.rows.values() if row[at("Name")] == layout)
    sections = [one for one in row[at("Metadata")]["layoutSections"] if one["label"] == "Buyer readiness"]
    return [item["field"] for one in sections for column in one["layoutColumns"] for item in column["layoutItems"]]


@SALESFORCE_SLOW
def test_a_dry_run_tells_all_and_makes_nothing_and_the_second_time_there_is_nothing_to_do(
    tmp_path: Path, empty: Sandbox, crm: str
) -> None:
    acme = linked(tmp_path, crm, empty.url)
    promised = provision(acme, dry_run=True)
    assert ours(empty, crm) == set()
    done = provision(acme)
    assert [(c.action, c.object, c.name) for c in promised] == [(c.action, c.object, c.name) for c in done]
    assert len(ours(empty, crm)) >= len(FIELDS) - 6
    assert provision(acme) == []


@pytest.mark.slow
def test_sellers_find_the_fields_on_their_pages(tmp_path: Path, empty: Sandbox) -> None:
    acme = linked(tmp_path, "salesforce", empty.url)
    provision(acme)
    shown = section_of(empty, "Opportunity Layout")
    assert {"BR_Phase__c", "BR_Why__c", "BR_Seller_View__c"} <= set(shown)
    assert section_of(empty, "Task Layout") == ["BR_Answer__c"]


@pytest.mark.slow
def test_a_user_of_its_own_syncs_and_is_let_in(tmp_path: Path, empty: Sandbox) -> None:
    extra = "    provision_auth: {client_credentials: {id: {env: SF_CLIENT_ID}, secret: {env: SF_CLIENT_SECRET}}}\n"
    acme = linked(tmp_path, "salesforce", empty.url, extra=extra)
    assigned = [change.name for change in provision(acme) if change.action == "assign"]
    assert assigned == [empty.salesforce.api_user]


@pytest.mark.slow
def test_values_that_an_admin_added_to_our_picklist_stay(tmp_path: Path, empty: Sandbox) -> None:
    acme = linked(tmp_path, "salesforce", empty.url)
    provision(acme)
    table = empty.salesforce.tooling["CustomField"]
    at = table.sobject.at
    row = next(row for row in table.rows.values() if row[at("FullName")] == "Opportunity.BR_Phase__c")
    held = row[at("Metadata")]
    values = held["valueSet"]["valueSetDefinition"]["value"]
    changed = [{"fullName": "own", "label": "Own", "default": False}, *values[1:]]
    value_set = {**held["valueSet"], "valueSetDefinition": {"sorted": False, "value": changed}}
    customfields.change(empty.salesforce, row, {**held, "valueSet": value_set})
    assert [(c.action, c.name) for c in provision(acme)] == [("add choices", "BR_Phase__c")]
    choices: list[Choice] = empty.salesforce.schema["Opportunity"]["BR_Phase__c"].choices
    assert {choice.value for choice in choices} == {"own", *(value["fullName"] for value in values)}


@CRMS
def test_a_field_of_another_type_under_our_name_is_refused_before_anything_is_made(
    tmp_path: Path, empty: Sandbox, crm: str
) -> None:
    acme = linked(tmp_path, crm, empty.url)
    if crm == "salesforce":
        text = {"type": "Text", "label": "Mine", "length": 10, "required": True}
        customfields.create(empty.salesforce, "Opportunity.BR_Readiness__c", text, OPERATIONS)
    else:
        with connect_to(acme) as connector:
            body = {"name": "br_readiness", "label": "Mine", "type": "string", "fieldType": "text"}
            path = "/crm/v3/properties/deals"
            connector._door.json("POST", path, {**body, "groupName": "dealinformation"})  # type: ignore[attr-defined]
    before = ours(empty, crm)
    with pytest.raises(NeedsAdmin, match=r"(?i)another type than ours: .*br_readiness"):
        provision(acme)
    assert ours(empty, crm) == before


@SALESFORCE_SLOW
def test_destroy_leaves_nothing_of_ours_and_everything_of_theirs(tmp_path: Path, empty: Sandbox, crm: str) -> None:
    acme = linked(tmp_path, crm, empty.url)
    if crm == "salesforce":
        mine = {"type": "LongTextArea", "label": "Mine", "length": 300, "visibleLines": 3}
        customfields.create(empty.salesforce, "Opportunity.BR_Why__c", mine, OPERATIONS)
        theirs = "Opportunity.BR_Why__c"
    else:
        with connect_to(acme) as connector:
            body = {"name": "br_why", "label": "Mine", "type": "string", "fieldType": "textarea"}
            path = "/crm/v3/properties/deals"
            connector._door.json("POST", path, {**body, "groupName": "dealinformation"})  # type: ignore[attr-defined]
        theirs = "deals.br_why"
    provision(acme)
    promised = destroy(acme, dry_run=True)
    assert len(ours(empty, crm)) > 10
    done = destroy(acme)
    assert promised == done
    assert ours(empty, crm) == {theirs}
    assert [(c.name.lower(), c.detail) for c in done if c.action == "keep field"] == [
        (theirs.partition(".")[2].lower(), "not made by us")
    ]
    if crm == "salesforce":
        assert section_of(empty, "Opportunity Layout") == ["BR_Why__c"]
    assert not [c for c in destroy(acme) if c.action.startswith("remove field")]


@pytest.mark.slow
@CRMS
def test_destroy_keeps_what_sellers_said(tmp_path: Path, empty: Sandbox, crm: str) -> None:
    acme = linked(tmp_path, crm, empty.url)
    provision(acme)
    with connect_to(acme) as connector:
        stream = next(one for one in connector.streams() if one.name in ("opportunity", "deals"))
        rows = [row for page in connector.pull(stream, None, None) if page.stream == stream for row in page.rows]
        record = str(rows[0].get("Id") or rows[0].get("id"))
        assert [r.outcome for r in connector.push([Update("opportunity", record, {"seller_view": "liking"})])] == [
            "written"
        ]
    empty.world.clock.advance(1)
    kept = [change for change in destroy(acme) if change.action == "keep field"]
    assert [change.name.lower().removesuffix("__c") for change in kept] == ["br_seller_view"]
    assert "1 records hold what sellers said" in kept[0].detail


def test_destroy_asks_first(tmp_path: Path, empty: Sandbox, told: Told) -> None:
    linked(tmp_path, "hubspot", empty.url)
    code, said, _ = told("provision")
    assert code == 0
    assert "  + create field           deals.br_phase  choice" in said
    assert "record pages" in said
    code, said, error = told("provision", "--destroy")
    assert code == 3
    assert "--yes" in error
    assert "  - remove field           deals.br_phase" in said
    assert len(ours(empty, "hubspot")) > 10
    code, said, _ = told("provision", "--destroy", "--yes", "--json")
    assert code == 0
    assert {change["action"] for change in json.loads(said)["changes"]} == {"remove field", "remove group"}
    assert ours(empty, "hubspot") == set()


def test_the_fields_can_be_deployed_as_source(tmp_path: Path, told: Told) -> None:
    linked(tmp_path, "salesforce", "http://127.0.0.1:9", extra="    language: nl\n")
    folder = tmp_path / "dx"
    assert told("provision", "--dx", str(folder))[0] == 0
    assert json.loads((folder / "sfdx-project.json").read_text())["packageDirectories"][0]["path"] == "force-app"
    root = folder / "force-app" / "main" / "default"
    space = "{http://soap.sforce.com/2006/04/metadata}"
    made = {}
    for path in sorted(root.glob("objects/*/fields/*.field-meta.xml")):
        field = Xml.parse(path).getroot()
        assert field.tag == f"{space}CustomField"
        name = field.findtext(f"{space}fullName")
        assert path.name == f"{name}.field-meta.xml"
        made[f"{path.parts[-3]}.{name}"] = field.findtext(f"{space}type")
    assert made["Opportunity.BR_Phase__c"] == "Picklist"
    assert made["Activity.BR_Key__c"] == "Text"
    assert {"Contact.BR_Why__c", "Lead.BR_Why__c", "OpportunityContactRole.BR_Why__c"} <= set(made)
    rights = Xml.parse(root / "permissionsets" / "Buyer_Readiness.permissionset-meta.xml").getroot()
    granted = {one.findtext(f"{space}field") for one in rights.findall(f"{space}fieldPermissions")}
    assert granted == {name.replace("Activity.", "Task.") for name in made}


def test_hubspot_has_no_source(tmp_path: Path, told: Told) -> None:
    linked(tmp_path, "hubspot", "http://127.0.0.1:9")
    code, _, said = told("provision", "--dx", str(tmp_path / "dx"))
    assert (code, said) == (3, "acme: only Salesforce has DX source; HubSpot's properties are made by provision.\n")
