"""Records one at a time, through HubSpot's own client and bare HTTP."""

from __future__ import annotations

import re

import pytest
from hubspot.crm.contacts import SimplePublicObjectInput, SimplePublicObjectInputForCreate
from hubspot.crm.deals.exceptions import NotFoundException
from hubspot.crm.objects import SimplePublicObjectInputForCreate as NewObject

from tests.sandbox.hubspot.conftest import Served


def test_pages_follow_each_other_without_loss_or_repetition(hub: Served) -> None:
    seen, after = [], None
    while True:
        page = hub.client.crm.contacts.basic_api.get_page(limit=2, after=after, properties=["email"])
        seen += [record.id for record in page.results]
        if page.paging is None:
            break
        after = page.paging.next.after
    assert seen == sorted(set(seen), key=int)
    assert len(seen) >= 5


def test_the_link_to_the_next_page_repeats_every_parameter_and_can_be_followed(hub: Served) -> None:
    first = hub.get("/crm/v3/objects/contacts?limit=2&properties=email&properties=lastname&associations=deals")
    link = first["paging"]["next"]["link"]
    assert link.startswith(hub.url)
    assert "properties=email&properties=lastname" in link
    assert "associations=deals" in link
    second = hub.session.get(link, timeout=10).json()
    assert set(second["results"][0]["properties"]) == {
        "email", "lastname", "createdate", "hs_object_id", "lastmodifieddate"
    }  # fmt: skip


@pytest.mark.parametrize("query", ["properties=email,firstname", "properties=email&properties=firstname"])
def test_lists_of_properties_are_read_in_both_spellings(hub: Served, query: str) -> None:
    shown = hub.get(f"/crm/v3/objects/contacts?limit=1&{query}")["results"][0]["properties"]
    assert {"email", "firstname"} < set(shown)
    assert list(shown) == sorted(shown)


@pytest.mark.parametrize("name", ["contact", "CONTACT", "Contacts", "0-1"])
def test_an_object_type_answers_to_all_of_its_names(hub: Served, name: str) -> None:
    assert hub.get(f"/crm/v3/objects/{name}?limit=1") == {
        **hub.get("/crm/v3/objects/contacts?limit=1"),
        "paging": hub.get(f"/crm/v3/objects/{name}?limit=1")["paging"],
    }


def test_a_read_returns_the_default_properties_and_nothing_unasked(hub: Served) -> None:
    deal = hub.client.crm.deals.basic_api.get_by_id(hub.id("deals", "o1"))
    assert set(deal.properties) == {
        "amount", "closedate", "createdate", "dealname", "dealstage", "hs_lastmodifieddate", "hs_object_id", "pipeline"
    }  # fmt: skip
    shown = hub.get(f"/crm/v3/objects/deals/{hub.id('deals', 'o2')}?properties=amount,no_such_property")
    assert shown["properties"]["amount"] is None
    assert "no_such_property" not in shown["properties"]


def test_every_value_is_text_or_null(hub: Served) -> None:
    names = [prop["name"] for prop in hub.get("/crm/v3/properties/deals")["results"]]
    for record in hub.get("/crm/v3/objects/deals?limit=10&properties=" + ",".join(names))["results"]:
        assert all(value is None or isinstance(value, str) for value in record["properties"].values())


def test_times_lose_their_milliseconds_only_when_those_are_zero(hub: Served) -> None:
    history = hub.get(
        f"/crm/v3/objects/deals/{hub.id('deals', 'o1')}?propertiesWithHistory=dealstage&properties=createdate"
    )
    assert history["createdAt"] == "2026-01-06T10:00:00Z"
    stamps = [version["timestamp"] for version in history["propertiesWithHistory"]["dealstage"]]
    assert stamps == ["2026-01-10T10:00:00.123Z", "2026-01-06T10:00:00Z"]


