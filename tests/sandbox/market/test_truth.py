from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta

import numpy as np
import pytest
from scipy.stats import mannwhitneyu

from sandbox.company import Batch
from sandbox.market import Market
from sandbox.market.state import phase, position, position_of
from sandbox.market.topics import spoken_of
from tests.sandbox.market.conftest import AS_OF, no_collection

Made = tuple[Market, Batch]


def auc(scores: list[float], wins: list[bool]) -> float:
    won = [score for score, win in zip(scores, wins, strict=True) if win]
    other = [score for score, win in zip(scores, wins, strict=True) if not win]
    return float(mannwhitneyu(won, other).statistic) / (len(won) * len(other))


def later_wins(regime: str, opportunities: int) -> tuple[list[float], list[bool]]:
    """Mean position of each open group now, and whether the deal is won when it is decided within half a year."""
    market = Market(opportunities, 7, AS_OF, regime=regime)
    with no_collection():
        market.past()
        now = market.truth()
        market.advance(180)
    outcome = {one["opportunity_id"]: one["outcome"] for one in market.truth()["opportunities"]}
    open_now = {one["opportunity_id"] for one in now["opportunities"] if one["outcome"] == "open"}
    positions = defaultdict(list)
    for person in now["people"]:
        if person["opportunity_id"] in open_now and person["left_at"] is None:
            positions[person["opportunity_id"]].append(person["position"])
    decided = [deal for deal in positions if outcome[deal] != "open"]
    return [float(np.mean(positions[deal])) for deal in decided], [outcome[deal] == "won" for deal in decided]


def test_what_buyers_think_decides_the_outcome_in_the_informative_regime() -> None:
    assert auc(*later_wins("informative", 300)) > 0.72


@pytest.mark.slow
def test_what_buyers_think_has_nothing_to_do_with_the_outcome_in_the_uninformative_regime() -> None:
    assert 0.45 < auc(*later_wins("uninformative", 2500)) < 0.55


def test_sellers_stages_say_less_than_the_buyers_minds(market: Made) -> None:
    truth = market[0].truth()
    stage = {one.id: one.stage_id for one in market[1].opportunities}
    late = [one for one in truth["people"] if stage[one["opportunity_id"]] in ("Proposal", "Negotiation")]
    early = [one for one in truth["people"] if stage[one["opportunity_id"]] in ("Qualification", "Discovery")]
    assert any(one["phase"] <= 2 for one in late)
    assert any(one["phase"] >= 4 for one in early)


def test_a_ghost_deal_never_gets_convinced_and_is_never_won(market: Made) -> None:
    truth = market[0].truth()
    ghosts = {one["opportunity_id"] for one in truth["opportunities"] if one["ghost"]}
    outcomes = Counter(one["outcome"] for one in truth["opportunities"] if one["ghost"])
    assert len(ghosts) > 10
    assert outcomes["won"] <= 0.03 * len(ghosts)


def test_promises_were_made_in_a_message_or_a_task_that_the_crm_holds(market: Made) -> None:
    batch, promises = market[1], market[0].truth()["promises"]
    activities = {one.id: one for one in batch.activities}
    tasks = {one.id: one for one in batch.tasks}
    assert {one.made_by for one in promises} == {"seller", "buyer"}
    recent = AS_OF - timedelta(days=4)
    for promise in promises:
        assert promise.activity_id or promise.task_id
        if promise.activity_id and promise.made_at < recent:
            assert "promise" in activities[promise.activity_id].topics
        if promise.task_id:
            assert tasks[promise.task_id].due_at == promise.due_at
        assert promise.made_at < promise.due_at
    assert any(one.kept_at is None and one.due_at < AS_OF and not one.lapsed for one in promises)
    assert any(one.kept_at and one.kept_at > one.due_at for one in promises)


def test_each_symptom_is_planted(market: Made) -> None:
    kinds = Counter(one.kind for one in market[0].truth()["symptoms"])
    assert set(kinds) >= {
        "slipping_date",
        "unanswered_questions",
        "champion_replaced",
        "several_quotes",
        "ghost_deal",
        "pressure",
    }


def test_sellers_actions_are_kept_with_the_phase_of_whom_they_were_aimed_at(market: Made) -> None:
    actions = market[0].truth()["actions"]
    assert {one.purpose for one in actions} == {"discovery", "value", "chase", "closing", "quote"}
    assert {one.phase for one in actions} == set(range(7))


