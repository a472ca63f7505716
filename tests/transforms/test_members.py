"""Who is in a buying group, and how much of the contact with it could have been seen."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.transforms.engines import Engine, rows_of
from tests.transforms.salesforce_org import AS_OF, DEFAULTS, contact, email, on, opportunity, org, role, task
from transforms import salesforce
from transforms.members import members


def group(streams):
    engine = Engine("polars")
    raw = {stream: engine.text(rows, ["Id"]) for stream, rows in streams.items()}
    tables = salesforce.canonical(raw, DEFAULTS, AS_OF, engine.keep)
    return rows_of(members(tables, AS_OF, engine.keep))


def test_who_acts_on_a_deal_belongs_to_its_group_from_the_first_act_on():
    people = [contact("003A", "Kim", "kim@buy.example"), contact("003B", "Lee", "lee@buy.example")]
    mails = [email("02s1", "lee@buy.example", "bo@sell.example", "02-12", RelatedToId="006A")]
    roles = [role("00KA", "006A", "003A", "Champion", since="02-20")]
    early = task("00T1", "02-03", Type="Web", WhoId="003A", WhatId="006A")
    found = group(org(contact=people, email_message=mails, opportunity_contact_role=roles, task=[early]))
    assert [(r["person_id"], r["seat"], r["joined_at"]) for r in found] == [
        ("003A", "champion", datetime(2026, 2, 3, 10, tzinfo=UTC)),
        ("003B", "unknown", datetime(2026, 2, 12, 10, tzinfo=UTC)),
    ]


def test_who_was_only_written_to_does_not():
    people = [contact("003A", "Kim", "kim@buy.example"), contact("003B", "Lee", "lee@buy.example")]
    mails = [email("02s1", "bo@sell.example", "lee@buy.example", incoming=False, RelatedToId="006A")]
    assert [r["person_id"] for r in group(org(contact=people, email_message=mails))] == ["003A"]


def test_a_lead_is_a_group_of_one():
    lead = {"Id": "00Q1", "Name": "Lee", "IsConverted": "false", "CreatedDate": on("01-02"), "OwnerId": "005A"}
    found = group(org(lead=[lead]))
    assert ("lead:00Q1", "00Q1") in {(r["opportunity_id"], r["person_id"]) for r in found}


def test_an_owner_who_logs_half_of_what_the_team_logs_is_seen_half():
    deals = [opportunity(f"006{i}", OwnerId=owner) for i, owner in enumerate(["005A", "005B", "005C"])]
    users = [{"Id": f"005{x}", "Name": x, "Email": f"{x}@sell.example", "IsActive": "true"} for x in "ABC"]
    roles = [role(f"00K{i}", f"006{i}", "003A", None) for i in range(3)]
    calls = [("0060", 1), ("0061", 2), ("0062", 4)]
    rows = [
        task(f"00T{deal}{i}", "03-01", TaskSubtype="Call", WhatId=deal, WhoId="003A")
        for deal, count in calls
        for i in range(count)
    ]
    found = group(org(user=users, opportunity=deals, opportunity_contact_role=roles, task=rows))
    seen = {r["opportunity_id"]: (r["obs_call"], r["obs_mail"]) for r in found}
    assert seen == {"0060": (0.5, 0.2), "0061": (1.0, 0.2), "0062": (1.0, 0.2)}
