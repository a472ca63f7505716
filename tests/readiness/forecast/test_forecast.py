from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import narwhals as nw
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from readiness.fit.backtest import landmark_features
from readiness.forecast.calendar import date_days, text_days, with_dates
from readiness.forecast.features import BUYER, DEAL
from readiness.forecast.forecast import forecast
from readiness.forecast.parameters import Parameters, Term, load_prior
from readiness.forecast.predict import chances
from readiness.model import load_prior as load_model
from readiness.schema import FORECAST
from tests.readiness.engines import DuckDB, Polars
from tests.readiness.fit.markets import cut, day, market, signal_row, tables

NOW = day(250)
MODEL, PRIOR = load_model(), load_prior()
ROWS = cut(market(150, signal=True), NOW)
TYPICAL = dict.fromkeys((*BUYER, *DEAL)) | {
    "ln_c3": -0.7, "ln_c4": -1.2, "ln_c5": -2.1, "phase_mean": 2.6, "phase_change": 0.0, "dispersion": 0.8,
    "seats": 2.0, "inbound": 1.1, "silence": 10.0, "age": 60.0, "idle": 14.0, "stage_share": 0.5,
    "pushes": 0.0, "to_close": 40.0,
}  # fmt: skip


def seen(*rows: dict, closes: date | None = date(2025, 10, 1)) -> tuple[nw.LazyFrame, nw.LazyFrame]:
    """Features and opportunities of typical deals, but for what each row says."""
    held = [
        TYPICAL | {"opportunity_id": f"d{i}", "as_of": NOW, "event": "none", "stage": "none"} | row
        for i, row in enumerate(rows)
    ]
    schema = {"opportunity_id": pl.String, "as_of": pl.Datetime("us", "UTC"), "event": pl.String, "stage": pl.String}
    frame = pl.DataFrame(held, schema_overrides=schema | dict.fromkeys((*BUYER, *DEAL), pl.Float64))
    deals = pl.DataFrame({"opportunity_id": frame["opportunity_id"]}).with_columns(
        close_date=pl.lit(closes, dtype=pl.Date)
    )
    return nw.from_native(frame.lazy()), nw.from_native(deals.lazy())


def foretold(*rows: dict, parameters: Parameters = PRIOR, closes: date | None = date(2025, 10, 1)) -> pl.DataFrame:
    frame, deals = seen(*rows, closes=closes)
    return forecast(frame, deals, parameters, NOW).collect().to_native().sort("opportunity_id")


def at(rows: dict, engine=None) -> pl.DataFrame:
    """The features of all open deals at `NOW`."""
    engine = engine or Polars()
    known = tables(rows, engine)
    landmarks = known["opportunities"].filter(nw.col("closed_at").is_null()).select("opportunity_id")
    landmarks = landmarks.with_columns(as_of=nw.lit(NOW, dtype=nw.Datetime("us", "UTC")))
    found = landmark_features(known, landmarks, MODEL, engine.keep)
    return found.collect("polars").to_native().sort("opportunity_id")


def test_the_forecast_has_the_columns_of_its_table():
    found = foretold({})
    assert tuple(found.columns) == FORECAST.names
    assert found["decision_date"].dtype == pl.Date
    assert found["calibrated"].to_list() == [False]


def test_win_loss_no_decision_and_staying_open_share_out_the_whole():
    frame, _ = seen({}, {"silence": 300.0}, {"ln_c5": -0.1, "age": 400.0})
    found = chances(frame, PRIOR).collect().to_native()
    total = found.select("p_win", "p_lost", "p_no_decision").sum_horizontal()
    parts = found.select(pl.sum_horizontal(pl.col("^(win|loss|no_decision)_[0-9]$")))
    assert total.max() < 1
    assert total.min() > 0.2
    assert parts.to_series().to_list() == pytest.approx(total.to_list())


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({"ln_c4": -0.2}, {"ln_c4": -3.0}),
        ({"silence": 2.0}, {"silence": 90.0}),
        ({"phase_change": 1.0}, {"phase_change": -1.0}),
        ({"pushes": 0.0}, {"pushes": 1.6}),
    ],
)
def test_the_expert_ranks_ready_and_moving_deals_first(better, worse):
    ready, unready = foretold(better, worse).iter_rows(named=True)
    assert ready["p_win"] > unready["p_win"]
    assert ready["rank"] > unready["rank"]


def test_the_rank_is_a_percentile_and_equal_chances_share_it():
    ranks = foretold({}, {}, {"silence": 90.0}, {"silence": 2.0})["rank"].to_list()
    assert ranks[0] == ranks[1] == 50
    assert ranks[2] == 12.5
    assert ranks[3] == 87.5