def test_a_missing_record_is_an_html_page_with_a_header_of_its_own(hub: Served) -> None:
    answer = hub.call("GET", "/crm/v3/objects/companies/1")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["X-HubSpot-NotFound"] == "true"
    assert "Resource not found" in answer.text
    with pytest.raises(NotFoundException):
        hub.client.crm.deals.basic_api.get_by_id("1")


def test_an_unknown_object_type_is_refused_and_an_ungranted_one_names_its_scope(hub: Served) -> None:
    unknown = hub.call("GET", "/crm/v3/objects/spaceships")
    assert (unknown.status_code, unknown.json()["message"]) == (400, "Unable to infer object type from: spaceships")
    ungranted = hub.call("GET", "/crm/v3/objects/users?limit=1")
    assert ungranted.status_code == 403
    assert ungranted.json()["category"] == "MISSING_SCOPES"
    assert ungranted.json()["errors"][0]["context"]["requiredGranularScopes"] == ["crm.objects.users.read"]


def test_a_create_answers_201_with_a_location_and_the_computed_properties(hub: Served) -> None:
    answer = hub.call(
        "POST", "/crm/v3/objects/contacts", {"properties": {"email": "New@Some.example", "firstname": "N"}}
    )
    body = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"{hub.url}/crm/v3/objects/contacts/{body['id']}"
    assert body["properties"]["email"] == "new@some.example"
    assert body["properties"]["hs_email_domain"] == "some.example"
    assert hub.get(f"/crm/v3/objects/contacts/{body['id']}")["properties"]["firstname"] == "N"


def test_the_client_creates_reads_updates_and_archives(hub: Served) -> None:
    api = hub.client.crm.companies.basic_api
    made = api.create(SimplePublicObjectInputForCreate(properties={"name": "Sluizen BV", "domain": "sluizen.example"}))
    assert made.properties["website"] == "sluizen.example"
    assert made.properties["lifecyclestage"] == "lead"
    changed = api.update(made.id, SimplePublicObjectInput(properties={"name": "Sluizen NV"}))
    assert set(changed.properties) == {"name", "hs_lastmodifieddate"}
    api.archive(made.id)
    assert hub.call("GET", f"/crm/v3/objects/companies/{made.id}").status_code == 404
    archived = hub.get(f"/crm/v3/objects/companies/{made.id}?archived=true")
    assert archived["archived"] is True
    assert "archivedAt" in archived
    assert made.id in [record["id"] for record in hub.get("/crm/v3/objects/companies?archived=true")["results"]]


def test_archiving_what_is_not_there_is_no_error(hub: Served) -> None:
    answer = hub.call("DELETE", "/crm/v3/objects/contacts/834872398")
    assert (answer.status_code, answer.content) == (204, b"")


def test_an_update_moves_the_stamp_keeps_a_version_and_an_empty_text_clears(hub: Served) -> None:
    deal = hub.id("deals", "o3")
    before = hub.get(f"/crm/v3/objects/deals/{deal}")["updatedAt"]
    hub.call("PATCH", f"/crm/v3/objects/deals/{deal}", {"properties": {"amount": 1000}})
    answer = hub.call("PATCH", f"/crm/v3/objects/deals/{deal}", {"properties": {"amount": ""}}).json()
    assert answer["properties"]["amount"] == ""
    assert answer["updatedAt"] > before
    shown = hub.get(f"/crm/v3/objects/deals/{deal}?properties=amount&propertiesWithHistory=amount")
    assert [version["value"] for version in shown["propertiesWithHistory"]["amount"]] == ["", "1000", "900.00"]
    assert shown["propertiesWithHistory"]["amount"][0]["sourceType"] == "INTEGRATION"
    assert shown["properties"]["amount"] == ""


