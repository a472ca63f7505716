"""Symptoms and actions on the simulated market, whose buyers' minds are known."""

from __future__ import annotations

import pytest

from benchmarks import actions, symptoms
from benchmarks.market import world


@pytest.mark.slow
def test_each_symptom_is_found_with_few_false_alarms():
    here = world(300, 11)
    figures = symptoms.measured(here, symptoms.watched(here, weeks=16), weeks=16)
    assert set(figures) == {*symptoms.KINDS, "called_off", "silent_buyer", "tasks"}
    assert figures["slipping_date"].recall >= 0.8
    assert figures["champion_replaced"].recall >= 0.8
    assert figures["called_off"].recall >= 0.5
    assert figures["silent_buyer"].recall >= 0.6
    assert figures["tasks"].false_per_seller_week <= 1.0


@pytest.mark.slow
def test_advised_acts_fit_their_person_more_often_than_the_sellers_own():
    figures = actions.measured(world(300, 11))
    assert figures.advised_fit > figures.done_fit + 0.1
    assert figures.asking_fit > figures.done_fit
