"""The whole score of a book, on every engine."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache

import polars as pl
import pytest

from readiness.model import load_prior
from readiness.schema import SCORES
from readiness.score import score
from tests.readiness.books import NOW, Book, act, ago, frames, member, random_book
from tests.readiness.engines import DuckDB, Polars, collected, spark

PRIOR = load_prior()
KEYS = {table.name: [key for key in table.key if key != "as_of"] for table in SCORES}


def scored(book: Book, engine=None, as_of: datetime = NOW) -> dict[str, pl.DataFrame]:
    engine = engine or Polars()
    results = score(frames(engine, book), PRIOR, as_of, engine.keep)
    return {name: collected(frame, *KEYS[name]) for name, frame in results.items()}


@cache
def usual() -> dict[str, pl.DataFrame]:
    """The score that the tests of what changes nothing compare with."""
    return scored(random_book(4))


def assert_same(one: dict[str, pl.DataFrame], other: dict[str, pl.DataFrame]) -> None:
    """The same rows; numbers to 1e-9."""
    for name, left in one.items():
        right = other[name]
        assert left.columns == right.columns
        assert len(left) == len(right)
        for column in left.columns:
            if left[column].dtype == pl.Float64:
                gap = (left[column] - right[column]).abs().max()
                assert gap is None or gap < 1e-9, (name, column, gap)
                assert left[column].is_null().equals(right[column].is_null()), (name, column)
            else:
                assert left[column].cast(pl.String).to_list() == right[column].cast(pl.String).to_list(), (name, column)


def test_the_result_has_the_columns_and_types_that_the_schema_names():
    found = usual()
    for table in SCORES:
        frame = found[table.name]
        assert set(frame.columns) == set(table.names), table.name
        empty = Polars().frame(table, []).collect().to_native()
        assert {name: frame.schema[name] for name in table.names} == dict(empty.schema), table.name
        assert frame.select(KEYS[table.name]).is_duplicated().sum() == 0 or table.name == "explanations"


def test_every_open_deal_is_scored_and_no_closed_one():
    book = random_book(4)
    is_open = sorted(row["opportunity_id"] for row in book["opportunities"] if row["outcome"] == "open")
    found = usual()
    assert found["opportunity_readiness"]["opportunity_id"].to_list() == is_open
    assert found["forecast"]["opportunity_id"].to_list() == is_open
    assert set(found["people_readiness"]["opportunity_id"]) <= set(is_open)


def test_a_lead_is_scored_but_not_forecast():
    book = random_book(1)
    book["members"].append(member("p", "lead:p", seat="unknown"))
    book["signals"].append(act("form", 1, opportunity_id="lead:p", person_id="p"))
    found = scored(book)
    assert "lead:p" in found["opportunity_readiness"]["opportunity_id"]
    assert "lead:p" not in found["forecast"]["opportunity_id"]


def test_duckdb_gives_what_polars_gives():
    book = random_book(3, deals=90, won=0.9)
    assert_same(scored(book), scored(book, DuckDB()))


@pytest.mark.spark
@pytest.mark.timeout(1800)
def test_spark_gives_what_polars_gives():
    book = random_book(3, deals=90, won=0.9)
    with spark() as engine:
        assert_same(scored(book), scored(book, engine))


def test_the_order_of_the_rows_changes_nothing():
    book = random_book(4)
    assert_same(usual(), scored({name: rows[::-1] for name, rows in book.items()}))


def test_the_time_zone_of_the_instants_changes_nothing():
    from zoneinfo import ZoneInfo

    book = random_book(4)
    there = ZoneInfo("Asia/Kathmandu")
    moved = {
        name: [{k: v.astimezone(there) if isinstance(v, datetime) else v for k, v in row.items()} for row in rows]
        for name, rows in book.items()
    }
    assert_same(usual(), scored(moved, as_of=NOW.astimezone(there)))


def test_names_titles_and_countries_change_nothing():
    book = random_book(4)
    people = [
        {"person_id": row["person_id"], "name": "Ms A. Jansen", "title": "CEO", "email": "a@b.nl"}
        for row in book["members"]
    ]
    sellers = [{"seller_id": f"s{n}", "name": "X", "email": "x@y.de", "time_zone": "Asia/Tokyo"} for n in range(4)]
    accounts = [{"account_id": f"a{n}", "name": "GmbH", "employees": n} for n in range(20)]
    renamed = book | {"opportunities": [row | {"name": "Z"} for row in book["opportunities"]]}
    assert_same(usual(), scored(renamed | {"people": people, "sellers": sellers, "accounts": accounts}))


def test_other_ids_change_nothing_but_the_ids():
    book = random_book(4)
    renamed = {
        name: [
            {k: f"X{v}" if k.endswith("_id") and k not in {"stage_id", "pipeline_id"} else v for k, v in row.items()}
            for row in rows
        ]
        for name, rows in book.items()
    }
    for name, frame in scored(renamed).items():
        ids = [column for column in frame.columns if column.endswith("_id")]
        plain = frame.with_columns(pl.col(ids).str.strip_prefix("X"))
        assert_same({name: usual()[name]}, {name: plain})


def test_cutting_away_what_came_after_changes_no_score():
    book = random_book(5)
    instant = ago(15)
    cut = {
        "signals": [row for row in book["signals"] if row["known_at"] <= instant],
        "changes": [row for row in book["changes"] if row["changed_at"] <= instant],
        "opportunities": [
            row
            if (row["closed_at"] or NOW) <= instant
            else row | {"outcome": "open", "closed_at": None, "stage_id": _stage_at(row, book, instant)}
            for row in book["opportunities"]
            if row["created_at"] <= instant
        ],
    }
    assert_same(scored(book, as_of=instant), scored(book | cut, as_of=instant))


def _stage_at(deal: dict, book: Book, instant: datetime) -> str:
    moves = [row for row in book["changes"] if row["opportunity_id"] == deal["opportunity_id"]]
    return max((row["changed_at"], row["new_value"]) for row in moves if row["changed_at"] <= instant)[1]


def test_removing_outbound_never_raises_a_readiness_or_a_chance():
    book = random_book(6)
    without = book | {"signals": [row for row in book["signals"] if row["direction"] != "outbound"]}
    with_all, less = scored(book), scored(without)
    for name, column in (
        ("people_readiness", "readiness"),
        ("opportunity_readiness", "readiness"),
        ("forecast", "p_win"),
    ):
        assert (less[name][column] <= with_all[name][column] + 1e-9).all()


def test_an_instant_without_a_time_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        scored(random_book(0), as_of=NOW.replace(tzinfo=None))


def test_expected_seats_are_learnt_from_thirty_won_deals_of_similar_amount():
    book: Book = {"opportunities": [], "signals": [], "members": []}
    for number in range(30):
        key = {"opportunity_id": f"w{number}"}
        closed = {"outcome": "won", "closed_at": ago(9), "created_at": ago(90), "amount": 2000.0}
        book["opportunities"].append(key | closed | {"pipeline_id": "main"})
        book["signals"] += [
            act("reply", 20, person_id=f"w{number}p{place}", interaction_id=f"{number}-{place}", **key)
            for place in range(5)
        ]
    for name, amount in (("near", 1500.0), ("far", 900_000.0)):
        deal = {"opportunity_id": name, "amount": amount, "outcome": "open", "created_at": ago(9)}
        book["opportunities"].append(deal | {"pipeline_id": "main"})
    found = scored(book)["opportunity_readiness"]
    assert dict(found.select("opportunity_id", "expected_seats").iter_rows()) == {"far": 3.0, "near": 5.0}
    book["opportunities"] = book["opportunities"][1:]
    found = scored(book)["opportunity_readiness"]
    assert set(found["expected_seats"]) == {3.0}


def test_a_score_a_month_later_knows_the_month_that_passed():
    book = random_book(5)
    later = scored(book, as_of=NOW + timedelta(days=30))
    now = scored(book)
    assert (later["people_readiness"]["readiness"] <= now["people_readiness"]["readiness"] + 1.0).all()
