from __future__ import annotations

import numpy as np
import pytest

from readiness.fit import metrics

RANDOM = np.random.default_rng(5)
CHANCE = RANDOM.uniform(0.05, 0.95, 2000)
WON = (RANDOM.random(2000) < CHANCE).astype(float)


def test_the_area_under_the_curve_counts_pairs_and_halves_ties():
    chance, won = np.array([0.9, 0.5, 0.5, 0.1]), np.array([1.0, 1.0, 0.0, 0.0])
    assert metrics.auc(chance, won) == pytest.approx(3.5 / 4)
    assert np.isnan(metrics.auc(chance, np.ones(4)))


def test_true_chances_are_calibrated_within_what_chance_allows():
    low, high = metrics.ece_by_chance(CHANCE)
    assert low <= metrics.ece(CHANCE, WON) <= high
    slope, intercept = metrics.calibration(CHANCE, WON)
    assert slope == pytest.approx(1, abs=0.15)
    assert intercept == pytest.approx(0, abs=0.15)


def test_a_perfect_model_on_300_deals_often_shows_an_error_above_five_hundredths():
    assert metrics.ece_by_chance(np.full(300, 0.3))[1] > 0.05


def test_overconfident_chances_have_a_slope_below_one():
    odds = 2 * np.log(CHANCE / (1 - CHANCE))
    assert metrics.calibration(1 / (1 + np.exp(-odds)), WON)[0] == pytest.approx(0.5, abs=0.1)


def test_scores_of_known_chances():
    chance, won = np.array([0.8, 0.4]), np.array([1.0, 0.0])
    assert metrics.brier(chance, won) == pytest.approx((0.04 + 0.16) / 2)
    assert metrics.log_loss(chance, won) == pytest.approx(-(np.log(0.8) + np.log(0.6)) / 2)
    assert np.isfinite(metrics.log_loss(np.array([0.0]), np.array([1.0])))


def test_drawing_whole_accounts_widens_the_interval_of_rows_that_repeat_each_other():
    values = RANDOM.normal(size=50).repeat(20)
    alone, together = np.arange(1000).astype(object), np.arange(50).repeat(20).astype(object)

    def mean(rows):
        return float(values[rows].mean())

    narrow, wide = metrics.interval(mean, alone, 0.9), metrics.interval(mean, together, 0.9)
    assert wide[1] - wide[0] > 3 * (narrow[1] - narrow[0])
