from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta
from functools import cache

import narwhals as nw
import numpy as np
import pytest

from readiness.fit import metrics
from readiness.fit.baselines import known_wins
from readiness.fit.fit import decision_edges, fit, rebucketed
from readiness.fit.hazard import Beliefs, Evidence, at_risk_and_endings, ending_chances, maximise
from readiness.fit.outlook import chances_by
from readiness.fit.terms import LIMITS
from readiness.forecast.features import BUYER, DEAL
from readiness.forecast.parameters import Parameters
from readiness.model import load_prior
from tests.readiness.fit.markets import learnt, lingering, market, tables

MODEL = load_prior()
PRIOR = MODEL.forecast


@pytest.fixture(scope="module")
def past():
    return learnt(tables(market(450, signal=True)), 310)


@pytest.fixture(scope="module")
def fitted(past):
    return fit(past, PRIOR, choice=1.0)


@cache
def new_market(signal):
    return learnt(tables(market(300, signal=signal, seed=77)), 500)


def test_open_deals_take_part_as_censored(past):
    still_open = past.rows.filter((past.rows["cause"] == -1).to_list())
    assert len(still_open) > 0
    assert np.allclose(still_open["landmark"].to_numpy() + still_open["days"].to_numpy(), past.until)
    assert past.weight * len(past.rows) == pytest.approx(past.rows["opportunity_id"].n_unique())


@pytest.mark.parametrize("signal", [True, False])
def test_young_deals_are_not_promised_more_wins_where_the_others_stay_open_for_long(signal):
    seen = learnt(tables(lingering(market(600, signal=signal, seed=9), 60)), 310)
    later = learnt(tables(lingering(market(600, signal=signal, seed=79), 60)), 900).rows
    chance = chances_by(fit(seen, PRIOR, choice=1.0), later, 364.0)[:, 0]
    won, age = later["cause"].to_numpy() == 0, later["age"].to_numpy()
    for youngest, oldest in ((0, 10), (10, 25), (25, 50), (50, 100)):
        of_age = (age >= youngest) & (age < oldest)
        assert of_age.sum() > 500
        assert chance[of_age].mean() == pytest.approx(won[of_age].mean(), abs=0.06)


def test_whether_a_landmark_is_judged_never_depends_on_what_came_of_it(past):
    rows, won = known_wins(past, 30.0)
    assert len(rows) == (past.followed >= 30).sum()
    assert 0 < won.mean() < 1


def test_dropping_the_open_deals_would_expect_too_many_quick_endings(past):
    closed_only = replace(past, rows=past.rows.filter((past.rows["cause"] != -1).to_list()))
    whole, part = fit(past, PRIOR, choice=1.0), fit(closed_only, PRIOR, choice=1.0)
    soon = [float(chances_by(parameters, past.rows, 20.0).sum(axis=1).mean()) for parameters in (whole, part)]
    assert soon[0] < soon[1]


@pytest.mark.parametrize("deals", [0, 20])
def test_with_next_to_no_closed_deals_the_expert_stays_and_gives_a_ranking_only(deals):
    parameters = fit(learnt(tables(market(deals, signal=True)), 400), PRIOR)
    assert parameters == replace(PRIOR, closed=parameters.closed)
    assert not parameters.calibrated


@pytest.mark.parametrize(("deals", "seed"), [(60, 1), (60, 4), (320, 2)])
@pytest.mark.parametrize("signal", [True, False])
def test_a_fit_to_few_deals_foretells_later_ones_no_worse_than_the_cold_start(deals, seed, signal):
    seen = learnt(tables(market(deals, signal=signal, seed=seed)), 400)
    rows, won = known_wins(new_market(signal), 30.0)
    loss = [metrics.log_loss(chances_by(p, rows, 30.0)[:, 0], won) for p in (fit(seen, PRIOR, choice=1.0), PRIOR)]
    assert loss[0] < loss[1] + 0.01


