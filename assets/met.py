"""Our tasks as the CRM has them now, met again at every run, also those that this store never knew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from assets.session import Session
from assets.warehouse.intents import DONE, ERASED, GONE, OPEN, WITHDRAWN, Intent, known, put
from assets.warehouse.raw import DELETED, table_of

IN_CRM = {
    "salesforce": ("task", '"Id"', "\"IsClosed\" = 'true'"),
    "hubspot": ("tasks", "id", "hs_task_status = 'COMPLETED'"),
}
"""The stream of tasks, its id, and the condition under which it is done."""


def meet(session: Session) -> None:
    """Bring the intents in step with the tasks that the CRM has of ours: ticked off, deleted, answered."""
    crm, now = session.connection.config.crm, session.run.as_of
    if crm not in IN_CRM:
        return
    stream, task_id, is_done = IN_CRM[crm]
    key, answer = (session.connector.native_field("task", name) for name in ("key", "answer"))
    columns = session.store.columns(table_of(stream))
    if key not in columns:
        return
    asked = f'"{answer}"' if answer in columns else "null"
    rows = session.store.query(
        f'select "{key}" as key, {task_id} as task_id, {is_done} as is_done,'
        f' {asked} as answer, {DELETED} as is_deleted from "{table_of(stream)}" where "{key}" is not null'
    )
    intents = known(session.store)
    met = (_met(row, intents.get(row["key"]), now) for row in rows)
    put(session.run, [intent for intent in met if intent is not None])


def cause_of(key: str) -> tuple[str, str]:
    """Kind and deal (or `lead:<person>`) of a key such as `silent_buyer:006X:2026-11-01`."""
    kind, _, rest = key.partition(":")
    head = rest.removeprefix("lead:").partition(":")[0]
    return kind, f"lead:{head}" if rest.startswith("lead:") else head


def _met(row: Mapping[str, Any], intent: Intent | None, now: datetime) -> Intent | None:
    """The intent as the CRM's task says it stands; None where nothing is new."""
    state = GONE if row["is_deleted"] else DONE if row["is_done"] else OPEN
    if intent is None:
        kind, deal = cause_of(row["key"])
        return Intent(
            key=row["key"],
            kind=kind,
            opportunity_id=None if deal.startswith("lead:") else deal,
            person_id=None,
            owner_id=None,
            state=state,
            task_id=row["task_id"],
            answer=row["answer"],
            opened_at=now,
            closed_at=None if state == OPEN else now,
        )
    if intent.state in (WITHDRAWN, ERASED) or (intent.state, intent.answer) == (state, row["answer"]):
        return None
    closed = intent.closed_at or (None if state == OPEN else now)
    return replace(intent, state=state, task_id=row["task_id"], answer=row["answer"], closed_at=closed)
