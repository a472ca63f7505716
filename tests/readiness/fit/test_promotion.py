from __future__ import annotations

from dataclasses import replace

import pytest

from readiness.fit.figures import pictures, reliability
from readiness.fit.fit import fit
from readiness.fit.promotion import Verdict, judged, objections
from readiness.fit.training import Training
from readiness.model import load_prior
from tests.readiness.fit.markets import OPEN_STAGES, learnt, market, tables

MODEL = load_prior()
STAGES = dict(zip(OPEN_STAGES, (0.2, 0.5), strict=True))
GOOD = {
    "ECE": 0.02,
    "ECE by chance, high": 0.05,
    "AUC, combined": 0.75,
    "AUC, current": 0.70,
    "slope, low": 0.9,
    "slope, high": 1.2,
    "intercept, low": -0.2,
    "intercept, high": 0.1,
} | {f"log loss less {other}, {end}": -0.01 for other in ("current", "base rate") for end in ("low", "high")}


def history(signal: bool) -> Training:
    return learnt(tables(market(500, signal=signal, seed=3)), 320)


@pytest.fixture(scope="module")
def with_signal() -> Verdict:
    return judged(history(True), MODEL.forecast, MODEL.forecast, STAGES)


@pytest.fixture(scope="module")
def without_signal() -> Verdict:
    return judged(history(False), MODEL.forecast, MODEL.forecast, STAGES)


def test_a_history_that_foretells_the_outcome_beats_the_baselines(with_signal):
    figures = with_signal.figures
    for other in ("current", "base rate", "stage probability"):
        assert figures[f"log loss less {other}, high"] < 0, other
    assert figures["AUC, combined"] > 0.65


def test_a_history_without_signal_is_refused_and_claims_no_lift(without_signal):
    assert not without_signal.promoted
    assert any("telling every deal the win rate" in reason for reason in without_signal.reasons)
    assert without_signal.figures["log loss less deal, high"] > 0
    assert 0.42 < without_signal.figures["AUC, combined"] < 0.58


def test_every_cut_off_is_judged_on_deals_that_come_after_it(with_signal):
    trial = with_signal.trial
    assert trial is not None
    assert len(set(trial.cut.tolist())) >= 3
    assert all(said.shape == trial.won.shape for said in trial.said.values())


def test_too_little_history_is_refused_with_its_count():
    few = learnt(tables(market(20, signal=True)), 320)
    verdict = judged(few, MODEL.forecast, MODEL.forecast, STAGES)
    assert not verdict.promoted
    assert "20 closed deals" in verdict.reasons[0]


def test_a_model_that_keeps_every_rule_of_the_gate_passes():
    assert objections(GOOD) == []


@pytest.mark.parametrize(
    ("figure", "value", "reason"),
    [
        ("log loss less current, high", 0.001, "the forecast in use"),
        ("log loss less base rate, high", 0.0, "win rate"),
        ("ECE", 0.06, "calibration error"),
        ("slope, high", 0.98, "slope"),
        ("intercept, low", 0.01, "intercept"),
        ("AUC, combined", 0.68, "ranks worse"),
        ("AUC, combined", 0.93, "leakage"),
    ],
)
def test_each_rule_of_the_gate_refuses_in_words(figure, value, reason):
    found = objections(GOOD | {figure: value})
    assert len(found) == 1
    assert reason in str(found[0])


def test_a_current_model_as_good_as_the_new_one_stays():
    past = history(True)
    current = replace(fit(past, MODEL.forecast, choice=1.0), calibrated=True)
    verdict = judged(past, current, MODEL.forecast, STAGES)
    assert not verdict.promoted
    assert any("the forecast in use" in reason for reason in verdict.reasons)


def test_slips_are_foretold_better_than_by_chance(with_signal):
    assert with_signal.figures["slip AUC"] > 0.55


def test_the_pictures_show_every_cut_off_and_baseline(with_signal):
    found = pictures(with_signal.trial, with_signal.figures, lambda key, **_: key)
    assert set(found) == {"reliability", "lift", "worth"}
    assert all(picture.startswith(b"\x89PNG") for picture in found.values())
    bins = reliability(with_signal.trial.said["combined"], with_signal.trial.won)
    assert sum(size for _, _, size in bins) == with_signal.trial.won.size
    assert bins == sorted(bins)
