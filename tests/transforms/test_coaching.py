"""Which deals a manager is told to look at, of a book that was made by hand."""

from __future__ import annotations

import pytest

from tests.transforms.report_book import AS_OF, Rows, ago, book, lead, tables_of
from transforms.reports.book import facts
from transforms.reports.coaching import coaching


@pytest.fixture(scope="module")
def rows() -> Rows:
    return book()


def alert(deal, kind, **more):
    given = {"key": f"{kind}:{deal}", "kind": kind, "opportunity_id": deal, "person_id": f"k{deal}", "priority": "high"}
    return {**given, "subject": "S", "body": "Evidence.\n\nRemedy.\n\nAnswer.", "since": ago(3), "also": "", **more}


def listed(rows, *alerts, forecast=()):
    tables = tables_of({**rows, "alerts": list(alerts), "forecast": list(forecast)})
    return coaching(tables, tables, facts(tables, AS_OF), AS_OF)


def test_a_deal_with_an_alert_needs_help_and_says_why_how_and_with_whom(rows):
    row = next(r for r in listed(rows, alert("o1", "slipping_date")) if r["opportunity_id"] == "o1")
    assert (row["part"], row["what"], row["how"]) == ("help", "Evidence.", "Remedy.")
    assert row["seller"] == "Seller 1"
    assert row["person"] == row["deal"]


def test_a_buyer_ahead_is_a_deal_to_go_faster_on(rows):
    assert [r["part"] for r in listed(rows, alert("o1", "buyer_ahead")) if r["opportunity_id"] == "o1"] == ["faster"]


def test_who_is_silent_for_two_months_without_a_purchase_file_can_be_stopped_alert_or_not(rows):
    assert {r["opportunity_id"] for r in listed(rows) if r["part"] == "stop"} == {"o10", "o11"}
    assert {r["part"] for r in listed(rows, alert("o10", "slipping_date")) if r["opportunity_id"] == "o10"} == {"stop"}


def test_leads_and_stalled_deals_that_are_not_yet_looking_are_kept_warm_the_longest_waiting_first(rows):
    score = {"state": "silent", "phase": 1}
    quiet = {**rows, "interactions": [r for r in rows["interactions"] if r["opportunity_id"] not in ("o1", "o2")]}
    sent = {"channel": "email", "direction": "outbound", "topics": ["document_sent"]}
    quiet["interactions"] += [
        {
            "interaction_id": f"v{deal}",
            "opportunity_id": deal,
            "occurred_at": ago(days),
            "recorded_at": ago(days),
            **sent,
        }
        for deal, days in (("o1", 45), ("o2", 3))
    ]
    quiet["opportunities"] = [
        {**r, "created_at": ago(50)} if r["opportunity_id"] in ("o1", "o2") else r for r in rows["opportunities"]
    ]
    quiet["opportunity_readiness"] = [{"opportunity_id": deal, **score} for deal in ("o1", "o2")]
    quiet["fields"] = [{"object": "opportunity", "record_id": "o1", "field": "next_action", "value": "Send a case."}]
    quiet["leads"] = [lead(7, is_nurture=True, last_value_at=ago(90))]
    warm = [r for r in listed(quiet) if r["part"] == "nurture"]
    assert [(r["place"], r["opportunity_id"], r["how"]) for r in warm] == [
        (1, "lead:7", None),
        (2, "o1", "Send a case."),
    ]
    assert warm[1]["last_value"] == ago(45)


def test_what_is_most_at_stake_comes_first_whoever_sells_it(rows):
    alerts = [alert(deal, "slipping_date") for deal in ("o1", "o2", "o9")]
    sure = [{"opportunity_id": "o1", "p_win": 0.9, "calibrated": True, "rank": 1.0}]
    half = [{"opportunity_id": deal, "p_win": 0.1, "calibrated": True, "rank": 99.0} for deal in ("o2", "o9")]
    found = [r["opportunity_id"] for r in listed(rows, *alerts, forecast=[*sure, *half]) if r["part"] == "help"]
    assert found == ["o1", "o9", "o2"]


def test_alerts_that_only_the_seller_needs_stay_out_of_the_managers_list(rows):
    assert not [r for r in listed(rows, alert("o1", "promise_due")) if r["opportunity_id"] == "o1"]
