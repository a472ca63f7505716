"""Putting back what a run wrote: its receipts hold what was there before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from assets.connection import Connection
from assets.erasure.erase import MARK
from assets.held import held
from assets.pull import pull
from assets.push import push
from assets.session import session
from assets.tasks import withdraw
from assets.warehouse import Warehouse
from assets.warehouse.intents import opened_by
from assets.warehouse.receipts import Change, of_run
from connectors.text import alike


def wrote(connection: Connection, run_id: str) -> bool:
    """Whether that run wrote anything on this connection."""
    if not connection.store.exists():
        return False
    store = Warehouse(connection.store)
    try:
        return bool(of_run(store, run_id) or opened_by(store, run_id))
    finally:
        store.close()


@dataclass(frozen=True, slots=True)
class Undone:
    """What came of it.

    Attributes
    ----------
    rows_written, rows_rejected, rows_parked, rows_waiting, rows_changed_meanwhile : records, as of a run.
    already_back : values that stand as they were before the run: an undo before this one, or a person, put them back.
    tasks_withdrawn : tasks that the run had opened and nobody has touched.
    spared : values that somebody has changed since, with what is there now.
    """

    rows_written: int
    rows_rejected: int
    rows_parked: int
    rows_waiting: int
    rows_changed_meanwhile: int
    already_back: int
    tasks_withdrawn: int
    spared: list[dict[str, Any]]


def undo(connection: Connection, run_id: str) -> Undone:
    """Write the before-values of a run again, and withdraw the tasks that it opened.

    The CRM is pulled first, so that what a person has changed in the meantime is seen and left alone.
    """
    with session(connection, str(uuid4())) as opened:
        opened.run.fix(opened.connector.now())
        pull(opened)
        with opened.store.scratch():
            rows = held(opened).collect().rows(named=True)
        now = {(row["object"], row["record_id"], row["field"]): row["value"] for row in rows}
        changes, spared, already = [], [], 0
        for receipt in of_run(opened.store, run_id):
            record = (receipt["object"], receipt["record_id"], receipt["field"])
            there, before = now.get(record), None if receipt["before"] == MARK else receipt["before"]
            if alike(there, before):
                already += 1
            elif alike(there, receipt["after"]):
                changes.append(Change(*record, before=there, after=before))
            else:
                spared.append({**receipt, "now": there})
        counts = push(opened, changes)
        tasks = withdraw(opened, opened_by(opened.store, run_id))
        opened.run.tally(**counts, tasks_closed=tasks)
        return Undone(**counts, already_back=already, tasks_withdrawn=tasks, spared=spared)
