"""The explanation is exact: what is said about a phase adds up to it."""

from __future__ import annotations

import math

import polars as pl
import pytest

from readiness.explain import explanations
from readiness.model import load_prior
from readiness.people import people_readiness
from readiness.schema import EXPLANATIONS, MEMBERS, OPPORTUNITY_READINESS, SIGNALS
from tests.readiness.books import NOW, act, member, random_book
from tests.readiness.engines import Polars, collected

PRIOR = load_prior()


def explained(members, acts):
    engine = Polars()
    rows = [{"opportunity_id": one, "as_of": NOW} for one in sorted({m["opportunity_id"] for m in members})]
    landmarks = engine.frame(OPPORTUNITY_READINESS, rows).select("opportunity_id", "as_of")
    signals = engine.frame(SIGNALS, acts)
    people = people_readiness(signals, engine.frame(MEMBERS, members), landmarks, PRIOR, engine.keep)
    terms = explanations(signals, people, PRIOR, engine.keep)
    return collected(people, "opportunity_id", "person_id"), collected(terms)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_terms_of_a_person_add_up_to_the_log_odds_of_the_shown_phase(seed):
    book = random_book(seed)
    people, terms = explained(book["members"], book["signals"])
    assert set(terms.columns) == set(EXPLANATIONS.names)
    sums = terms.group_by("opportunity_id", "person_id").agg(
        pl.col("term").sum(), pl.col("phase").first(), pl.col("reference").first()
    )
    assert len(sums) == len(people) > 40
    for row in people.join(sums, on=["opportunity_id", "person_id"], suffix="_shown").iter_rows(named=True):
        shown, reference = row["phase_shown"], row["reference"]
        assert shown == row["phase"]
        assert row["term"] == pytest.approx(math.log(row[f"p_{shown}"] / row[f"p_{reference}"]), abs=1e-9)


def test_an_act_adds_its_decayed_log_ratio_and_silence_the_rest():
    people, terms = explained([member(joined=60.0)], [act("meeting", 10), act("reply", 10, weight=0.3)])
    (person,) = people.to_dicts()
    found = dict(terms.select("kind", "term").iter_rows())
    shown = person["phase"]
    for kind, weight in (("meeting", 1.0), ("reply", 0.3)):
        signal = PRIOR.signals[kind]
        ratio = math.log(signal.rates[shown] / signal.rates[0])
        assert found[kind] == pytest.approx(PRIOR.temper * weight * 0.5 ** (10 / signal.half_life) * ratio)
    assert found["prior"] == pytest.approx(math.log(PRIOR.prior[shown] / PRIOR.prior[0]))
    assert found["silence"] < 0


def test_acts_over_the_cap_share_it_pro_rata():
    acts = [act("quote_request", 0.0, interaction_id=f"i{n}", weight=w) for n, w in enumerate((1.0, 1.0, 1.0, 0.3))]
    _, terms = explained([member()], acts)
    found = terms.filter(pl.col("kind") == "quote_request").sort("interaction_id")
    signal, shown = PRIOR.signals["quote_request"], found["phase"][0]
    whole = PRIOR.temper * signal.cap * math.log(signal.rates[shown] / signal.rates[0])
    assert found["term"].to_list() == pytest.approx([whole * w / 3.3 for w in (1.0, 1.0, 1.0, 0.3)])


def test_every_act_is_dated_and_only_silence_and_the_prior_have_no_interaction():
    _, terms = explained([member()], [act("meeting", 10), act("outbound", 2), act("gossip", 1)])
    rows = {row["kind"]: row for row in terms.iter_rows(named=True)}
    assert set(rows) == {"meeting", "silence", "prior"}
    assert rows["meeting"]["occurred_at"] == rows["silence"]["occurred_at"] == act("meeting", 10)["occurred_at"]
    assert rows["meeting"]["interaction_id"] == "meeting@10"
    assert rows["silence"]["interaction_id"] is None
    assert rows["prior"]["occurred_at"] is None


def test_somebody_unaware_is_compared_with_the_phase_one_would_expect():
    people, terms = explained([member(joined=300.0)], [act("no_show", days) for days in (5, 12, 20)])
    assert people["phase"].item() == 0
    assert set(terms["reference"]) == {PRIOR.prior_phase}
    assert terms["term"].sum() > 0
