"""SOQL over HTTP: what it finds, how it is paged, and how it refuses."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceMalformedRequest

from sandbox.salesforce.soql import periods
from tests.sandbox.salesforce.company import MANY
from tests.sandbox.salesforce.conftest import Ask, error_of


def values(sf: Salesforce, soql: str) -> list[list[Any]]:
    """The records of a query, each as its values; the attributes left out."""
    return [[v for k, v in record.items() if k != "attributes"] for record in sf.query(soql)["records"]]


DEALS = "External_Id__c IN ('opp-1', 'opp-2')"
FOUND = [
    (f"SELECT Name FROM Opportunity WHERE {DEALS} AND IsClosed = true", [["Beta – Renewal"]]),
    ("SELECT External_Id__c FROM Opportunity WHERE Amount > 1499.5 AND Amount < 1500.5", [["opp-1"]]),
    ("SELECT External_Id__c FROM Opportunity WHERE Amount = null", [["opp-2"]]),
    ("SELECT External_Id__c FROM Opportunity WHERE CloseDate >= 2026-04-30", [["opp-1"]]),
    ("SELECT External_Id__c FROM Opportunity WHERE CreatedDate < 2026-01-02T10:00:00+01:00", []),
    ("SELECT External_Id__c FROM Opportunity WHERE CreatedDate <= 2026-01-02T10:00:00+01:00", [["opp-1"]]),
    ("SELECT External_Id__c FROM Opportunity WHERE CreatedDate < 2026-01-02T09:00:00.001Z", [["opp-1"]]),
    ("SELECT External_Id__c FROM Opportunity WHERE Account.Name = 'ACME'", [["opp-1"]]),
    ("SELECT External_Id__c FROM Opportunity WHERE NOT (Account.Name LIKE 'a%') AND Name LIKE '%renewal'", [["opp-2"]]),
    ("SELECT o.External_Id__c FROM Opportunity o WHERE o.Owner.Name = 'Tess Tol'", [["opp-1"]]),
    ("SELECT External_Id__c FROM Opportunity WHERE RecordType.DeveloperName = 'New_Business'", [["opp-1"]]),
    (f"SELECT External_Id__c FROM Opportunity WHERE {DEALS} ORDER BY Amount NULLS LAST", [["opp-1"], ["opp-2"]]),
    (f"SELECT External_Id__c FROM Opportunity WHERE {DEALS} ORDER BY Amount DESC", [["opp-2"], ["opp-1"]]),
    (f"SELECT External_Id__c FROM Opportunity WHERE {DEALS} ORDER BY Name LIMIT 1 OFFSET 1", [["opp-2"]]),
    ("SELECT Name FROM Contact WHERE Email != 'anna@acme.example' AND AccountId != null ORDER BY Name",
     [["Bert Dijk"], ["Cor Eik"]]),
    ("SELECT Name FROM Contact WHERE Title NOT IN ('CFO') ORDER BY Name", [["Bert Dijk"], ["Cor Eik"]]),
    ("SELECT Name FROM Contact WHERE Id IN (SELECT ContactId FROM OpportunityContactRole WHERE Role LIKE 'Decision%')",
     [["Anna Bos"]]),
    ("SELECT Name FROM Account WHERE Id NOT IN (SELECT AccountId FROM Opportunity WHERE IsWon = false)", []),
    ("SELECT Subject FROM Task WHERE What.Type = 'Opportunity' AND Who.FirstName = 'Anna' AND CallType = 'Outbound'",
     [["Call"]]),
    ("SELECT Subject FROM Task WHERE Subject LIKE 'Form\\_%'", []),
    ("SELECT Subject FROM Task WHERE CALENDAR_YEAR(CreatedDate) = 2026 AND DAY_ONLY(CreatedDate) = 2026-01-11 "
     "AND TaskSubtype = 'Email'", [["Answer"]]),
    ("SELECT Subject FROM Event WHERE StartDateTime = LAST_N_DAYS:60", [["Meeting: no show"]]),
    ("SELECT Subject FROM Event WHERE StartDateTime = THIS_MONTH", []),
    ("SELECT toLabel(StageName) FROM Opportunity WHERE External_Id__c = 'opp-1'", [["Offer"]]),
    ("SELECT COUNT(Id), Role FROM OpportunityContactRole GROUP BY Role ORDER BY Role",
     [[1, "Business User"], [1, "Decision Maker"]]),
    (f"SELECT MIN(Amount) least, AVG(Amount), COUNT_DISTINCT(AccountId) FROM Opportunity WHERE {DEALS}",
     [[1500.0, 1500.0, 2]]),
    ("SELECT Status s, COUNT(Id) c FROM Task GROUP BY Status HAVING COUNT(Id) < 5", [["Not Started", 1]]),
    ("SELECT Name FROM User WHERE IsActive = false FOR VIEW", [["Gina Gone"]]),
]  # fmt: skip


@pytest.mark.parametrize(("soql", "expected"), FOUND, ids=[soql[:70] for soql, _ in FOUND])
def test_a_query_finds(sf: Salesforce, soql: str, expected: list[list[Any]]) -> None:
    assert values(sf, soql) == expected


REFUSED = [
    ("SELECT Id, Nope FROM Account", "INVALID_FIELD", "No such column 'Nope' on entity 'Account'"),
    ("SELECT Owner.Nope FROM Account", "INVALID_FIELD", "No such column 'Nope' on entity 'User'"),
    ("SELECT Nope.Name FROM Account", "INVALID_FIELD", "Didn't understand relationship 'Nope' in field path"),
    ("SELECT Id, (SELECT Id FROM Nopes) FROM Account", "INVALID_FIELD", "relationship 'Nopes' in FROM part"),
    ("SELECT Id FROM Nope", "INVALID_TYPE", "sObject type 'Nope' is not supported"),
    ("SELECT FROM Account", "MALFORMED_QUERY", "unexpected token"),
    ("", "MALFORMED_QUERY", "A query string has to be specified"),
    ("SELECT Id FROM Account WHERE Name = 'a' AND Name = 'b' OR Name = 'c'", "MALFORMED_QUERY", "token: 'OR'"),
    ("SELECT Id FROM Account WHERE Name = :name", "MALFORMED_QUERY", "unexpected token: ':'"),
    ("SELECT Id FROM Account WHERE Name = 5", "INVALID_FIELD", "must be of type string and should be enclosed"),
    ("SELECT Id FROM Opportunity WHERE Amount = '5'", "INVALID_FIELD", "must be of type double and should not be"),
    ("SELECT Id FROM Account WHERE CreatedDate > '2026-01-01'", "INVALID_FIELD", "must be of type dateTime"),
    ("SELECT Id FROM Account WHERE CreatedDate > 2026-01-01", "INVALID_FIELD", "must be of type dateTime"),
    ("SELECT Id FROM Account WHERE Id = 'abc'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: abc"),
    ("SELECT Id FROM Account WHERE Description = 'x'", "INVALID_FIELD", "can not be filtered in a query call"),
    ("SELECT Id FROM Account ORDER BY Description", "MALFORMED_QUERY", "can not be sorted in a query call"),
    ("SELECT Id FROM OpportunityFieldHistory WHERE NewValue = 'x'", "INVALID_FIELD", "can not be filtered"),
    ("SELECT Name, COUNT(Id) FROM Account", "MALFORMED_QUERY", "Field must be grouped or aggregated: Name"),
    ("SELECT SUM(Name) FROM Account", "MALFORMED_QUERY", "does not support aggregate operator SUM"),
    ("SELECT FIELDS(ALL) FROM Account", "MALFORMED_QUERY", "must have a LIMIT of at most 200"),
    ("SELECT Id FROM Account LIMIT 1 OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE", "Maximum SOQL offset"),
    ("SELECT Id FROM Account WHERE Name INCLUDES ('a')", "INVALID_QUERY_FILTER_OPERATOR", "multipicklist"),
    ("SELECT Id FROM Account GROUP BY ROLLUP(Name)", "INVALID_FIELD", "Invalid function"),
]


@pytest.mark.parametrize(("soql", "code", "message"), REFUSED, ids=[soql[:60] or "nothing" for soql, _, _ in REFUSED])
def test_a_query_is_refused(sf: Salesforce, soql: str, code: str, message: str) -> None:
    with pytest.raises(SalesforceMalformedRequest) as refused:
        sf.query(soql)
    assert refused.value.status == 400
    assert refused.value.content[0]["errorCode"] == code
    assert message in refused.value.content[0]["message"]


def test_a_complaint_shows_the_place_in_the_query(sf: Salesforce) -> None:
    with pytest.raises(SalesforceMalformedRequest) as refused:
        sf.query("SELECT Id, Nope FROM Account")
    message = refused.value.content[0]["message"]
    assert message.startswith("\nSELECT Id, Nope FROM Account\n           ^\nERROR at Row:1:Column:12\n")


def test_parents_are_nested_and_missing_ones_null(sf: Salesforce) -> None:
    soql = "SELECT Who.Name, What.Name, Account.Owner.Name FROM Task WHERE Subject = 'Web visit'"
    record = sf.query(soql)["records"][0]
    assert record["Who"]["attributes"]["type"] == "Name"
    assert record["Who"]["Name"] == "Lea Fok"
    assert record["What"] is None
    assert record["Account"] is None


def test_typeof_shows_each_kind_of_parent_its_own_way(sf: Salesforce) -> None:
    soql = (
        "SELECT TYPEOF Who WHEN Contact THEN Email, AccountId WHEN Lead THEN Company ELSE Name END FROM Task "
        "WHERE Subject IN ('Web visit', 'Call') ORDER BY Subject"
    )
    call, visit = (record["Who"] for record in sf.query(soql)["records"])
    assert call["attributes"]["type"] == "Contact"
    assert call["Email"] == "anna@acme.example"
    assert visit["attributes"]["type"] == "Lead"
    assert visit.keys() == {"attributes", "Company"}


def test_sub_selects_have_their_own_order_and_limit_and_are_null_when_empty(sf: Salesforce) -> None:
    soql = (
        "SELECT External_Id__c, (SELECT Contact.Name FROM OpportunityContactRoles ORDER BY CreatedDate DESC LIMIT 1), "
        "(SELECT Id FROM Quotes) FROM Opportunity WHERE External_Id__c IN ('opp-1', 'opp-2') ORDER BY External_Id__c"
    )
    first, second = sf.query(soql)["records"]
    roles = first["OpportunityContactRoles"]
    assert (roles["totalSize"], roles["done"]) == (1, True)
    assert roles["records"][0]["Contact"]["Name"] == "Bert Dijk"
    assert first["Quotes"]["totalSize"] == 1
    assert second["OpportunityContactRoles"] is None


def test_aggregates_come_as_aggregate_results_and_counts_as_a_size(sf: Salesforce) -> None:
    counted = sf.query("SELECT COUNT() FROM Contact")
    assert (counted["totalSize"], counted["done"], counted["records"]) == (3, True, [])
    record = sf.query("SELECT COUNT(Id) FROM Contact")["records"][0]
    assert record == {"attributes": {"type": "AggregateResult"}, "expr0": 3}


def test_pages_of_two_thousand_hold_every_record_once(sf: Salesforce) -> None:
    soql = "SELECT Id FROM Task WHERE Subject LIKE 'Note%' ORDER BY SystemModstamp, Id"
    first = sf.query(soql)
    assert (first["totalSize"], first["done"], len(first["records"])) == (MANY, False, 2000)
    assert first["nextRecordsUrl"].startswith("/services/data/v65.0/query/01g")
    second = sf.query_more(first["nextRecordsUrl"], identifier_is_url=True)
    assert second["totalSize"] == MANY
    every = [record["Id"] for record in sf.query_all(soql)["records"]]
    assert len(every) == len(set(every)) == MANY


def test_a_page_asked_for_after_a_write_still_belongs_to_its_query(sf: Salesforce, ask: Ask) -> None:
    first = sf.query("SELECT Id FROM Task WHERE Subject LIKE 'Note%' ORDER BY SystemModstamp, Id")
    expected = sf.query_more(first["nextRecordsUrl"], identifier_is_url=True)["records"]
    touched = first["records"][0]["Id"]
    sf.Task.update(touched, {"Priority": "High"})
    again = sf.query_more(first["nextRecordsUrl"], identifier_is_url=True)["records"]
    assert again == expected


def test_the_advised_page_size_is_kept_within_its_bounds(ask: Ask) -> None:
    soql = "/query?q=SELECT+Id+FROM+Task"
    for advice, size in (("batchSize=250", 250), ("batchSize=10", 200), ("batchSize=9000", 2000), ("", 2000)):
        answer = ask("GET", soql, headers={"Sforce-Query-Options": advice}).json()
        assert len(answer["records"]) == size


def test_an_unknown_locator_is_refused(ask: Ask) -> None:
    assert error_of(ask("GET", "/query/01g000000000001AAA-2000")) == (400, "INVALID_QUERY_LOCATOR")
    assert error_of(ask("GET", "/query/nonsense")) == (400, "INVALID_QUERY_LOCATOR")


@pytest.mark.parametrize("field", ["SystemModstamp", "CreatedDate", "Id"])
def test_going_on_by_key_finds_what_one_query_finds(sf: Salesforce, field: str) -> None:
    where = "Subject LIKE 'Note%'"
    whole = [r["Id"] for r in sf.query_all(f"SELECT Id FROM Task WHERE {where} ORDER BY {field}, Id")["records"]]
    seen: list[str] = []
    after = ""
    while True:
        soql = f"SELECT Id, SystemModstamp, CreatedDate FROM Task WHERE {where} {after} ORDER BY {field}, Id LIMIT 1700"
        records = sf.query(soql)["records"]
        if not records:
            break
        seen += [record["Id"] for record in records]
        at, last = records[-1][field], records[-1]["Id"]
        if field == "Id":
            after = f"AND Id > '{last}'"
        else:
            at = at.replace("+0000", "Z")
            after = f"AND ({field} > {at} OR ({field} = {at} AND Id > '{last}'))"
    assert seen == whole


def test_fifteen_characters_name_the_same_record(sf: Salesforce) -> None:
    record_id = sf.query("SELECT Id FROM Account WHERE Name = 'Acme'")["records"][0]["Id"]
    assert len(record_id) == 18
    assert values(sf, f"SELECT Name FROM Account WHERE Id = '{record_id[:15]}'") == [["Acme"]]
    assert values(sf, f"SELECT Name FROM Contact WHERE AccountId IN ('{record_id[:15]}') ORDER BY Name") == [
        ["Anna Bos"],
        ["Bert Dijk"],
    ]


def test_what_is_in_the_bin_is_found_by_query_all_alone(sf: Salesforce) -> None:
    made = sf.Account.create({"Name": "Thrown away"})["id"]
    sf.Account.delete(made)
    soql = "SELECT Id, IsDeleted FROM Account WHERE Name = 'Thrown away'"
    assert values(sf, soql) == []
    found = sf.query(soql, include_deleted=True)["records"]
    assert [(record["Id"], record["IsDeleted"]) for record in found] == [(made, True)]
    assert values(sf, soql + " ALL ROWS") == [[made, True]]


def test_columns_describe_a_query_without_its_rows(ask: Ask) -> None:
    answer = ask("GET", "/query?columns=true&q=SELECT+Id,+Owner.Name,+Amount+FROM+Opportunity").json()
    assert answer["entityName"] == "Opportunity"
    assert answer["idSelected"] is True
    assert [column["displayName"] for column in answer["columnMetadata"]] == ["Id", "Owner.Name", "Amount"]
    assert [column["apexType"] for column in answer["columnMetadata"]] == ["Id", "String", "Decimal"]


def test_fields_all_shows_what_a_record_shows(sf: Salesforce) -> None:
    record = sf.query("SELECT FIELDS(ALL) FROM Account WHERE Name = 'Acme' LIMIT 1")["records"][0]
    assert record == sf.Account.get(record["Id"])
    custom = sf.query("SELECT FIELDS(CUSTOM) FROM Account WHERE Name = 'Acme' LIMIT 1")["records"][0]
    assert custom.keys() == {"attributes", "External_Id__c"}


TODAY = date(2026, 3, 4)  # a Wednesday


@pytest.mark.parametrize(
    ("literal", "first", "after"),
    [
        ("TODAY", "2026-03-04", "2026-03-05"),
        ("YESTERDAY", "2026-03-03", "2026-03-04"),
        ("THIS_WEEK", "2026-03-02", "2026-03-09"),
        ("LAST_MONTH", "2026-02-01", "2026-03-01"),
        ("NEXT_QUARTER", "2026-04-01", "2026-07-01"),
        ("LAST_YEAR", "2025-01-01", "2026-01-01"),
        ("LAST_N_DAYS:3", "2026-03-01", "2026-03-05"),
        ("NEXT_N_DAYS:3", "2026-03-05", "2026-03-08"),
        ("N_DAYS_AGO:3", "2026-03-01", "2026-03-02"),
        ("LAST_N_MONTHS:2", "2026-01-01", "2026-03-01"),
        ("NEXT_N_WEEKS:1", "2026-03-09", "2026-03-16"),
        ("N_MONTHS_AGO:3", "2025-12-01", "2026-01-01"),
        ("LAST_90_DAYS", "2025-12-05", "2026-03-05"),
        ("THIS_FISCAL_QUARTER", "2026-01-01", "2026-04-01"),
        ("LAST_N_FISCAL_YEARS:2", "2024-01-01", "2026-01-01"),
    ],
)
def test_a_date_literal_stands_for_these_days(literal: str, first: str, after: str) -> None:
    assert [day.isoformat() for day in periods.days(literal, TODAY)] == [first, after]
