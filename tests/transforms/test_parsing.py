"""Text becomes a value only when it is one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.transforms.engines import Engine, rows_of
from transforms.parsing import Reader, Stream

STREAM = Stream(
    "thing", "Thing", key="id", text="id", time="at", day="day", number="number", count="count", flag="flag"
)


def read(row: dict[str, str | None], name: str = "polars"):
    engine = Engine(name)
    reader = Reader({"thing": engine.text([{"id": "1", **row}])}, engine.keep)
    found = rows_of(reader(STREAM))
    return found[0], rows_of(reader.rejected_rows())


def read_all(rows: list[dict[str, str | None]]):
    """Each row on its own, in one table."""
    engine = Engine("polars")
    named = [{"id": f"{i:04}", **row} for i, row in enumerate(rows)]
    reader = Reader({"thing": engine.text(named, ["id"])}, engine.keep)
    return rows_of(reader(STREAM), "id"), rows_of(reader.rejected_rows())


MOMENTS = st.tuples(
    st.datetimes(datetime(1700, 1, 1), datetime(2999, 12, 31)),  # noqa: DTZ001
    st.integers(-14 * 4, 14 * 4),
    st.sampled_from(["seconds", "milliseconds"]),
    st.booleans(),
)


@given(st.lists(MOMENTS, min_size=20, max_size=60))
@settings(max_examples=8, deadline=None)
def test_an_instant_survives_its_iso_text_to_the_second(moments: list[tuple[datetime, int, str, bool]]):
    aware = [moment.replace(tzinfo=timezone(timedelta(minutes=15 * quarters))) for moment, quarters, _, _ in moments]
    texts = [moment.isoformat(timespec=spec) for moment, (_, _, spec, _) in zip(aware, moments, strict=True)]
    written = [t if colon else t[:-3] + t[-2:] for t, (_, _, _, colon) in zip(texts, moments, strict=True)]
    values, rejected = read_all([{"at": text} for text in written])
    assert [value["at"] for value in values] == [m.astimezone(UTC).replace(microsecond=0) for m in aware]
    assert rejected == []


@pytest.mark.parametrize("name", ["polars", "duckdb"])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2015-06-26T19:46:47.000+0000", datetime(2015, 6, 26, 19, 46, 47, tzinfo=UTC)),
        ("2022-02-17T19:25:29Z", datetime(2022, 2, 17, 19, 25, 29, tzinfo=UTC)),
        ("2024-02-29 10:30", datetime(2024, 2, 29, 10, 30, tzinfo=UTC)),
        ("2024-02-29", datetime(2024, 2, 29, tzinfo=UTC)),
        ("2024-01-01 00:30:00+01", datetime(2023, 12, 31, 23, 30, tzinfo=UTC)),
    ],
)
def test_the_ways_in_which_systems_write_an_instant_are_read(name: str, text: str, expected: datetime):
    assert read({"at": text}, name)[0]["at"] == expected


@pytest.mark.parametrize("name", ["polars", "duckdb"])
@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("at", "2023-02-29T10:00:00Z"),
        ("at", "2023-13-01T10:00:00Z"),
        ("at", "12-11-2026"),
        ("at", "2023-01-01T24:00:00Z"),
        ("at", "tomorrow"),
        ("day", "31-12-2026"),
        ("day", "2026-11-31"),
        ("number", "1.500,00"),
        ("number", "NaN"),
        ("number", "1e999"),
        ("count", "12.5"),
        ("flag", "ja"),
    ],
)
def test_what_is_no_value_reads_as_empty_and_is_reported(name: str, column: str, text: str):
    value, rejected = read({column: text}, name)
    assert value[column] is None
    assert [(r["key"], r["column"], r["value"]) for r in rejected] == [("1", column, text)]


ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=30)


@given(st.lists(ANY_TEXT, min_size=20, max_size=60))
@settings(max_examples=8, deadline=None)
def test_no_text_breaks_the_reading(texts: list[str]):
    columns = ("at", "day", "number", "count", "flag")
    values, rejected = read_all([dict.fromkeys(columns, text) for text in texts])
    broken = {(r["key"], r["column"]) for r in rejected}
    for value in values:
        for column in columns:
            assert (value[column] is None) == ((value["id"], column) in broken)


def test_plain_values_are_read():
    value, _ = read({"day": "2026-11-12T23:00:00Z", "number": "-1.5e3", "count": "250.0", "flag": "TRUE"})
    assert (value["day"], value["number"], value["count"], value["flag"]) == (date(2026, 11, 12), -1500.0, 250, True)


def test_a_long_broken_value_is_shortened_in_the_report():
    _, rejected = read({"number": "x" * 500})
    assert len(rejected[0]["value"]) == 80


def test_a_stream_that_is_absent_reads_as_empty():
    engine = Engine("polars")
    reader = Reader({"other": engine.frame([{"a": 1}], {"a": pl.Int64()})}, engine.keep)
    assert rows_of(reader(STREAM)) == []
    assert rows_of(reader.rejected_rows()) == []