def test_the_decision_date_lies_within_its_range_and_after_today():
    row = foretold({"ln_c5": -0.1, "ln_c4": -0.1}).row(0, named=True)
    assert NOW.date() <= row["decision_from"] <= row["decision_date"] <= row["decision_to"]
    assert row["decision_to"] <= NOW.date() + timedelta(days=364)


def test_no_date_is_given_where_no_decision_is_likelier_than_one():
    still = Parameters(edges=(364.0,), baseline=((-3.0, -3.0, -3.0),), terms=(), turn=60.0)
    assert foretold({}, parameters=still).row(0, named=True)["decision_date"] is None


def test_the_later_the_close_date_the_smaller_the_risk_of_slipping():
    risks = [
        foretold({}, closes=date(2025, 9, 15) + timedelta(days=n)).row(0, named=True)["slip_risk"] for n in (0, 30, 200)
    ]
    assert 1 > risks[0] > risks[1] > risks[2] > 0


def test_a_close_date_in_the_past_is_overdue_and_looked_at_30_days_from_now():
    past = foretold({}, closes=NOW.date() - timedelta(days=50)).row(0, named=True)
    ahead = foretold({}, closes=NOW.date() + timedelta(days=30)).row(0, named=True)
    none = foretold({}, closes=None).row(0, named=True)
    assert past["overdue"]
    assert not ahead["overdue"]
    assert past["slip_risk"] == pytest.approx(ahead["slip_risk"], abs=0.02)
    assert none["slip_risk"] is None
    assert not none["overdue"]


def test_an_empty_book_gives_an_empty_forecast():
    frame, deals = seen({})
    assert forecast(frame.filter(nw.col("age") < 0), deals, PRIOR, NOW).collect().to_native().is_empty()


def test_a_single_deal_stands_in_the_middle():
    assert foretold({})["rank"].to_list() == [50]


def test_parameters_survive_their_file_and_bad_ones_are_refused():
    assert Parameters.from_dict(PRIOR.as_dict()) == PRIOR
    with pytest.raises(ValueError, match="ascend"):
        Parameters.from_dict(PRIOR.as_dict() | {"edges": [14, 14, 56, 91, 182, 364]})
    assert (
        Term("idle", 1, 7, (0, 0, 0), (0, 0, 0), "event", "quote sent").name == "idle 1 to 7 where event is quote sent"
    )


def test_engines_agree_on_features_and_forecast():
    duck = DuckDB()
    by_polars, by_duckdb = at(ROWS), at(ROWS, duck)
    assert_frame_equal(by_polars, by_duckdb, check_dtypes=False, abs_tol=1e-9)
    opportunities = tables(ROWS)["opportunities"]
    one = forecast(nw.from_native(by_polars.lazy()), opportunities, PRIOR, NOW).collect().to_native()
    engine = DuckDB()
    engine.connection.register("seen", by_polars.to_arrow())
    frame = nw.from_native(engine.connection.table("seen"))
    other = (
        forecast(frame, tables(ROWS, engine)["opportunities"], PRIOR, NOW, engine.keep).collect("polars").to_native()
    )
    assert_frame_equal(one.sort("opportunity_id"), other.sort("opportunity_id"), check_dtypes=False, abs_tol=1e-9)


def test_current_values_of_a_deal_are_never_read():
    changed = ROWS | {
        "opportunities": [
            row | {"stage_id": "won", "close_date": date(2031, 1, 1), "seller_id": "someone", "name": "other"}
            for row in ROWS["opportunities"]
        ]
    }
    assert_frame_equal(at(ROWS), at(changed), abs_tol=1e-12)


def test_stage_close_date_and_pushes_are_those_of_the_landmark():
    deal = ROWS["opportunities"][0]["opportunity_id"]
    of_deal = {"opportunity_id": deal, "created_at": day(200), "closed_at": None, "outcome": "open"}
    changes = [
        ("stage", None, "first talk", 200.0), ("stage", "first talk", "proposal", 210.0),
        ("stage", "proposal", "won", 260.0),
        ("close_date", None, "2025-09-01", 200.0), ("close_date", "2025-09-01", "2025-10-01", 220.0),
        ("close_date", "2025-10-01", "2025-09-20", 225.0), ("close_date", "2025-09-20", "2026-01-01", 255.0),
    ]  # fmt: skip
    rows = ROWS | {
        "opportunities": [ROWS["opportunities"][0] | of_deal],
        "quotes": [],
        "signals": [],
        "changes": [
            {"opportunity_id": deal, "field": field, "old_value": old, "new_value": new, "changed_at": day(at_day)}
            for field, old, new, at_day in changes
        ],
    }
    found = at(rows).row(0, named=True)
    assert found["stage"] == "proposal"
    assert found["event"] == "stage proposal"
    assert found["idle"] == pytest.approx(40)
    assert found["to_close"] == pytest.approx((datetime(2025, 9, 20, tzinfo=UTC) - NOW) / timedelta(days=1))
    assert found["pushes"] == pytest.approx(0.6931, abs=1e-3)


