"""People are scored slice by slice: nobody's score leans on who else is in the slice."""

from __future__ import annotations

import pytest
from polars.testing import assert_frame_equal

from readiness import slices
from readiness.model import load_prior
from readiness.people import people_readiness
from readiness.schema import MEMBERS, PEOPLE_READINESS, SIGNALS
from tests.readiness.books import NOW, act, member
from tests.readiness.engines import DuckDB, Polars, collected

KINDS = list(load_prior().signals)


def people(engine):
    """Twenty people of whom one does more each than the one before, the first nothing."""
    opportunities = [f"o{n:02}" for n in range(20)]
    signals = [
        act(KINDS[(n + i) % len(KINDS)], 3.0 * i + n, opportunity_id=one, person_id="p")
        | {"interaction_id": f"{n}-{i}"}
        for n, one in enumerate(opportunities)
        for i in range(n)
    ]
    found = people_readiness(
        engine.frame(SIGNALS, signals),
        engine.frame(MEMBERS, [member("p", one, joined=40) for one in opportunities]),
        engine.frame(PEOPLE_READINESS, [{"opportunity_id": one, "as_of": NOW} for one in opportunities]).select(
            "opportunity_id", "as_of"
        ),
        load_prior(),
        engine.keep,
    )
    return collected(found, "opportunity_id")


@pytest.mark.parametrize("engine", [Polars, DuckDB])
def test_a_book_of_many_slices_gets_the_scores_of_one(engine, monkeypatch):
    whole = people(engine())
    assert len(whole) == 20
    monkeypatch.setattr(slices, "SIZE", 3)
    assert_frame_equal(people(engine()), whole, rel_tol=1e-12)
