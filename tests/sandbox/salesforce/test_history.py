"""What the org keeps of the past: histories of deals and quotes, dates of last activity."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from simple_salesforce import Salesforce

from sandbox.company import Batch, Opportunity, Person, Role
from tests.sandbox.salesforce.company import NOW, activity, days
from tests.sandbox.salesforce.test_queries import values
from tests.sandbox.salesforce.test_records import one, opportunity

DEAL = "Opportunity.External_Id__c = 'opp-1'"


def at(day: float) -> str:
    return f"{days(day):%Y-%m-%dT%H:%M:%S}.000+0000"


def test_the_company_s_changes_are_snapshots_in_the_order_of_time(sf: Salesforce) -> None:
    fields = "StageName, Amount, CloseDate, PrevAmount, PrevCloseDate, CreatedDate"
    assert values(sf, f"SELECT {fields} FROM OpportunityHistory WHERE {DEAL} ORDER BY CreatedDate, Id") == [
        ["new-talk", 1000.0, "2026-03-31", None, None, at(1)],
        ["new-offer", 1500.0, "2026-03-31", 1000.0, "2026-03-31", at(12)],
        ["new-offer", 1500.0, "2026-04-30", 1500.0, "2026-03-31", at(15)],
    ]


def test_field_history_has_an_owner_s_change_twice_with_names_and_with_ids(sf: Salesforce) -> None:
    rows = values(sf, f"SELECT Field, OldValue, NewValue, CreatedDate FROM OpportunityFieldHistory WHERE {DEAL}")
    sam, tess = (one(sf, f"SELECT Id FROM User WHERE Name = '{name}'")["Id"] for name in ("Sam Smit", "Tess Tol"))
    assert rows == [
        ["created", None, None, at(1)],
        ["StageName", "new-talk", "new-offer", at(12)],
        ["Amount", 1000.0, 1500.0, at(12)],
        ["CloseDate", "2026-03-31", "2026-04-30", at(15)],
        ["Owner", "Sam Smit", "Tess Tol", at(16)],
        ["Owner", sam, tess, at(16)],
    ]


def test_a_quote_s_life_is_in_its_history(sf: Salesforce) -> None:
    rows = values(sf, "SELECT Field, OldValue, NewValue, CreatedDate FROM QuoteHistory ORDER BY CreatedDate")
    assert rows == [
        ["created", None, None, at(6)],
        ["Status", "Draft", "Presented", at(7)],
        ["Status", "Presented", "In Review", at(8)],
        ["Status", "In Review", "Denied", at(9)],
    ]


def test_records_carry_the_instants_at_which_they_were_saved(sf: Salesforce) -> None:
    fields = "CreatedDate, SystemModstamp, CompletedDateTime, CallDurationInSeconds"
    call = one(sf, f"SELECT {fields} FROM Task WHERE CallType = 'Outbound'")
    assert call["CreatedDate"] == call["SystemModstamp"] == "2026-01-11T09:05:00.000+0000"
    assert (call["CompletedDateTime"], call["CallDurationInSeconds"]) == ("2026-01-11T09:01:30.000+0000", 90)
    assert one(sf, f"SELECT SystemModstamp FROM Opportunity WHERE {DEAL.replace('Opportunity.', '')}") == {
        "SystemModstamp": at(16)
    }


def test_a_client_s_own_change_of_stage_writes_both_histories(sf: Salesforce) -> None:
    deal = opportunity(sf)
    sf.Opportunity.update(deal, {"StageName": "new-won", "Amount": 120})
    snapshots = values(
        sf, f"SELECT StageName, Amount, PrevAmount FROM OpportunityHistory WHERE OpportunityId = '{deal}'"
    )
    assert snapshots == [["new-talk", 100.0, None], ["new-won", 120.0, 100.0]]
    fields = values(sf, f"SELECT Field, NewValue FROM OpportunityFieldHistory WHERE OpportunityId = '{deal}'")
    assert fields == [["created", None], ["StageName", "new-won"], ["Amount", 120.0]]
    assert one(sf, f"SELECT IsWon, IsClosed, Probability FROM Opportunity WHERE Id = '{deal}'") == {
        "IsWon": True, "IsClosed": True, "Probability": 100.0,
    }  # fmt: skip


def test_our_own_fields_write_no_history(sf: Salesforce) -> None:
    deal = opportunity(sf)
    sf.Opportunity.update(deal, {"NextStep": "Ring"})
    assert len(values(sf, f"SELECT Id FROM OpportunityHistory WHERE OpportunityId = '{deal}'")) == 1


def test_closing_a_task_makes_a_deal_look_alive_and_deleting_an_open_one_does_not(sf: Salesforce) -> None:
    deal = opportunity(sf)
    last = f"SELECT LastActivityDate FROM Opportunity WHERE Id = '{deal}'"
    task = sf.Task.create({"WhatId": deal, "Subject": "x", "ActivityDate": "2026-02-20"})["id"]
    assert one(sf, last)["LastActivityDate"] is None
    sf.Task.update(task, {"Status": "Completed"})
    assert one(sf, last)["LastActivityDate"] == "2026-02-20"
    assert sf.Task.get(task)["CompletedDateTime"] is not None
    sf.Task.delete(task)
    assert one(sf, last)["LastActivityDate"] is None


def test_each_kind_of_activity_is_where_sellers_look_for_it(sf: Salesforce) -> None:
    done = "SELECT Type, TaskSubtype, Who.Name FROM Task WHERE IsClosed = true AND (NOT Subject LIKE 'Note%')"
    found = sf.query(done + " AND CreatedDate < TODAY")["records"]
    assert {(task["Type"], task["TaskSubtype"], task["Who"]["Name"]) for task in found} == {
        ("Email", "Email", "Anna Bos"),
        ("Call", "Call", "Anna Bos"),
        ("Form", "Task", "Anna Bos"),
        ("Document", "Task", "Anna Bos"),
        ("Web", "Task", "Lea Fok"),
        (None, "Task", "Anna Bos"),
    }
    mails = sf.query("SELECT Incoming, FromAddress, ToAddress, CcAddress, ActivityId FROM EmailMessage")["records"]
    inbound, outbound = sorted(mails, key=lambda mail: not mail["Incoming"])
    assert (inbound["FromAddress"], inbound["CcAddress"]) == ("anna@acme.example", "bert@acme.example")
    assert inbound["ActivityId"] is None
    assert sf.Task.get(outbound["ActivityId"])["TaskSubtype"] == "Email"
    assert len(values(sf, "SELECT Id FROM EventRelation")) == 2


def test_words_stand_for_topics_where_the_company_kept_no_text(sf: Salesforce) -> None:
    subjects = [row[0] for row in values(sf, "SELECT Subject FROM Task WHERE Type IN ('Form', 'Document')")]
    assert subjects == ["Form submitted: pricing", "Returned document: returned document, legal"]


def test_nothing_of_the_company_s_own_was_made_by_the_api_user(sf: Salesforce, sandbox: Any) -> None:
    for name in ("Task", "Event", "EmailMessage"):
        found = sf.query(f"SELECT COUNT() FROM {name} WHERE CreatedById = '{sandbox.salesforce.api_user}'"
                         " AND CreatedDate < 2026-03-01T00:00:00Z")  # fmt: skip
        assert found["totalSize"] == 0


def test_a_later_batch_changes_what_is_there_and_removes_who_left(sandbox: Any, sf: Salesforce) -> None:
    org = sandbox.salesforce
    later = NOW + timedelta(hours=1)
    deal = Opportunity("opp-9", "acc-2", "sam", "new", "new-talk", "Later", 10.0, "EUR", None, NOW, None, None)
    lead = Person("lou", None, "Lou", "Gans", None, None, "lead", None, None, NOW)
    role = Role("opp-9", "cor", "champion", is_primary=False, joined_at=NOW)
    visit = activity(9000, "web", "inbound", opportunity_id=None, account_id=None, person_ids=["lou"], recorded_at=NOW)
    org.apply(Batch(NOW, opportunities=[deal], people=[lead], roles=[role], activities=[visit]))
    roles = "SELECT Contact.Name, Role FROM OpportunityContactRole WHERE Opportunity.External_Id__c = 'opp-9'"
    assert sf.query(roles)["records"][0]["Role"] == "Influencer"
    role.left_at = later
    lead.kind, lead.account_id = "contact", "acc-2"
    deal.name = "Later still"
    org.apply(Batch(later, opportunities=[deal], people=[lead], roles=[role]))
    assert sf.query(roles)["totalSize"] == 0
    changed = one(sf, "SELECT Name, SystemModstamp FROM Opportunity WHERE External_Id__c = 'opp-9'")
    assert changed == {"Name": "Later still", "SystemModstamp": f"{later:%Y-%m-%dT%H:%M:%S}.000+0000"}
    converted = one(sf, "SELECT IsConverted, ConvertedContactId FROM Lead WHERE LastName = 'Gans'")
    assert converted["IsConverted"] is True
    who = one(sf, "SELECT WhoId FROM Task WHERE Type = 'Web' AND Who.LastName = 'Gans'")["WhoId"]
    assert who == converted["ConvertedContactId"]
