"""A folder of tables: every fault named by file, row and column; nothing read twice."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from connectors.errors import NeedsAdmin
from connectors.files.tables import TABLES
from connectors.open import open_connector
from connectors.protocol import Connector, Update
from readiness.schema import CANONICAL
from tests.contract.mirror import Mirror
from tests.contract.subjects import FOLDER, FilesSubject, annotate


@pytest.fixture
def subject(tmp_path: Path) -> FilesSubject:
    return FilesSubject(tmp_path)


def write(subject: FilesSubject, table: str, *lines: str) -> Connector:
    (subject.folder / f"{table}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return subject.open()


def test_the_tables_are_the_canonical_ones() -> None:
    ours = {table.name: (table.stream.key, table.stream.fields, table.stream.optional_fields) for table in TABLES}
    theirs = {
        table.name: (table.key, table.required, tuple(name for name in table.names if name not in table.required))
        for table in CANONICAL
    }
    assert ours == theirs
    assert {table.name for table in TABLES if table.stream.optional} == {t.name for t in CANONICAL if t.optional}


@pytest.mark.parametrize(
    ("column", "value", "wanted"),
    [
        ("created_at", "last tuesday", "a time"),
        ("close_date", "2026-13-01", "a date"),
        ("amount", "a lot", "a number"),
    ],
)
def test_a_broken_value_is_named_by_file_row_and_column(
    subject: FilesSubject, column: str, value: str, wanted: str
) -> None:
    header = FOLDER["opportunities"][0]
    row = FOLDER["opportunities"][1].split(",")
    row[header.split(",").index(column)] = value
    connector = write(subject, "opportunities", header, FOLDER["opportunities"][2], ",".join(row))
    with pytest.raises(NeedsAdmin, match=rf"opportunities\.csv row 2, column {column}: not {wanted}") as fault:
        Mirror().sync(connector, "opportunities")
    assert value not in str(fault.value)


def test_a_missing_column_is_named(subject: FilesSubject) -> None:
    connector = write(subject, "sellers", "seller_id,name,email", "s1,Ann,ann@example.com")
    with pytest.raises(NeedsAdmin, match=r"sellers\.csv has no column is_active"):
        connector.streams()


def test_a_missing_table_is_named(subject: FilesSubject) -> None:
    (subject.folder / "quotes.csv").unlink()
    with pytest.raises(NeedsAdmin, match=r"quotes.*missing"):
        subject.open().streams()


def test_a_row_with_too_few_values_is_named(subject: FilesSubject) -> None:
    connector = write(subject, "sellers", FOLDER["sellers"][0], "s1,Ann")
    with pytest.raises(NeedsAdmin, match=r"sellers\.csv row 1 has 2 values"):
        Mirror().sync(connector, "sellers")


def test_a_file_that_is_no_parquet_is_named(subject: FilesSubject) -> None:
    (subject.folder / "quotes.csv").unlink()
    (subject.folder / "quotes.parquet").write_bytes(b"nothing of the kind")
    with pytest.raises(NeedsAdmin, match=r"quotes\.parquet cannot be read"):
        subject.open().streams()


def test_two_files_of_one_table_are_refused(subject: FilesSubject) -> None:
    (subject.folder / "quotes.parquet").write_bytes(b"")
    with pytest.raises(NeedsAdmin, match="same table"):
        subject.open().streams()


def test_parquet_and_csv_say_the_same(subject: FilesSubject, tmp_path_factory: pytest.TempPathFactory) -> None:
    from_csv = Mirror()
    from_csv.sync(subject.open(), "interactions")
    table = pa.table(
        {
            "interaction_id": ["i1"],
            "opportunity_id": ["o1"],
            "person_id": ["p1"],
            "seller_id": ["s1"],
            "channel": ["email"],
            "direction": ["inbound"],
            "outcome": pa.array([None], pa.string()),
            "topics": [["pricing"]],
            "occurred_at": pa.array([1772359200_000_000], pa.timestamp("us", "UTC")),
            "recorded_at": pa.array([1772359205_000_000], pa.timestamp("us", "UTC")),
        }
    )
    (subject.folder / "interactions.csv").unlink()
    pq.write_table(table, subject.folder / "interactions.parquet")
    from_parquet = Mirror()
    from_parquet.sync(subject.open(), "interactions")
    assert from_parquet.tables == from_csv.tables


def test_an_unchanged_file_is_not_read_again(subject: FilesSubject) -> None:
    mirror = Mirror()
    mirror.sync(subject.open())
    connector = subject.open()
    pages = [
        page for stream in connector.streams() for page in connector.pull(stream, mirror.cursors.get(stream.name), None)
    ]
    assert pages == []


def test_a_time_with_another_zone_is_put_into_utc(subject: FilesSubject) -> None:
    row = FOLDER["changes"][1].replace("2026-02-01T10:00:00Z", "2026-02-01 11:00:00+01:00")
    mirror = Mirror()
    mirror.sync(write(subject, "changes", FOLDER["changes"][0], row), "changes")
    (held,) = mirror.tables["changes"].values()
    assert held["changed_at"] == "2026-02-01T10:00:00Z"


def test_what_is_written_lies_beside_the_data_and_the_data_stay_as_they_were(subject: FilesSubject) -> None:
    before = (subject.folder / "opportunities.csv").read_bytes()
    list(subject.open().push([Update("opportunity", "o1", {"readiness": "45"})]))
    list(subject.open().push([Update("opportunity", "o2", {"why": "a, b"})]))
    assert (subject.folder / "opportunities.csv").read_bytes() == before
    written = (subject.folder / "enriched" / "opportunities.csv").read_text(encoding="utf-8")
    assert written.splitlines() == ["record_id,readiness,why", "o1,45,", 'o2,,"a, b"']


def test_no_draft_is_left_behind(subject: FilesSubject) -> None:
    list(subject.open().push([Update("opportunity", "o1", {"readiness": "45"})]))
    assert [path.name for path in (subject.folder / "enriched").iterdir()] == ["opportunities.csv"]


def test_another_folder_is_another_account(subject: FilesSubject, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = FilesSubject(tmp_path_factory.mktemp("other"))
    assert other.open().identity() != subject.open().identity()


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NeedsAdmin, match="nowhere"):
        open_connector("files", tmp_path / "nowhere", None, annotate).identity()