@pytest.mark.parametrize(
    ("plural", "properties", "code"),
    [
        ("deals", {"dealnaam": "x"}, "PROPERTY_DOESNT_EXIST"),
        ("deals", {"amount": "ten"}, "INVALID_INTEGER"),
        ("deals", {"amount": " 10"}, "LEADING_TRAILING_WHITESPACE"),
        ("deals", {"dealtype": "sideways"}, "INVALID_OPTION"),
        ("deals", {"dealstage": "nowhere"}, "INVALID_OPTION"),
        ("deals", {"hubspot_owner_id": "1"}, "INVALID_OPTION"),
        ("deals", {"closedate": "next week"}, "INVALID_LONG"),
        ("deals", {"hs_is_closed": "true"}, "READ_ONLY_VALUE"),
        ("contacts", {"email": "no address"}, "INVALID_EMAIL"),
        ("emails", {"hs_timestamp": "1", "hs_email_direction": "UP"}, "INVALID_OPTION"),
    ],
)
def test_a_bad_value_is_refused_with_hubspots_code_and_the_property(
    hub: Served, plural: str, properties: dict[str, str], code: str
) -> None:
    answer = hub.call("POST", f"/crm/v3/objects/{plural}", {"properties": properties})
    body = answer.json()
    assert answer.status_code == 400
    assert body["category"] == "VALIDATION_ERROR"
    assert [error["code"] for error in body["errors"]] == [code]
    assert body["errors"][0]["context"]["propertyName"][0] in properties
    assert f'"error":"{code}"' in body["message"]


def test_a_stage_of_another_pipeline_is_refused(hub: Served) -> None:
    pipelines = hub.get("/crm/v3/pipelines/deals")["results"]
    foreign = {"pipeline": pipelines[0]["id"], "dealstage": pipelines[1]["stages"][0]["id"]}
    answer = hub.call("POST", "/crm/v3/objects/deals", {"properties": {"dealname": "x", **foreign}})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "INVALID_OPTION")


def test_an_engagement_without_its_time_is_refused_by_name(hub: Served) -> None:
    answer = hub.call("POST", "/crm/v3/objects/tasks", {"properties": {"hs_task_subject": "x"}}).json()
    assert answer["message"] == "Error creating TASK. Some required properties were not set."
    assert answer["context"] == {"properties": ["hs_timestamp"]}
    assert answer["category"] == "VALIDATION_ERROR"


def test_an_update_without_properties_says_so(hub: Served) -> None:
    answer = hub.call("PATCH", f"/crm/v3/objects/deals/{hub.id('deals', 'o1')}", {"properties": {}})
    assert answer.status_code == 400
    assert answer.json()["message"] == "No properties found to update, please provide at least one."


def test_a_second_record_with_a_unique_value_is_a_conflict_that_names_the_first(hub: Served) -> None:
    answer = hub.call("POST", "/crm/v3/objects/contacts", {"properties": {"email": "CARLA@pompen.example"}})
    assert answer.status_code == 409
    assert answer.json()["category"] == "CONFLICT"
    assert answer.json()["message"] == f"Contact already exists. Existing ID: {hub.id('contacts', 'p1')}"
    taken = hub.call("PATCH", f"/crm/v3/objects/deals/{hub.id('deals', 'o1')}", {"properties": {"external_id": "o2"}})
    assert taken.status_code == 400
    assert taken.json()["message"].endswith(f"{hub.id('deals', 'o2')} already has that value.")


def test_a_record_is_found_by_a_unique_property_and_by_no_other(hub: Served) -> None:
    found = hub.get("/crm/v3/objects/deals/o1?idProperty=external_id")
    assert found["id"] == hub.id("deals", "o1")
    assert hub.get("/crm/v3/objects/contacts/carla@pompen.example?idProperty=email")["id"] == hub.id("contacts", "p1")
    assert hub.call("GET", "/crm/v3/objects/contacts/no@one.example?idProperty=email").status_code == 404
    assert hub.call("GET", "/crm/v3/objects/deals/Pumps?idProperty=dealname").status_code == 400


