"""Which alerts stand, and that one cause makes one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.transforms.deal import AS_OF, act, ago, deal, member, promise, quote
from transforms.actions import View
from transforms.alerts import KINDS, _row, next_working_day
from transforms.settings import Settings
from transforms.texts import Texts

NL = Texts("nl")
SETTINGS = Settings(language="nl")


def found(kind, one, as_of=AS_OF):
    due = next_working_day(as_of, "UTC")
    return [_row(kind, one, cause, NL, due) for cause in KINDS[kind](View(one, as_of), NL, SETTINGS)]


CASES = {
    "overdue_promise": deal(promises=[promise(1)]),
    "promise_due": deal(promises=[promise(-0.5)]),
    "champion_replaced": deal(left=[("lee", "Lee", "champion", ago(10))]),
    "buyer_ahead": deal({"phase": 5, "phase_gap": -3}),
    "slipping_date": deal(close_date=date(2026, 3, 1), pushes=[(ago(20), "2026-02-01", "2026-03-01")]),
    "quote_ahead": deal({"phase": 1}, quotes=[quote("q1", 5)]),
    "unanswered_questions": deal(acts=[act(40), act(20, "outbound", "question"), act(12, "outbound", "question")]),
    "silent_buyer": deal({"state": "silent", "last_inbound_at": ago(40)}, acts=[act(40)]),
    "ghost_deal": deal({"claimed_phase": 5}, acts=[act(3)]),
}


@pytest.mark.parametrize("kind", list(KINDS))
def test_each_symptom_is_found_with_its_evidence_and_its_remedy(kind):
    one = found(kind, CASES[kind])
    assert len(one) == 1
    alert = one[0]
    assert alert["key"].startswith(f"{kind}:006A:")
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
    assert found("ghost_deal", deal({"claimed_phase": 5}, acts=[act(9, "inbound", "procurement"), act(3)])) == []


def test_names_from_the_crm_come_clean_and_short():
    long = deal(name="A\x00\u202e\n" + "x" * 5000, promises=[promise(1)])
    subject = found("overdue_promise", long)[0]["subject"]
    assert len(subject) <= 255
    assert subject.isprintable()


def test_a_task_is_due_on_the_next_working_day():
    friday = datetime(2026, 3, 20, 9, tzinfo=UTC)
    assert next_working_day(friday, "Europe/Amsterdam") == datetime(2026, 3, 23, 16, tzinfo=UTC)
