"""What stands in the seller's fields."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readiness.model import load_prior
from readiness.score import score
from tests.transforms.deal import AS_OF, act, ago, deal, member, promise, quote
from tests.transforms.engines import Engine, rows_of
from tests.transforms.salesforce_org import AS_OF as ORG_TIME
from tests.transforms.salesforce_org import DEFAULTS, contact, email, org, role
from transforms import book, salesforce
from transforms.actions import CONDITIONS, chosen, next_action, rules
from transforms.enrich import fields, opportunity_values, person_values, read
from transforms.facts import Reason
from transforms.fields import FIELDS
from transforms.members import members
from transforms.signals import signals
from transforms.steps import stepped
from transforms.texts import Texts

NL, EN = Texts("nl", time_zone="Europe/Amsterdam"), Texts("en")


def values(found=None, texts=EN, held=None, as_of=AS_OF):
    return opportunity_values(found or deal(), texts, as_of, held or {})


def settled(found=None, texts=EN):
    """The values as the CRM holds them after they were written."""
    return values(found, texts)


@pytest.fixture(scope="module")
def written():
    engine = Engine("polars")
    people = [contact("003A", "Kim\u202e <b>\x07", "kim@buy.example"), contact("003B", "Lee", "lee@buy.example")]
    roles = [role("00KA", "006A", "003A", "Decision Maker"), role("00KB", "006A", "003B", "User")]
    mails = [email("02s1", "kim@buy.example", "bo@sell.example", "03-10", topics='["quote_request"]')]
    streams = org(contact=people, opportunity_contact_role=roles, email_message=mails)
    raw = {name: engine.text(rows, ["Id"]) for name, rows in streams.items()}
    tables = salesforce.canonical(raw, DEFAULTS, ORG_TIME, engine.keep)
    tables["signals"] = signals(tables, ORG_TIME, engine.keep)
    tables["members"] = members(tables, ORG_TIME, engine.keep)
    scores = score(tables, load_prior(), ORG_TIME, engine.keep)
    return rows_of(fields(tables, book.deals(tables, scores, ORG_TIME), DEFAULTS, ORG_TIME))


def test_every_written_field_of_each_record_is_there(written):
    for object, record in (("opportunity", "006A"), ("group_role", "00KA"), ("person", "003B")):
        names = {r["field"] for r in written if (r["object"], r["record_id"]) == (object, record)}
        assert names == {f.name for f in FIELDS if f.object == object and f.is_written}


def test_values_fit_their_fields_and_hostile_names_come_clean(written):
    lengths = {(f.object, f.name): f for f in FIELDS}
    for row in written:
        field, value = lengths[row["object"], row["field"]], row["value"]
        if value is None:
            continue
        assert len(value) <= field.length or field.type not in ("text", "long_text")
        assert not field.choices or value in field.choices
        assert "\x07" not in value
        assert "\u202e" not in value
    why = next(r["value"] for r in written if (r["record_id"], r["field"]) == ("006A", "why"))
    assert "Kim <b> asked for a quote on 10 Mar 2026" in why


def test_a_lead_with_much_to_tell_still_fits_its_fields():
    lead = {
        "person_id": "kim",
        "class": "prospect",
        "qualified": "mql",
        "touched_at": ago(3),
        "touch_minutes": 1_000_000,
        "ready_at": ago(9),
        "is_unworked": False,
    }
    told = fields(
        {},
        [deal(opportunity_id="lead:kim", lead=lead, members=[member(name="Kim " * 40)])],
        DEFAULTS,
        AS_OF,
    )
    lengths = {f.name: f.length for f in FIELDS if f.object == "person" and f.length}
    assert [row for row in rows_of(told) if len(row["value"] or "") > lengths.get(row["field"], 99_999)] == []


def test_no_chance_is_shown_before_it_has_proved_itself():
    before, after = values(), values(deal(forecast={"calibrated": True}))
    assert (before["win_chance"], before["slip_risk"], before["decision_date"]) == (None, None, None)
    assert before["rank"] == "Upper half of open deals"
    assert (after["win_chance"], after["slip_risk"], after["decision_date"]) == ("40", "30", "2026-05-01")


def test_who_cannot_be_seen_gets_no_number_but_the_reason_and_the_remedy():
    dark = member(state="unseen", seen_through={"mail": 0.2, "call": 0.2, "meeting": 1.0, "web": 1.0})
    got = values(deal({"state": "unseen"}, members=[dark]), NL)
    assert (got["phase"], got["readiness"], got["confidence"]) == ("unseen", None, None)
    assert "e-mails en telefoongesprekken" in got["why"]
    assert "geen contactpersoon" in values(deal({"state": "unseen"}, members=[]), NL)["why"]


def test_there_are_at_most_three_reasons_with_their_dates():
    kinds = ["reply", "pricing", "meeting", "delay", "objection"]
    reasons = [Reason("kim", kind, 1.0 / (i + 1), 1, ago(i + 1)) for i, kind in enumerate(kinds)]
    lines = values(deal(reasons=reasons))["why"].split("\n")
    assert lines == [
        "Kim de Vries replied on 15 Mar 2026",
        "Kim de Vries asked about prices on 14 Mar 2026",
        "Kim de Vries met you on 13 Mar 2026",
    ]


def test_readiness_moves_in_steps_of_five_and_holds_still_within_one():
    assert stepped(48.0, None) == "50"
    assert stepped(46.0, "50") == "50"
    assert stepped(54.9, "50.0") == "50"
    assert stepped(55.1, "50") == "55"
    assert stepped(None, "50") is None


@given(st.floats(0, 100), st.floats(0, 100))
@settings(max_examples=200)
def test_what_was_written_stays_while_nothing_moved(first: float, drift: float):
    held = stepped(first, None)
    assert stepped(first, held) == held
    now = stepped(drift, held)
    assert abs(float(now) - drift) < 5
    assert stepped(drift, now) == now


def test_days_in_which_nothing_happens_change_nothing_but_the_date_of_writing():
    found = deal()
    held = settled(found)
    found.readiness["readiness"] -= 2.0
    later = values(found, held=held, as_of=AS_OF + timedelta(days=2))
    assert {f for f in later if later[f] != held[f]} - {"changed"} == {"updated_at"}
    assert later["changed"] == held["changed"]


def test_what_changed_is_told_against_what_the_crm_has():
    held = {**settled(), "readiness": "30", "phase": "not_yet"}
    assert values(held=held)["changed"] == "16 Mar 2026: Buyer phase: not yet → exploring; Readiness: 30 → 50"


def test_a_close_call_between_two_bands_keeps_the_one_that_stands():
    near = deal({"phase": 4, "c_4": 0.52})
    assert values(near)["phase"] == "preferring"
    assert values(near, held={"phase": "exploring"})["phase"] == "exploring"
    assert values(deal({"phase": 4, "c_4": 0.6}), held={"phase": "exploring"})["phase"] == "preferring"


def test_the_least_ready_person_is_named_with_their_band():
    group = [member(), member("lee", "Lee", "user", phase=1)]
    assert values(deal({"least_ready_person_id": "lee"}, members=group))["least_ready"] == "Lee: not yet"


def test_listening_counts_each_message_once_and_notes_not_at_all():
    acts = [act(1), act(2, "outbound"), act(3, "outbound"), act(4, "outbound"), act(5, "inbound", channel="other")]
    assert values(deal(acts=acts))["listening_ratio"] == "30"


def test_promises_are_counted_and_told_before_a_call():
    got = values(deal(promises=[promise(1), promise(-3, promise_id="p2")]), NL)
    assert (got["promises_open"], got["promises_overdue"]) == ("2", "1")
    assert got["call_line"].startswith("U bent nog schuldig: een offerte voor 15 mrt 2026.")
    assert "belofte verlopen" in got["flags"]


def test_a_person_shows_which_deal_is_meant_when_there_are_several():
    got = person_values(read(deal(), member(), EN, AS_OF), EN, {}, others=2)
    assert got["why"].startswith("On New machines:\n")
    assert got["preferred_channel"] == "E-mail"


OUTBOUND = [act(d, "outbound") for d in (12, 9, 6, 2)]


@pytest.mark.parametrize(
    ("found", "rule"),
    [
        (deal(promises=[promise(1)]), "keep_promise"),
        (deal(acts=[act(3, "inbound", "complaint")]), "solve_complaint"),
        (deal(acts=[act(3, "inbound", "quote_request")]), "answer_question"),
        (deal(members=[member(opted_out=True)]), "respect_opt_out"),
        (deal(acts=[act(5, "inbound", "delay"), act(4, "outbound")]), "wait_as_agreed"),
        (deal(acts=[act(20), *OUTBOUND]), "give_rest"),
        (deal({"state": "silent"}, acts=[act(50)], members=[member(), member("lee", "Lee")]), "through_a_colleague"),
        (deal({"state": "silent"}, acts=[act(50)]), "give_a_reason"),
        (deal({"state": "silent"}, acts=[], members=[member(last_inbound_at=None)]), "open_lightly"),
        (deal({"state": "unseen"}, acts=[]), "make_visible"),
        (deal({"phase": 5, "phase_gap": -2}), "speed_up"),
        (deal({"phase_gap": 3}, quotes=[quote("q", 3)]), "step_back"),
        (deal({"phase_gap": 3}), "slow_down"),
        (deal(acts=[act(3, "inbound", "objection")]), "handle_objection"),
        (deal({"phase": 4, "missing_decider": True}), "find_decider"),
        (deal({"phase": 0}), "learn_need"),
        (deal({"phase": 3}), "help_compare"),
        (deal({"phase": 4}), "prove_it"),
        (deal({"phase": 6}), "clear_the_way"),
    ],
)
def test_the_next_action_follows_from_where_the_buyer_is(found, rule):
    assert chosen(found, AS_OF).rule == rule
    assert next_action(found, NL, AS_OF)


QUIET_RULES = {"keep_promise", "solve_complaint", "answer_question", "respect_opt_out", "wait_as_agreed", "give_rest"}


@given(
    st.integers(0, 6),
    st.integers(-4, 4),
    st.sampled_from(["seen", "silent", "unseen"]),
    st.integers(3, 9),
    st.booleans(),
)
@settings(max_examples=100)
def test_a_pressured_buyer_is_never_to_be_pushed_more(phase, gap, state, messages, missing):
    acts = [act(30), *(act(0.5 + d, "outbound") for d in range(messages))]
    found = deal({"phase": phase, "phase_gap": gap, "state": state, "missing_decider": missing}, acts=acts)
    assert chosen(found, AS_OF).rule in QUIET_RULES


def test_every_rule_can_be_read_and_worded():
    asked = {condition for rule in rules() for condition in rule.when}
    assert asked <= set(CONDITIONS)
    assert set(CONDITIONS) == asked, "a condition that no rule asks is dead"
    assert all(rule.why for rule in rules())


def test_dates_are_those_of_the_seller_s_place():
    assert NL.day(datetime(2026, 3, 15, 23, 30, tzinfo=UTC)) == "16 mrt 2026"
    assert EN.day(date(2026, 3, 15)) == "15 Mar 2026"


def test_the_group_is_told_by_its_seats_also_by_how_somebody_acts():
    group = [member(), member("lee", "Lee", "unknown"), member("bo", "Bo", "unknown")]
    one = deal(members=group, acts=[act(3, "inbound", "procurement", person_id="lee")])
    told = values(one, EN)["coverage"]
    assert (
        told.endswith(": decision maker, purchasing") or "purchasing" in told.lower() or "procurement" in told.lower()
    )
    assert "unknown" not in told


def test_what_the_buyer_promised_and_did_not_do_is_told_before_a_call():
    line = values(deal(promises=[promise(2, made_by="buyer", what="answer")]), EN)["call_line"]
    assert "They promised an answer by 14 Mar 2026." in line
    assert "You owe them" not in line


def test_asking_for_a_decision_before_conviction_is_flagged_as_forcing():
    asked = [act(40), act(5, "outbound", "closing"), act(3)]
    assert "asked on 11 Mar 2026 to decide before they were convinced" in values(deal(acts=asked), EN)["flags"]
    assert "convinced" not in (values(deal({"phase": 5}, acts=asked), EN)["flags"] or "")


def test_a_sign_from_long_ago_is_still_a_sign_with_its_day():
    found = deal({"state": "silent"}, acts=[], members=[member(last_inbound_at=ago(400), state="silent")])
    told = next_action(found, EN, AS_OF)
    assert told is not None
    assert EN.day(ago(400)) in told
    assert EN("never") not in told
