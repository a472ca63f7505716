"""Single records: what is saved, what is refused and how, what deleting takes along."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import pytest
from simple_salesforce import Salesforce

from tests.sandbox.salesforce.company import NOW
from tests.sandbox.salesforce.conftest import Ask, error_of

NUMBERS = itertools.count()


def one(sf: Salesforce, soql: str) -> Any:
    record = sf.query(soql)["records"][0]
    return {name: value for name, value in record.items() if name != "attributes"}


def opportunity(sf: Salesforce, **more: Any) -> str:
    known = {"Name": f"Deal {next(NUMBERS)}", "StageName": "new-talk", "CloseDate": "2026-06-30", "Amount": 100}
    made: str = sf.Opportunity.create({**known, **more})["id"]
    return made


def test_a_created_record_is_read_back_with_what_the_org_worked_out(sf: Salesforce, ask: Ask) -> None:
    body = {"Name": "Pumps", "StageName": "new-offer", "CloseDate": "2026-06-30", "amount": "99.999"}
    answer = ask("POST", "/sobjects/Opportunity", json=body)
    assert answer.status_code == 201
    record_id = answer.json()["id"]
    assert answer.json() == {"id": record_id, "success": True, "errors": []}
    assert answer.headers["Location"] == f"/services/data/v65.0/sobjects/Opportunity/{record_id}"
    record = sf.Opportunity.get(record_id)
    assert (record["Amount"], record["Probability"], record["IsClosed"]) == (100.0, 60.0, False)
    assert (record["ExpectedRevenue"], record["Fiscal"], record["ForecastCategoryName"]) == (
        60.0,
        "2026 2",
        "Best Case",
    )
    assert record["CreatedDate"] == record["SystemModstamp"] == record["LastModifiedDate"]
    assert record["OwnerId"] == record["CreatedById"]


def test_a_change_answers_without_a_body_and_moves_the_stamp(sf: Salesforce, ask: Ask, sandbox: Any) -> None:
    record_id = opportunity(sf)
    before = sf.Opportunity.get(record_id)
    sandbox.world.clock.advance(1 / 86_400 * 2)
    answer = ask("PATCH", f"/sobjects/Opportunity/{record_id}", json={"NextStep": "Ring"})
    assert (answer.status_code, answer.content) == (204, b"")
    after = sf.Opportunity.get(record_id)
    assert after["NextStep"] == "Ring"
    assert after["SystemModstamp"] > before["SystemModstamp"]
    assert after["CreatedDate"] == before["CreatedDate"]


REFUSED = [
    ("Account", {}, "REQUIRED_FIELD_MISSING", ["Name"]),
    ("Account", {"Name": ""}, "REQUIRED_FIELD_MISSING", ["Name"]),
    ("Opportunity", {"Name": "x"}, "REQUIRED_FIELD_MISSING", ["StageName", "CloseDate"]),
    ("Account", {"Name": "x" * 256}, "STRING_TOO_LONG", ["Name"]),
    ("Contact", {"LastName": "x", "Email": "not an address"}, "INVALID_EMAIL_ADDRESS", ["Email"]),
    ("Account", {"Name": "x", "Nope": 1}, "INVALID_FIELD", None),
    ("Account", {"Name": "x", "SystemModstamp": "2026-01-01T00:00:00Z"}, "INVALID_FIELD_FOR_INSERT_UPDATE",
     ["SystemModstamp"]),
    ("Account", {"Name": "x", "NumberOfEmployees": "many"}, "JSON_PARSER_ERROR", None),
    ("Account", {"Name": "x", "ParentId": "short"}, "MALFORMED_ID", ["ParentId"]),
    ("Account", {"Name": "x", "ParentId": "001000000000001AAA"}, "INVALID_CROSS_REFERENCE_KEY", ["ParentId"]),
    ("Account", {"Name": "x", "ParentId": "003000000000001AAA"}, "FIELD_INTEGRITY_EXCEPTION", ["ParentId"]),
    ("Account", {"Name": "x", "External_Id__c": "acc-1"}, "DUPLICATE_VALUE", []),
    ("Task", {"Subject": "x", "TaskSubtype": "Fax"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", ["TaskSubtype"]),
    ("Opportunity", {"Name": "x", "StageName": "new-talk", "CloseDate": "soon"}, "JSON_PARSER_ERROR", None),
    ("Opportunity", {"Name": "x", "StageName": "new-talk", "CloseDate": "2026-01-01", "Amount": 1e17},
     "NUMBER_OUTSIDE_VALID_RANGE", ["Amount"]),
    ("Event", {"Subject": "x", "DurationInMinutes": 5}, "REQUIRED_FIELD_MISSING", ["ActivityDateTime"]),
    ("OpportunityHistory", {"StageName": "x"}, "INVALID_TYPE_FOR_OPERATION", []),
    ("Account", {"Name": "x", "Id": "001000000000001AAA"}, "INVALID_FIELD", None),
]  # fmt: skip


@pytest.mark.parametrize(("sobject", "body", "code", "fields"), REFUSED)
def test_a_record_that_does_not_fit_is_refused(
    ask: Ask, sobject: str, body: dict[str, Any], code: str, fields: list[str] | None
) -> None:
    answer = ask("POST", f"/sobjects/{sobject}", json=body)
    assert error_of(answer) == (400, code)
    assert answer.json()[0].get("fields") == fields
    assert answer.json()[0]["message"]


def test_a_task_can_not_be_given_to_somebody_who_left(sf: Salesforce, ask: Ask) -> None:
    gone = one(sf, "SELECT Id FROM User WHERE Name = 'Gina Gone'")["Id"]
    answer = ask("POST", "/sobjects/Task", json={"Subject": "x", "OwnerId": gone})
    assert error_of(answer) == (400, "INACTIVE_OWNER_OR_USER")


def test_bodies_that_are_no_json_are_refused(ask: Ask) -> None:
    json = {"Content-Type": "application/json"}
    assert error_of(ask("POST", "/sobjects/Account", data="{", headers=json)) == (400, "JSON_PARSER_ERROR")
    assert error_of(ask("POST", "/sobjects/Account", data="[]", headers=json)) == (400, "JSON_PARSER_ERROR")
    xml = {"Content-Type": "application/xml"}
    assert error_of(ask("POST", "/sobjects/Account", data="<a/>", headers=xml)) == (415, "UNSUPPORTED_MEDIA_TYPE")


def test_what_is_not_there_is_told_apart_from_what_was_deleted(sf: Salesforce, ask: Ask) -> None:
    gone = sf.Account.create({"Name": "Gone"})["id"]
    sf.Account.delete(gone)
    absent = "001000000000001AAA"
    assert error_of(ask("GET", f"/sobjects/Account/{gone}")) == (404, "NOT_FOUND")
    assert ask("DELETE", f"/sobjects/Account/{gone}").json() == [
        {"message": "entity is deleted", "errorCode": "ENTITY_IS_DELETED", "fields": []}
    ]
    assert error_of(ask("PATCH", f"/sobjects/Account/{gone}", json={"Name": "x"})) == (404, "ENTITY_IS_DELETED")
    assert error_of(ask("GET", f"/sobjects/Account/{absent}")) == (404, "NOT_FOUND")
    assert ask("PATCH", f"/sobjects/Account/{absent}", json={"Name": "x"}).status_code == 404
    assert error_of(ask("GET", "/sobjects/Nope/001000000000001AAA")) == (404, "NOT_FOUND")
    assert error_of(ask("GET", "/nope")) == (404, "NOT_FOUND")
    assert ask("PUT", "/sobjects/Account").status_code == 405


def test_clients_that_can_only_post_say_which_method_they_mean(sf: Salesforce, ask: Ask) -> None:
    made = sf.Account.create({"Name": "Posted"})["id"]
    assert ask("POST", f"/sobjects/Account/{made}?_HttpMethod=PATCH", json={"Name": "Patched"}).status_code == 204
    assert sf.Account.get(made)["Name"] == "Patched"


def test_upsert_creates_then_changes_and_says_which(ask: Ask, sf: Salesforce) -> None:
    path = "/sobjects/Account/External_Id__c/ups::1"
    created = ask("PATCH", path, json={"Name": "First"})
    assert (created.status_code, created.json()["created"]) == (201, True)
    changed = ask("PATCH", path, json={"Name": "Second"})
    assert (changed.status_code, changed.json()["created"]) == (200, False)
    assert changed.json()["id"] == created.json()["id"]
    assert ask("PATCH", "/services/data/v42.0" + path, json={"Name": "Third"}).status_code == 204
    assert ask("GET", path + "?fields=Name").json()["Name"] == "Third"
    assert error_of(ask("PATCH", "/sobjects/Account/Name/x", json={})) == (404, "NOT_FOUND")


def test_two_records_with_one_external_id_are_both_named(sf: Salesforce, ask: Ask, sandbox: Any) -> None:
    made = [sf.Contact.create({"LastName": "Twin", "Email": "twin@x.example"})["id"] for _ in range(2)]
    answer = ask("PATCH", "/sobjects/Contact/Email/twin@x.example", json={"Title": "CEO"})
    assert answer.status_code == 300
    assert sorted(address.rpartition("/")[2] for address in answer.json()) == sorted(made)


def test_a_checkbox_is_never_empty(sf: Salesforce) -> None:
    made = sf.Contact.create({"LastName": "Box", "DoNotCall": True})["id"]
    sf.Contact.update(made, {"DoNotCall": None})
    assert sf.Contact.get(made)["DoNotCall"] is False


def test_a_parent_may_be_named_by_its_external_id(sf: Salesforce) -> None:
    made = sf.Contact.create({"LastName": "Via", "Account": {"External_Id__c": "acc-1"}})["id"]
    assert one(sf, f"SELECT Account.Name FROM Contact WHERE Id = '{made}'")["Account"]["Name"] == "Acme"


def test_get_updated_and_get_deleted_know_what_happened(sf: Salesforce) -> None:
    changed = sf.Campaign.create({"Name": "Fair"})["id"]
    gone = sf.Campaign.create({"Name": "Cancelled fair"})["id"]
    sf.Campaign.delete(gone)
    start, end = NOW - timedelta(hours=1), NOW + timedelta(days=1)
    updated = sf.Campaign.updated(start, end)
    assert (changed in updated["ids"], gone in updated["ids"]) == (True, False)
    deleted = sf.Campaign.deleted(start, end)
    assert [record["id"] for record in deleted["deletedRecords"]] == [gone]
    assert deleted.keys() == {"deletedRecords", "earliestDateAvailable", "latestDateCovered"}


def test_too_long_ago_is_refused_as_the_org_keeps_so_many_days(ask: Ask) -> None:
    def span(days: int) -> dict[str, str]:
        start, end = NOW - timedelta(days=days), NOW - timedelta(days=1)
        return {"start": f"{start:%Y-%m-%dT%H:%M:%SZ}", "end": f"{end:%Y-%m-%dT%H:%M:%SZ}"}

    assert ask("GET", "/sobjects/Account/updated", params=span(29)).status_code == 200
    assert error_of(ask("GET", "/sobjects/Account/updated", params=span(32)))[1] == "INVALID_REPLICATION_DATE"
    assert ask("GET", "/sobjects/Account/deleted", params=span(14)).status_code == 200
    assert error_of(ask("GET", "/sobjects/Account/deleted", params=span(17)))[1] == "INVALID_REPLICATION_DATE"
    assert error_of(ask("GET", "/sobjects/Account/updated"))[1] == "INVALID_REPLICATION_DATE"


def test_a_role_removed_by_hand_vanishes_without_a_trace(sf: Salesforce) -> None:
    deal = opportunity(sf)
    contact = sf.Contact.create({"LastName": "Role"})["id"]
    role = sf.OpportunityContactRole.create({"OpportunityId": deal, "ContactId": contact, "Role": "Evaluator"})["id"]
    sf.OpportunityContactRole.delete(role)
    found = sf.query(f"SELECT Id FROM OpportunityContactRole WHERE OpportunityId = '{deal}'", include_deleted=True)
    assert found["totalSize"] == 0


def test_deleting_a_deal_takes_along_what_hangs_on_it_and_undeleting_brings_it_back(
    sf: Salesforce, sandbox: Any
) -> None:
    deal = opportunity(sf)
    contact = sf.Contact.create({"LastName": "Role"})["id"]
    sf.OpportunityContactRole.create({"OpportunityId": deal, "ContactId": contact})
    sf.Task.create({"WhatId": deal, "Subject": "x"})
    sf.Opportunity.delete(deal)
    for soql in (
        f"SELECT IsDeleted FROM OpportunityContactRole WHERE OpportunityId = '{deal}'",
        f"SELECT IsDeleted FROM Task WHERE WhatId = '{deal}'",
    ):
        assert sf.query(soql)["totalSize"] == 0
        assert [record["IsDeleted"] for record in sf.query(soql, include_deleted=True)["records"]] == [True]
    org = sandbox.salesforce
    org.as_api_user().undelete(org.schema["Opportunity"], deal)
    assert sf.query(f"SELECT Id FROM OpportunityContactRole WHERE OpportunityId = '{deal}'")["totalSize"] == 1
    assert sf.Opportunity.get(deal)["IsDeleted"] is False


def test_a_merged_contact_is_in_the_bin_and_names_its_master(sf: Salesforce, sandbox: Any) -> None:
    winner, loser = (sf.Contact.create({"LastName": name})["id"] for name in ("Winner", "Loser"))
    task = sf.Task.create({"WhoId": loser, "Subject": "x"})["id"]
    org = sandbox.salesforce
    org.as_api_user().merge(org.schema["Contact"], winner, loser)
    found = sf.query(f"SELECT MasterRecordId, IsDeleted FROM Contact WHERE Id = '{loser}'", include_deleted=True)
    assert [(record["MasterRecordId"], record["IsDeleted"]) for record in found["records"]] == [(winner, True)]
    assert sf.Task.get(task)["WhoId"] == winner
    assert loser in [record["id"] for record in sf.Contact.deleted(NOW, NOW + timedelta(days=1))["deletedRecords"]]


def test_people_s_names_follow_from_their_parts(sf: Salesforce) -> None:
    made = sf.Contact.create({"FirstName": "Jan", "LastName": "Vos"})["id"]
    sf.Contact.update(made, {"FirstName": None})
    assert sf.Contact.get(made)["Name"] == "Vos"


def test_an_event_s_end_follows_from_its_length(sf: Salesforce) -> None:
    made = sf.Event.create({"Subject": "x", "ActivityDateTime": "2026-03-05T10:00:00Z", "DurationInMinutes": 45})["id"]
    event = sf.Event.get(made)
    assert (event["EndDateTime"], event["ActivityDate"]) == ("2026-03-05T10:45:00.000+0000", "2026-03-05")
    sf.Event.update(made, {"EndDateTime": "2026-03-05T12:00:00Z"})
    assert sf.Event.get(made)["DurationInMinutes"] == 120


def test_a_user_of_another_kind_may_not_change_the_set_up(sandbox: Any) -> None:
    org = sandbox.salesforce
    seller = next(row[0] for row in org.store["User"].rows.values() if "tess@us.example" in row)
    token = org.sessions.open(org.id, seller)
    import requests

    answer = requests.post(
        f"{sandbox.url}/services/data/v65.0/tooling/sobjects/CustomField",
        json={},
        headers={"Authorization": f"Bearer {token}"},
        timeout=30,
    )
    assert error_of(answer) == (403, "INSUFFICIENT_ACCESS")
