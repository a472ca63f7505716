"""The company as the portal shows it, and what later days change."""

from __future__ import annotations

from typing import Any

from tests.sandbox.hubspot.company import AS_OF
from tests.sandbox.hubspot.conftest import Served


def record(hub: Served, plural: str, kind: str, key: str, **params: str) -> dict[str, Any]:
    return hub.get(f"/crm/v3/objects/{plural}/{hub.id(kind, key)}", **params)


def values(hub: Served, plural: str, key: str, *names: str) -> dict[str, str | None]:
    shown = record(hub, plural, plural, key, properties=",".join(names))["properties"]
    return {name: shown[name] for name in names}


def stage(hub: Served, label: str) -> str:
    pipelines = hub.get("/crm/v3/pipelines/deals")["results"]
    return next(s["id"] for pipeline in pipelines for s in pipeline["stages"] if s["label"] == label)


def history(hub: Served, plural: str, key: str, name: str) -> list[tuple[str, str]]:
    shown = record(hub, plural, plural, key, propertiesWithHistory=name)["propertiesWithHistory"][name]
    return [(version["value"], version["timestamp"]) for version in shown]


def test_records_carry_the_companys_own_ids(hub: Served) -> None:
    for plural, key in (("deals", "o1"), ("contacts", "p1"), ("companies", "a1")):
        assert values(hub, plural, key, "external_id") == {"external_id": key}


def test_a_company_and_a_contact_look_like_hubspots(hub: Served) -> None:
    assert values(hub, "companies", "a1", "name", "domain", "numberofemployees", "annualrevenue") == {
        "name": "Pompen BV",
        "domain": "pompen.example",
        "numberofemployees": "120",
        "annualrevenue": "4500000.5",
    }
    assert values(hub, "contacts", "p1", "email", "lifecyclestage", "hs_analytics_source", "associatedcompanyid") == {
        "email": "carla@pompen.example",
        "lifecyclestage": "salesqualifiedlead",
        "hs_analytics_source": "REFERRALS",
        "associatedcompanyid": hub.id("companies", "a1"),
    }
    assert values(hub, "contacts", "p3", "hs_email_optout", "lifecyclestage") == {
        "hs_email_optout": "true",
        "lifecyclestage": None,
    }


def test_an_address_is_held_once(hub: Served) -> None:
    assert values(hub, "contacts", "p2", "email")["email"] == "dirk@pompen.example"
    assert values(hub, "contacts", "p4", "email")["email"] is None


def test_a_lead_is_a_contact_with_a_lead_object_on_it(hub: Served) -> None:
    assert values(hub, "contacts", "l1", "lifecyclestage", "company") == {
        "lifecyclestage": "marketingqualifiedlead",
        "company": "Prins VOF",
    }
    lead = record(hub, "leads", "leads", "l1", associations="contacts", properties="hs_lead_name,hs_primary_contact_id")
    assert lead["properties"]["hs_lead_name"] == "Gé Prins"
    assert lead["properties"]["hs_primary_contact_id"] == hub.id("contacts", "l1")
    assert {link["id"] for link in lead["associations"]["contacts"]["results"]} == {hub.id("contacts", "l1")}


def test_a_deal_stands_where_the_company_says(hub: Served) -> None:
    assert values(hub, "deals", "o2", "dealstage", "closed_lost_reason", "hs_is_closed", "hs_is_closed_won") == {
        "dealstage": stage(hub, "Closed Lost"),
        "closed_lost_reason": "No budget",
        "hs_is_closed": "true",
        "hs_is_closed_won": "false",
    }
    assert values(hub, "deals", "o1", "closedate", "amount", "deal_currency_code", "num_associated_contacts") == {
        "closedate": "2026-04-01T00:00:00Z",
        "amount": "12000.00",
        "deal_currency_code": "EUR",
        "num_associated_contacts": "2",
    }


