"""Records a hundred at a time."""

from __future__ import annotations

from typing import Any

from hubspot.crm.deals import (
    BatchInputSimplePublicObjectBatchInput,
    BatchReadInputSimplePublicObjectId,
    BatchResponseSimplePublicObjectWithErrors,
    SimplePublicObjectBatchInput,
    SimplePublicObjectId,
)

from tests.sandbox.hubspot.conftest import Served

CONTACTS, DEALS = "/crm/v3/objects/contacts/batch", "/crm/v3/objects/deals/batch"


def made(hub: Served, *emails: str, **more: Any) -> list[dict[str, Any]]:
    body = {"inputs": [{"properties": {"email": email}, **more} for email in emails]}
    answer = hub.call("POST", f"{CONTACTS}/create", body)
    assert answer.status_code == 201, answer.text
    return answer.json()["results"]


def test_a_batch_of_new_records_comes_back_in_another_order(hub: Served) -> None:
    emails = [f"order{number}@x.example" for number in range(4)]
    results = made(hub, *emails)
    answered = [result["properties"]["email"] for result in results]
    assert sorted(answered) == emails
    assert answered != emails


def test_one_duplicate_refuses_the_whole_batch(hub: Served) -> None:
    body = {"inputs": [{"properties": {"email": e}} for e in ("first@x.example", "carla@pompen.example")]}
    answer = hub.call("POST", f"{CONTACTS}/create", body)
    assert (answer.status_code, answer.json()["category"]) == (409, "CONFLICT")
    assert answer.json()["message"].startswith("Contact already exists. Existing ID: ")
    assert hub.call("GET", "/crm/v3/objects/contacts/first@x.example?idProperty=email").status_code == 404
    twins = {"inputs": [{"properties": {"email": "twin@x.example"}}] * 2}
    assert hub.call("POST", f"{CONTACTS}/create", twins).status_code == 409


def test_with_trace_ids_a_create_reports_row_by_row(hub: Served) -> None:
    inputs = [
        {"properties": {"email": "carla@pompen.example"}, "objectWriteTraceId": "taken"},
        {"properties": {"email": "traced@x.example"}, "objectWriteTraceId": "new"},
        {"properties": {"nonsense": "1"}, "objectWriteTraceId": "bad"},
    ]
    answer = hub.call("POST", f"{CONTACTS}/create", {"inputs": inputs})
    body = answer.json()
    assert (answer.status_code, body["status"], body["numErrors"]) == (207, "COMPLETE", 2)
    assert [result["objectWriteTraceId"] for result in body["results"]] == ["new"]
    traces = {error["context"]["objectWriteTraceId"][0]: error["category"] for error in body["errors"]}
    assert traces == {"taken": "CONFLICT", "bad": "VALIDATION_ERROR"}


def test_a_batch_read_names_the_unknown_ids_beside_the_found_records(hub: Served) -> None:
    body = {"inputs": [{"id": hub.id("deals", "o1")}, {"id": "12345"}], "properties": ["dealname"]}
    answer = hub.call("POST", f"{DEALS}/read", body)
    found = answer.json()
    assert answer.status_code == 207
    assert [record["properties"]["dealname"] for record in found["results"]] == ["Pumps"]
    assert found["errors"] == [
        {
            "status": "error",
            "category": "OBJECT_NOT_FOUND",
            "message": "Could not get some DEAL objects, they may be deleted or not exist. Check that ids are valid.",
            "context": {"ids": ["12345"]},
        }
    ]


def test_the_client_gets_its_class_for_partial_answers(hub: Served) -> None:
    ids = [SimplePublicObjectId(id=hub.id("deals", "o1")), SimplePublicObjectId(id="12345")]
    asked = BatchReadInputSimplePublicObjectId(
        inputs=ids, properties=["dealname"], properties_with_history=["dealstage"]
    )
    answer = hub.client.crm.deals.batch_api.read(asked)
    assert isinstance(answer, BatchResponseSimplePublicObjectWithErrors)
    assert answer.num_errors == 1
    assert len(answer.results[0].properties_with_history["dealstage"]) == 2


