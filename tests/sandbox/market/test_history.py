from __future__ import annotations

from collections import Counter
from datetime import timedelta
from zoneinfo import ZoneInfo

from sandbox.company import Batch
from sandbox.market import Market
from tests.sandbox.market.conftest import AS_OF

Made = tuple[Market, Batch]


def test_the_history_spans_two_years_and_most_of_it_has_closed(market: Made) -> None:
    opened = [one.created_at for one in market[1].opportunities]
    assert len(opened) == 240
    assert AS_OF - timedelta(days=731) <= min(opened)
    assert max(opened) <= AS_OF
    closed = sum(one.closed_at is not None for one in market[1].opportunities) / 240
    assert 0.5 <= closed <= 0.7


def test_an_opportunity_has_about_thirty_interactions(market: Made) -> None:
    assert 22 <= len([one for one in market[1].activities if one.opportunity_id]) / 240 <= 42


def test_nothing_is_recorded_after_the_instant_or_before_it_happened(market: Made) -> None:
    for activity in market[1].activities:
        assert activity.occurred_at <= activity.recorded_at <= AS_OF
    for opportunity in market[1].opportunities:
        assert opportunity.closed_at is None or opportunity.created_at < opportunity.closed_at <= AS_OF
    for quote in market[1].quotes:
        moments = [quote.created_at, quote.sent_at, quote.viewed_at, quote.decided_at]
        known = [moment for moment in moments if moment]
        assert known == sorted(known)
        assert known[-1] <= AS_OF
    for task in market[1].tasks:
        assert task.planned_at <= AS_OF
        assert task.done_at is None or task.planned_at < task.done_at <= AS_OF


def test_records_refer_to_records_that_are_there(market: Made) -> None:
    batch = market[1]
    sellers, accounts = {one.id for one in batch.sellers}, {one.id for one in batch.accounts}
    people, opportunities = {one.id for one in batch.people}, {one.id for one in batch.opportunities}
    stages = {(one.pipeline_id, one.id) for one in batch.stages}
    assert all((one.pipeline_id, one.stage_id) in stages for one in batch.opportunities)
    assert all(one.account_id in accounts and one.seller_id in sellers for one in batch.opportunities)
    assert all(one.person_id in people and one.opportunity_id in opportunities for one in batch.roles)
    assert all(set(one.person_ids) <= people and one.seller_id in sellers for one in batch.activities)
    assert all(one.opportunity_id in opportunities for one in (*batch.quotes, *batch.changes, *batch.products))
    assert all(one.account_id in accounts and one.person_id in people for one in batch.cases)


def test_changes_lead_from_the_first_value_to_the_one_that_stands(market: Made) -> None:
    batch = market[1]
    current = {
        one.id: {"stage": one.stage_id, "close_date": str(one.close_date), "seller": one.seller_id}
        for one in batch.opportunities
    }
    held: dict[tuple[str, str], str | None] = {}
    for change in sorted(batch.changes, key=lambda one: one.changed_at):
        assert change.old_value == held.get((change.opportunity_id, change.field))
        held[change.opportunity_id, change.field] = change.new_value
    for opportunity_id, fields in current.items():
        for field, value in fields.items():
            assert held[opportunity_id, field] == value


def test_sellers_and_buyers_write_in_their_own_language_and_hours(market: Made) -> None:
    batch = market[1]
    zones = {one.id: ZoneInfo(str(one.time_zone)) for one in batch.sellers}
    assert {str(zone) for zone in zones.values()} == {"Europe/Amsterdam", "Europe/London"}
    bodies = " ".join(one.body for one in batch.activities if one.channel == "email")
    assert "Met vriendelijke groet" in bodies
    assert "Kind regards" in bodies
    for one in batch.activities:
        if one.channel == "email" and one.seller_id:
            local = one.occurred_at.astimezone(zones[one.seller_id])
            assert local.weekday() < 5
            assert 7 <= local.hour < 19


def test_both_pipelines_and_all_outcomes_occur(market: Made) -> None:
    batch, outcomes = market[1], Counter(one["outcome"] for one in market[0].truth()["opportunities"])
    assert {one.pipeline_id for one in batch.opportunities} == {"new-business", "renewal"}
    assert all(outcomes[kind] > 10 for kind in ("open", "won", "lost", "no_decision"))
    reasons = {one.loss_reason for one in batch.opportunities if one.loss_reason}
    assert {"No decision", "Price"} <= reasons


def test_domains_and_addresses_are_made_up_and_unique(market: Made) -> None:
    domains = [one.domain for one in market[1].accounts]
    assert len(set(domains)) == len(domains)
    assert all(str(domain).endswith(".example") for domain in domains)
    addresses = [one.email for one in market[1].people]
    assert len(set(addresses)) == len(addresses)
    assert all(str(address).endswith(".example") for address in addresses)


def test_days_bring_new_deals_new_acts_and_decisions() -> None:
    market = Market(150, 2, AS_OF)
    past = market.past()
    known = {one.id for one in past.opportunities}
    later = market.advance(30)
    assert any(one.id not in known for one in later.opportunities)
    assert any(one.id in known and one.closed_at for one in later.opportunities)
    assert later.activities
    for table in ("accounts", "people", "opportunities", "quotes"):
        held = {one.id for one in getattr(past, table)}
        assert all(AS_OF < one.created_at <= later.as_of for one in getattr(later, table) if one.id not in held)
    assert all(AS_OF < one.joined_at <= later.as_of for one in later.roles if one.left_at is None)
    assert all(AS_OF < one.recorded_at <= later.as_of for one in later.activities)
    assert all(AS_OF < one.changed_at <= later.as_of for one in later.changes)
