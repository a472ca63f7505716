"""Row faults that the control plane asks for."""

from __future__ import annotations

from tests.sandbox.hubspot.conftest import Served

UPDATE = "/crm/v3/objects/deals/batch/update"


def batch(hub: Served) -> dict[str, list[dict[str, object]]]:
    return {"inputs": [{"id": hub.id("deals", key), "properties": {"hs_next_step": "x"}} for key in ("o1", "o2")]}


def test_a_partial_failure_spares_the_other_rows(fresh: Served) -> None:
    one = fresh.id("deals", "o1")
    fresh.fault(kind="partial_failure", match={"id": one}, message="No.")
    answer = fresh.call("POST", UPDATE, batch(fresh))
    assert answer.status_code == 207
    assert [result["id"] for result in answer.json()["results"]] == [fresh.id("deals", "o2")]
    assert answer.json()["errors"][0]["context"]["ids"] == [one]
    assert answer.json()["errors"][0]["message"] == "No."
    assert fresh.call("POST", UPDATE, batch(fresh)).status_code == 200


def test_a_locked_row_and_a_duplicate_are_refused_in_hubspots_words(fresh: Served) -> None:
    path = f"/crm/v3/objects/deals/{fresh.id('deals', 'o1')}"
    fresh.fault(kind="row_lock", match={"object": "deals"})
    assert fresh.call("PATCH", path, {"properties": {"hs_next_step": "y"}}).status_code == 423
    assert fresh.call("PATCH", path, {"properties": {"hs_next_step": "y"}}).status_code == 200
    fresh.fault(kind="duplicate_rule", match={"object": "tasks"})
    task = {"properties": {"hs_timestamp": "0"}}
    assert fresh.call("POST", "/crm/v3/objects/tasks", task).json()["category"] == "CONFLICT"
    assert fresh.call("POST", "/crm/v3/objects/tasks", task).status_code == 201


def test_a_required_field_and_a_restricted_option_are_named(fresh: Served) -> None:
    path = f"/crm/v3/objects/deals/{fresh.id('deals', 'o1')}"
    fresh.fault(kind="required_field", field="hs_priority")
    answer = fresh.call("PATCH", path, {"properties": {"hs_next_step": "y"}}).json()
    assert answer["errors"][0]["context"]["propertyName"] == ["hs_priority"]
    fresh.fault(kind="restricted_picklist", field="hs_next_step")
    answer = fresh.call("PATCH", path, {"properties": {"hs_next_step": "y"}}).json()
    assert answer["errors"][0]["code"] == "INVALID_OPTION"


def test_a_hidden_property_is_neither_listed_read_nor_written(fresh: Served) -> None:
    fresh.fault(kind="hidden_field", object="deals", field="amount")
    path = f"/crm/v3/objects/deals/{fresh.id('deals', 'o1')}"
    assert "amount" not in fresh.get(f"{path}?properties=amount,dealname")["properties"]
    assert "amount" not in [prop["name"] for prop in fresh.get("/crm/v3/properties/deals")["results"]]
    answer = fresh.call("PATCH", path, {"properties": {"amount": "1"}}).json()
    assert answer["errors"][0]["code"] == "PROPERTY_DOESNT_EXIST"
    fresh.clear_faults()
    assert fresh.get(f"{path}?properties=amount")["properties"]["amount"] == "12000.00"


def test_an_expired_token_stays_expired_until_a_new_one_is_asked_for(fresh: Served) -> None:
    form = {
        "grant_type": "refresh_token",
        "client_id": "sandbox",
        "client_secret": "sandbox",
        "refresh_token": "sandbox",
    }

    def token() -> str:
        return fresh.session.post(f"{fresh.url}/oauth/v1/token", data=form, timeout=10).json()["access_token"]

    held = token()
    fresh.fault(kind="expired_token")

    def status(value: str) -> int:
        return fresh.call("GET", "/crm/v3/owners", headers={"Authorization": f"Bearer {value}"}).status_code

    assert [status(held), status(held), status(token())] == [401, 401, 200]