def test_a_batch_read_by_a_unique_property_and_of_a_merged_record(fresh: Served) -> None:
    merge = {"primaryObjectId": fresh.id("contacts", "p1"), "objectIdToMerge": fresh.id("contacts", "p2")}
    fresh.call("POST", "/crm/v3/objects/contacts/merge", merge)
    by_id = {"inputs": [{"id": merge["objectIdToMerge"]}], "properties": []}
    answer = fresh.call("POST", f"{CONTACTS}/read", by_id)
    assert (answer.status_code, answer.json()["results"][0]["id"]) == (200, merge["primaryObjectId"])
    by_email = {"idProperty": "email", "inputs": [{"id": "carla@pompen.example"}], "properties": ["email"]}
    assert fresh.call("POST", f"{CONTACTS}/read", by_email).json()["results"][0]["id"] == merge["primaryObjectId"]


def test_batches_have_greatest_sizes(hub: Served) -> None:
    inputs = [{"id": str(number)} for number in range(1, 102)]
    assert (
        hub.call("POST", f"{DEALS}/read", {"inputs": inputs})
        .json()["message"]
        .startswith("The maximum number of inputs supported in a batch is 100.")
    )
    histories = {"inputs": inputs[:51], "propertiesWithHistory": ["amount"]}
    answer = hub.call("POST", f"{DEALS}/read", histories)
    assert answer.status_code == 400
    assert "in a batch request for property histories is 50" in answer.json()["message"]


def test_the_client_updates_a_batch_and_gets_only_what_it_sent(hub: Served) -> None:
    ids = [hub.id("deals", key) for key in ("o1", "o2")]
    inputs = [SimplePublicObjectBatchInput(id=id, properties={"hs_next_step": "Call"}) for id in ids]
    answer = hub.client.crm.deals.batch_api.update(BatchInputSimplePublicObjectBatchInput(inputs=inputs))
    assert answer.status == "COMPLETE"
    assert {result.id: set(result.properties) for result in answer.results} == {
        id: {"hs_next_step", "hs_lastmodifieddate"} for id in ids
    }


def test_a_batch_update_does_what_it_can_and_reports_unknown_ids(hub: Served) -> None:
    known = hub.id("deals", "o1")
    body = {"inputs": [{"id": known, "properties": {"hs_next_step": "A"}}, {"id": "9", "properties": {"amount": "1"}}]}
    answer = hub.call("POST", f"{DEALS}/update", body)
    assert answer.status_code == 207
    assert [result["id"] for result in answer.json()["results"]] == [known]
    assert answer.json()["errors"][0]["context"]["ids"] == ["9"]


def test_one_bad_value_refuses_the_whole_update(hub: Served) -> None:
    one, two = hub.id("deals", "o1"), hub.id("deals", "o2")
    good, bad = {"hs_next_step": "not kept"}, {"hs_priority": "extreme"}
    body = {"inputs": [{"id": one, "properties": good}, {"id": two, "properties": bad}]}
    assert hub.call("POST", f"{DEALS}/update", body).status_code == 400
    assert hub.get(f"/crm/v3/objects/deals/{one}?properties=hs_next_step")["properties"]["hs_next_step"] != "not kept"
    twice = {"inputs": [{"id": one, "properties": good}] * 2}
    assert "Duplicate IDs found in batch input" in hub.call("POST", f"{DEALS}/update", twice).json()["message"]


def test_an_upsert_says_what_is_new(hub: Served) -> None:
    inputs = [
        {"id": "dirk@pompen.example", "idProperty": "email", "properties": {"jobtitle": "CTO"}},
        {"id": "upsert@x.example", "idProperty": "email", "properties": {"jobtitle": "CEO"}},
    ]
    answer = hub.call("POST", f"{CONTACTS}/upsert", {"inputs": inputs})
    assert answer.status_code == 200
    assert {result["properties"]["jobtitle"]: result["new"] for result in answer.json()["results"]} == {
        "CTO": False,
        "CEO": True,
    }


def test_a_batch_is_archived_without_a_word(hub: Served) -> None:
    ids = [result["id"] for result in made(hub, "gone1@x.example", "gone2@x.example")]
    answer = hub.call("POST", f"{CONTACTS}/archive", {"inputs": [{"id": id} for id in (*ids, "5")]})
    assert (answer.status_code, answer.content) == (204, b"")
    assert all(hub.call("GET", f"/crm/v3/objects/contacts/{id}").status_code == 404 for id in ids)
