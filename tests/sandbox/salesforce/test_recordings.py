"""The org's answers held against answers recorded from real orgs: the same keys, the same types of value."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from simple_salesforce import Salesforce

from tests.sandbox.salesforce.conftest import Ask

RECORDED = Path(__file__).parents[3].parent / "shared" / "recordings" / "salesforce.jsonl"
SHARED = ("Account", "Contact", "Lead", "Opportunity", "OpportunityContactRole", "Event", "Case", "Campaign")
AGREED = ("type", "soapType", "nillable", "updateable", "precision", "scale", "relationshipName", "restrictedPicklist",
          "nameField", "calculated", "externalId", "sortable", "idLookup", "cascadeDelete")  # fmt: skip


@pytest.fixture(scope="module")
def recorded() -> list[dict[str, Any]]:
    if not RECORDED.exists():
        pytest.skip(f"no recordings at {RECORDED}")
    return [json.loads(line) for line in RECORDED.read_text().splitlines()]


def described(recorded: list[dict[str, Any]], sobject: str) -> dict[str, Any]:
    """The fullest description of an object, which is the newest."""
    known = [
        one["response_body"]
        for one in recorded
        if one["path"].endswith(f"/sobjects/{sobject}/describe") and one["status"] == 200
    ]
    return max(known, key=len)


def answers(recorded: list[dict[str, Any]], method: str, part: str, status: int) -> Iterator[dict[str, Any]]:
    found = [one for one in recorded if one["method"] == method and part in one["path"] and one["status"] == status]
    assert found
    return iter(found)


def shape(value: Any) -> Any:
    """Keys and kinds of a JSON value; a list's shape is its first element's."""
    if isinstance(value, dict):
        return {key: shape(one) for key, one in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__


@pytest.mark.parametrize("sobject", SHARED)
def test_describe_has_the_recorded_keys(recorded: Any, sf: Salesforce, sobject: str) -> None:
    theirs, ours = described(recorded, sobject), getattr(sf, sobject).describe()
    assert theirs.keys() <= ours.keys()
    assert theirs["fields"][0].keys() <= ours["fields"][0].keys()
    for part in ("childRelationships", "recordTypeInfos"):
        for one in ours[part]:
            assert theirs[part][0].keys() <= one.keys()
    picklists = [
        next((one["picklistValues"][0] for one in body["fields"] if one["picklistValues"]), {})
        for body in (theirs, ours)
    ]
    assert picklists[0].keys() == picklists[1].keys()


@pytest.mark.parametrize("sobject", SHARED)
def test_fields_are_described_as_recorded(recorded: Any, sf: Salesforce, sobject: str) -> None:
    theirs = {one["name"]: one for one in described(recorded, sobject)["fields"]}
    ours = {one["name"]: one for one in getattr(sf, sobject).describe()["fields"]}
    both = theirs.keys() & ours.keys()
    assert len(both) >= min(12, len(theirs))
    differing = {
        (name, key): (theirs[name][key], ours[name][key])
        for name in both
        for key in AGREED
        if key in theirs[name] and theirs[name][key] != ours[name][key]
    }
    assert differing == {}


def test_the_list_of_objects_has_the_recorded_keys(recorded: Any, ask: Ask) -> None:
    theirs = next(one for one in recorded if one["path"].endswith("/sobjects"))["response_body"]
    ours = ask("GET", "/sobjects").json()
    assert ours.keys() == theirs.keys()
    assert ours["sobjects"][0].keys() == theirs["sobjects"][0].keys()
    assert (ours["encoding"], ours["maxBatchSize"]) == (theirs["encoding"], theirs["maxBatchSize"])


def test_a_token_reply_has_the_recorded_keys(recorded: Any, sandbox: Any) -> None:
    import requests

    theirs = next(answers(recorded, "POST", "/oauth2/token", 200))["response_body"]
    form = {"grant_type": "client_credentials", "client_id": "sandbox", "client_secret": "sandbox"}
    ours = requests.post(f"{sandbox.url}/services/oauth2/token", data=form, timeout=30).json()
    assert theirs.keys() <= ours.keys()
    assert all(isinstance(ours[key], str) for key in theirs)


def test_rows_and_aggregates_come_as_recorded(recorded: Any, ask: Ask) -> None:
    found = next(one for one in answers(recorded, "GET", "/query", 200) if one["response_body"]["records"])
    for theirs, soql in (
        (found["response_body"], "SELECT COUNT(Id) FROM Account"),
        (
            next(one["response_body"] for one in answers(recorded, "GET", "SELECT+Id+FROM+Account+LIMIT+5", 200)),
            "SELECT Id FROM Account LIMIT 2",
        ),
        ({"totalSize": 0, "done": True, "records": []}, "SELECT Id FROM Account WHERE Name = 'nobody'"),
    ):
        ours = ask("GET", f"/query?q={soql.replace(' ', '+')}").json()
        assert shape(ours) == shape(theirs)


def test_polymorphic_parents_come_as_recorded(recorded: Any, ask: Ask) -> None:
    theirs = next(answers(recorded, "GET", "TYPEOF", 200))["response_body"]
    soql = (
        "SELECT Id, TYPEOF Who WHEN Contact THEN LastName, Email WHEN Lead THEN LastName, Company ELSE Id END, "
        "TYPEOF What WHEN Opportunity THEN Name ELSE Id END, Subject, DurationInMinutes, ActivityDateTime FROM Event"
    )
    ours = ask("GET", f"/query?q={soql.replace(' ', '+')}").json()
    expected = shape(theirs)["records"][0]
    got = shape(ours)["records"][0]
    assert got.keys() == expected.keys()
    assert got["Who"].keys() == expected["Who"].keys()
    assert got["DurationInMinutes"] == expected["DurationInMinutes"]


def test_writing_answers_as_recorded(recorded: Any, ask: Ask) -> None:
    created = next(answers(recorded, "POST", "/sobjects/Contact", 201))
    ours = ask("POST", "/sobjects/Contact", json={"LastName": "Recorded"})
    assert (ours.status_code, shape(ours.json())) == (201, shape(created["response_body"]))
    path = f"/sobjects/Contact/{ours.json()['id']}"
    assert created["headers"]["location"].rpartition("/")[0].endswith("/sobjects/Contact")
    assert ours.headers["Location"] == "/services/data/v65.0" + path
    assert (ask("PATCH", path, json={"Title": "x"}).status_code, ask("DELETE", path).status_code) == (204, 204)
    old = "/services/data/v42.0/sobjects/Account/External_Id__c/recorded"
    upserted = next(answers(recorded, "PATCH", "SynchronizationId__c/", 201))
    assert shape(ask("PATCH", old, json={"Name": "x"}).json()).keys() >= shape(upserted["response_body"]).keys()
    assert ask("PATCH", old, json={"Name": "y"}).status_code == 204


def test_collections_answer_as_recorded(recorded: Any, ask: Ask) -> None:
    mixed = next(
        one["response_body"]
        for one in answers(recorded, "PATCH", "/composite/sobjects", 200)
        if not all(row["success"] for row in one["response_body"])
    )
    made = ask("POST", "/sobjects/Contact", json={"LastName": "Mixed"}).json()["id"]
    rows = [{"attributes": {"type": "Contact"}, "id": made, "Email": email} for email in ("a@x.example", "badone")]
    ours = ask("PATCH", "/composite/sobjects", json={"records": rows}).json()
    assert [shape(row) for row in ours] == [shape(row) for row in mixed]
    assert ours[1]["errors"][0]["statusCode"] == mixed[1]["errors"][0]["statusCode"]
    assert ours[1]["errors"][0]["message"].partition(":")[2] == mixed[1]["errors"][0]["message"].partition(":")[2]


def test_both_kinds_of_absence_answer_as_recorded(recorded: Any, ask: Ask) -> None:
    missing = next(answers(recorded, "GET", "/sobjects/Contact/", 404))["response_body"]
    deleted = next(answers(recorded, "DELETE", "/sobjects/", 404))["response_body"]
    made = ask("POST", "/sobjects/Contact", json={"LastName": "Absent"}).json()["id"]
    ask("DELETE", f"/sobjects/Contact/{made}")
    assert ask("GET", f"/sobjects/Contact/{made}").json() == missing
    assert ask("DELETE", f"/sobjects/Contact/{made}").json() == deleted


def test_counts_and_usage_answer_as_recorded(recorded: Any, ask: Ask) -> None:
    theirs = next(answers(recorded, "GET", "/limits/recordCount?sObjects=Account", 200))["response_body"]
    assert shape(ask("GET", "/limits/recordCount?sObjects=Account").json()) == shape(theirs)
    none = ask("GET", "/limits/recordCount?sObjects=CampaignMember").json()
    assert none == {"sObjects": []}
    usage = ask("GET", "/limits").headers["Sforce-Limit-Info"]
    used, most = usage.removeprefix("api-usage=").split("/")
    assert 0 < int(used) < int(most)


def test_a_record_shows_the_recorded_fields_in_the_recorded_types(recorded: Any, ask: Ask, sf: Salesforce) -> None:
    theirs = next(one["response_body"] for one in answers(recorded, "GET", "/sobjects/Organization/", 200))
    org = sf.query("SELECT Id FROM Organization")["records"][0]["Id"]
    ours = ask("GET", f"/sobjects/Organization/{org}").json()
    kinds = {name: (type(theirs[name]), type(ours[name])) for name in theirs.keys() & ours.keys()}
    assert len(kinds) > 20
    assert {name: pair for name, pair in kinds.items() if type(None) not in pair and pair[0] is not pair[1]} == {}
