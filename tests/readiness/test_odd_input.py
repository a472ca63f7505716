"""Input that a CRM should not hold but does: a defined result, never a crash or a NaN."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from readiness.model import load_prior
from readiness.score import score
from tests.readiness.books import NOW, Book, act, ago, frames, member
from tests.readiness.engines import DuckDB, Polars, collected

PRIOR = load_prior()
DEAL = {
    "opportunity_id": "o1",
    "pipeline_id": "main",
    "stage_id": "a",
    "outcome": "open",
    "created_at": ago(90),
    "close_date": ago(-30).date(),
}
STAGES = [{"pipeline_id": "main", "stage_id": s, "position": i, "is_closed": False} for i, s in enumerate("ab")]


def scored(engine=None, **tables: list) -> dict[str, pl.DataFrame]:
    engine = engine or Polars()
    book: Book = {"opportunities": [DEAL], "stages": STAGES, "members": [member()]} | tables
    return {name: collected(frame) for name, frame in score(frames(engine, book), PRIOR, NOW, engine.keep).items()}


def person(result: dict[str, pl.DataFrame]) -> dict:
    (row,) = result["people_readiness"].to_dicts()
    assert all(math.isfinite(v) for v in row.values() if isinstance(v, float))
    return row


def test_empty_tables_give_empty_scores():
    found = scored(opportunities=[], stages=[], members=[])
    assert all(len(frame) == 0 for frame in found.values())


def test_a_single_opportunity_with_nobody_on_it_is_unseen():
    found = scored(members=[])
    assert found["opportunity_readiness"]["state"].to_list() == ["unseen"]
    assert found["forecast"]["opportunity_id"].to_list() == ["o1"]


ODD_ACTS = [
    act("telepathy", 1),
    act("reply", -3),
    act("reply", 1, weight=math.nan),
    act("reply", 1, weight=None),
    act("reply", 1, weight=0.0),
    act("reply", 1, weight=-1.0),
    act("reply", 1, direction="outbound"),
    act("reply", 1, direction=None),
    act(None, 1),
    act("reply", 1, person_id=None),
    act("reply", 1, person_id="stranger"),
    act("reply", 1, opportunity_id="elsewhere"),
    act("reply", 1, occurred_at=None),
    act("reply", 1, known_at=NOW + timedelta(seconds=1)),
]


def test_acts_that_say_nothing_sound_change_nothing():
    good = [act("meeting", 9), act("reply", 3)]
    assert person(scored(signals=[*good, *ODD_ACTS])) == person(scored(signals=good))


def test_a_weight_above_one_counts_as_one():
    heavy, one = (person(scored(signals=[act("reply", 3, weight=w)])) for w in (math.inf, 1.0))
    assert heavy == one


def test_acts_of_another_age_have_no_weight_left():
    old = datetime(1901, 1, 1, tzinfo=UTC)
    row = person(scored(signals=[act("reply", 1, occurred_at=old, known_at=old)]))
    assert row["inbound"] == pytest.approx(0, abs=1e-12)
    assert row["last_inbound_at"] == old


def test_ten_thousand_signals_in_a_minute_count_up_to_the_cap():
    flood = [act("reply", (n % 60) / 86400, interaction_id=f"i{n}") for n in range(10_000)]
    found = scored(signals=flood)
    assert person(found)["inbound"] == pytest.approx(PRIOR.signals["reply"].cap)
    assert found["explanations"]["term"].is_finite().all()


def test_missing_facts_about_a_person_have_a_meaning():
    unknown = member(seat=None, joined_at=None, obs_mail=math.nan, obs_call=None, obs_meeting=7.0, obs_web=1.0)
    full = member(seat="unknown", joined_at=act("reply", 3)["occurred_at"])
    signals = [act("reply", 3)]
    assert person(scored(members=[unknown], signals=signals)) == person(scored(members=[full], signals=signals))


def test_amounts_that_are_no_amounts_are_not_stated():
    deals = [
        DEAL | {"opportunity_id": f"o{n}", "amount": a} for n, a in enumerate((math.nan, None, -5.0, 0.0, math.inf))
    ]
    found = scored(opportunities=deals, members=[])
    assert set(found["opportunity_readiness"]["expected_seats"]) == {PRIOR.expected_seats.default}
    assert found["forecast"]["p_win"].is_finite().all()


def test_every_engine_takes_the_same_odd_input_the_same_way():
    old = datetime(1901, 1, 1, tzinfo=UTC)
    flood = [act("reply", (n % 60) / 86400, interaction_id=f"i{n}") for n in range(1_000)]
    deals = [
        DEAL | {"opportunity_id": f"o{n}", "amount": a} for n, a in enumerate((math.nan, None, -5.0, 0.0, math.inf))
    ]
    tables = {
        "opportunities": deals,
        "members": [
            member(),
            member("p2", seat=None, joined_at=None, obs_mail=math.nan, obs_call=None, obs_meeting=7.0),
        ],
        "signals": [*ODD_ACTS, *flood, act("meeting", 1, occurred_at=old, known_at=old, person_id="p2")],
    }
    one, other = scored(**tables), scored(DuckDB(), **tables)
    for name in ("people_readiness", "opportunity_readiness", "forecast"):
        keys = [key for key in ("opportunity_id", "person_id") if key in one[name].columns]
        assert_frame_equal(one[name].sort(keys), other[name].sort(keys), abs_tol=1e-9, check_dtypes=False)
    empty = scored(DuckDB(), opportunities=[], stages=[], members=[])
    assert all(len(frame) == 0 for frame in empty.values())