def test_all_changes_stand_in_the_property_history_to_the_millisecond(hub: Served) -> None:
    proposal, qualification = stage(hub, "Proposal"), stage(hub, "Qualification")
    assert history(hub, "deals", "o1", "dealstage") == [
        (proposal, "2026-01-10T10:00:00.123Z"),
        (qualification, "2026-01-06T10:00:00Z"),
    ]
    assert history(hub, "deals", "o1", "closedate") == [
        ("2026-04-01T00:00:00Z", "2026-01-17T10:00:00Z"),
        ("2026-03-01T00:00:00Z", "2026-01-06T10:00:00Z"),
    ]
    owners = [value for value, _ in history(hub, "deals", "o1", "hubspot_owner_id")]
    assert owners == [hub.id("sellers", "s1"), hub.id("sellers", "s2")]
    entered = f"hs_v2_date_entered_{proposal}"
    left = f"hs_v2_date_exited_{qualification}"
    assert set(values(hub, "deals", "o1", entered, left).values()) == {"2026-01-10T10:00:00.123Z"}


def test_a_role_that_ended_leaves_no_association(hub: Served) -> None:
    links = hub.get(f"/crm/v4/objects/deals/{hub.id('deals', 'o2')}/associations/contacts")["results"]
    assert [(link["toObjectId"], len(link["associationTypes"])) for link in links] == [(hub.id("contacts", "p4"), 1)]


def test_an_incoming_mail_has_its_direction_addresses_and_people(hub: Served) -> None:
    mail = record(
        hub,
        "emails",
        "emails",
        "e-in",
        properties="hs_email_direction,hs_email_from_email,hs_email_to_email,hs_email_subject,hs_timestamp,hs_createdate",
        associations="contacts,deals,companies",
    )
    assert mail["properties"]["hs_email_direction"] == "INCOMING_EMAIL"
    assert mail["properties"]["hs_email_from_email"] == "carla@pompen.example"
    assert mail["properties"]["hs_email_to_email"] == "anna@seller.example"
    assert mail["properties"]["hs_timestamp"] == "2026-01-11T10:00:00Z"
    assert mail["properties"]["hs_createdate"] == "2026-01-11T10:05:00Z"
    found = {name: [link["id"] for link in links["results"]] for name, links in mail["associations"].items()}
    assert found == {
        "contacts": [hub.id("contacts", "p1")],
        "deals": [hub.id("deals", "o1")],
        "companies": [hub.id("companies", "a1")],
    }


def test_calls_meetings_and_bounces_have_their_outcomes(hub: Served) -> None:
    assert values(hub, "emails", "e-out", "hs_email_direction", "hs_email_status") == {
        "hs_email_direction": "EMAIL",
        "hs_email_status": "BOUNCED",
    }
    assert values(hub, "calls", "call", "hs_call_direction", "hs_call_disposition", "hs_call_duration") == {
        "hs_call_direction": "OUTBOUND",
        "hs_call_disposition": "73a0d17f-1163-4015-bdd5-ec830791da20",
        "hs_call_duration": "90000",
    }
    meeting = values(hub, "meetings", "meet", "hs_meeting_outcome", "hs_meeting_start_time", "hs_meeting_end_time")
    assert meeting == {
        "hs_meeting_outcome": "COMPLETED",
        "hs_meeting_start_time": "2026-01-14T10:00:00Z",
        "hs_meeting_end_time": "2026-01-14T10:30:00Z",
    }


def test_forms_and_documents_are_notes_that_say_what_they_are(hub: Served) -> None:
    assert (
        values(hub, "notes", "form", "hs_note_body")["hs_note_body"] == "Form submitted: form submitted, quote request"
    )
    assert values(hub, "notes", "doc", "hs_note_body")["hs_note_body"] == "Returned document: returned document"


