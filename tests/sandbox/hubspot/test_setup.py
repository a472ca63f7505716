"""What admins set up: properties, groups, pipelines, owners; and who the portal is."""

from __future__ import annotations

from typing import Any

import pytest
from hubspot.crm.pipelines import PipelineInput, PipelineStageInput
from hubspot.crm.properties import BatchInputPropertyCreate, PropertyCreate, PropertyGroupCreate, PropertyUpdate
from hubspot.crm.properties.exceptions import ApiException

from tests.sandbox.hubspot.conftest import Served

PHASE = {
    "name": "br_phase",
    "label": "Buyer phase",
    "type": "enumeration",
    "fieldType": "select",
    "groupName": "buyer_readiness",
    "options": [{"label": "Ready", "value": "ready"}, {"label": "Exploring", "value": "exploring"}],
}


@pytest.fixture(scope="module", autouse=True)
def group(hub: Served) -> None:
    made = PropertyGroupCreate(name="buyer_readiness", label="Buyer readiness", display_order=-1)
    assert hub.client.crm.properties.groups_api.create("deals", made).name == "buyer_readiness"


def test_the_client_makes_a_property_which_then_takes_only_its_options(hub: Served) -> None:
    api = hub.client.crm.properties.core_api
    made = api.create(
        "deals",
        PropertyCreate(
            name=PHASE["name"], label=PHASE["label"], type=PHASE["type"], field_type=PHASE["fieldType"],
            group_name=PHASE["groupName"], options=PHASE["options"],
        ),
    )  # fmt: skip
    assert [option.value for option in made.options] == ["ready", "exploring"]
    deal = hub.id("deals", "o1")
    path = f"/crm/v3/objects/deals/{deal}"
    assert hub.call("PATCH", path, {"properties": {"br_phase": "asleep"}}).status_code == 400
    assert hub.call("PATCH", path, {"properties": {"br_phase": "ready"}}).status_code == 200
    assert hub.get(f"{path}?properties=br_phase")["properties"]["br_phase"] == "ready"
    again = hub.call("POST", "/crm/v3/properties/deals", PHASE)
    assert (again.status_code, again.json()["category"]) == (409, "CONFLICT")
    wider = [*PHASE["options"], {"label": "Asleep", "value": "asleep"}]
    changed = api.update("deals", "br_phase", PropertyUpdate(label="Phase", options=wider))
    assert (changed.label, len(changed.options)) == ("Phase", 3)
    assert hub.call("PATCH", path, {"properties": {"br_phase": "asleep"}}).status_code == 200


def test_a_batch_of_properties_is_made_whole_or_not_at_all(hub: Served) -> None:
    def wanted(name: str) -> PropertyCreate:
        return PropertyCreate(name=name, label=name, type="number", field_type="number", group_name="buyer_readiness")

    api = hub.client.crm.properties.batch_api
    made = api.create("deals", BatchInputPropertyCreate(inputs=[wanted("br_win_chance"), wanted("br_rank")]))
    assert {result.name for result in made.results} == {"br_win_chance", "br_rank"}
    with pytest.raises(ApiException) as failed:
        api.create("deals", BatchInputPropertyCreate(inputs=[wanted("br_slip_risk"), wanted("br_rank")]))
    assert failed.value.status == 409
    assert hub.call("GET", "/crm/v3/properties/deals/br_slip_risk").status_code == 404


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Has Capitals"},
        {"groupName": "nowhere"},
        {"type": "colour"},
        {"fieldType": "textarea"},
        {"options": [{"label": "A"}]},
        {"options": [{"label": "A", "value": "a"}, {"label": "B", "value": "a"}]},
        {"label": None},
    ],
)
def test_a_bad_property_is_refused(hub: Served, change: dict[str, Any]) -> None:
    answer = hub.call("POST", "/crm/v3/properties/deals", {**PHASE, "name": "br_other", **change})
    assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")


def test_an_archived_property_is_gone_and_a_standard_one_stays(hub: Served) -> None:
    hub.call("POST", "/crm/v3/properties/deals", {**PHASE, "name": "br_brief"})
    assert hub.call("DELETE", "/crm/v3/properties/deals/br_brief").status_code == 204
    assert hub.call("GET", "/crm/v3/properties/deals/br_brief").status_code == 404
    assert "br_brief" in [prop["name"] for prop in hub.get("/crm/v3/properties/deals?archived=true")["results"]]
    assert hub.call("DELETE", "/crm/v3/properties/deals/amount").status_code == 400
    assert hub.call("DELETE", "/crm/v3/properties/deals/groups/buyer_readiness").status_code == 400


