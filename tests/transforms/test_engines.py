"""DuckDB and Polars give the same tables."""

from __future__ import annotations

import pytest

from tests.transforms import hubspot_portal, salesforce_org
from tests.transforms.engines import Engine
from tests.transforms.hubspot_portal import link, portal, was
from tests.transforms.salesforce_org import contact, email, field_history, history, on, opportunity, org, role, task


def salesforce_streams():
    lead = {
        "Id": "00Q1",
        "Name": "Kim",
        "IsConverted": "true",
        "ConvertedContactId": "003A",
        "CreatedDate": on("01-02"),
    }
    event = {"Id": "00U1", "WhatId": "006A", "WhoId": "003A", "StartDateTime": on("02-13"), "CreatedDate": on("02-09")}
    return org(
        contact=[contact("003A", "Kim", "kim@buy.example"), contact("003B", "Ann", "ann@sell.example")],
        lead=[lead, {"Id": "00Q2", "Name": "Lee", "Status": "New", "CreatedDate": on("01-03")}],
        opportunity=[
            opportunity("006A", BR_Seller_View__c="liking"),
            opportunity("006B", Amount="abc", StageName="Lost", IsClosed="true", Loss_Reason__c="No budget"),
        ],
        opportunity_history=[history("1", "Qualify", "02-01", Amount="5"), history("2", "Propose", "02-05")],
        opportunity_field_history=[field_history("a", "Owner", "005A", "005B", "02-03")],
        opportunity_contact_role=[role("1", "006A", "003A", "User"), role("2", "006A", "003A", "Champion")],
        quote=[{"Id": "0Q1", "OpportunityId": "006A", "Status": "Presented", "CreatedDate": on("02-04")}],
        quote_history=[
            {"Id": "1", "QuoteId": "0Q1", "Field": "Status", "NewValue": "Presented", "CreatedDate": on("02-05")}
        ],
        task=[
            task("00T1", TaskSubtype="Call", CallType="Inbound", WhoId="003A", topics='["pricing","need"]'),
            task("00T2", IsClosed="false", WhatId="006A", WhoId="003A", ActivityDate="2026-03-02"),
            task("00T3", Type="Form", WhoId="00Q1"),
        ],
        event=[{**event, "OwnerId": "005B", "topics": "[]"}],
        email_message=[
            email("02s1", "kim@buy.example", "bo@sell.example", topics='["quote_request"]'),
            email("02s2", "bo@sell.example", "x@other.example; kim@buy.example", incoming=False, RelatedToId="006A"),
        ],
        case=[{"Id": "500", "AccountId": "001A", "CreatedDate": on("02-01"), "IsClosed": "false"}],
    )


def hubspot_streams():
    links = portal()["associations"]
    links += [
        link("emails", "1", "contacts", "20"),
        link("notes", "2", "contacts", "20"),
        link("quotes", "3", "deals", "30"),
    ]
    return portal(
        associations=[*links, link("tasks", "4", "deals", "30"), link("tasks", "4", "contacts", "20")],
        emails=[{"id": "1", "hs_timestamp": on("02-10"), "hs_email_direction": "INCOMING_EMAIL", "topics": '["need"]'}],
        notes=[{"id": "2", "hs_timestamp": on("02-11"), "topics": '["web_visit"]'}],
        quotes=[{"id": "3", "hs_status": "DRAFT", "hs_createdate": on("02-02")}],
        tasks=[{"id": "4", "hs_timestamp": on("03-01"), "hs_createdate": on("02-01"), "topics": "[]"}],
        property_history=[
            was("deals", "30", "dealstage", "q", on("02-01")),
            was("deals", "30", "dealstage", "p", on("02-03")),
            was("quotes", "3", "hs_status", "APPROVED", on("02-04")),
        ],
    )


@pytest.mark.parametrize(
    ("canonical", "streams"),
    [(salesforce_org.canonical, salesforce_streams()), (hubspot_portal.canonical, hubspot_streams())],
    ids=["salesforce", "hubspot"],
)
def test_both_engines_give_the_same_tables(canonical, streams):
    polars, duckdb = (canonical(Engine(name), streams) for name in ("polars", "duckdb"))
    assert {*polars} == {*duckdb}
    for name, rows in polars.items():
        assert duckdb[name] == rows, name
    assert polars["interactions"]
    assert polars["changes"]
