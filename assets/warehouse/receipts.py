"""One receipt per value sent to the CRM, and the parked rows: what the CRM refuses, with its reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from assets.warehouse.runs import Run
from assets.warehouse.store import Warehouse
from transforms.writeback import RIDES_ALONG

ATTEMPTS = 3
"""A value that was refused in this many runs is parked: sent again only when it changes."""


REFUSED = """
create or replace temp table refused as
select a.object, a.record_id, a.field, a.after, a.reason, coalesce(p.attempts, 0) + 1, a.seq, a.sent_at
from answered a
left join parked p
  on p.object = a.object and p.record_id = a.record_id and p.field = a.field and p.value is not distinct from a.after
where a.outcome = 'rejected'
"""


@dataclass(frozen=True, slots=True)
class Change:
    """One value of ours to be put in the CRM."""

    object: str
    record_id: str
    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a record's changes, and why: written, rejected, retry or gone; changed by others, and not sent."""

    outcome: str
    reason: str | None


def record(run: Run, answers: Sequence[tuple[Sequence[Change], Answer]]) -> None:
    """Store the receipts of some records and keep the parked ones in step, in one transaction."""
    now = datetime.now(UTC)
    rows = [
        (run.run_id, run.seq, c.object, c.record_id, c.field, c.before, c.after, a.outcome, a.reason, now)
        for changes, a in answers
        for c in changes
    ]
    with run.store.scratch(), run.store.transaction():
        run.store.execute("create or replace temp table answered as select * from receipts limit 0")
        run.store.insert("answered", rows)
        run.store.execute("insert into receipts select * from answered")
        run.store.execute(REFUSED)
        run.store.execute(
            "delete from parked where exists (select 1 from answered a"
            " where a.object = parked.object and a.record_id = parked.record_id)"
        )
        run.store.execute("insert into parked select * from refused")


def parked(store: Warehouse) -> list[dict[str, Any]]:
    """What the CRM has refused often enough not to be asked again, oldest first."""
    return store.query(
        "select object, record_id, field, value, reason, attempts, refused_at from parked where attempts >= ?"
        " order by refused_at, object, record_id, field",
        [ATTEMPTS],
    )


def without_parked(store: Warehouse, changes: Sequence[Change]) -> list[Change]:
    """Those changes that may be sent: of a parked record, only when a value is another than the refused one.

    The instant of writing is another one each time, and no reason to send the rest again.
    """
    refused = {(row["object"], row["record_id"], row["field"]): row["value"] for row in parked(store)}
    fresh = {
        (c.object, c.record_id)
        for c in changes
        if c.field != RIDES_ALONG and refused.get((c.object, c.record_id, c.field), _NEVER) != c.after
    }
    return [c for c in changes if (c.object, c.record_id) in fresh]


_NEVER = "\0"


def of_run(store: Warehouse, run_id: str) -> list[Mapping[str, Any]]:
    """The written receipts of a run, newest first."""
    return list(
        store.query(
            "select object, record_id, field, before, after from receipts"
            " where run_id = ? and outcome = 'written' order by sent_at desc, object, record_id, field",
            [run_id],
        )
    )