def test_some_leads_are_called_soon_some_late_and_some_never(market: Made) -> None:
    batch, leads = market[1], market[0].truth()["leads"]
    people = {one.id: one for one in batch.people if one.kind == "lead"}
    converted = {one for one in leads if leads[one]["converted_at"]}
    assert set(leads) == set(people) | converted
    assert all(person.account_id is None for person in people.values())
    unworked = sum(bool(one["is_unworked"]) for one in leads.values()) / len(leads)
    assert 0.08 < unworked < 0.35
    assert {"lead", "mql", "sql"} <= {person.lifecycle for person in people.values()}


def test_leads_that_want_to_buy_become_contacts_with_a_deal(market: Made) -> None:
    batch, leads = market[1], market[0].truth()["leads"]
    people, roles = {one.id: one for one in batch.people}, defaultdict(set)
    for role in batch.roles:
        roles[role.person_id].add(role.opportunity_id)
    converted = [one for one in leads if leads[one]["converted_at"]]
    assert len(converted) > 5
    for one in converted:
        assert (people[one].kind, bool(people[one].account_id), bool(roles[one])) == ("contact", True, True)
    before = [one for one in batch.activities if one.opportunity_id is None and set(one.person_ids) & set(converted)]
    assert {"web", "form"} <= {one.channel for one in before}


def test_a_person_s_lifecycle_is_the_last_stage_entered(market: Made) -> None:
    last = {one.person_id: one.stage for one in sorted(market[1].lifecycle, key=lambda one: one.entered_at)}
    assert last == {one.id: one.lifecycle for one in market[1].people}


def test_a_known_lead_may_convert_as_days_pass() -> None:
    made = Market(300, 4, AS_OF)
    with no_collection():
        batches = [made.past(), made.advance(45), made.advance(45)]
    leads = {one.id for batch in batches[:2] for one in batch.people if one.kind == "lead"}
    assert any(one.id in leads and one.kind == "contact" for one in batches[2].people)


def test_capture_of_e_mail_is_patchy_per_seller() -> None:
    with no_collection():
        batch = Market(300, 4, AS_OF).past()
    mails = Counter(one.seller_id for one in batch.activities if one.channel == "email")
    meetings = Counter(one.seller_id for one in batch.activities if one.channel == "meeting")
    shares = [mails[seller] / meetings[seller] for seller in meetings if meetings[seller] >= 20]
    assert max(shares) > 1.5 * min(shares)


def test_density_brings_a_hundred_inbound_signals_per_opportunity() -> None:
    with no_collection():
        batch = Market(40, 4, AS_OF, density=12.0).past()
    inbound = sum(one.direction != "outbound" for one in batch.activities if one.opportunity_id)
    assert inbound / 40 >= 100


def test_an_unknown_regime_is_refused() -> None:
    with pytest.raises(ValueError, match="uninformative"):
        Market(10, 1, AS_OF, regime="none")


def test_position_runs_through_the_thresholds_without_a_jump() -> None:
    thresholds = np.array([[0.0, 0.5, 1.5, 2.0, 3.0, 3.5]])
    convictions = np.linspace(-1, 5, 601)
    places = position(convictions, np.repeat(thresholds, 601, axis=0))
    assert np.all(np.diff(places) >= 0)
    assert np.all(np.diff(places) < 0.05)
    assert np.allclose(position(thresholds[0], np.repeat(thresholds, 6, axis=0)), np.arange(1, 7))
    inside = (convictions > -0.5) & (convictions < 4)
    assert np.array_equal(np.floor(places[inside]), phase(convictions, np.repeat(thresholds, 601, axis=0))[inside])
    one_by_one = [position_of(float(x), tuple(thresholds[0])) for x in convictions]
    assert np.allclose(places, one_by_one)


def test_topics_follow_where_a_person_stands() -> None:
    from random import Random

    def share(topic: str, place: float) -> float:
        dice = Random(1)
        return sum(topic in spoken_of(dice, "champion", place) for _ in range(3000)) / 3000

    assert share("status_quo", 0.2) > 5 * share("status_quo", 4.0)
    assert share("quote_request", 4.3) > 5 * share("quote_request", 1.5)
    assert share("legal", 5.2) > 5 * share("legal", 2.5)
