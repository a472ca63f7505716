"""What the reports say of a book that was made by hand."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta

import pytest

from tests.transforms.report_book import AS_OF, Rows, ago, book, measured, tables_of
from transforms.reports.book import facts
from transforms.reports.burden import burden
from transforms.reports.coaching import coaching
from transforms.reports.effort import answered, channels, effort, work
from transforms.reports.kpis import kpis
from transforms.reports.measures import months
from transforms.reports.phases import forecasts, phases, planned
from transforms.reports.postmortem import postmortems
from transforms.reports.relationship import compared, relationship
from transforms.reports.service import service
from transforms.reports.standing import standing
from transforms.reports.teams import teams


@pytest.fixture(scope="module")
def rows() -> Rows:
    return book()


def test_effort_counts_what_went_to_deals_that_nobody_bought(rows):
    tables = tables_of(rows)
    found = list(effort(facts(tables, AS_OF), AS_OF))
    assert measured(found, "contacts_per_deal", "won")["value"] == 4
    assert measured(found, "on_no_decision")["value"] == pytest.approx(13 / 40)
    assert measured(found, "deals_on_no_purchase_file")["value"] == 0


def test_the_share_of_answered_contacts_is_counted_within_a_week(rows):
    found = list(answered(tables_of(rows), AS_OF))
    assert [row["segment"] for row in found] == ["email"]
    assert found[0]["value"] == pytest.approx(160 / found[0]["n"], abs=0.02)


def test_five_figures_stand_beside_those_of_ninety_days_before(rows):
    tables = tables_of(rows)
    found = kpis(tables, tables, facts(tables, AS_OF), AS_OF)
    assert measured(found, "qualified_leads", period="now")["note"] == "no_lifecycle"
    assert measured(found, "pipeline_weighted", period="now")["note"] == "not_proven"
    assert measured(found, "pipeline", period="now")["value"] == sum(1000 * n for n in range(1, 13))
    assert measured(found, "days_to_win", period="now")["n"] == 4
    assert measured(found, "days_to_win", period="now")["note"] == "few"


def test_a_deal_closed_after_the_instant_of_the_report_is_still_open(rows):
    early = {deal.opportunity_id: deal for deal in facts(tables_of(rows), ago(25))}
    assert early["c0"].outcome == "open"
    assert early["c0"].closed_at is None
    assert early["c1"].outcome == "lost"


def test_figures_about_sellers_need_five_of_them():
    few = {**book(), "sellers": book()["sellers"][:4]}
    tables = tables_of(few)
    assert teams(tables) == {}
    assert [row["note"] for row in relationship(tables, facts(tables, AS_OF), AS_OF)] == ["few_sellers"]


def test_no_difference_of_two_teams_speaks_of_fewer_than_five():
    sellers = [{"seller_id": f"s{n}", "is_active": True, "team": "A" if n < 6 else "B"} for n in range(9)]
    assert set(teams(tables_of({"sellers": sellers})).values()) == {"all"}
    more = sellers + [{"seller_id": f"t{n}", "is_active": True, "team": "C"} for n in range(5)]
    shown = teams(tables_of({"sellers": more}))
    assert set(shown.values()) == {"A", "C +"}
    assert shown["s8"] == "C +"
    sizes = defaultdict(int)
    for team in shown.values():
        sizes[team] += 1
    assert min(sizes.values()) >= 5


def test_promises_kept_and_the_index_stand_beside_what_was_won(rows):
    tables = tables_of(rows)
    found = relationship(tables, facts(tables, AS_OF), AS_OF)
    assert measured(found, "listening", period="now")["value"] == pytest.approx(0.5, abs=0.2)
    assert {row["segment"] for row in found} == {"all", "North", "South"}
    assert measured(found, "index", "North", "now")["value"] is not None
    assert not [row for row in found if row["segment"].startswith("s")]


def test_revenue_that_rises_while_the_relationship_falls_is_told(rows):
    worse = {
        **rows,
        "interactions": [r for r in rows["interactions"] if r["direction"] == "outbound" or r["occurred_at"] < ago(90)],
    }
    worse["opportunities"] = [
        {**r, "amount": 1e6} if r["outcome"] == "won" and r["closed_at"] > ago(90) else r for r in rows["opportunities"]
    ]
    tables = tables_of(worse)
    assert measured(relationship(tables, facts(tables, AS_OF), AS_OF), "divergence")["note"] == "diverges"


def test_the_same_figures_before_and_after_a_day(rows):
    tables = tables_of(rows)
    found = compared(tables, facts(tables, AS_OF), ago(100), AS_OF)
    assert {row["period"] for row in found} == {"before", "after"}
    assert measured(found, "won_value", period="after")["value"] > 0


def test_forecasts_are_held_against_deals_that_closed_at_least_four_weeks_later(rows):
    found = facts(tables_of(rows), AS_OF)
    said = [
        {"opportunity_id": f"c{n}", "said_at": ago(20 + 7 * n + 30), "p_win": 0.4, "rank": 90.0, "calibrated": True}
        for n in range(40)
    ]
    told = list(forecasts(said, found, AS_OF))
    assert measured(told, "won_by_rank", "high")["value"] == pytest.approx(14 / 40)
    assert measured(told, "happened")["value"] == pytest.approx(14 / 40)
    late = [{**row, "said_at": row["said_at"] + timedelta(days=20)} for row in said]
    assert [row["note"] for row in forecasts(late, found, AS_OF)] == ["no_closed_forecasts"]


def test_what_the_close_dates_promised_is_the_date_as_it_stood_when_the_month_began(rows):
    moved = {"opportunity_id": "o1", "field": "close_date", "old_value": "2026-02-20", "new_value": "2026-03-01"}
    tables = tables_of({**rows, "changes": [*rows["changes"], {**moved, "changed_at": ago(30)}]})
    found = list(planned(tables, facts(tables, AS_OF), months(AS_OF, 3)))
    february = [r["opportunity_id"] for r in rows["opportunities"] if r["close_date"].strftime("%Y-%m") == "2026-02"]
    assert measured(found, "planned", period="2026-02")["n"] == len(february) + 1


def test_a_card_says_what_stood_out_in_a_closed_deal(rows):
    tables = tables_of(rows)
    past = [
        {"opportunity_id": "c1", "moment": "close", "phase": 5, "state": "seen", "known_seats": 1}
        | {"missing_decider": False, "coverage": 0.6, "mean_phase": 4.6}
    ]
    cards = {card["opportunity_id"]: card for card in postmortems(tables, past, facts(tables, AS_OF), AS_OF)}
    assert cards["c1"]["signs"] == ["lost_when_ready", "single"]
    assert cards["c0"]["phase"] is None
    assert cards["c0"]["signs"][0] == "unseen"
    assert "late_promises" in cards["c0"]["signs"]
    assert cards["c0"]["closed_at"] == max(card["closed_at"] for card in cards.values())


def test_work_done_the_day_it_was_planned_is_ad_hoc(rows):
    tasks = [
        {"task_id": str(n), "seller_id": "s1", "planned_at": ago(10 + (n % 2) * 5), "done_at": ago(9.8)}
        for n in range(10)
    ]
    tables = tables_of({**rows, "tasks": tasks})
    assert measured(list(work(tables, facts(tables, AS_OF), AS_OF)), "ad_hoc", period="now")["value"] == 0.5


def test_the_burden_is_no_field_to_fill_in_and_is_counted_per_week(rows):
    tasks = [{"opened_at": ago(14), "owner_id": f"s{n % 5}", "state": "done", "answer": None} for n in range(10)]
    found = list(burden([], tasks, facts(tables_of(rows), AS_OF), AS_OF))
    assert measured(found, "mandatory_fields")["value"] == 0
    assert measured(found, "tasks_per_seller_week", period="now")["value"] == pytest.approx(1.0)
    assert measured(found, "done", period="now")["value"] == 1.0


def test_deals_opened_are_counted_for_each_one_closed(rows):
    tables = tables_of(rows)
    refill = measured(list(work(tables, facts(tables, AS_OF), AS_OF)), "refill", period="now")
    assert (refill["n"], refill["value"]) == (10, pytest.approx(3 / 10))


def test_deals_with_a_campaign_web_visit_or_form_are_linked_to_marketing(rows):
    seen = {"interaction_id": "w", "opportunity_id": "o1", "person_id": "ko1", "channel": "web", "direction": "inbound"}
    seen |= {"occurred_at": ago(20), "recorded_at": ago(20)}
    tables = tables_of({**rows, "interactions": [*rows["interactions"], seen]})
    linked = measured(list(work(tables, facts(tables, AS_OF), AS_OF)), "marketing_linked")
    assert linked["value"] == pytest.approx(1 / linked["n"])


def test_calls_made_stand_beside_calls_that_wait_per_team(rows):
    tasks = [
        {"task_id": str(n), "seller_id": f"s{n % 10}", "kind": "call" if n % 2 else "email", "planned_at": ago(5)}
        for n in range(40)
    ]
    found = channels(tables_of({**rows, "tasks": tasks}), AS_OF)
    assert measured(found, "calls_of_contacts", "North")["value"] == 0
    assert measured(found, "calls_of_waiting", "North")["value"] == pytest.approx(0.4)
    assert measured(found, "calls_of_waiting", "South")["n"] == 20


def past(rows, moment, **of):
    """A reading of every closed deal; `of` maps a column to what it is for the n-th."""
    return [
        {"opportunity_id": f"c{n}", "moment": moment, "phase": 2, "mean_phase": 2.0, "coverage": 0.5}
        | {name: value(n) for name, value in of.items()}
        for n in range(40)
    ]


def told(rows, readings):
    tables = tables_of(rows)
    return phases(tables, tables, readings, facts(tables, AS_OF))


def test_weeks_in_a_phase_are_counted_per_deal_and_told_in_quartiles(rows):
    weeks = [*past(rows, "week"), *past(rows, "week"), *past(rows, "week", phase=lambda n: 4)]
    found = told(rows, weeks)
    assert measured(found, "dwell", "exploring", "won")["value"] == 14
    assert measured(found, "dwell_high", "preferring", "not_won")["value"] == 7
    assert measured(found, "dwell", "ready", "won")["note"] == "few"


def test_deals_further_in_are_set_beside_how_often_they_were_won(rows):
    found = told(rows, past(rows, "early", mean_phase=lambda n: 4.0 + n / 100 if n % 3 == 0 else 1.0 + n / 100))
    assert measured(found, "won_by_readiness", "low")["value"] == 0
    assert measured(found, "won_by_readiness", "high")["value"] == 1


def test_heavier_purchases_are_those_that_are_large_for_that_company(rows):
    slow = [
        {**r, "amount": 1e6 + n, "created_at": r["created_at"] - timedelta(days=100)}
        if n % 3 == 0
        else {**r, "amount": 10 + n}
        for n, r in enumerate(rows["opportunities"])
    ]
    found = told({**rows, "opportunities": slow}, [])
    low, high = (measured(found, "days_by_importance", third)["value"] for third in ("low", "high"))
    assert high > low + 90


def test_what_a_buyer_meets_is_counted_from_first_look_to_next_step(rows):
    tasks = [{"task_id": "t", "opportunity_id": "o1", "seller_id": "s1", "kind": "call", "due_at": ago(-3)}]
    look = {"opportunity_id": "o1", "person_id": "ko1", "channel": "web", "direction": "inbound"}
    looks = [{**look, "interaction_id": f"w{n}", "occurred_at": ago(149.5), "recorded_at": ago(149)} for n in range(6)]
    asked = [{**r, "topics": ["question"]} if r["direction"] == "outbound" else r for r in rows["interactions"]]
    tables = tables_of({**rows, "tasks": tasks, "interactions": [*asked, *looks]})
    found = service(tables, facts(tables, AS_OF), AS_OF)
    assert measured(found, "next_step")["value"] == pytest.approx(1 / 12)
    assert measured(found, "before_contact")["value"] == pytest.approx(6 / measured(found, "before_contact")["n"])
    assert measured(found, "unasked", period="now")["value"] == 0
    assert measured(found, "handed_on")["value"] == 0
    assert measured(found, "needs_heard")["value"] == 0
    assert measured(found, "channels")["value"] == 1


def test_service_cases_are_timed_and_a_crm_without_them_says_so(rows):
    tables = tables_of(rows)
    deals = facts(tables, AS_OF)
    assert measured(service(tables, deals, AS_OF), "case_hours", period="now")["note"] == "no_cases"
    cases = [
        {"case_id": str(n), "account_id": f"ac{n}", "opened_at": ago(5), "first_response_at": ago(5 - n / 24)}
        for n in range(9)
    ]
    found = service(tables_of({**rows, "cases": cases}), deals, AS_OF)
    assert measured(found, "case_hours", period="now")["value"] == pytest.approx(4)
    assert measured(found, "customers_with_case", period="now")["value"] == pytest.approx(3 / 14)


def test_the_open_book_and_the_customers_are_told_as_they_stand(rows):
    times = {"answer_minutes": 120.0, "answer_minutes_p90": 600.0, "pressure": 2.0}
    deals = [{**times, "is_forced": n < 2} for n in range(10)]
    customers = [
        {"repeats": n % 2, "first_cycle_days": 90.0, "repeat_cycle_days": 30.0 if n % 2 else None, "is_at_risk": n == 0}
        for n in range(10)
    ]
    found = standing(tables_of(rows), deals, customers, [{"fits": n < 3} for n in range(5)])
    assert measured(found, "working_hours")["value"] == 2
    assert measured(found, "working_hours_late")["value"] == 10
    assert measured(found, "forced")["value"] == pytest.approx(0.2)
    assert measured(found, "fitting")["value"] == pytest.approx(0.6)
    assert measured(found, "came_back")["value"] == 0.5
    assert measured(found, "repeat_days")["value"] == 30
    assert measured(found, "at_risk")["value"] == pytest.approx(0.1)
    few = standing(tables_of({}), deals, customers, [])
    assert measured(few, "working_hours")["note"] == "few_sellers"
    assert measured(few, "at_risk")["value"] == pytest.approx(0.1)


def test_an_empty_book_gives_reports_that_say_so():
    tables = tables_of({})
    found = facts(tables, AS_OF)
    assert found == []
    assert coaching(tables, tables, found, AS_OF) == []
    assert all(not row["value"] for row in kpis(tables, tables, found, AS_OF))
    assert postmortems(tables, [], found, AS_OF) == []
