"""What the seller's stage claims against what the buyers show."""

from __future__ import annotations

from typing import Any

import pytest

from readiness.gap import claimed_phases, stage_entries, with_gap
from readiness.model import load_prior
from readiness.schema import CHANGES, OPPORTUNITIES, OPPORTUNITY_READINESS, STAGES
from tests.readiness.books import NOW, ago
from tests.readiness.engines import Polars, collected

PRIOR = load_prior()


def stages(*names: str, **phase: int) -> list[dict[str, Any]]:
    rows = [{"pipeline_id": "main", "stage_id": n, "position": 10 * i, "is_closed": False} for i, n in enumerate(names)]
    closed = {"pipeline_id": "main", "stage_id": "won", "position": 99, "is_closed": True}
    return [row | {"phase": phase.get(row["stage_id"])} for row in [*rows, closed]]


def claimed(stage_rows: list[dict[str, Any]], book: dict[str, list[dict[str, Any]]], phase_at_entry: int = 4) -> dict:
    """The phase that each stage claims, where every group was found in one phase at every entry."""
    engine = Polars()
    tables = {t.name: engine.frame(t, book.get(t.name, [])) for t in (OPPORTUNITIES, CHANGES)}
    entries = stage_entries(tables, PRIOR, NOW)
    found = collected(entries, "opportunity_id", "as_of")
    groups = [
        {"opportunity_id": row["opportunity_id"], "as_of": row["as_of"], "phase": phase_at_entry, "state": "seen"}
        for row in found.iter_rows(named=True)
    ]
    frame = claimed_phases(
        engine.frame(STAGES, stage_rows), entries, engine.frame(OPPORTUNITY_READINESS, groups), PRIOR
    )
    return dict(collected(frame).select("stage_id", "claimed_phase").iter_rows())


def won(deals: int) -> dict[str, list[dict[str, Any]]]:
    """Deals won yesterday that went from stage a to b."""
    opportunities, changes = [], []
    for number in range(deals):
        key = {"opportunity_id": f"o{number}"}
        opportunities.append(
            key | {"pipeline_id": "main", "outcome": "won", "created_at": ago(50), "closed_at": ago(1)}
        )
        changes.append(key | {"field": "stage", "old_value": "a", "new_value": "b", "changed_at": ago(20)})
    return {"opportunities": opportunities, "changes": changes}


@pytest.mark.parametrize(
    ("names", "phases"),
    [("a", [3]), ("ab", [1, 5]), ("abc", [1, 3, 5]), ("abcde", [1, 2, 3, 4, 5]), ("abcdefg", [1, 2, 2, 3, 4, 4, 5])],
)
def test_with_nothing_learnt_the_open_stages_are_spread_over_the_phases(names, phases):
    assert claimed(stages(*names), {}) == dict(zip(names, phases, strict=True))


def test_a_stage_means_what_buyers_were_like_when_won_deals_entered_it():
    assert claimed(stages("a", "b", "c"), won(30), phase_at_entry=2) == {"a": 2, "b": 2, "c": 5}


def test_twenty_nine_won_deals_teach_nothing_yet():
    assert claimed(stages("a", "b", "c"), won(29), phase_at_entry=2) == {"a": 1, "b": 3, "c": 5}


def test_what_revops_set_for_a_stage_stands():
    assert claimed(stages("a", "b", "c", b=0), won(30), phase_at_entry=2)["b"] == 0


def test_a_stage_entered_twice_counts_at_its_first_entry():
    book = won(30)
    book["changes"] += [row | {"changed_at": ago(5), "old_value": "c"} for row in book["changes"]]
    engine = Polars()
    tables = {t.name: engine.frame(t, book[t.name]) for t in (OPPORTUNITIES, CHANGES)}
    found = collected(stage_entries(tables, PRIOR, NOW), "opportunity_id", "as_of")
    assert found["stage_id"].to_list() == ["a", "b"] * 30
    assert found["as_of"].to_list() == [ago(50), ago(20)] * 30


def test_the_gap_is_positive_when_the_seller_is_ahead_of_the_buyer():
    engine = Polars()
    opportunities = [{"opportunity_id": o, "pipeline_id": "main", "stage_id": s} for o, s in (("o1", "c"), ("o2", "a"))]
    groups = [{"opportunity_id": o, "phase": 3} for o in ("o1", "o2", "lead:x")]
    empty = engine.frame(OPPORTUNITY_READINESS, [])
    no_entries = stage_entries({t.name: engine.frame(t, []) for t in (OPPORTUNITIES, CHANGES)}, PRIOR, NOW)
    phases = claimed_phases(engine.frame(STAGES, stages("a", "b", "c")), no_entries, empty, PRIOR)
    bare = engine.frame(OPPORTUNITY_READINESS, groups).drop("claimed_phase", "phase_gap")
    found = collected(with_gap(bare, engine.frame(OPPORTUNITIES, opportunities), phases), "opportunity_id")
    assert found["phase_gap"].to_list() == [None, 2, -2]
