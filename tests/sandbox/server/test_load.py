from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest

from sandbox.export import tables, write
from sandbox.load import Folder, split_name, worded
from sandbox.market import Market
from sandbox.read import LoadError

BPIC = Path(__file__).parents[3].parent / "shared" / "data" / "bpic2012"


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("company")
    write(Market(25, 9, datetime(2026, 3, 2, 9, tzinfo=UTC)).past(), folder)
    return folder


def test_what_is_written_as_tables_is_read_back_the_same(exported: Path) -> None:
    read = tables(Folder(exported).past())
    for name, table in read.items():
        assert table.equals(pa.parquet.read_table(exported / f"{name}.parquet")), name


def test_csv_holds_the_same_as_parquet(exported: Path, tmp_path: Path) -> None:
    for file in exported.iterdir():
        table = pa.parquet.read_table(file)
        if "topics" in table.column_names:
            texts = ["[" + ", ".join(f'"{topic}"' for topic in row) + "]" for row in table["topics"].to_pylist()]
            table = table.set_column(table.column_names.index("topics"), "topics", pa.array(texts))
        pa.csv.write_csv(table, tmp_path / f"{file.stem}.csv")
    from_csv, from_parquet = (tables(Folder(folder).past()) for folder in (tmp_path, exported))
    for name, table in from_csv.items():
        assert table.equals(from_parquet[name]), name


def test_the_sandbox_stands_at_the_latest_instant_that_has_happened(exported: Path) -> None:
    folder = Folder(exported)
    past = folder.past()
    assert folder.as_of == past.as_of
    assert past.as_of >= max(one.recorded_at for one in past.activities).replace(microsecond=0)
    assert any(one.due_at > past.as_of for one in past.tasks)


def test_nothing_happens_in_a_folder_when_days_pass(exported: Path) -> None:
    folder = Folder(exported)
    before = folder.past().as_of
    later = folder.advance(2)
    assert (later.as_of - before).days == 2
    assert not later.activities


@pytest.mark.parametrize("name", ["Anna de Vries", "Cher", " leading", "two  blanks", "x" * 50 + " y", "Ada "])
def test_a_name_is_split_so_that_a_crm_shows_it_as_it_was(name: str) -> None:
    first, last = split_name(name)
    assert last
    assert (f"{first} {last}" if first else last) == name


@pytest.mark.parametrize(
    ("channel", "direction", "topics", "text"),
    [
        ("form", "inbound", ["application"], "Form submitted: application"),
        ("document", "inbound", ["returned_document"], "Returned document: returned document"),
        ("document", "inbound", [], "Document received"),
        ("document", "outbound", ["quote"], "Document sent: quote"),
        ("call", "outbound", ["offer_follow_up", "pricing"], "Call: offer follow up, pricing"),
        ("other", "inbound", [], "Note"),
    ],
)
def test_a_contact_without_text_is_worded_by_its_kind_and_topics(
    channel: str, direction: str, topics: list[str], text: str
) -> None:
    assert worded(channel, direction, topics) == text


def spoilt(exported: Path, tmp_path: Path, table: str, text: str) -> Path:
    for file in exported.iterdir():
        if file.stem != table:
            (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / f"{table}.csv").write_text(text, "utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("account_id,created_at\na,2026-01-01\n", "column 'name' is missing"),
        ("account_id,name,created_at\na,A,yesterday\n", "row 2: created_at 'yesterday' is no time"),
        ("account_id,name,created_at\n,A,2026-01-01\n", "row 2: account_id is empty"),
        ("account_id,name,created_at,employees\na,A,2026-01-01,3\nb,B,2026-01-01,few\n", "row 3: employees 'few'"),
    ],
)
def test_a_broken_file_is_named_with_its_row_and_column(
    exported: Path, tmp_path: Path, text: str, complaint: str
) -> None:
    with pytest.raises(LoadError, match=r"accounts\.csv") as caught:
        Folder(spoilt(exported, tmp_path, "accounts", text))
    assert complaint in str(caught.value)


def test_a_missing_table_or_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match="no such folder"):
        Folder(tmp_path / "nowhere")
    with pytest.raises(LoadError, match=r"accounts\.parquet"):
        Folder(tmp_path)


def test_a_file_that_is_no_parquet_is_named(exported: Path, tmp_path: Path) -> None:
    for file in exported.iterdir():
        (tmp_path / file.name).write_bytes(b"PAR0" if file.stem == "quotes" else file.read_bytes())
    with pytest.raises(LoadError, match=r"quotes\.parquet: not a Parquet file"):
        Folder(tmp_path)


@pytest.mark.slow
def test_a_real_log_loads_whole() -> None:
    if not BPIC.is_dir():
        pytest.skip(f"{BPIC} is not there")
    past = Folder(BPIC).past()
    assert len(past.opportunities) == 7455
    assert len(past.activities) == 36_875
    assert past.as_of == datetime(2012, 2, 26, 8, 15, 30, tzinfo=UTC)
    calls = [one for one in past.activities if one.channel == "call"]
    assert all(one.body.startswith("Call: ") and one.direction == "outbound" for one in calls)
    assert {one.first_name for one in past.people} == {"Applicant"}