def test_of_stage_moves_at_one_instant_the_last_is_the_one_that_none_leaves():
    deal = ROWS["opportunities"][0]["opportunity_id"]
    chain = [("b", "c"), (None, "a"), ("a", "b")]
    rows = ROWS | {
        "opportunities": [ROWS["opportunities"][0] | {"created_at": day(200), "closed_at": None, "outcome": "open"}],
        "quotes": [],
        "signals": [],
        "changes": [
            {"opportunity_id": deal, "field": "stage", "old_value": old, "new_value": new, "changed_at": day(200)}
            for old, new in chain
        ],
    }
    assert at(rows).row(0, named=True)["stage"] == "c"


def test_a_quotes_status_is_believed_from_the_day_it_was_decided():
    deal = ROWS["opportunities"][0]["opportunity_id"]
    quote = {"quote_id": "q", "opportunity_id": deal, "status": "declined", "created_at": day(230), "sent_at": day(230)}
    opened = ROWS["opportunities"][0] | {"created_at": day(200), "closed_at": None, "outcome": "open"}
    rows = ROWS | {"opportunities": [opened], "signals": []}
    events = [
        at(rows | {"quotes": [quote | {"decided_at": decided}]}).row(0, named=True)["event"]
        for decided in (day(240), day(260), None)
    ]
    assert events == ["quote declined", "quote sent", "quote sent"]


def test_leaving_outbound_acts_out_never_raises_a_chance():
    without = ROWS | {"signals": [row for row in ROWS["signals"] if row["kind"] != "outbound"]}
    listening = Term("listening", 0.0, 1.0, (-0.5, 0.2, 0.2), (-0.5, 0.2, 0.2))
    strict = Parameters(PRIOR.edges, PRIOR.baseline, (*PRIOR.terms, listening), PRIOR.turn)
    for parameters in (PRIOR, strict):
        more, less = (
            chances(nw.from_native(at(rows).lazy()), parameters).collect().to_native() for rows in (ROWS, without)
        )
        assert (less["p_win"] <= more["p_win"] + 1e-12).all()


def test_an_act_known_only_later_changes_nothing():
    deal = next(row["opportunity_id"] for row in ROWS["opportunities"] if row["closed_at"] is None)
    late = signal_row(deal, "late", "p0", "document", 240.0) | {"known_at": day(251)}
    assert_frame_equal(at(ROWS), at(ROWS | {"signals": [*ROWS["signals"], late]}), abs_tol=1e-12)


def test_days_become_dates_and_dates_become_days():
    every = pl.date_range(date(1970, 1, 1), date(2200, 3, 2), "1d", eager=True).alias("day")
    frame = nw.from_native(pl.DataFrame([every]).lazy()).with_columns(number=date_days(nw.col("day")) + 0.5)
    found = with_dates(frame.with_columns(back="number"), ["back"]).collect().to_native()
    assert found["back"].to_list() == found["day"].to_list()
    assert found["number"].to_list() == [number + 0.5 for number in range(len(every))]


def test_features_of_a_deal_without_any_record_are_defined():
    rows = ROWS | {"changes": [], "quotes": [], "signals": [], "members": [], "promises": []}
    found = at(rows)
    assert set(found["event"]) == {"none"}
    assert (found["silence"] == found["age"]).all()
    assert found.select("age", "idle", "ln_c3", "inbound").null_count().sum_horizontal().item() == 0


def test_text_that_begins_with_a_date_is_that_day_and_any_other_text_is_none():
    texts = ["1970-01-01", "2000-02-29", "2026-11-21T10:00:00Z", "1999-12-31", "2100-03-01", "soon", "2026-13-01", None]
    found = nw.from_native(pl.DataFrame({"text": texts})).select(days=text_days(nw.col("text")))["days"].to_list()
    epoch = date(1970, 1, 1)
    assert found == [(date.fromisoformat(text[:10]) - epoch).days for text in texts[:5]] + [None] * 3
