"""HubSpot's rows become the canonical tables."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.transforms.engines import Engine
from tests.transforms.hubspot_portal import canonical, contact, deal, link, on, portal, was
from tests.transforms.salesforce_org import only
from transforms.settings import Settings


def at(month: int, day: int, hour: int = 10) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def moves(tables, field):
    rows = [r for r in tables["changes"] if r["field"] == field]
    return [
        (r["old_value"], r["new_value"]) for r in sorted(rows, key=lambda r: (r["changed_at"], str(r["old_value"])))
    ]


def test_a_deal_becomes_an_opportunity_of_its_company_and_owner(engine: Engine):
    found = only(canonical(engine, portal())["opportunities"])
    assert (found["account_id"], found["seller_id"], found["amount"], found["outcome"]) == ("10", "1", 1500.0, "open")
    assert found["created_at"] == at(2, 1), "times are cut to the second"


def test_property_history_within_one_second_stands_in_the_order_of_its_milliseconds(engine: Engine):
    rows = [
        was("deals", "30", "dealstage", "p", "2026-02-01T10:00:00.5Z"),
        was("deals", "30", "dealstage", "q", "2026-02-01T10:00:00Z"),
        was("deals", "30", "amount", "1500", "2026-02-01T10:00:00Z"),
        was("deals", "30", "amount", "1500.0", "2026-02-03T10:00:00Z"),
    ]
    tables = canonical(engine, portal(property_history=rows))
    assert moves(tables, "stage") == [("q", "p"), (None, "q")] or moves(tables, "stage") == [(None, "q"), ("q", "p")]
    assert moves(tables, "amount") == [(None, "1500.0")], "the same amount written otherwise is no change"


def test_a_closed_deal_has_its_instant_and_outcome(engine: Engine):
    lost = [deal("30", dealstage="l", closed_lost_reason="no response")]
    rows = [
        was("deals", "30", "dealstage", "q", on("02-01")),
        was("deals", "30", "dealstage", "l", on("02-20")),
    ]
    found = only(canonical(engine, portal(deals=lost, property_history=rows))["opportunities"])
    assert (found["closed_at"], found["outcome"]) == (at(2, 20), "no_decision")


def test_labels_of_either_side_give_the_weightiest_seat(engine: Engine):
    people = [contact("20"), contact("21"), contact("22")]
    links = [
        link("deals", "30", "contacts", "20"),
        link("contacts", "20", "deals", "30", "Champion"),
        link("contacts", "20", "deals", "30", "Beslisser"),
        link("deals", "30", "contacts", "21", "Sparringpartner"),
        link("deals", "30", "contacts", "22"),
    ]
    settings = Settings(seats={"sparringpartner": "champion"})
    group = canonical(engine, portal(contacts=people, associations=links), settings)["buying_group"]
    assert [(r["person_id"], r["seat"]) for r in group] == [("20", "decider"), ("21", "champion"), ("22", "unknown")]
    assert group[0]["joined_at"] == at(2, 1), "the deal is younger than the contact"


def test_an_e_mail_on_several_deals_belongs_to_the_one_open_then(engine: Engine):
    closed = deal("31", dealstage="l", createdate=on("01-02"), closedate="2026-01-20")
    mail = {
        "id": "40",
        "hs_timestamp": on("02-10"),
        "hs_email_direction": "INCOMING_EMAIL",
        "hubspot_owner_id": "1",
        "hs_createdate": on("02-10"),
        "topics": '["pricing"]',
    }
    links = [*portal()["associations"], link("emails", "40", "contacts", "20")]
    links += [link("emails", "40", "deals", "30"), link("emails", "40", "deals", "31")]
    tables = canonical(engine, portal(deals=[deal("30"), closed], emails=[mail], associations=links))
    found = only(tables["interactions"])
    assert (found["opportunity_id"], found["direction"], found["topics"]) == ("30", "inbound", ["pricing"])


def test_of_incoming_mail_only_the_known_sender_acted(engine: Engine):
    people = [contact("20", "kim@buy.example"), contact("21", "lee@buy.example")]
    mail = {"id": "40", "hs_timestamp": on("02-10"), "hs_email_direction": "INCOMING_EMAIL", "topics": "[]"}
    links = [*portal()["associations"], link("emails", "40", "contacts", "20"), link("emails", "40", "contacts", "21")]
    known = portal(contacts=people, associations=links, emails=[{**mail, "hs_email_from_email": "lee@buy.example"}])
    tables = canonical(engine, known)
    assert only(tables["interactions"])["person_id"] == "21"
    assert {(r["person_id"], r["role"]) for r in tables["participants"]} == {("20", "to"), ("21", "from")}


def test_calls_meetings_and_notes_say_what_became_of_them(engine: Engine):
    links = [*portal()["associations"]]
    links += [link(kind, id, "contacts", "20") for kind, id in (("calls", "1"), ("calls", "2"), ("meetings", "3"))]
    links += [link("notes", id, "contacts", "20") for id in ("4", "5")]
    streams = portal(
        associations=links,
        calls=[
            {
                "id": "1",
                "hs_timestamp": on("02-10"),
                "hs_call_direction": "OUTBOUND",
                "hs_call_disposition": "73a0d17f-1163-4015-bdd5-ec830791da20",
                "topics": "[]",
            },
            {"id": "2", "hs_timestamp": on("02-11"), "hs_call_status": "CANCELED", "topics": "[]"},
        ],
        meetings=[{"id": "3", "hs_meeting_start_time": on("02-12"), "hs_meeting_outcome": "NO_SHOW", "topics": "[]"}],
        notes=[
            {"id": "4", "hs_timestamp": on("02-13"), "topics": '["web_visit"]'},
            {"id": "5", "hs_timestamp": on("02-14"), "topics": '["objection"]'},
        ],
    )
    found = canonical(engine, streams)["interactions"]
    assert [(r["interaction_id"], r["channel"], r["direction"], r["outcome"], r["author"]) for r in found] == [
        ("calls-1", "call", "outbound", "no_answer", "seller"),
        ("meetings-3", "meeting", "mutual", "no_show", "seller"),
        ("notes-4", "web", "inbound", None, "buyer"),
        ("notes-5", "other", "inbound", None, "seller"),
    ]


def test_our_own_tasks_are_no_work_of_the_seller(engine: Engine):
    links = [*portal()["associations"], link("tasks", "50", "deals", "30"), link("tasks", "51", "deals", "30")]
    rows = [
        {"id": "50", "hs_timestamp": on("03-01"), "hs_createdate": on("02-01"), "hs_task_type": "CALL", "topics": "[]"},
        {"id": "51", "hs_timestamp": on("03-01"), "hs_createdate": on("02-01"), "br_key": "x", "topics": "[]"},
    ]
    planned = only(canonical(engine, portal(tasks=rows, associations=links))["tasks"])
    assert (planned["task_id"], planned["kind"], planned["done_at"]) == ("50", "call", None)


def test_a_contact_in_an_early_stage_without_a_deal_is_a_lead(engine: Engine):
    people = [
        contact("20", lifecyclestage="lead"),
        contact("21", lifecyclestage="marketingqualifiedlead"),
        contact("22"),
    ]
    tables = canonical(engine, portal(contacts=people))
    assert {r["person_id"]: r["kind"] for r in tables["people"]} == {"20": "contact", "21": "lead", "22": "contact"}
    assert {(r["person_id"], r["stage"]) for r in tables["lifecycle"]} == {("20", "lead"), ("21", "mql")}


def test_a_quote_is_sent_when_it_was_published(engine: Engine):
    links = [*portal()["associations"], link("quotes", "60", "deals", "30")]
    quote = {"id": "60", "hs_status": "APPROVAL_NOT_NEEDED", "hs_createdate": on("02-02"), "hs_quote_amount": "99.5"}
    history = [was("quotes", "60", "hs_status", "APPROVAL_NOT_NEEDED", on("02-04"))]
    found = only(canonical(engine, portal(quotes=[quote], associations=links, property_history=history))["quotes"])
    assert (found["opportunity_id"], found["status"], found["sent_at"], found["amount"]) == (
        "30",
        "sent",
        at(2, 4),
        99.5,
    )
