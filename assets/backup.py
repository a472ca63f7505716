"""The store in safekeeping: it holds what no CRM can give back, so it can be copied away and put back, whole or not."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

from assets.connect import connect
from assets.connection import Connection
from assets.errors import Refused
from assets.warehouse import Warehouse, run_lock
from assets.warehouse.binding import Binding, binding_of
from assets.warehouse.migrations import STEPS

SUFFIX = ".duckdb"


def backup(connection: Connection, folder: Path) -> Path:
    """Copy the store to `<folder>/<connection>-<instant>.duckdb`; the file appears only when it is whole.

    Raises
    ------
    Busy : a run is at work. Refused : there is no store yet.
    """
    if not connection.store.exists():
        raise Refused(f"{connection.name}: there is nothing to back up yet. Run `readiness sync` first.")
    with run_lock(connection.folder, "a backup", wait_seconds=0):
        Warehouse(connection.store, wait_seconds=0).close()  # writes what is still in the log into the file
        target = folder / f"{connection.name}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}{SUFFIX}"
        folder.mkdir(parents=True, exist_ok=True)
        _copied(connection.store, target)
    return target


def restore(connection: Connection, file: Path) -> Path | None:
    """Put a backup in place of the store; where the former store went, None where there was none.

    Raises
    ------
    Busy : a run is at work. Refused : the file is no store, is another account's, or was made by a newer program.
    """
    kept = binding_of(file)
    if kept.version > len(STEPS):
        raise Refused(
            f"{file.name}: this backup has version {kept.version} of the store, this program knows {len(STEPS)}. "
            "Install the newer program again."
        )
    with run_lock(connection.folder, "a restore", wait_seconds=0):
        _refuse_another_account(connection, kept, file)
        log = connection.store.with_name(f"{connection.store.name}.wal")
        former = connection.store.with_name(f"before-restore{SUFFIX}")
        has_former = connection.store.exists()
        if has_former:
            _copied(connection.store, former)
        fresh = connection.store.with_name(f"restoring{SUFFIX}")
        _copied(file, fresh)
        log.unlink(missing_ok=True)  # it belongs to the former store
        fresh.replace(connection.store)
        Warehouse(connection.store, wait_seconds=0).close()  # brings an older version up to date
    return former if has_former else None


def _refuse_another_account(connection: Connection, kept: Binding, file: Path) -> None:
    """The account is the one that the present store is bound to, or else the one that the credential leads to."""
    if connection.store.exists():
        there = binding_of(connection.store)
        crm, account = there.crm, there.account_id
    else:
        crm, account = "", ""
    if not account:
        connector = connect(connection)
        try:
            identity = connector.identity()
        finally:
            connector.close()
        crm, account = identity.crm, identity.account_id
    if kept.account_id and (kept.crm, kept.account_id) != (crm, account):
        raise Refused(
            f"{connection.name}: {file.name} is a backup of {kept.crm} {kept.account_id}, but this connection is "
            f"{crm} {account}. Restore it to the connection that it was made of."
        )


def _copied(source: Path, target: Path) -> None:
    """A copy that appears under its name only when it is whole and on the disk."""
    part = target.with_name(f"{target.name}.part")
    shutil.copyfile(source, part)
    with part.open("rb+") as file:
        os.fsync(file.fileno())
    part.replace(target)
