"""A store of an earlier version of the product opens in this one, and keeps what no CRM can give back."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from assets.warehouse import Warehouse, migrations
from assets.warehouse.intents import known
from assets.warehouse.receipts import of_run, parked

VERSION_1 = """
create table schema_version (version bigint);
insert into schema_version values (1);
create table meta (key varchar, value varchar);
create table runs (seq bigint, run_id varchar, as_of timestamptz, started_at timestamptz);
create table tallies (seq bigint, name varchar, value bigint);
create table cursors (stream varchar, cursor varchar, seq bigint);
create table verdicts (name varchar, table_name varchar, passed boolean, blocking boolean, detail varchar, seq bigint);
create table volumes (table_name varchar, rows bigint, passed boolean, seq bigint);
create table receipts (run_id varchar, seq bigint, object varchar, record_id varchar, field varchar, before varchar,
  after varchar, outcome varchar, reason varchar, sent_at timestamptz);
create table parked (object varchar, record_id varchar, field varchar, value varchar, reason varchar, attempts bigint,
  seq bigint, refused_at timestamptz);
create table task_intents (key varchar, kind varchar, opportunity_id varchar, person_id varchar, owner_id varchar,
  state varchar, task_id varchar, reason varchar, answer varchar, opened_at timestamptz, closed_at timestamptz,
  run_id varchar);
"""
"""The first version's own words, kept here so that no later change of the code can change them."""

CONTENT = """
insert into meta values ('crm', 'salesforce'), ('account_id', '00D1');
insert into runs values (1, 'first', '2026-01-05 09:00:00+00', '2026-01-05 09:00:01+00');
insert into cursors values ('opportunity', '2026-01-05T09:00:00Z', 1);
insert into receipts values ('first', 1, 'opportunity', '006A', 'readiness', '40', '45', 'written', null,
  '2026-01-05 09:00:05+00');
insert into parked values ('opportunity', '006B', 'readiness', '45', 'no such field', 3, 1, '2026-01-05 09:00:05+00');
insert into task_intents values ('silent_buyer:006A:2026-01-01', 'silent_buyer', '006A', null, '005A', 'open', '00T1',
  null, null, '2026-01-05 09:00:06+00', null, 'first');
create table role_history (opportunity_id varchar, person_id varchar, seat varchar, is_primary boolean,
  joined_at timestamptz, left_at timestamptz, role_id varchar, seen_at timestamptz);
insert into role_history values ('006A', '003A', 'decider', true, '2025-11-01 00:00:00+00', '2025-12-01 00:00:00+00',
  '00K1', '2026-01-05 09:00:00+00');
create table labels (opportunity_id varchar, person_id varchar, phase bigint, shown_phase bigint, given_at timestamptz);
insert into labels values ('006A', null, 3, 2, '2025-12-24 10:00:00+00');
"""


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "acme" / "store.duckdb"
    path.parent.mkdir()
    with duckdb.connect(str(path)) as file:
        file.execute("set TimeZone='UTC'")
        file.execute(VERSION_1)
        file.execute(CONTENT)
    return path


def version(path: Path) -> int:
    with duckdb.connect(str(path), read_only=True) as file:
        return int(file.execute("select max(version) from schema_version").fetchall()[0][0])


def test_a_store_of_version_1_keeps_receipts_roles_labels_tasks_and_what_undo_needs(old: Path) -> None:
    store = Warehouse(old)
    assert [(r["before"], r["after"]) for r in of_run(store, "first")] == [("40", "45")]
    assert [row["reason"] for row in parked(store)] == ["no such field"]
    intent = known(store)["silent_buyer:006A:2026-01-01"]
    assert (intent.state, intent.task_id, intent.owner_id) == ("open", "00T1", "005A")
    assert store.query("select seat, left_at::date::varchar as day from role_history") == [
        {"seat": "decider", "day": "2025-12-01"}
    ]
    assert store.query("select phase, shown_phase from labels") == [{"phase": 3, "shown_phase": 2}]
    assert store.query("select cursor from cursors") == [{"cursor": "2026-01-05T09:00:00Z"}]
    store.close()
    assert version(old) == len(migrations.STEPS)


def test_a_new_step_is_taken_once_and_an_upgraded_store_has_the_shape_of_a_new_one(
    old: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = ("alter table task_intents add column note varchar", "create table extra (one bigint)")
    monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS, step))
    for _ in range(2):
        Warehouse(old).close()
    Warehouse(tmp_path / "new" / "store.duckdb").close()
    shapes = []
    for path in (old, tmp_path / "new" / "store.duckdb"):
        with duckdb.connect(str(path), read_only=True) as file:
            sql = "select table_name, column_name, data_type from duckdb_columns() where not internal order by all"
            shapes.append({row for row in file.execute(sql).fetchall() if row[0] not in ("role_history", "labels")})
    assert shapes[0] == shapes[1]
    assert ("extra", "one", "BIGINT") in shapes[0]


def test_a_step_that_fails_half_way_leaves_the_store_at_the_version_before(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = version(old)
    steps = (*migrations.STEPS, ("create table half (one bigint)", "insert into nowhere values (1)"))
    monkeypatch.setattr(migrations, "STEPS", steps)
    with pytest.raises(duckdb.CatalogException):
        Warehouse(old)
    monkeypatch.undo()
    store = Warehouse(old)
    assert not store.has("half")
    assert len(of_run(store, "first")) == 1
    store.close()
    assert version(old) == max(before, len(migrations.STEPS))
