"""The store: nothing doubled, nothing half-written, one run at a time, one account."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import narwhals as nw
import pytest

from assets.errors import Busy, Refused
from assets.warehouse import Warehouse, made, run_lock
from assets.warehouse.binding import bind
from assets.warehouse.raw import Intake, cursor_of
from assets.warehouse.receipts import ATTEMPTS, Answer, Change, parked, record, without_parked
from assets.warehouse.runs import Run, begun
from connectors.protocol import Identity, Page, Row, Stream

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
DEALS = Stream("deals", "deals", ("id",), ("id", "name", "stage"))
LINKS = Stream("links", "links", ("deal", "person", "label"), ("deal", "person", "label"))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Warehouse]:
    opened = Warehouse(tmp_path / "acme" / "store.duckdb", wait_seconds=0)
    yield opened
    opened.close()


def row(number: str, name: str | None = "x", stage: str | None = None) -> Row:
    return {"id": number, "name": name, "stage": stage}


def deals(store: Warehouse) -> list[tuple[str, str | None, bool, int]]:
    rows = store.query("select id, name, _deleted, _run from raw_deals order by id")
    return [tuple(one.values()) for one in rows]  # type: ignore[misc]


def take(store: Warehouse, run: Run, *pages: Page) -> Intake:
    intake = Intake(store, run, pages[0].stream)
    for page in pages:
        intake.take(page)
    intake.flush()
    return intake


def test_a_row_that_comes_again_unchanged_is_stored_once_and_keeps_its_run(store: Warehouse) -> None:
    take(store, begun(store, "one"), Page(DEALS, [row("1"), row("2", None)], cursor="a"))
    again = take(store, begun(store, "two"), Page(DEALS, [row("1"), row("2", None), row("2", None)], cursor="b"))
    assert deals(store) == [("1", "x", False, 1), ("2", None, False, 1)]
    assert (again.counts.pulled, again.counts.changed) == (3, 0)
    assert cursor_of(store, "deals") == "b"


def test_a_change_and_a_deletion_and_a_return_are_seen(store: Warehouse) -> None:
    take(store, begun(store, "one"), Page(DEALS, [row("1"), row("2")]))
    take(store, begun(store, "two"), Page(DEALS, [row("1", "y")], deleted=[("2",), ("9",)]))
    assert deals(store) == [("1", "y", False, 2), ("2", "x", True, 2)]
    take(store, begun(store, "three"), Page(DEALS, [row("2")]))
    assert deals(store)[1] == ("2", "x", False, 3)


@pytest.mark.parametrize(
    ("came", "stands"),
    [
        ({"id": "1", "name": "x", "br_phase": "ready", "stamp": "2"}, True),
        ({"id": "1", "name": "y", "br_phase": None, "stamp": "2"}, False),
        ({"id": "2", "name": "x", "br_phase": None, "stamp": "2"}, False),
    ],
)
def test_the_echo_of_our_own_write_says_nothing_new(store: Warehouse, came: Row, stands: bool) -> None:
    stream = Stream("deals", "deals", ("id",), ("id", "name", "stamp"), ("br_phase",), stamps=("stamp",))
    first = {"id": "1", "name": "x", "br_phase": None, "stamp": "1"}
    for number, one in enumerate((first, came)):
        intake = Intake(store, begun(store, f"run {number}"), stream, ["br_phase"])
        intake.take(Page(stream, [one]))
        intake.flush()
        if number == 0:
            made.note(store, "fields", NOON, "v1")
    assert made.when(store, "fields", "v1") == (NOON if stands else None)


def test_what_has_gone_is_something_new(store: Warehouse) -> None:
    take(store, begun(store, "one"), Page(DEALS, [row("1")]))
    made.note(store, "fields", NOON, "v1")
    take(store, begun(store, "two"), Page(DEALS, [], deleted=[("1",)]))
    assert made.when(store, "fields", "v1") is None


def test_of_two_versions_in_one_page_the_later_stays(store: Warehouse) -> None:
    take(store, begun(store, "one"), Page(DEALS, [row("1", "old"), row("1", "new")]))
    assert [name for _, name, _, _ in deals(store)] == ["new"]


def test_what_a_snapshot_no_longer_has_is_gone_when_its_last_page_came(store: Warehouse) -> None:
    run = begun(store, "one")
    take(store, run, Page(DEALS, [row("1")], snapshot=True), Page(DEALS, [row("2")], snapshot=True, last=True))
    half = Intake(store, run := begun(store, "two"), DEALS)
    half.take(Page(DEALS, [row("2")], snapshot=True))
    half.flush()
    assert [gone for _, _, gone, _ in deals(store)] == [False, False], "a snapshot cut short deletes nothing"
    take(store, run, Page(DEALS, [row("2")], snapshot=True, last=True))
    assert [gone for _, _, gone, _ in deals(store)] == [True, False]


def test_links_are_replaced_as_a_whole_also_unlabelled_ones(store: Warehouse) -> None:
    first: list[Row] = [{"deal": "1", "person": "a", "label": None}, {"deal": "1", "person": "b", "label": "boss"}]
    other: list[Row] = [{"deal": "2", "person": "a", "label": None}]
    take(store, begun(store, "one"), Page(LINKS, first + other))
    again = take(store, begun(store, "two"), Page(LINKS, first[:1], scope=("deal",), replaced=[("1",)]))
    left = store.query("select deal, person from raw_links where not _deleted order by all")
    assert [tuple(one.values()) for one in left] == [("1", "a"), ("2", "a")]
    assert (again.counts.changed, again.counts.deleted) == (0, 1)


def test_a_new_column_of_the_crm_widens_the_table(store: Warehouse) -> None:
    take(store, begun(store, "one"), Page(DEALS, [row("1")]))
    take(store, begun(store, "two"), Page(DEALS, [{**row("1"), "topics": "[]"}]))
    assert store.query("select name, topics from raw_deals") == [{"name": "x", "topics": "[]"}]


def test_rows_and_cursor_stand_or_fall_together(store: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    take(store, begun(store, "one"), Page(DEALS, [row("1")], cursor="a"))
    insert = store.insert

    def failing(name: str, rows: object) -> None:
        if name == "cursors":
            raise OSError("disk full")
        insert(name, rows)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "insert", failing)
    with pytest.raises(OSError, match="disk full"):
        take(store, begun(store, "two"), Page(DEALS, [row("2")], cursor="b"))
    assert ([number for number, *_ in deals(store)], cursor_of(store, "deals")) == (["1"], "a")


def test_an_upsert_keeps_a_key_single(store: Warehouse) -> None:
    schema = {"k": nw.String(), "v": nw.Int64()}
    for value in (1, 2):
        store.upsert("t", ["k"], store.frame([{"k": "a", "v": value}, {"k": None, "v": value}], schema))
    assert store.query("select k, v from t order by k nulls first") == [{"k": None, "v": 2}, {"k": "a", "v": 2}]


def test_a_store_refuses_another_account(store: Warehouse) -> None:
    bind(store, Identity("salesforce", "00D1", "Acme", "66.0"))
    bind(store, Identity("salesforce", "00D1", "Acme BV", "67.0"))
    with pytest.raises(Refused, match=r"acme: this store was filled from salesforce 00D1, .* salesforce 00D2"):
        bind(store, Identity("salesforce", "00D2", "Acme", "66.0"))


def test_a_store_of_a_newer_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "acme" / "store.duckdb"
    newer = Warehouse(path)
    newer.execute("insert into schema_version values (99)")
    newer.close()
    with pytest.raises(Refused, match="has version 99"):
        Warehouse(path)


def test_another_process_that_holds_the_store_is_named(store: Warehouse, tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from assets.warehouse import Warehouse; from assets.errors import Busy\n"
        "try: Warehouse(Path(sys.argv[1]), wait_seconds=0)\n"
        "except Busy as fault: print(fault)"
    )
    path = str(tmp_path / "acme" / "store.duckdb")
    said = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, timeout=60).stdout
    assert "acme: process" in said
    assert "has the store open" in said


def test_a_second_run_is_told_who_is_at_work(tmp_path: Path) -> None:
    with run_lock(tmp_path / "acme", "run 1"):
        second = run_lock(tmp_path / "acme", "run 2", wait_seconds=0)
        with pytest.raises(Busy, match=r"acme: another run is at work \(process \d+ on .*, for run 1\)"):
            second.__enter__()
        with run_lock(tmp_path / "globex", "run 3", wait_seconds=0):
            pass
    with run_lock(tmp_path / "acme", "run 4", wait_seconds=0):
        pass


def test_a_refused_value_is_parked_after_three_runs_and_sent_again_when_it_changes(store: Warehouse) -> None:
    change = Change("opportunity", "1", "readiness", None, "45")
    for number in range(ATTEMPTS):
        assert without_parked(store, [change]) == [change]
        record(begun(store, f"run {number}"), [([change], Answer("rejected", "no such field"))])
    assert [one["reason"] for one in parked(store)] == ["no such field"]
    assert without_parked(store, [change]) == []
    other = Change("opportunity", "1", "readiness", None, "50")
    assert without_parked(store, [other]) == [other]
    record(begun(store, "last"), [([other], Answer("written", None))])
    assert parked(store) == []


def test_what_has_been_stored_is_not_kept_in_memory_besides(store: Warehouse) -> None:
    drawn, intake = random.Random(7), Intake(store, begun(store, "one"), DEALS)
    for start in range(0, 60_000, 5_000):
        intake.take(Page(DEALS, [row(str(n), drawn.randbytes(500).hex()) for n in range(start, start + 5_000)]))
    held = store.query("select sum(memory_usage_bytes) as n from duckdb_memory()")[0]["n"]
    assert store.count("raw_deals") == 60_000
    assert held <= 33_000_000


@pytest.mark.slow
def test_a_table_of_two_hundred_columns_is_filled_and_changed(store: Warehouse) -> None:
    names = [f"custom_{number}" for number in range(200)]
    wide = Stream("wide", "wide", ("id",), ("id", *names))
    for run, count in (("one", 20_000), ("two", 10_000)):
        intake = Intake(store, begun(store, run), wide)
        for start in range(0, count, 1_000):
            rows = [
                {"id": str(n), **{name: f"{name} {n} {run}" for name in names}} for n in range(start, start + 1_000)
            ]
            intake.take(Page(wide, rows))
        intake.flush()
        assert intake.counts.changed == count
    assert store.count("raw_wide") == 20_000