@pytest.mark.parametrize("signal", [True, False])
def test_some_forty_deals_teach_more_than_they_mislead(signal):
    rows, won = known_wins(new_market(signal), 30.0)
    cold = metrics.log_loss(chances_by(PRIOR, rows, 30.0)[:, 0], won)
    changes = []
    for seed in range(200, 208):
        seen = learnt(tables(market(42, signal=signal, seed=seed)), 310)
        assert 30 <= seen.closed < 60
        changes.append(metrics.log_loss(chances_by(fit(seen, PRIOR), rows, 30.0)[:, 0], won) - cold)
    assert np.mean(changes) < 0


@pytest.mark.parametrize("seed", [1, 2])
def test_where_deals_take_months_a_short_history_foretells_the_year_no_worse_than_the_cold_start(seed):
    seen = learnt(tables(market(160, signal=False, seed=seed, span=250, pace=5)), 250)
    later = learnt(tables(market(200, signal=False, seed=78, span=200, pace=5)), 1400)
    rows, won = known_wins(later, 364.0)
    assert 30 < seen.closed < 120
    loss = [metrics.log_loss(chances_by(p, rows, 364.0)[:, 0], won) for p in (fit(seen, PRIOR), PRIOR)]
    assert loss[0] < loss[1] + 0.01


def test_a_fit_foretells_what_a_new_market_of_the_same_kind_does(fitted):
    rows, won = known_wins(new_market(True), 30.0)
    chance = chances_by(fitted, rows, 30.0)[:, 0]
    assert metrics.auc(chance, won) > 0.65
    assert chance.mean() == pytest.approx(won.mean(), abs=0.05)


def test_silence_and_readiness_keep_their_sign_whatever_the_history_says(past):
    backwards = past.rows["cause"].to_numpy().copy()
    won, lost = backwards == 0, backwards > 0
    backwards[won], backwards[lost] = 2, 0
    fitted = fit(
        replace(
            past, rows=past.rows.with_columns(past.rows["cause"].scatter(range(len(backwards)), backwards.tolist()))
        ),
        PRIOR,
        choice=1.0,
    )
    for term in fitted.terms:
        for (low, high), near, far in zip(LIMITS.get(term.feature, ()), term.near, term.far, strict=False):
            assert low <= near <= high
            assert low <= far <= high


@pytest.mark.parametrize(("variant", "kept_out"), [("buyer", DEAL), ("deal", BUYER)])
def test_a_variant_reads_nothing_of_the_other_side(past, variant, kept_out):
    few = replace(past, rows=past.rows.head(1500))
    terms = fit(few, PRIOR, variant, choice=1.0).terms
    assert not {term.feature for term in terms} & set(kept_out)
    assert variant == "deal" or not any(term.where for term in terms)


def test_a_fitted_forecast_survives_its_file(fitted):
    assert Parameters.from_dict(fitted.as_dict()) == fitted


def test_buckets_follow_the_tenants_own_times_and_reach_the_year(past):
    edges = decision_edges(past, PRIOR)
    assert list(edges) == sorted(set(edges))
    assert edges[-1] == 364
    assert edges[3] < 30


def test_other_buckets_leave_the_experts_chances_as_they_were():
    edges = (3.0, 14.0, 20.0, 28.0, 56.0, 91.0, 182.0, 364.0)
    finer = np.exp(np.array(rebucketed(PRIOR, edges)))
    finer = finer / (1 + finer.sum(axis=1, keepdims=True))
    whole = np.exp(np.array(PRIOR.baseline))
    whole = whole / (1 + whole.sum(axis=1, keepdims=True))
    assert np.prod(1 - finer.sum(axis=1)) == pytest.approx(np.prod(1 - whole.sum(axis=1)))
    assert np.prod(1 - finer[:2].sum(axis=1)) == pytest.approx(1 - whole[0].sum())