def test_tasks_tickets_and_line_items_are_there(hub: Served) -> None:
    assert values(hub, "tasks", "t1", "hs_task_status", "hs_task_type", "hs_task_completion_date") == {
        "hs_task_status": "COMPLETED",
        "hs_task_type": "CALL",
        "hs_task_completion_date": "2026-01-19T12:00:00Z",
    }
    assert values(hub, "tasks", "t2", "hs_task_status", "hs_timestamp")["hs_task_status"] == "NOT_STARTED"
    assert values(hub, "tickets", "c1", "hs_ticket_priority", "closed_date", "hs_is_closed") == {
        "hs_ticket_priority": "HIGH",
        "closed_date": "2026-02-03T10:00:00Z",
        "hs_is_closed": "true",
    }
    line = hub.get("/crm/v3/objects/line_items?properties=name,quantity,amount&associations=deals")["results"][0]
    assert {line["properties"][name] for name in ("name", "quantity", "amount")} == {"Pump X", "2", "12000.00"}
    deal = record(hub, "deals", "deals", "o1", associations="line_items")
    assert list(deal["associations"]) == ["line items"]


def test_a_quotes_way_is_in_its_history(hub: Served) -> None:
    assert [value for value, _ in history(hub, "quotes", "q1", "hs_status")] == ["APPROVAL_NOT_NEEDED", "DRAFT"]
    assert values(hub, "quotes", "q1", "hs_sign_status", "hs_esign_date", "hs_quote_amount") == {
        "hs_sign_status": "ESIGN_COMPLETED",
        "hs_esign_date": "2026-01-21T10:00:00Z",
        "hs_quote_amount": "12000.00",
    }
    assert history(hub, "quotes", "q2", "hs_status")[0] == ("REJECTED", "2026-01-22T10:00:00Z")
    assert values(hub, "quotes", "q3", "hs_status")["hs_status"] == "DRAFT"


def test_activities_count_on_the_records_they_are_put_on(hub: Served) -> None:
    assert values(hub, "deals", "o1", "num_notes", "num_contacted_notes", "notes_last_contacted") == {
        "num_notes": "7",
        "num_contacted_notes": "4",
        "notes_last_contacted": "2026-01-14T10:00:00Z",
    }


def test_later_days_change_deals_roles_and_stamps(fresh: Served) -> None:
    seen = AS_OF.strftime("%Y-%m-%dT%H:%M:%S")
    before = fresh.get("/crm/v3/objects/deals")["results"]
    assert all(deal["updatedAt"] < seen for deal in before)
    fresh.call("POST", "/__sandbox/advance", {"days": 3})
    changed = [deal for deal in fresh.get("/crm/v3/objects/deals")["results"] if deal["updatedAt"] >= seen]
    assert [deal["id"] for deal in changed] == [fresh.id("deals", "o1")]
    assert values(fresh, "deals", "o1", "hs_is_closed_won") == {"hs_is_closed_won": "true"}
    assert len(history(fresh, "deals", "o1", "dealstage")) == 3
    links = fresh.get(f"/crm/v4/objects/deals/{fresh.id('deals', 'o1')}/associations/contacts")["results"]
    assert {link["toObjectId"] for link in links} == {fresh.id("contacts", "p1"), fresh.id("contacts", "p3")}


def test_a_lifecycle_stage_that_moved_is_in_the_history(fresh: Served) -> None:
    fresh.world.advance(3)
    moves = history(fresh, "contacts", "p1", "lifecyclestage")
    assert [value for value, _ in moves] == ["customer", "salesqualifiedlead"]
    assert moves[0][1] >= AS_OF.strftime("%Y-%m-%dT%H:%M:%S")
    assert moves[1][1] == "2026-01-01T10:00:00Z"


def test_what_happened_just_before_a_look_is_stamped_after_it(fresh: Served) -> None:
    """An act of the minutes before the last look comes with the next days; a watermark must not pass it by."""
    fresh.get("/crm/v3/objects/emails?limit=1")
    looked = fresh.portal.state.served
    fresh.call("POST", "/__sandbox/advance", {"days": 3})
    mail = fresh.portal.state.tables["emails"].records[int(fresh.id("emails", "late"))]
    assert mail.created < looked <= mail.updated
