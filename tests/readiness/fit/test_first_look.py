from __future__ import annotations

import pytest

from readiness.fit.first_look import first_look
from readiness.model import load_prior
from tests.readiness.engines import Polars
from tests.readiness.fit.markets import day, market, tables

MODEL = load_prior()
ROWS = market(250, signal=True)


@pytest.fixture(scope="module")
def found():
    return first_look(tables(ROWS), MODEL, day(320), Polars().keep)


def test_lost_deals_are_counted_with_the_days_that_a_warning_would_have_come_earlier(found):
    closed = [row for row in ROWS["opportunities"] if found.since <= row["closed_at"] <= found.until]
    assert found.lost <= sum(row["outcome"] != "won" for row in closed)
    assert 0 < found.warned <= found.lost
    assert found.days_earlier > 0
    assert found.warned / found.lost > found.false_alarms / found.won


def test_what_it_looks_at_is_the_later_half_of_the_closed_deals(found):
    closed = sum(row["closed_at"] <= found.until for row in ROWS["opportunities"])
    assert found.lost + found.won == pytest.approx(closed / 2, abs=2)


def test_false_alarms_are_won_deals_per_seller_and_week(found):
    weeks = (found.until - found.since).days / 7
    assert found.per_seller_week == pytest.approx(found.false_alarms / weeks, rel=0.1)


def test_three_examples_were_warned_of_before_they_were_lost(found):
    outcome = {row["opportunity_id"]: row["outcome"] for row in ROWS["opportunities"]}
    assert len(found.examples) == 3
    for example in found.examples:
        assert outcome[example.opportunity_id] != "won"
        assert found.since <= example.warned_at < example.closed_at


def test_what_cannot_be_seen_is_counted(found):
    mute = ROWS | {"signals": []}
    nothing = first_look(tables(mute), MODEL, day(320), Polars().keep)
    assert found.unseen["no_act"] < found.lost
    assert nothing.unseen["no_act"] == nothing.lost


def test_a_handful_of_closed_deals_gives_no_look_back():
    assert first_look(tables(market(8, signal=True)), MODEL, day(400), Polars().keep) is None
