"""`readiness backtest` on folders of tables: what it writes, and what it says when it can't."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from tests.assets.conftest import Told
from tests.assets.logs import export, history
from tests.assets.way import linked
from tests.readiness.fit.markets import Rows, day

COLUMNS = ["opportunity_id", "anchor", "age_days", "as_of", "p_win", "p_lost", "p_no_decision"]
UNTIL = day(200).date().isoformat()


def backtest(told: Told, folder: Path, *extra: str, until: str = UNTIL) -> tuple[int, str, str]:
    out = folder / "forecasts.parquet"
    return told("backtest", "--connection", "acme", "--train-until", until, "--out", str(out), *extra)


def forecasts(folder: Path) -> pl.DataFrame:
    found = pl.read_parquet(folder / "forecasts.parquet")
    assert found.columns == COLUMNS
    chances = found.select("p_win", "p_lost", "p_no_decision")
    assert found.null_count().sum_horizontal().item() == 0
    assert chances.select(pl.all().is_between(0, 1).all()).row(0) == (True, True, True)  # NaN is not between
    assert (chances.sum_horizontal() <= 1 + 1e-9).all()
    return found


def wanted(rows: Rows, ages: tuple[int, ...]) -> set[tuple[str, str, int]]:
    """Every deal opened since, at each age at which it was still open, from both anchors."""
    start = day(200).replace(hour=0)
    deals = {row["opportunity_id"]: row for row in rows["opportunities"] if row["created_at"] >= start}
    starts = {("created", key): row["created_at"] for key, row in deals.items()}
    for quote in rows["quotes"]:
        if quote["opportunity_id"] in deals:
            starts["first_quote", quote["opportunity_id"]] = quote["sent_at"]
    return {
        (key, anchor, age)
        for (anchor, key), at in starts.items()
        for age in ages
        if deals[key]["closed_at"] > at + timedelta(days=age)
    }


def test_a_folder_alone_is_enough_and_every_open_deal_is_forecast_at_every_age(tmp_path: Path, told: Told) -> None:
    rows = history(400)
    linked(tmp_path, "files", str(export(tmp_path / "export", rows)))
    code, said, _ = backtest(told, tmp_path, "--ages", "7,14,30", "--json")
    summary = json.loads(said)
    assert (code, summary["cold_start"]) == (0, False)
    found = forecasts(tmp_path)
    assert set(found.select("opportunity_id", "anchor", "age_days").rows()) == wanted(rows, (7, 14, 30))
    assert summary["rows_created"] + summary["rows_first_quote"] == found.height
    won = pl.DataFrame(rows["opportunities"]).select("opportunity_id", won=pl.col("outcome") == "won")
    means = found.join(won, on="opportunity_id").group_by("won").agg(pl.col("p_win").mean())
    assert dict(means.rows())[True] > dict(means.rows())[False] + 0.1


@pytest.mark.slow
def test_before_anything_was_closed_it_is_a_cold_start_and_says_so(tmp_path: Path, told: Told) -> None:
    linked(tmp_path, "files", str(export(tmp_path / "export", history(60))))
    code, said, _ = backtest(told, tmp_path, until=day(-1).date().isoformat())
    assert code == 0
    assert "Cold start" in said
    assert forecasts(tmp_path)["p_win"].n_unique() > 10


def test_odd_tables_are_forecast_all_the_same(tmp_path: Path, told: Told) -> None:
    rows = history(150)
    deals, since = rows["opportunities"], day(200)
    odd = [row["opportunity_id"] for row in deals if row["created_at"] >= since]
    change = {"opportunity_id": odd[0], "changed_at": day(201)}
    rows["changes"] += [
        change | {"field": "amount", "old_value": "a lot", "new_value": "more"},
        change | {"field": "close_date", "old_value": "soon", "new_value": "later"},
        change | {"field": "stage", "old_value": None, "new_value": "no such stage"},
        change | {"field": "seller", "old_value": None, "new_value": None},
    ]
    for row in deals:
        row["amount"] = {0: float("nan"), 1: -5.0, 2: None, 3: 1e300}.get(hash(row["opportunity_id"]) % 5, 10.0)
    by_id = {row["opportunity_id"]: row for row in deals}
    by_id[odd[1]] |= {"closed_at": None}  # won or lost, but nobody knows when
    by_id[odd[2]] |= {"closed_at": by_id[odd[2]]["created_at"] - timedelta(days=3)}
    by_id[odd[3]] |= {"stage_id": None, "account_id": None, "pipeline_id": "unheard of"}
    rows["quotes"].append({"quote_id": "early", "opportunity_id": odd[4], "created_at": day(1), "sent_at": day(1)})
    rows["people"] = rows["people"][::2]
    rows["stages"] = rows["stages"][:1]
    rows["interactions"] += [rows["interactions"][0], rows["interactions"][1] | {"person_id": "nobody"}]
    rows["interactions"] += [
        {"interaction_id": f"burst{n}", "opportunity_id": odd[5], "person_id": None, "channel": "email"}
        | {"direction": "inbound", "topics": None, "occurred_at": day(210), "recorded_at": None}
        for n in range(300)
    ]
    linked(tmp_path, "files", str(export(tmp_path / "export", rows)))
    code, _, problem = backtest(told, tmp_path)
    assert code == 0, problem
    assert forecasts(tmp_path).height > 50


@pytest.mark.parametrize(
    ("arguments", "until", "words"),
    [
        (["--ages", "7,a fortnight"], UNTIL, "--ages"),
        (["--ages", ""], UNTIL, "--ages"),
        (["--out", "/no/such/folder/f.parquet"], UNTIL, "--out"),
        ([], "the first of May", "--train-until"),
        ([], "2199-01-01", "--train-until"),
        (["--connection", "acmee"], UNTIL, "acmee"),
    ],
)
def test_what_can_not_be_done_is_one_message(
    tmp_path: Path, told: Told, arguments: list[str], until: str, words: str
) -> None:
    linked(tmp_path, "files", str(export(tmp_path / "export", history(5))))
    code, said, problem = backtest(told, tmp_path, *arguments, until=until)
    assert code == 2
    assert words in problem
    assert "Traceback" not in said + problem
