"""Does the model find the state of mind that the simulated buyers really have? The simulator shares nothing with it."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

import lightgbm
import narwhals as nw
import numpy as np
import polars as pl
import pytest
from sklearn.metrics import cohen_kappa_score, roc_auc_score
from sklearn.model_selection import GroupKFold

from readiness.group import group_readiness
from readiness.model import load_prior
from readiness.people import people_readiness
from readiness.schema import TIME
from sandbox.export import tables
from sandbox.market import Market
from tests.readiness.books import NOW
from tests.readiness.engines import Polars
from transforms.members import members
from transforms.signals import signals

pytestmark = pytest.mark.slow

PRIOR = load_prior()
ENOUGH = 100
"""Inbound signals on an opportunity from which the phases must be recovered."""
WINDOWS = (7.0, 30.0, 90.0, 365.0)


@dataclass
class World:
    tables: dict[str, nw.LazyFrame[Any]]
    truth: dict[str, Any]

    def frame(self, name: str) -> pl.DataFrame:
        return self.tables[name].collect(backend="polars").to_native()


@cache
def world(opportunities: int, density: float, regime: str = "informative", seed: int = 11) -> World:
    market = Market(opportunities, seed, NOW, regime=regime, density=density)
    found = {name: nw.from_native(pl.from_arrow(table).lazy()) for name, table in tables(market.past()).items()}
    keep = Polars().keep
    found["signals"] = signals(found, NOW, keep)
    found["members"] = members(found, NOW, keep)
    return World(found, market.truth())


def recovered(found: World) -> pl.DataFrame:
    """The people on open deals: shown, phase (true), seen (inbound signals on the deal)."""
    book = found.tables["opportunities"].filter(nw.col("outcome") == "open")
    now = book.select("opportunity_id", as_of=nw.lit(NOW, dtype=TIME))
    people = people_readiness(found.tables["signals"], found.tables["members"], now, PRIOR, Polars().keep)
    truth = pl.DataFrame(
        [
            {name: row[name] for name in ("opportunity_id", "person_id", "phase", "left_at")}
            for row in found.truth["people"]
        ]
    )
    inbound = found.frame("signals").filter(pl.col("direction") != "outbound")
    shown = people.collect(backend="polars").to_native().rename({"phase": "shown"})
    return (
        shown.join(truth.filter(pl.col("left_at").is_null()), on=["opportunity_id", "person_id"])
        .join(inbound.group_by("opportunity_id").agg(seen=pl.len()), on="opportunity_id", how="left")
        .with_columns(pl.col("seen").fill_null(0))
        .sort("opportunity_id", "person_id")
    )


def kappa(people: pl.DataFrame, by: str = "shown") -> float:
    return float(cohen_kappa_score(people["phase"], people[by], weights="quadratic", labels=range(7)))


def oracle(found: World, people: pl.DataFrame) -> pl.Series:
    """What a learner says that was told the true phases of other deals: counts of acts per kind and window, and tenure.

    Its numbers are cut into phases so that each is given as often as it is true, which favours it.
    """
    acts = found.frame("signals").with_columns(days=(NOW - pl.col("occurred_at")).dt.total_seconds() / 86400)
    counts = [
        pl.col("weight").filter((pl.col("kind") == kind) & (pl.col("days") <= days)).sum().alias(f"{kind}_{days:g}")
        for kind in (*PRIOR.signals, "outbound")
        for days in WINDOWS
    ]
    key = ["opportunity_id", "person_id"]
    inbound = pl.col("days").filter(pl.col("direction") != "outbound").min().alias("silence")
    described = people.select(*key, "phase").join(acts.group_by(key).agg(*counts, inbound), on=key, how="left")
    held = found.frame("members").select(*key, "joined_at", pl.col("^obs_.*$"))
    described = described.join(held, on=key, how="left").with_columns(
        tenure=(NOW - pl.col("joined_at")).dt.total_seconds() / 86400
    )
    x = described.drop(*key, "phase", "joined_at").to_numpy()
    y = described["phase"].to_numpy().astype(float)
    said = np.empty(len(y))
    for train, test in GroupKFold(5).split(x, y, described["opportunity_id"].to_numpy()):
        learner = lightgbm.LGBMRegressor(n_estimators=150, num_leaves=15, learning_rate=0.05, verbose=-1, n_jobs=1)
        said[test] = learner.fit(x[train], y[train]).predict(x[test])
    ranks = said.argsort().argsort()
    return pl.Series("oracle", np.sort(y)[ranks].astype(int))


@pytest.mark.parametrize("seed", [11, 12, 13])
def test_the_phases_are_recovered_where_enough_was_seen(capsys, seed):
    found = world(400, density=6.0, seed=seed)
    people = recovered(found)
    people = people.with_columns(oracle(found, people))
    enough = people.filter(pl.col("seen") >= ENOUGH)
    ours, best = kappa(enough), kappa(enough, "oracle")
    answered = (people["state"] != "unseen").mean()
    with capsys.disabled():
        sys.stdout.write(
            f"\n  seed {seed}: kappa {ours:.2f}, oracle {best:.2f}, share of it {ours / best:.0%},"
            f" on {len(enough)} people; with an answer: {answered:.0%}\n"
        )
    assert len(enough) >= 150
    assert ours >= 0.35
    assert ours >= 0.6 * best


def test_the_share_with_an_answer_is_told_at_the_usual_density(capsys):
    people = recovered(world(500, density=1.0))
    states = dict(people.group_by("state").len().iter_rows())
    with capsys.disabled():
        sys.stdout.write(f"\n  kappa {kappa(people):.2f} on all {len(people)} people; {states}\n")
    assert kappa(people) >= 0.2
    assert states["unseen"] < 0.5 * len(people)


def test_readiness_says_nothing_about_the_outcome_where_nothing_is_to_be_said(capsys):
    found = world(2500, density=1.0, regime="uninformative")
    deals = found.tables["opportunities"].filter(nw.col("outcome") != "open")
    opened = deals.collect(backend="polars").to_native()
    at = opened.with_columns(as_of=pl.col("created_at") + timedelta(days=30)).filter(
        pl.col("closed_at") > pl.col("as_of")
    )
    landmarks = nw.from_native(at.select("opportunity_id", "as_of").lazy())
    keep = Polars().keep
    people = people_readiness(found.tables["signals"], found.tables["members"], landmarks, PRIOR, keep)
    groups = group_readiness(people, landmarks, PRIOR, keep).collect(backend="polars").to_native()
    scored = groups.join(at.select("opportunity_id", "outcome"), on="opportunity_id")
    auc = roc_auc_score(scored["outcome"] == "won", scored["readiness"])
    with capsys.disabled():
        sys.stdout.write(f"\n  AUC {auc:.3f} on {len(scored)} deals, 30 days after they were opened\n")
    assert 0.47 <= auc <= 0.53
