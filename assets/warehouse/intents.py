"""Our tasks in the CRM, as far as we know: written ahead of the call that makes them, kept in step with the pull."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from assets.warehouse.runs import Run
from assets.warehouse.store import Warehouse

INTENDED, OPEN, DONE, GONE, WITHDRAWN, REJECTED = "intended", "open", "done", "gone", "withdrawn", "rejected"
ERASED = "erased"
"""About to be made (or made, if the run was killed just then); on the owner's list; ticked off; deleted by somebody;
deleted by us because the cause was gone; refused by the CRM. `erased`: about somebody who was erased, and its words in
the CRM are still to be taken away."""

FIELDS = "key, kind, opportunity_id, person_id, owner_id, state, task_id, reason, answer, opened_at, closed_at"


@dataclass(frozen=True, slots=True)
class Intent:
    """One task of ours. `answer` is the seller's: not_right, snooze, or None."""

    key: str
    kind: str
    opportunity_id: str | None
    person_id: str | None
    owner_id: str | None
    state: str
    task_id: str | None = None
    reason: str | None = None
    answer: str | None = None
    opened_at: datetime | None = None
    closed_at: datetime | None = None


def known(store: Warehouse, state: str | None = None) -> dict[str, Intent]:
    """Intents by key; those in one state, or all."""
    rows = store.query(f"select {FIELDS} from task_intents where ? is null or state = ?", [state, state])
    return {row["key"]: Intent(**row) for row in rows}


def opened_by(store: Warehouse, run_id: str) -> list[str]:
    """Keys of the tasks that a run opened and that are still on the owner's list."""
    rows = store.query("select key from task_intents where run_id = ? and state = ? order by key", [run_id, OPEN])
    return [row["key"] for row in rows]


def put(run: Run, intents: Iterable[Intent]) -> None:
    """Store intents in place of those with the same key, committed at once."""
    rows: Sequence[tuple[object, ...]] = [
        (*(getattr(intent, field) for field in FIELDS.split(", ")), run.run_id) for intent in intents
    ]
    if not rows:
        return
    with run.store.transaction():
        run.store.execute("create or replace temp table put as select * from task_intents limit 0")
        run.store.insert("put", rows)
        run.store.execute("delete from task_intents where key in (select key from put)")
        run.store.execute("insert into task_intents select * from put")
