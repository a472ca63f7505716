"""What the phases' chances must satisfy, whatever a buyer did."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from readiness.model import CHANNELS
from readiness.posterior import FLAT
from tests.readiness.buyers import DAYS, PRIOR, acts, buyers, phase_chances, phase_tails, scored
from tests.readiness.reference import chances, course, expected, tails

FEW = settings(max_examples=8, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
EPS = 1e-9
STRAIGHT = FLAT / 4
"""How far from the formula a tail may run where its odds hardly fall: a share of them, at most a quarter in chance."""


@FEW
@given(buyers())
def test_the_chances_of_the_phases_sum_to_one(people):
    p = phase_chances(scored(people))
    assert np.abs(p.sum(axis=1) - 1).max() < EPS
    assert p.min() >= 0


@FEW
@given(buyers(), DAYS)
def test_at_the_last_act_the_chances_are_those_of_the_formula(people, last):
    for buyer in people:
        buyer["acts"] = [
            *(a for a in buyer["acts"] if a["days"] >= last),
            {"kind": "reply", "days": last, "weight": 1.0},
        ]
        buyer["joined"] = max(buyer["joined"], last)
    found = phase_chances(scored(people, last))
    for p, buyer in zip(found, people, strict=True):
        assert p == pytest.approx(chances(buyer, PRIOR, last), abs=EPS)


@FEW
@given(buyers())
def test_in_silence_a_tail_that_keeps_falling_is_that_of_the_formula(people):
    found = phase_tails(scored(people))
    for bounded, buyer in zip(found, people, strict=True):
        seen = [a["days"] for a in buyer["acts"] if a["kind"] != "outbound"]
        silence = min(seen) if seen else buyer["joined"]
        moments = [*np.linspace(silence, 0.0, 200), *-np.geomspace(1, 10_000, 100)]
        path = tails(course(buyer, PRIOR, moments))
        falling = (np.diff(path, axis=0) <= 0).all(axis=0)
        assert bounded[falling] == pytest.approx(path[199][falling], abs=STRAIGHT)


@FEW
@given(buyers())
def test_no_tail_is_higher_than_at_the_last_act(people):
    found = phase_tails(scored(people))
    for bounded, buyer in zip(found, people, strict=True):
        seen = [a["days"] for a in buyer["acts"] if a["kind"] != "outbound"]
        silence = min(seen) if seen else max(buyer["joined"], 0.0)
        assert (bounded <= tails(chances(buyer, PRIOR, silence)) + EPS).all()


@FEW
@given(
    buyers(days=st.integers(200 * 24, 800 * 24).map(lambda hours: hours / 24)),
    st.lists(st.floats(0, 199), min_size=2, max_size=6),
)
def test_time_without_inbound_never_raises_any_tail(people, days_ago):
    for buyer in people:
        buyer["joined"] = max(buyer["joined"], 200.0)
    course = [phase_tails(scored(people, days)) for days in sorted(days_ago, reverse=True)]
    assert np.diff(course, axis=0).max() <= EPS


@pytest.mark.parametrize("wild", [True, False], ids=["any mixture of acts", "acts as the rates expect"])
@pytest.mark.parametrize("number", [100, pytest.param(800, marks=pytest.mark.slow)])
def test_no_tail_of_many_buyers_ever_rises_in_half_a_year_of_silence(wild, number):
    rng = np.random.default_rng(number)
    people = [_silent(rng, wild) for _ in range(number)]
    course = [phase_tails(scored(people, days)) for days in (199, 188, 178, 160, 141, 110, 60, 0)]
    assert np.diff(course, axis=0).max() <= EPS


def _silent(rng: np.random.Generator, wild: bool) -> dict:
    """Somebody watched since 200 to 500 days ago who did nothing in the last 200; notes of sellers, late ones too."""
    joined, kinds = float(rng.uniform(200, 500)), list(PRIOR.signals)
    if wild:
        drawn = rng.choice(kinds, rng.integers(1, 25))
    else:
        phase = int(rng.integers(7))
        drawn = np.repeat(kinds, [rng.poisson(s.rates[phase] * (joined - 200) / 7) for s in PRIOR.signals.values()])
    seen = [
        {"kind": str(kind), "days": float(rng.uniform(200, joined)), "weight": float(rng.choice([0.3, 1.0]))}
        for kind in drawn
    ]
    return {"acts": seen, "joined": joined} | {f"obs_{channel}": float(rng.uniform(0, 1)) for channel in CHANNELS}


@FEW
@given(buyers())
def test_outbound_alone_never_raises_a_phase(people):
    alone = [buyer | {"acts": [a for a in buyer["acts"] if a["kind"] == "outbound"]} for buyer in people]
    assert (scored(alone)["phase"] <= PRIOR.prior_phase).all()
    assert (phase_tails(scored(alone)) <= np.array(PRIOR.prior_tails) + EPS).all()


@FEW
@given(buyers())
def test_removing_outbound_never_raises_a_readiness(people):
    without = [buyer | {"acts": [a for a in buyer["acts"] if a["kind"] != "outbound"]} for buyer in people]
    assert (scored(without)["readiness"] <= scored(people)["readiness"] + EPS).all()


@FEW
@given(buyers(), st.sampled_from(list(PRIOR.signals)), st.sampled_from([0.3, 1.0]))
def test_one_more_act_now_never_lowers_a_tail_that_it_speaks_for(people, kind, weight):
    """An act of kind s multiplies the weight of phase k by (λ_sk / (a + Λ_k)) ^ (η·m).

    P(Z >= m) can therefore not fall when that ratio is, for every phase from m on, at least what it is for every phase
    below m: the rates must rise up to m faster than what we should have seen. The act must be under its cap, and its
    time must be watched already (an act before the watch began lengthens it).
    """
    signal = PRIOR.signals[kind]
    more = [buyer | {"acts": [*buyer["acts"], {"kind": kind, "days": 0.0, "weight": weight}]} for buyer in people]
    before, after = phase_tails(scored(people)), phase_tails(scored(more))
    for buyer, old, new in zip(people, before, after, strict=True):
        tenure = max([buyer["joined"], *(a["days"] for a in buyer["acts"] if a["kind"] != "outbound")])
        ratio = np.array(signal.rates) / (PRIOR.loquacity + expected(buyer, PRIOR, np.array([tenure]))[0])
        held = weight + sum(a["weight"] for a in buyer["acts"] if a["kind"] == kind)
        for m in range(1, len(ratio)):
            if held <= signal.cap and ratio[m:].min() >= ratio[:m].max():
                assert new[m - 1] >= old[m - 1] - EPS


def test_an_act_loses_half_its_weight_in_its_half_life():
    sight = {"joined": 400.0} | {f"obs_{channel}": 1.0 for channel in CHANNELS}
    people = [
        sight | {"acts": [{"kind": kind, "days": lives * signal.half_life, "weight": 1.0}]}
        for kind, signal in PRIOR.signals.items()
        for lives in (0, 1, 2)
    ]
    assert scored(people)["inbound"].to_list() == pytest.approx([1.0, 0.5, 0.25] * len(PRIOR.signals), abs=1e-7)


@FEW
@given(buyers(), st.lists(acts(), min_size=1, max_size=5), st.floats(0.1, 30))
def test_an_act_known_only_later_changes_nothing(people, late, days_ago):
    early = [buyer | {"acts": [a for a in buyer["acts"] if a["days"] >= days_ago]} for buyer in people]
    more = [buyer | {"acts": [*buyer["acts"], *(a | {"days": a["days"] % days_ago} for a in late)]} for buyer in early]
    assert scored(early, days_ago).equals(scored(more, days_ago))


def test_a_buyer_watched_for_long_without_a_sign_is_not_ready():
    buyer = {"acts": [], "joined": 365.0} | {f"obs_{channel}": 1.0 for channel in CHANNELS}
    unseen = buyer | {"joined": 0.0}
    silent, new = scored([buyer, unseen]).iter_rows(named=True)
    assert silent["state"] == "silent"
    assert silent["readiness"] < new["readiness"] - 5
    assert new["state"] == "unseen"
    assert [new[f"p_{k}"] for k in range(7)] == pytest.approx(PRIOR.prior)
    assert new["entropy"] == pytest.approx(-sum(p * math.log(p) for p in PRIOR.prior))
