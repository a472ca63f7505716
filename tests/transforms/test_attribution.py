"""Whose act it is: the link, else the open role, else the account's only open opportunity, else nobody's."""

from __future__ import annotations

from tests.transforms.engines import Engine
from tests.transforms.salesforce_org import canonical, contact, on, only, opportunity, org, role, task

CALL = {"TaskSubtype": "Call", "CallType": "Inbound", "WhoId": "003A"}


def of(engine: Engine, **streams):
    return only(canonical(engine, org(**streams))["interactions"])["opportunity_id"]


def test_the_explicit_link_goes_first(engine: Engine):
    deals = [opportunity("006A"), opportunity("006B")]
    assert of(engine, opportunity=deals, task=[task("00T1", WhatId="006B", **CALL)]) == "006B"


def test_a_quote_leads_to_its_opportunity(engine: Engine):
    quote = [{"Id": "0Q01", "OpportunityId": "006A", "Status": "Draft", "CreatedDate": on("02-02")}]
    assert of(engine, quote=quote, task=[task("00T1", WhatId="0Q01", **CALL)], opportunity_contact_role=[]) == "006A"


def test_then_the_role_that_the_person_held_at_that_moment(engine: Engine):
    deals = [opportunity("006A"), opportunity("006B"), opportunity("006C")]
    roles = [role("1", "006A", "003A", None, "02-02"), role("2", "006B", "003A", None, "02-20")]
    assert of(engine, opportunity=deals, opportunity_contact_role=roles, task=[task("00T1", **CALL)]) == "006A"


def test_a_role_on_a_deal_that_was_closed_by_then_does_not_count(engine: Engine):
    closed = opportunity("006A", IsClosed="true", StageName="Lost", CloseDate="2026-02-05")
    assert of(engine, opportunity=[closed, opportunity("006B")], task=[task("00T1", **CALL)]) == "006B"


def test_then_the_account_s_only_open_opportunity(engine: Engine):
    people = [contact("003A", "Kim"), contact("003B", "Lee")]
    call = task("00T1", **{**CALL, "WhoId": "003B"})
    assert of(engine, contact=people, task=[call]) == "006A"
    two = [opportunity("006A"), opportunity("006B")]
    assert of(engine, contact=people, task=[call], opportunity=two) is None


def test_what_is_filed_under_an_excluded_opportunity_is_nobody_else_s(engine: Engine):
    from transforms.settings import Settings

    types = [
        {"Id": "012X", "Name": "Renewals", "DeveloperName": "R"},
        {"Id": "012Y", "Name": "New", "DeveloperName": "N"},
    ]
    deals = [opportunity("006A", RecordTypeId="012Y"), opportunity("006B", RecordTypeId="012X")]
    streams = org(opportunity=deals, record_type=types, task=[task("00T1", WhatId="006B", **CALL)])
    found = only(canonical(engine, streams, Settings(pipelines=("New",)))["interactions"])
    assert (found["opportunity_id"], found["person_id"]) == (None, "003A")


def test_an_act_on_an_account_without_a_person_is_kept(engine: Engine):
    call = task("00T1", TaskSubtype="Call", WhatId="001A")
    found = only(canonical(engine, org(task=[call]))["interactions"])
    assert (found["opportunity_id"], found["person_id"]) == ("006A", None)
