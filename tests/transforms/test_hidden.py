"""A small share of deals shows no phase until its seller has said theirs."""

from __future__ import annotations

import polars as pl
import pytest

from tests.transforms.deal import AS_OF, act, ago, deal, quote
from tests.transforms.engines import Engine
from transforms.actions import next_action
from transforms.alerts import alerts
from transforms.enrich import opportunity_values
from transforms.hidden import hidden_deals, veil, veiled
from transforms.settings import Settings
from transforms.texts import Texts

BOOK = [deal(opportunity_id=f"006{number}") for number in range(2000)]


def labels(*opportunities: str):
    engine = Engine("polars")
    return {"labels": engine.frame([{"opportunity_id": one} for one in opportunities], {"opportunity_id": pl.String()})}


def test_by_default_no_phase_is_hidden():
    assert hidden_deals(labels(), BOOK, 0.0) == frozenset()


def test_the_share_is_kept_and_the_same_deals_stay_hidden_whatever_else_is_open():
    found = hidden_deals(labels(), BOOK, 0.1)
    assert 150 < len(found) < 250
    assert hidden_deals(labels(), BOOK[:500], 0.1) == found & {one.opportunity_id for one in BOOK[:500]}
    assert found < hidden_deals(labels(), BOOK, 0.2)


def test_a_label_lifts_the_veil():
    first, *others = sorted(hidden_deals(labels(), BOOK, 0.1))
    assert hidden_deals(labels(first), BOOK, 0.1) == set(others)


def test_a_veil_takes_what_tells_the_phase_and_leaves_the_rest():
    shown = veiled({"phase": "exploring", "readiness": "45", "changed": "…", "next_action": "Call Kim", "why": "asked"})
    assert shown == {"phase": None, "readiness": None, "changed": None, "next_action": "Call Kim", "why": "asked"}


def told(phase: int, language: str) -> dict[str, str | None]:
    """All that is told of a veiled deal whose buyers are this far."""
    score = {"phase": phase, "phase_gap": 4 - phase, **{f"c_{m}": 0.9 if m <= phase else 0.1 for m in range(1, 7)}}
    asked = act(6, "outbound", "closing")
    one = deal(score, quotes=[quote("q1", 5)], stage_share=0.8, acts=[act(20), asked, act(3)], created_at=ago(60))
    veil(labels(), [one], 1.0)
    shown = veiled(opportunity_values(one, Texts(language), AS_OF, {}))
    raised = alerts([one], Settings(language=language), AS_OF).to_arrow().to_pylist()
    return {**shown, "alerts": str([(row["key"], row["body"]) for row in raised])}


@pytest.mark.parametrize("language", ["nl", "en"])
def test_nothing_that_is_told_of_a_veiled_deal_depends_on_its_phase(language):
    first, *others = [told(phase, language) for phase in range(7)]
    assert all(other == first for other in others)
    assert first["next_action"] == next_action(veiled_deal(), Texts(language), AS_OF)


def veiled_deal():
    one = deal()
    one.is_veiled = True
    return one
