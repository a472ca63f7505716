"""A small share of deals shows no phase until its seller has said theirs."""

from __future__ import annotations

import polars as pl

from tests.transforms.deal import deal
from tests.transforms.engines import Engine
from transforms.hidden import hidden_deals, veiled

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
