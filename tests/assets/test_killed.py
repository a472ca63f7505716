"""A run that is killed anywhere is simply run again: no row lost, none doubled, no second task."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from assets.connection import Connection
from sandbox.server import Sandbox, serve
from tests.assets.killed import PLACES
from tests.assets.way import DAY, keys_in_crm, linked, provision, stored, walk

TELLING = PLACES[-3:]
"""Where a kill could leave something twice in the CRM; the other places are as telling, but slow."""


def killed(connection: Connection, folder: Path, place: str) -> None:
    command = [sys.executable, "-m", "tests.assets.killed", str(folder), place]
    ended = subprocess.run(command, env=os.environ, capture_output=True, text=True, timeout=120)
    assert ended.returncode == -signal.SIGKILL, ended.stderr


def raw_rows(connection: Connection) -> dict[str, list[tuple[object, ...]]]:
    """Every living raw row, sorted; what of ours is in them left out, as it is written meanwhile."""
    with stored(connection) as store:
        return {
            table: sorted(tuple(row.values()) for row in store.query(_living(table, store.columns(table))))
            for table in store.tables("raw_")
            if "task" not in table
        }


def _living(table: str, columns: list[str]) -> str:
    stamps = ("systemmodstamp", "updatedat", "hs_lastmodifieddate", "lastmodifieddate")
    kept = [c for c in columns if not c.lower().startswith(("br_", "_")) and c.lower() not in stamps]
    names = ", ".join(f"coalesce(\"{column}\", '')" for column in kept)
    others = "and 'tasks' not in (from_type, to_type)" if table == "raw_associations" else ""
    return f'select {names} from "{table}" where not _deleted {others}'


def check_recovery(tmp_path: Path, sandbox: Sandbox, crm: str, place: str) -> None:
    folder = tmp_path / "killed"
    acme = linked(folder, crm, sandbox.url)
    provision(acme)
    killed(acme, folder, place)
    walk(acme)
    calm = linked(tmp_path / "calm", crm, sandbox.url, mode="observe")
    walk(calm, steps=1)
    assert raw_rows(acme) == raw_rows(calm)
    keys = keys_in_crm(acme)
    assert keys
    assert len(keys) == len(set(keys))
    again = walk(acme)
    assert (again["rows_written"], again["tasks_opened"], again["tasks_closed"]) == (0, 0, 0)
    assert keys_in_crm(acme) == keys


@pytest.mark.parametrize("place", TELLING)
def test_a_kill_where_it_could_harm_loses_and_doubles_nothing(tmp_path: Path, sandbox: Sandbox, place: str) -> None:
    crm = ("salesforce", "hubspot")[TELLING.index(place) % 2]
    check_recovery(tmp_path, sandbox, crm, place)


@pytest.mark.slow
@pytest.mark.parametrize("crm", ["salesforce", "hubspot"])
@pytest.mark.parametrize("place", PLACES)
def test_a_kill_at_any_boundary_loses_and_doubles_nothing(tmp_path: Path, crm: str, place: str) -> None:
    with serve(opportunities=30, as_of=DAY, limits=False) as sandbox:
        check_recovery(tmp_path, sandbox, crm, place)
