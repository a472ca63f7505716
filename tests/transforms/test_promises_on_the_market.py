"""Promises planted by the simulated market, worded by whoever wrote its phrases."""

from __future__ import annotations

from benchmarks.market import world
from benchmarks.promises import measured


def test_planted_promises_are_found_and_hardly_any_is_invented():
    figures = measured(world(150, 5))
    assert figures.planted > 200
    assert figures.recall >= 0.95
    assert figures.invented_share <= 0.05
    assert figures.kept_right >= 0.8
