"""Salesforce's rows become the canonical tables, on DuckDB as on Polars."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from readiness.schema import CANONICAL
from tests.transforms.engines import Engine
from tests.transforms.salesforce_org import (
    DEFAULTS,
    canonical,
    contact,
    email,
    field_history,
    history,
    on,
    only,
    opportunity,
    org,
    role,
    task,
)
from transforms.settings import Settings


def at(month: int, day: int, hour: int = 10, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, second, tzinfo=UTC)


def moves(tables, field):
    rows = [r for r in tables["changes"] if r["field"] == field]
    found = ((r["changed_at"], r["old_value"], r["new_value"]) for r in rows)
    return sorted(found, key=lambda move: (move[0], move[1] is not None, str(move[1])))


def test_every_canonical_table_has_its_columns(engine: Engine):
    tables = canonical(engine, org(task=[task("00T1", WhoId="003A", TaskSubtype="Call")]))
    assert {*tables} == {table.name for table in CANONICAL} | {"rejected"}
    assert tables["interactions"], "a call is there"
    for table in CANONICAL:
        for row in tables[table.name]:
            assert tuple(row) == table.names


def test_a_value_that_is_no_number_reads_as_empty_and_is_reported(engine: Engine):
    tables = canonical(engine, org(opportunity=[opportunity("006A", Amount="12,5", CloseDate="2026-02-30")]))
    deal = only(tables["opportunities"])
    assert deal["amount"] is None
    assert deal["close_date"] is None
    assert {(r["stream"], r["key"], r["column"], r["value"]) for r in tables["rejected"]} == {
        ("opportunity", "006A", "Amount", "12,5"),
        ("opportunity", "006A", "CloseDate", "2026-02-30"),
    }


def test_a_row_without_its_creation_date_is_left_out_and_reported(engine: Engine):
    tables = canonical(engine, org(opportunity=[opportunity("006A", CreatedDate="yesterday"), opportunity("006B")]))
    assert [r["opportunity_id"] for r in tables["opportunities"]] == ["006B"]
    assert only(tables["rejected"])["reason"].endswith("the row was left out")


def test_deleted_rows_are_gone(engine: Engine):
    deleted = [opportunity("006A"), opportunity("006B", IsDeleted="true")]
    assert [r["opportunity_id"] for r in canonical(engine, org(opportunity=deleted))["opportunities"]] == ["006A"]


def test_stage_history_is_rebuilt_from_snapshots(engine: Engine):
    rows = [history("1", "Qualify", "02-01"), history("2", "Qualify", "02-03"), history("3", "Propose", "02-05")]
    assert moves(canonical(engine, org(opportunity_history=rows)), "stage") == [
        (at(2, 1), None, "Qualify"),
        (at(2, 5), "Qualify", "Propose"),
    ]


def test_stage_changes_within_one_second_stand_in_the_order_of_the_stages(engine: Engine):
    rows = [history("2", "Propose", "02-01"), history("1", "Qualify", "02-01"), history("3", "Won", "02-01")]
    found = moves(canonical(engine, org(opportunity_history=rows)), "stage")
    assert {(old, new) for _, old, new in found} == {(None, "Qualify"), ("Qualify", "Propose"), ("Propose", "Won")}


def test_field_history_is_preferred_and_nothing_comes_twice(engine: Engine):
    tables = canonical(
        engine,
        org(
            opportunity_history=[history("1", "Qualify", "02-01"), history("2", "Propose", "02-05")],
            opportunity_field_history=[field_history("f", "StageName", "Qualify", "Propose", "02-05")],
        ),
    )
    assert moves(tables, "stage") == [(at(2, 1), None, "Qualify"), (at(2, 5), "Qualify", "Propose")]


def test_what_a_field_held_at_first_follows_from_its_first_change(engine: Engine):
    rows = [field_history("f", "CloseDate", "2026-03-01", "2026-04-01", "02-09")]
    found = moves(canonical(engine, org(opportunity_field_history=rows)), "close_date")
    assert found == [(at(2, 1), None, "2026-03-01"), (at(2, 9), "2026-03-01", "2026-04-01")]


def test_owner_changes_are_taken_by_id_not_by_name(engine: Engine):
    rows = [field_history("a", "Owner", "Ann", "Bo", "02-03"), field_history("b", "Owner", "005A", "005B", "02-03")]
    found = moves(canonical(engine, org(opportunity_field_history=rows)), "seller")
    assert found == [(at(2, 1), None, "005A"), (at(2, 3), "005A", "005B")]


def test_a_deal_closes_when_it_moved_into_a_closed_stage_for_the_last_time(engine: Engine):
    rows = [
        history("1", "Qualify", "02-01"),
        history("2", "Lost", "02-05"),
        history("3", "Propose", "02-07"),
        history("4", "Lost", "02-20"),
    ]
    lost = opportunity("006A", StageName="Lost", IsClosed="true", Loss_Reason__c="Koos voor een concurrent")
    deal = only(canonical(engine, org(opportunity_history=rows, opportunity=[lost]))["opportunities"])
    assert (deal["closed_at"], deal["outcome"]) == (at(2, 20), "lost")


def test_loss_reasons_of_standstill_mean_no_decision_unless_configured_otherwise(engine: Engine):
    lost = [opportunity("006A", StageName="Lost", IsClosed="true", Loss_Reason__c="Geen budget")]
    assert only(canonical(engine, org(opportunity=lost))["opportunities"])["outcome"] == "no_decision"
    own = Settings(loss_reasons={"geen Budget": "lost"})
    assert only(canonical(engine, org(opportunity=lost), own)["opportunities"])["outcome"] == "lost"


def test_pipelines_that_are_not_included_are_left_out(engine: Engine):
    types = [{"Id": "012X", "Name": "Renewals", "DeveloperName": "Renewals", "SobjectType": "Opportunity"}]
    deals = [opportunity("006A"), opportunity("006B", RecordTypeId="012X")]
    settings = Settings(pipelines=("renewals",))
    tables = canonical(engine, org(opportunity=deals, record_type=types), settings)
    assert [r["opportunity_id"] for r in tables["opportunities"]] == ["006B"]
    assert {r["pipeline"] for r in tables["stages"]} == {"Renewals"}
    assert tables["buying_group"] == []


def test_a_stage_can_be_told_which_phase_it_claims(engine: Engine):
    types = [{"Id": "012X", "Name": "New Business", "DeveloperName": "NB", "SobjectType": "Opportunity"}]
    settings = Settings(stages={"new business": {"propose": 5}})
    tables = canonical(engine, org(opportunity=[opportunity("006A", RecordTypeId="012X")], record_type=types), settings)
    assert {r["stage_id"]: r["phase"] for r in tables["stages"]}["Propose"] == 5


def test_amounts_are_converted_where_there_is_a_rate(engine: Engine):
    settings = Settings(rates={"USD": 0.5})
    deals = [opportunity("006A", CurrencyIsoCode="USD"), opportunity("006B", CurrencyIsoCode="GBP")]
    rows = [history("1", "Qualify", "02-01", Amount="1000.0")]
    tables = canonical(engine, org(opportunity=deals, opportunity_history=rows), settings)
    assert [(r["amount"], r["currency"]) for r in tables["opportunities"]] == [(750.0, "EUR"), (1500.0, "GBP")]
    assert moves(tables, "amount") == [(at(2, 1), None, "500.0")]


def test_a_call_began_before_it_was_completed(engine: Engine):
    call = task("00T1", TaskSubtype="Call", CallType="Inbound", CallDurationInSeconds="90", WhoId="003A", WhatId="006A")
    found = only(canonical(engine, org(task=[call]))["interactions"])
    assert (found["channel"], found["direction"], found["person_id"]) == ("call", "inbound", "003A")
    assert (found["occurred_at"], found["recorded_at"]) == (at(2, 10, 9, 58, 30), at(2, 10))


def test_calls_among_colleagues_and_open_tasks_are_no_contact(engine: Engine):
    rows = [
        task("00T1", TaskSubtype="Call", CallType="Internal", WhatId="006A"),
        task("00T2", TaskSubtype="Call", IsClosed="false", ActivityDate="2026-03-01", WhatId="006A", WhoId="003A"),
        task("00T3", Type=None, WhatId="006A", WhoId="003A"),
    ]
    tables = canonical(engine, org(task=rows))
    assert tables["interactions"] == []
    planned = only(tables["tasks"])
    assert (planned["kind"], planned["due_at"], planned["done_at"]) == ("call", at(3, 1, 23, 59, 59), None)
    assert only(tables["promises"])["promise_id"] == "00T2"


def test_the_plugin_s_own_tasks_are_neither_activity_nor_work(engine: Engine):
    ours = [
        task("00T1", TaskSubtype="Call", WhoId="003A", WhatId="006A", BR_Key__c="silent_buyer:006A"),
        task("00T2", IsClosed="false", WhoId="003A", WhatId="006A", BR_Key__c="silent_buyer:006A:2"),
    ]
    tables = canonical(engine, org(task=ours))
    assert (tables["interactions"], tables["tasks"]) == ([], [])


def test_web_forms_and_documents_are_told_by_type_or_by_text(engine: Engine):
    rows = [
        task("00T1", Type="Web", WhoId="003A"),
        task("00T2", topics='["form_submitted"]', WhoId="003A"),
        task("00T3", Type="Document", topics='["returned_document"]', WhoId="003A"),
        task("00T4", topics='["document_sent"]', WhoId="003A"),
        task("00T5", Type="Other", topics='["objection"]', WhoId="003A"),
    ]
    found = canonical(engine, org(task=rows))["interactions"]
    assert [(r["channel"], r["direction"], r["author"]) for r in found] == [
        ("web", "inbound", "buyer"),
        ("form", "inbound", "buyer"),
        ("document", "inbound", "buyer"),
        ("document", "outbound", "seller"),
        ("other", "inbound", "seller"),
    ]


def test_an_e_mail_and_its_task_are_one_contact(engine: Engine):
    mail = email("02s1", "bo@sell.example", "kim@buy.example", incoming=False, ActivityId="00T1", RelatedToId="006A")
    both = org(task=[task("00T1", TaskSubtype="Email", WhoId="003A", WhatId="006A")], email_message=[mail])
    found = only(canonical(engine, both)["interactions"])
    assert (found["interaction_id"], found["person_id"], found["seller_id"]) == ("02s1", "003A", "005B")


def test_e_mail_is_matched_by_address_where_there_is_no_relation(engine: Engine):
    mail = email("02s1", "Kim <KIM@buy.example>", "bo@sell.example")
    found = only(canonical(engine, org(email_message=[mail]))["interactions"])
    assert (found["person_id"], found["direction"], found["author"]) == ("003A", "inbound", "buyer")
    assert found["seller_id"] == "005B"


def test_only_the_writer_of_incoming_mail_acted(engine: Engine):
    people = [contact("003A", "Kim", "kim@buy.example"), contact("003B", "Lee", "lee@buy.example")]
    relations = [
        {"Id": "1", "EmailMessageId": "02s1", "RelationId": "003A", "RelationType": "FromAddress"},
        {"Id": "2", "EmailMessageId": "02s1", "RelationId": "003B", "RelationType": "CcAddress"},
    ]
    mail = [email("02s1", "kim@buy.example", "bo@sell.example", RelatedToId="006A")]
    tables = canonical(engine, org(contact=people, email_message=mail, email_message_relation=relations))
    assert only(tables["interactions"])["person_id"] == "003A"
    assert {(r["person_id"], r["role"]) for r in tables["participants"]} == {("003A", "from"), ("003B", "cc")}


def test_drafts_and_mail_among_colleagues_are_no_contact(engine: Engine):
    mails = [
        email("02s1", "ann@sell.example", "bo@sell.example", incoming=False, RelatedToId="006A"),
        email("02s2", "ann@sell.example", "kim@buy.example", incoming=False, RelatedToId="006A", Status="5"),
    ]
    assert canonical(engine, org(email_message=mails))["interactions"] == []


def test_colleagues_among_the_contacts_are_no_buyers(engine: Engine):
    people = [contact("003A", "Kim", "kim@buy.example"), contact("003B", "Colleague", "Ann@Sell.example")]
    roles = [role("00KA", "006A", "003A", None), role("00KB", "006A", "003B", None)]
    tables = canonical(engine, org(contact=people, opportunity_contact_role=roles))
    assert [r["person_id"] for r in tables["people"]] == ["003A"]
    assert [r["person_id"] for r in tables["buying_group"]] == ["003A"]
    configured = replace(DEFAULTS, internal_domains=("buy.example",))
    assert canonical(engine, org(contact=people), configured)["people"] == []


def test_a_meeting_has_a_row_per_buyer_and_says_who_failed_to_come(engine: Engine):
    event = {
        "Id": "00U1",
        "WhatId": "006A",
        "WhoId": "003A",
        "OwnerId": "005B",
        "StartDateTime": on("02-13"),
        "CreatedDate": on("02-09"),
        "topics": '["no_show"]',
    }
    future = {**event, "Id": "00U2", "StartDateTime": on("05-01")}
    invited = [
        {"Id": "1", "EventId": "00U1", "RelationId": "003B", "Status": "Accepted", "IsWhat": "false"},
        {"Id": "2", "EventId": "00U1", "RelationId": "003C", "Status": "Declined", "IsWhat": "false"},
    ]
    people = [contact(f"003{x}", x, f"{x}@buy.example") for x in "ABC"]
    found = canonical(engine, org(event=[event, future], event_relation=invited, contact=people))["interactions"]
    assert [(r["interaction_id"], r["person_id"], r["outcome"]) for r in found] == [
        ("00U1", "003A", "no_show"),
        ("00U1", "003B", "no_show"),
    ]


def test_what_was_done_with_a_lead_follows_it_to_its_contact_and_opportunity(engine: Engine):
    lead = {
        "Id": "00Q1",
        "Name": "Kim",
        "IsConverted": "true",
        "ConvertedContactId": "003A",
        "ConvertedOpportunityId": "006A",
        "ConvertedDate": "2026-02-01",
        "CreatedDate": on("01-02"),
    }
    open_lead = {"Id": "00Q2", "Name": "Lee", "Status": "MQL", "IsConverted": "false", "CreatedDate": on("01-02")}
    rows = [task("00T1", "01-05", Type="Form", WhoId="00Q1")]
    tables = canonical(engine, org(lead=[lead, open_lead], task=rows))
    found = only(tables["interactions"])
    assert (found["person_id"], found["opportunity_id"]) == ("003A", "006A")
    assert [(r["person_id"], r["kind"]) for r in tables["people"]] == [("003A", "contact"), ("00Q2", "lead")]
    assert {(r["person_id"], r["stage"]) for r in tables["lifecycle"]} == {
        ("003A", "lead"),
        ("003A", "sql"),
        ("00Q2", "mql"),
    }


def test_a_quote_is_sent_viewed_and_decided_when_its_history_says_so(engine: Engine):
    def moved(day: str, to: str):
        return {"Id": day, "QuoteId": "0Q0A", "Field": "Status", "NewValue": to, "CreatedDate": on(day)}

    quotes = [
        {"Id": "0Q0B", "OpportunityId": "006A", "Status": "Draft", "CreatedDate": on("02-09")},
        {"Id": "0Q0A", "OpportunityId": "006A", "Status": "Accepted", "CreatedDate": on("02-02"), "GrandTotal": "10"},
    ]
    steps = [moved("02-03", "In Review"), moved("02-04", "Presented"), moved("02-05", "In Review")]
    tables = canonical(engine, org(quote=quotes, quote_history=[*steps, moved("02-08", "Accepted")]))
    first, second = tables["quotes"]
    assert (first["version"], first["status"], first["sent_at"]) == (1, "accepted", at(2, 4))
    assert (first["viewed_at"], first["decided_at"]) == (at(2, 5), at(2, 8))
    assert (second["version"], second["status"], second["sent_at"]) == (2, "draft", None)


def test_the_seller_s_view_is_a_label_with_what_was_shown_beside_it(engine: Engine):
    deals = [opportunity("006A", BR_Seller_View__c="liking", BR_Phase__c="ready"), opportunity("006B")]
    label = only(canonical(engine, org(opportunity=deals))["labels"])
    assert (label["opportunity_id"], label["phase"], label["shown_phase"]) == ("006A", 3, 5)


def test_a_person_account_buys_without_a_contact_role_and_what_is_said_to_it_is_said_to_that_person(engine: Engine):
    rows = org(
        account=[
            {
                "Id": "001A",
                "Name": "Kim",
                "CreatedDate": on("01-01"),
                "IsPersonAccount": "true",
                "PersonContactId": "003A",
            },
            {"Id": "001B", "Name": "Buy BV", "CreatedDate": on("01-01"), "IsPersonAccount": "false"},
        ],
        contact=[contact("003A", "Kim", "kim@home.example"), contact("003B", "Lee", account="001B")],
        opportunity=[opportunity("006A"), opportunity("006B", AccountId="001B")],
        opportunity_contact_role=[],
        task=[task("00T1", WhatId="006A", AccountId="001A", TaskSubtype="Call")],
    )
    tables = canonical(engine, rows)
    member = only(tables["buying_group"])
    assert (member["opportunity_id"], member["person_id"], member["seat"]) == ("006A", "003A", "decider")
    assert (member["is_primary"], member["joined_at"], member["role_id"]) == (True, at(2, 1), None)
    assert only(tables["interactions"])["person_id"] == "003A"


def test_the_role_that_a_person_account_was_given_stands(engine: Engine):
    account = {"Id": "001A", "Name": "Kim", "CreatedDate": on("01-01"), "IsPersonAccount": "true"}
    rows = org(
        account=[{**account, "PersonContactId": "003A"}],
        opportunity_contact_role=[role("00KA", "006A", "003A", "User")],
    )
    member = only(canonical(engine, rows)["buying_group"])
    assert (member["seat"], member["role_id"]) == ("user", "00KA")