def test_a_bucket_counts_where_all_of_it_could_be_seen_whatever_happened_in_it():
    days, cause = np.array([3.0, 3.0, 3.0, 3.0]), np.array([-1, 1, 1, 2])
    followed, edges = np.array([3.0, 3.9, 4.0, 50.0]), np.array([2.0, 4.0, 9.0])
    at_risk, endings = at_risk_and_endings(days, cause, followed, edges)
    assert at_risk.tolist() == [[1, 0, 0], [1, 0, 0], [1, 1, 0], [1, 1, 0]]
    assert endings[:2].sum() == 0
    assert endings[2:, 1].tolist() == [[0, 1, 0], [0, 0, 1]]
    assert endings.sum() == 2


def test_the_maximum_is_where_no_small_step_helps_and_bounds_hold():
    random = np.random.default_rng(2)
    n, p, buckets = 400, 3, 4
    at_risk, endings = at_risk_and_endings(
        random.exponential(8, n), random.integers(-1, 3, n), np.full(n, 100.0), np.array([2.0, 5, 9, 99])
    )
    evidence = Evidence(random.random((n, p)), at_risk, endings, np.array([0.1, 0.3, 0.5, 0.9]))
    size = 2 * p + buckets
    upper = np.full((3, size), np.inf)
    upper[0, 0] = -0.5
    beliefs = Beliefs(np.zeros((3, size)), np.full((3, size), -np.inf), upper, np.eye(size))
    point = maximise(evidence, beliefs)

    def height(at):
        chances = ending_chances(evidence, at)
        stays = np.log(1 - chances.sum(axis=2))
        fits = (at_risk * stays).sum() + (endings * (np.log(chances) - stays[:, :, None])).sum()
        return fits - 0.5 * (at**2).sum()

    assert point[0, 0] <= -0.5
    for _ in range(50):
        step = random.normal(size=point.shape) * 0.02
        assert height(np.minimum(point + step, upper)) <= height(point) + 1e-3


def test_what_was_known_earlier_has_later_endings_open(past):
    earlier = past.known_at(past.until - 100)
    assert (earlier.rows["landmark"].to_numpy() < earlier.until).all()
    assert (earlier.rows["landmark"].to_numpy() + earlier.rows["days"].to_numpy() <= earlier.until + 1e-9).all()
    assert earlier.closed < past.closed


def test_acts_written_up_late_or_at_the_closing_teach_nothing():
    rows = market(40, signal=True)
    deal = max(rows["opportunities"], key=lambda row: row["closed_at"] - row["created_at"])
    half = deal["created_at"] + (deal["closed_at"] - deal["created_at"]) / 2
    backdated = [
        ("late", half, half + timedelta(days=15)),
        ("at the closing", deal["closed_at"] - timedelta(days=5), deal["closed_at"] - timedelta(hours=2)),
    ]
    clean = learnt(tables(rows), 500).rows
    for name, occurred, known in backdated:
        act = rows["signals"][0] | {"interaction_id": name, "opportunity_id": deal["opportunity_id"], "kind": "reply"}
        act |= {"direction": "inbound", "occurred_at": occurred, "known_at": known}
        more = rows | {"signals": [*rows["signals"], act]}
        found = learnt(tables(more), 500).rows
        assert np.allclose(found["silence"].to_numpy(), clean["silence"].to_numpy()), name


@pytest.mark.slow
def test_fifty_thousand_closed_deals_are_fitted_within_a_minute():
    some = learnt(tables(market(1000, signal=True)), 400)
    few = some.rows.with_row_index("row").filter(nw.col("row") % 4 == 0).drop("row")
    copies = [
        few.with_columns(opportunity_id=nw.concat_str(nw.col("opportunity_id"), nw.lit(f"-{copy}")))
        for copy in range(70)
    ]
    many = replace(some, rows=nw.concat(copies))
    assert many.closed >= 50_000
    begun = time.process_time()
    fit(many, PRIOR)
    assert time.process_time() - begun < 60