def test_properties_tell_what_a_write_may_do(hub: Served) -> None:
    known = {prop["name"]: prop for prop in hub.get("/crm/v3/properties/deals")["results"]}
    assert known["hs_is_closed"]["modificationMetadata"]["readOnlyValue"] is True
    assert known["dealname"]["modificationMetadata"]["readOnlyValue"] is False
    assert known["external_id"]["hasUniqueValue"] is True
    assert known["hubspot_owner_id"]["referencedObjectType"] == "OWNER"
    stage = hub.get("/crm/v3/pipelines/deals")["results"][0]["stages"][0]["id"]
    assert f"hs_v2_date_entered_{stage}" in known


def test_the_client_lists_pipelines_with_the_probability_of_each_stage(hub: Served) -> None:
    pipelines = hub.client.crm.pipelines.pipelines_api.get_all("deals").results
    assert [pipeline.label for pipeline in pipelines] == ["New Business", "Renewal"]
    assert pipelines[0].id == "default"
    stages = {stage.label: stage.metadata for stage in pipelines[0].stages}
    assert stages["Closed Won"] == {"isClosed": "true", "probability": "1.0"}
    assert stages["Qualification"] == {"isClosed": "false", "probability": "0.1"}


def test_a_pipeline_is_made_changed_and_deleted_unless_in_use(fresh: Served) -> None:
    api = fresh.client.crm.pipelines
    stage = PipelineStageInput(label="Open", display_order=0, metadata={"probability": "0.5"})
    made = api.pipelines_api.create("deals", PipelineInput(label="Partners", display_order=3, stages=[stage]))
    added = api.pipeline_stages_api.create(
        "deals", made.id, PipelineStageInput(label="Signed", display_order=1, metadata={"probability": "1.0"})
    )
    assert added.metadata["isClosed"] == "true"
    renamed = fresh.call("PATCH", f"/crm/v3/pipelines/deals/{made.id}/stages/{added.id}", {"label": "Done"})
    assert renamed.json()["label"] == "Done"
    properties = {"dealname": "x", "pipeline": made.id, "dealstage": added.id}
    deal = fresh.call("POST", "/crm/v3/objects/deals", {"properties": properties}).json()
    assert deal["properties"]["hs_is_closed_won"] == "true"
    assert fresh.call("DELETE", f"/crm/v3/pipelines/deals/{made.id}").status_code == 400
    fresh.call("DELETE", f"/crm/v3/objects/deals/{deal['id']}")
    assert fresh.call("DELETE", f"/crm/v3/pipelines/deals/{made.id}").status_code == 204
    assert fresh.call("GET", f"/crm/v3/pipelines/deals/{made.id}").status_code == 404


def test_deactivated_owners_are_listed_apart(hub: Served) -> None:
    active = hub.client.crm.owners.owners_api.get_page().results
    assert [(owner.email, owner.teams[0].name) for owner in active] == [("anna@seller.example", "North")]
    gone = hub.client.crm.owners.owners_api.get_page(archived=True).results
    assert [(owner.first_name, owner.last_name, owner.user_id) for owner in gone] == [("Ben", "de Wit", None)]
    assert gone[0].user_id_including_inactive
    assert hub.get(f"/crm/v3/owners/{active[0].id}")["email"] == "anna@seller.example"
    assert hub.get("/crm/v3/owners?email=anna@seller.example")["results"][0]["id"] == active[0].id


def test_the_portal_says_who_it_is_and_what_was_used_of_the_day(hub: Served) -> None:
    details = hub.get("/account-info/v3/details")
    assert details["portalId"] == 147258369
    assert details["companyCurrency"] == "EUR"
    usage = hub.get("/account-info/v3/api-usage/daily/private-apps")["results"][0]
    assert usage["usageLimit"] == 625_000
    assert usage["currentUsage"] > 0


def test_a_schema_lists_properties_and_associations(hub: Served) -> None:
    schema = hub.client.crm.schemas.core_api.get_by_id("deals")
    assert schema.object_type_id == "0-3"
    assert "DEAL_TO_CONTACT" in [association.name for association in schema.associations]
    assert hub.client.crm.schemas.core_api.get_all().results == []
    assert hub.call("POST", "/crm/v3/schemas", {"name": "boat"}).status_code == 403
