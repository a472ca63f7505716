"""On a real sales history that lies beside the repository, where it does."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import narwhals as nw
import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from benchmarks.forecast import OURS, prepared, read, split
from readiness.fit.backtest import landmark_features
from readiness.fit.metrics import interval
from readiness.forecast.predict import chances
from readiness.model import load_prior
from tests.readiness.engines import Polars

FOLDER = Path(__file__).parents[3].parent / "shared" / "data" / "bpic2012"
CUT, LATER = datetime(2011, 12, 1, tzinfo=UTC), datetime(2011, 12, 20, tzinfo=UTC)

pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason=f"no real log in {FOLDER}")


@pytest.fixture(scope="module")
def frames() -> dict[str, pl.DataFrame]:
    return read(FOLDER)


def test_no_forecast_of_the_log_changes_when_everything_after_its_as_of_is_cut_away(frames):
    def stamps(name, *columns):
        return frames[name].filter(pl.all_horizontal(pl.col(column) <= LATER for column in columns))

    ended = pl.col("closed_at") <= LATER
    decided = pl.col("decided_at") <= LATER
    past = frames | {
        "opportunities": stamps("opportunities", "created_at").with_columns(
            outcome=pl.when(ended).then("outcome").otherwise(pl.lit("open")),
            closed_at=pl.when(ended).then("closed_at"),
            stage_id=pl.when(ended).then("stage_id").otherwise(pl.lit("A_SUBMITTED")),
        ),
        "changes": stamps("changes", "changed_at"),
        "interactions": stamps("interactions", "occurred_at", "recorded_at"),
        "quotes": stamps("quotes", "created_at").with_columns(
            sent_at=pl.when(pl.col("sent_at") <= LATER).then("sent_at"),
            status=pl.when(decided).then("status").otherwise(pl.lit("sent")),
            decided_at=pl.when(decided).then("decided_at"),
        ),
    }
    still_open = frames["opportunities"].filter(pl.col("created_at") <= LATER, pl.col("closed_at") > LATER)
    asked = still_open.select("opportunity_id", as_of=pl.lit(LATER).cast(pl.Datetime("us", "UTC"))).lazy()
    said = []
    for known, end in ((frames, datetime(2012, 3, 1, tzinfo=UTC)), (past, LATER)):
        seen = landmark_features(prepared(known, end), nw.from_native(asked), load_prior(), Polars().keep)
        said.append(chances(seen, load_prior().forecast).collect("polars").to_native().sort("opportunity_id"))
    assert said[0].height > 300
    assert_frame_equal(*said, abs_tol=1e-12, rel_tol=1e-12)  # every feature, and every chance


@pytest.mark.slow
def test_from_14_days_on_the_forecast_beats_the_stage_rate_and_the_learners(frames):
    found = split(frames, CUT).filter(pl.col("age_days") >= 14)
    won = found["won"].to_numpy()
    for rival in ("stage", "LR + LightGBM"):
        gap = (found[OURS["combined"]].to_numpy() - won) ** 2 - (found[rival].to_numpy() - won) ** 2
        accounts = found["account_id"].to_numpy().astype(object)
        assert interval(lambda rows, gap=gap: float(np.mean(gap[rows])), accounts, 0.90)[1] < 0, rival
