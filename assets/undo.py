"""Putting back what a run wrote: its receipts hold what was there before."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from assets.connection import Connection
from assets.erasure.erase import MARK
from assets.held import held
from assets.pull import pull
from assets.push import push
from assets.session import session
from assets.warehouse import Warehouse
from assets.warehouse.receipts import Change, of_run


def wrote(connection: Connection, run_id: str) -> bool:
    """Whether that run wrote anything on this connection."""
    if not connection.store.exists():
        return False
    store = Warehouse(connection.store)
    try:
        return bool(of_run(store, run_id))
    finally:
        store.close()


def undo(connection: Connection, run_id: str) -> tuple[dict[str, int], list[dict[str, Any]]]:
    """Write the before-values of a run again; (counts as of a run, values spared since they have changed since).

    The CRM is pulled first, so that what a person has changed in the meantime is seen and left alone.
    """
    with session(connection, str(uuid4())) as opened:
        opened.run.fix(opened.connector.now())
        pull(opened)
        with opened.store.scratch():
            rows = held(opened).collect().rows(named=True)
        now = {(row["object"], row["record_id"], row["field"]): row["value"] for row in rows}
        changes, spared = [], []
        for receipt in of_run(opened.store, run_id):
            there = now.get((receipt["object"], receipt["record_id"], receipt["field"]))
            if same(there, receipt["after"]):
                record = (receipt["object"], receipt["record_id"], receipt["field"])
                changes.append(
                    Change(*record, before=there, after=None if receipt["before"] == MARK else receipt["before"])
                )
            else:
                spared.append({**receipt, "now": there})
        counts = push(opened, changes)
        opened.run.tally(**counts)
        return counts, spared


def same(one: str | None, other: str | None) -> bool:
    """Whether two texts say the same value: numbers by their worth, as CRMs write 45 as 45.0."""
    try:
        return float(one or "") == float(other or "")
    except ValueError:
        return (one or "") == (other or "")
