from __future__ import annotations

from datetime import timedelta

import narwhals as nw
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from readiness.fit.backtest import COLUMNS, answers, backtest, landmark_features, questions
from readiness.fit.fit import fit
from readiness.model import load_prior
from tests.readiness.engines import DuckDB, Polars
from tests.readiness.fit.markets import cut, day, learnt, market, tables

MODEL = load_prior()
KEEP = Polars().keep
UNTIL, END = day(200), day(500)
ROWS = market(500, signal=True)


@pytest.fixture(scope="module")
def fitted():
    return fit(learnt(tables(ROWS), 200), MODEL.forecast, choice=1.0)


@pytest.fixture(scope="module")
def forecasts() -> pl.DataFrame:
    return backtest(tables(ROWS), UNTIL, (7, 14, 30), MODEL, END, KEEP).forecasts.collect().to_native()


def test_every_deal_opened_since_is_forecast_at_each_age_at_which_it_was_still_open(forecasts):
    wanted = {
        (row["opportunity_id"], age)
        for row in ROWS["opportunities"]
        for age in (7, 14, 30)
        if row["created_at"] >= UNTIL and row["closed_at"] > row["created_at"] + timedelta(days=age)
    }
    created = forecasts.filter(pl.col("anchor") == "created")
    assert set(created.select("opportunity_id", "age_days").rows()) == wanted
    assert forecasts.columns == list(COLUMNS)
    assert set(forecasts["anchor"]) == {"created", "first_quote"}
    chances = forecasts.select("p_win", "p_lost", "p_no_decision")
    assert chances.min_horizontal().min() > 0
    assert chances.sum_horizontal().max() <= 1 + 1e-9


def test_the_age_counts_from_the_first_quote_where_that_is_the_anchor(forecasts):
    sent = {row["opportunity_id"]: row["sent_at"] for row in ROWS["quotes"]}
    for row in forecasts.filter(pl.col("anchor") == "first_quote").iter_rows(named=True):
        assert row["as_of"] == sent[row["opportunity_id"]] + timedelta(days=row["age_days"])


def test_nothing_is_forecast_later_than_what_the_tables_know_of():
    asked = questions(tables(ROWS), UNTIL, (7, 14), day(230)).collect().to_native()
    assert asked["as_of"].max() <= day(230)


@pytest.mark.parametrize("at", [212.0, 230.5, 260.0])
def test_no_forecast_changes_when_everything_after_its_as_of_is_cut_away(fitted, at):
    whole, past = tables(ROWS), tables(cut(ROWS, day(at)))
    open_then = [
        row["opportunity_id"] for row in ROWS["opportunities"] if row["created_at"] <= day(at) < row["closed_at"]
    ]
    asked = pl.DataFrame({"opportunity_id": open_then}).with_columns(
        as_of=pl.lit(day(at)).cast(pl.Datetime("us", "UTC")), anchor=pl.lit("created"), age_days=0
    )
    asked = nw.from_native(asked.lazy())
    said = [
        answers(asked, landmark_features(known, asked, MODEL, KEEP), fitted)
        .collect()
        .to_native()
        .sort("opportunity_id")
        for known in (whole, past)
    ]
    assert len(open_then) > 5
    assert_frame_equal(*said, abs_tol=1e-12, rel_tol=1e-12)


def test_the_fit_itself_reads_nothing_later_than_its_day():
    whole = fit(learnt(tables(ROWS), 200), MODEL.forecast, choice=1.0)
    past = fit(learnt(tables(cut(ROWS, UNTIL)), 200), MODEL.forecast, choice=1.0)
    assert list(numbers(whole.as_dict())) == pytest.approx(list(numbers(past.as_dict())), abs=1e-9)


def numbers(value):
    """The numbers in nested dicts and lists, in order; sums of floats hold to their last digits only."""
    if isinstance(value, float | int):
        yield value
    elif isinstance(value, dict | list | tuple):
        for part in value.values() if isinstance(value, dict) else value:
            yield from numbers(part)


def test_duckdb_and_polars_give_the_same_forecasts():
    engine = DuckDB()
    asked_age = (14,)
    few = market(90, signal=True)
    by_polars = backtest(tables(few), UNTIL, asked_age, MODEL, END, KEEP).forecasts
    by_duckdb = backtest(tables(few, engine), UNTIL, asked_age, MODEL, END, engine.keep).forecasts
    keys = ["opportunity_id", "anchor", "age_days"]
    assert_frame_equal(
        by_polars.collect("polars").to_native().sort(keys),
        by_duckdb.collect("polars").to_native().sort(keys),
        check_dtypes=False,
        abs_tol=1e-6,
    )
