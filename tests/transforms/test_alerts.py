"""Which alerts stand, and that one cause makes one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.transforms.deal import AS_OF, act, ago, deal, member, promise, quote
from transforms.alerts import APPROACHING, KINDS, alerts
from transforms.cadence import patience
from transforms.facts import USUAL
from transforms.settings import Settings

SETTINGS = Settings(language="nl")


def found(kind, one, as_of=AS_OF, settings=SETTINGS):
    return [row for row in alerts([one], settings, as_of).to_arrow().to_pylist() if row["kind"] == kind]


WAITING = {"person_id": "lee", "class": "lead", "qualified": None, "is_unworked": True, "ready_at": ago(4)}
CASES = {
    "unworked_lead": deal(opportunity_id="lead:lee", lead=WAITING, acts=[]),
    "overdue_promise": deal(promises=[promise(1)]),
    "promise_due": deal(promises=[promise(-0.5)]),
    "champion_replaced": deal(left=[("lee", "Lee", "champion", ago(10))]),
    "buyer_ahead": deal({"phase": 5, "phase_gap": -3}),
    "slipping_date": deal(close_date=date(2026, 3, 1), pushes=[(ago(20), "2026-02-01", "2026-03-01")]),
    "quote_ahead": deal({"phase": 1}, quotes=[quote("q1", 5)]),
    "unanswered_questions": deal(acts=[act(40), act(20, "outbound", "question"), act(12, "outbound", "question")]),
    "silent_buyer": deal({"state": "silent", "last_inbound_at": ago(40)}, acts=[act(40)]),
    "ghost_deal": deal(stage_share=0.8, acts=[act(3)]),
}


@pytest.mark.parametrize("kind", list(KINDS))
def test_each_symptom_is_found_with_its_evidence_and_its_remedy(kind):
    one = found(kind, CASES[kind])
    assert len(one) == 1
    alert = one[0]
    assert alert["key"].startswith(f"{kind}:{CASES[kind].opportunity_id}:")
    assert alert["seller_id"] == "ann"
    assert alert["priority"] in ("high", "normal")
    assert len(alert["body"].split("\n\n")) == 3
    assert alert["since"] <= AS_OF


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_healthy_deal_raises_nothing(kind):
    healthy = deal(acts=[act(10, "inbound", "need"), act(3)], quotes=[quote("q", 2)], promises=[promise(-9)])
    assert found(kind, healthy) == []


@pytest.mark.parametrize("kind", [k for k in KINDS if k not in ("promise_due", "buyer_ahead")])
def test_the_key_stays_while_the_cause_does(kind):
    keys = {found(kind, CASES[kind], AS_OF + timedelta(days=d))[0]["key"] for d in (0, 1, 4)}
    assert len(keys) == 1


def test_another_cause_has_another_key():
    moved = deal(close_date=date(2026, 3, 10))
    assert found("slipping_date", moved)[0]["key"] != found("slipping_date", CASES["slipping_date"])[0]["key"]


def test_a_coming_close_date_alarms_only_when_the_decision_is_unlikely():
    soon = date(2026, 3, 30)
    assert found("slipping_date", deal(forecast={"calibrated": True}, close_date=soon)) == []
    assert found("slipping_date", deal(forecast={"slip_risk": 0.9}, close_date=soon)) == [], "not proven yet"
    proven = deal(forecast={"slip_risk": 0.9, "calibrated": True}, close_date=soon)
    assert len(found("slipping_date", proven)) == 1
    moved = [(ago(20), "2026-02-01", "2026-03-01"), (ago(9), "2026-03-01", "2026-03-30")]
    assert len(found("slipping_date", deal(forecast={"slip_risk": 0.9}, close_date=soon, pushes=moved))) == 1


def test_mail_that_comes_back_from_a_champion_is_a_sign():
    bounced = act(2, "outbound", outcome="bounced")
    one = found("champion_replaced", deal(acts=[act(20), bounced], members=[member(last_inbound_at=ago(20))]))
    assert "komt sinds 14 mrt 2026 terug" in one[0]["body"]


def test_a_silent_buyer_who_was_written_to_often_is_to_be_left_in_peace():
    pressed = [act(40), *(act(d, "outbound") for d in (15, 10, 5))]
    calm = found("silent_buyer", CASES["silent_buyer"])[0]["body"]
    body = found("silent_buyer", deal({"state": "silent", "last_inbound_at": ago(40)}, acts=pressed))[0]["body"]
    assert "Laat ze nu met rust" in body
    assert "Laat ze nu met rust" not in calm


def test_a_deal_with_a_purchase_file_is_no_ghost():
    assert found("ghost_deal", deal(stage_share=0.8, acts=[act(9, "inbound", "procurement"), act(3)])) == []


def test_names_from_the_crm_come_clean_and_short():
    long = deal(name="A\x00\u202e\n" + "x" * 5000, promises=[promise(1)])
    subject = found("overdue_promise", long)[0]["subject"]
    assert len(subject) <= 255
    assert subject.isprintable()


def test_a_task_is_due_on_the_next_working_day_there():
    good_friday_eve = datetime(2026, 4, 2, 9, tzinfo=UTC)
    at_home = Settings(time_zone="Europe/Amsterdam", country="NL")
    one = found("ghost_deal", CASES["ghost_deal"], good_friday_eve, at_home)[0]
    assert one["due_at"] == datetime(2026, 4, 7, 15, tzinfo=UTC)


def test_a_promise_is_told_before_its_day_and_mended_the_same_day():
    friday = datetime(2026, 3, 20, 9, tzinfo=UTC)
    monday = datetime(2026, 3, 23, 16, tzinfo=UTC)
    promised = {"promise_id": "p", "person_id": "kim", "made_by": "seller", "what": "quote", "kept_at": None}
    one = deal(promises=[{**promised, "made_at": friday - timedelta(days=1), "due_at": monday}])
    assert found("promise_due", one, friday)[0]["due_at"] == monday
    assert found("overdue_promise", one, friday) == []
    assert found("promise_due", one, friday - timedelta(days=1)) == []
    late = found("overdue_promise", one, monday + timedelta(minutes=30))[0]
    assert late["due_at"].date() == monday.date()


@pytest.mark.parametrize("kind", APPROACHING)
def test_no_remedy_asks_to_approach_a_pressured_buyer(kind):
    pressing = [act(days, "outbound", "question") for days in (14, 13, 12)]
    calm = CASES[kind]
    pressed = replace(calm, acts=[act(40), *pressing])
    assert all("Laat het nu rusten" in row["body"] for row in found(kind, pressed))
    assert not any("Laat het nu rusten" in row["body"] for row in found(kind, calm))


def test_a_further_quote_is_early_until_somebody_prefers_us():
    sent = [quote("q1", 20, decided_at=ago(5)), quote("q2", 5)]
    assert len(found("quote_ahead", deal({"phase": 3}, quotes=sent))) == 1
    assert found("quote_ahead", deal({"phase": 3}, quotes=sent[1:])) == []
    assert found("quote_ahead", deal({"phase": 4, "c_4": 0.6}, quotes=sent)) == []


def test_a_quote_of_long_ago_is_no_news():
    assert found("quote_ahead", deal({"phase": 3}, quotes=[quote("q1", 90), quote("q2", 45)])) == []


def test_a_late_deal_whose_buyers_prefer_us_is_no_ghost_and_the_cause_began_with_the_stage():
    late = deal(stage_share=0.8)
    assert found("ghost_deal", late)[0]["since"] == late.stage_since
    assert found("ghost_deal", deal({"phase": 4, "c_4": 0.6}, stage_share=0.8)) == []


def test_a_lead_that_waited_for_months_is_no_alert_any_more():
    assert found("unworked_lead", replace(CASES["unworked_lead"], lead={**WAITING, "ready_at": ago(60)})) == []


GONE_QUIET = deal(
    {"state": "silent", "last_inbound_at": ago(40)},
    stage_share=0.8,
    close_date=date(2026, 3, 1),
    quotes=[quote("q1", 25), quote("q2", 5)],
    acts=[act(40), act(20, "outbound", "question"), act(12, "outbound", "question")],
)


def test_a_silent_deal_with_all_that_follows_from_it_is_one_alert_that_names_the_rest():
    (one,) = alerts([GONE_QUIET], SETTINGS, AS_OF).to_arrow().to_pylist()
    assert one["kind"] == "silent_buyer"
    assert set(one["also"].split(",")) == {"slipping_date", "quote_ahead", "unanswered_questions", "ghost_deal"}
    assert one["priority"] == "high", "the close date has passed"
    evidence = one["body"].split("\n\n")[0]
    assert "Dezelfde oorzaak: De sluitdatum van 1 mrt 2026 is voorbij" in evidence
    assert "2 vragen" in evidence
    assert "offerte van 11 mrt 2026" in evidence


def test_what_does_not_follow_from_the_cause_stays_an_alert_of_its_own():
    kinds = {
        row["kind"]
        for row in alerts([replace(GONE_QUIET, promises=[promise(1)])], SETTINGS, AS_OF).to_arrow().to_pylist()
    }
    assert kinds == {"silent_buyer", "overdue_promise"}


def test_a_lost_champion_explains_the_silence_only_when_nobody_else_was_heard_of_since():
    left = [("lee", "Lee", "champion", ago(10))]
    alone = replace(GONE_QUIET, left=left, members=[member(last_inbound_at=ago(40))])
    (one,) = alerts([alone], SETTINGS, AS_OF).to_arrow().to_pylist()
    assert one["kind"] == "champion_replaced"
    assert "silent_buyer" in one["also"]
    heard = replace(CASES["ghost_deal"], left=left, members=[member(last_inbound_at=ago(3))])
    assert {row["kind"] for row in alerts([heard], SETTINGS, AS_OF).to_arrow().to_pylist()} == {
        "champion_replaced",
        "ghost_deal",
    }


def test_when_the_cause_is_gone_what_followed_from_it_stands_by_itself_again():
    heard = replace(GONE_QUIET, readiness={**GONE_QUIET.readiness, "last_inbound_at": ago(1)}, quotes=[])
    heard = replace(heard, acts=[*heard.acts, act(1)])
    (one,) = alerts([heard], SETTINGS, AS_OF).to_arrow().to_pylist()
    assert (one["kind"], one["also"]) == ("ghost_deal", "slipping_date")


def steady(opportunity_id, days, times=12):
    """A deal whose buyers acted every so many days, last of all so many days ago."""
    acts = [act(days * n, interaction_id=f"{opportunity_id}-{n}") for n in range(1, times + 1)]
    return deal({"last_inbound_at": ago(days)}, opportunity_id=opportunity_id, acts=acts)


def test_silence_is_judged_by_the_groups_own_rhythm():
    book = [*(steady(f"u{n}", 12) for n in range(9)), steady("quick", 4), steady("slow", 24)]
    days = patience(book)
    assert days["quick"] < days["u0"] < days["slow"]
    for one in book:
        one.patience = days[one.opportunity_id]
        one.readiness["last_inbound_at"] = ago(16)
    silent = {row["opportunity_id"] for row in alerts(book, SETTINGS, AS_OF).to_arrow().to_pylist()}
    assert "quick" in silent
    assert "slow" not in silent


def test_a_group_of_which_little_is_known_is_judged_by_the_rhythm_of_all():
    book = [*(steady(f"u{n}", 7) for n in range(9)), steady("new", 1, times=2)]
    assert patience(book)["new"] == pytest.approx(patience(book)["u0"], rel=0.35)


def test_a_book_with_too_few_pauses_waits_a_month():
    assert patience([steady("a", 3)]) == {"a": USUAL}
