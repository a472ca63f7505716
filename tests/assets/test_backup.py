"""Backup and restore: whole or not at all, never another account's, never while a run is at work."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import duckdb
import pytest

from assets.backup import backup, restore
from assets.connection import Connection
from assets.errors import Busy, Refused
from assets.warehouse import run_lock
from assets.warehouse.binding import bind
from assets.warehouse.receipts import Answer, Change, of_run, record
from assets.warehouse.runs import begun
from connectors.protocol import Identity
from tests.assets.conftest import Told
from tests.assets.way import linked, stored

DEAD = "http://127.0.0.1:9"
PORTAL = Identity("hubspot", "1", "Acme", "v3")
SENT = Change("opportunity", "7", "readiness", None, "45")


def filled(folder: Path, identity: Identity = PORTAL) -> Connection:
    """A connection whose store has one receipt in it."""
    acme = linked(folder, "hubspot", DEAD)
    with stored(acme) as store:
        bind(store, identity)
        record(begun(store, "first"), [([SENT], Answer("written", None))])
    return acme


def receipts(connection: Connection) -> list[str]:
    with stored(connection) as store:
        return [row["after"] for row in of_run(store, "first")]


def test_what_was_backed_up_comes_back_and_what_was_there_is_kept_beside_it(tmp_path: Path) -> None:
    acme = filled(tmp_path)
    file = backup(acme, tmp_path / "safe")
    with stored(acme) as store:
        store.execute("delete from receipts")
    former = restore(acme, file)
    assert receipts(acme) == ["45"]
    assert former is not None
    with duckdb.connect(str(former), read_only=True) as kept:
        assert kept.execute("select count(*) from receipts").fetchall() == [(0,)]
    assert not list(tmp_path.rglob("*.part"))


def test_a_backup_of_another_account_is_refused_and_the_store_stays(tmp_path: Path) -> None:
    acme = filled(tmp_path / "acme")
    other = backup(filled(tmp_path / "other", Identity("hubspot", "2", "Other", "v3")), tmp_path / "safe")
    with pytest.raises(Refused, match="is a backup of hubspot 2, but this connection is hubspot 1"):
        restore(acme, other)
    assert receipts(acme) == ["45"]


def test_a_backup_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    acme = filled(tmp_path)
    file = backup(acme, tmp_path / "safe")
    with duckdb.connect(str(file)) as newer:
        newer.execute("insert into schema_version values (99)")
    with pytest.raises(Refused, match="has version 99 of the store"):
        restore(acme, file)
    assert receipts(acme) == ["45"]


@pytest.mark.parametrize("content", [b"", b"not a database", b"\0" * 5000])
def test_a_file_that_is_no_backup_is_refused(tmp_path: Path, content: bytes) -> None:
    acme = filled(tmp_path)
    file = tmp_path / "notes.txt"
    file.write_bytes(content)
    with pytest.raises(Refused, match=r"notes\.txt: this is no store"):
        restore(acme, file)
    assert receipts(acme) == ["45"]


def test_while_a_run_is_at_work_nothing_is_copied_or_replaced(tmp_path: Path) -> None:
    acme = filled(tmp_path)
    file = backup(acme, tmp_path / "safe")
    with run_lock(acme.folder, "run 7"):
        for work in (lambda: backup(acme, tmp_path / "again"), lambda: restore(acme, file)):
            with pytest.raises(Busy, match=r"another run is at work .* for run 7"):
                work()
    assert not (tmp_path / "again").exists()


def test_a_restore_that_finds_no_room_leaves_the_store_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    acme = filled(tmp_path)
    file = backup(acme, tmp_path / "safe")
    copy = shutil.copyfile

    def full(source: Path, target: Path) -> None:
        if "restoring" in target.name:
            raise OSError("No space left on device")
        copy(source, target)

    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(OSError, match="No space"):
        restore(acme, file)
    assert receipts(acme) == ["45"]


def test_the_commands_say_where_things_are(tmp_path: Path, told: Told) -> None:
    filled(tmp_path)
    code, said, _ = told("backup", "--json")
    made = json.loads(said)
    assert code == 0
    assert Path(made["file"]).parent == tmp_path / "data" / "backups"
    assert told("restore", made["file"])[0] == 0
    code, _, error = told("restore", str(tmp_path / "nothing.duckdb"))
    assert (code, "no such file" in error) == (3, True)
    shutil.rmtree(tmp_path / "data" / "acme")
    code, _, error = told("backup")
    assert (code, error) == (3, "acme: there is nothing to back up yet. Run `readiness sync` first.\n")