def test_a_task_is_made_with_its_associations_in_one_call(hub: Served) -> None:
    deal = hub.id("deals", "o1")
    to_deal = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 216}]
    made = hub.client.crm.objects.basic_api.create(
        "tasks",
        NewObject(
            properties={
                "hs_timestamp": "2026-03-05T09:00:00Z",
                "hs_task_subject": "Ring",
                "hs_task_status": "NOT_STARTED",
            },
            associations=[{"to": {"id": deal}, "types": to_deal}],
        ),
    )
    shown = hub.get(f"/crm/v3/objects/tasks/{made.id}?associations=deals")
    assert shown["associations"] == {"deals": {"results": [{"id": deal, "type": "task_to_deal"}]}}
    body = {"properties": {"hs_timestamp": "0"}, "associations": [{"to": {"id": "1"}, "types": to_deal}]}
    assert hub.call("POST", "/crm/v3/objects/tasks", body).status_code == 400


def test_pages_have_a_greatest_size_and_history_a_smaller_one(hub: Served) -> None:
    assert hub.call("GET", "/crm/v3/objects/deals?limit=100").status_code == 200
    assert hub.call("GET", "/crm/v3/objects/deals?limit=101").status_code == 400
    assert hub.call("GET", "/crm/v3/objects/deals?limit=50&propertiesWithHistory=amount").status_code == 200
    assert hub.call("GET", "/crm/v3/objects/deals?limit=51&propertiesWithHistory=amount").status_code == 400
    assert hub.call("GET", "/crm/v3/objects/deals?after=somewhere").status_code == 400


def test_a_body_that_is_no_json_is_refused(hub: Served) -> None:
    answer = hub.session.post(f"{hub.url}/crm/v3/objects/deals", data=b"{nope", timeout=10)
    assert answer.status_code == 400
    assert re.match(r"Invalid input JSON on line 1, column \d+", answer.json()["message"])


def test_a_merged_records_old_id_leads_to_the_winner(fresh: Served) -> None:
    winner, loser = fresh.id("contacts", "p1"), fresh.id("contacts", "p2")
    answer = fresh.call("POST", "/crm/v3/objects/contacts/merge", {"primaryObjectId": winner, "objectIdToMerge": loser})
    assert answer.status_code == 200
    names = "hs_merged_object_ids,hs_additional_emails,jobtitle"
    shown = fresh.get(f"/crm/v3/objects/contacts/{loser}?properties={names}&associations=deals")
    assert shown["id"] == winner
    assert shown["properties"]["hs_merged_object_ids"] == loser
    assert shown["properties"]["hs_additional_emails"] == "dirk@pompen.example"
    assert shown["properties"]["jobtitle"] == "CFO"
    assert loser not in [record["id"] for record in fresh.get("/crm/v3/objects/contacts")["results"]]
    found = fresh.get("/crm/v3/objects/contacts/dirk@pompen.example?idProperty=email")
    assert found["id"] == winner


def test_a_privacy_deletion_leaves_nothing(fresh: Served) -> None:
    person = fresh.id("contacts", "p1")
    assert fresh.call("POST", "/crm/v3/objects/contacts/gdpr-delete", {"objectId": person}).status_code == 204
    assert fresh.call("GET", f"/crm/v3/objects/contacts/{person}?archived=true").status_code == 404
    deal = fresh.get(f"/crm/v3/objects/deals/{fresh.id('deals', 'o1')}?associations=contacts")
    assert person not in [link["id"] for link in deal["associations"]["contacts"]["results"]]


def test_a_deal_may_be_made_with_a_past_creation(hub: Served) -> None:
    properties = {"dealname": "Old", "createdate": "2020-05-01T08:00:00Z"}
    made = hub.call("POST", "/crm/v3/objects/deals", {"properties": properties}).json()
    assert made["createdAt"] == made["properties"]["createdate"] == "2020-05-01T08:00:00Z"
    assert made["updatedAt"] > "2026"


def test_an_address_beyond_sixteen_kilobytes_is_too_long(hub: Served) -> None:
    names = ",".join(f"property_number_{number}" for number in range(1000))
    assert hub.call("GET", f"/crm/v3/objects/deals?properties={names}").status_code == 414
    assert hub.call("GET", f"/crm/v3/objects/deals?properties={names[:15_000]}").status_code == 200
