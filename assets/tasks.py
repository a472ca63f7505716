"""Making and withdrawing our tasks in the CRM, so that none is ever there twice.

The intent is committed here before the call that makes the task. A run that was killed in between leaves intents of
which nobody knows whether the task was made: the next run asks the CRM, through the opportunity's own tasks.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from assets.session import Session
from assets.warehouse.intents import DONE, GONE, INTENDED, OPEN, REJECTED, WITHDRAWN, Intent, known, put
from assets.warehouse.receipts import Answer, Change, parked, record
from connectors.protocol import NewTask, OpenTask, Receipt

log = logging.getLogger("readiness.tasks")
TOGETHER = 100
STATES = {"written": OPEN, "gone": GONE, "retry": INTENDED}


def tend(session: Session) -> dict[str, int]:
    """Do what `task_plan` says; how many tasks were opened and closed."""
    plan = session.store.query("select * from task_plan")
    made = {key for key, intent in known(session.store).items() if intent.state not in (INTENDED, WITHDRAWN)}
    opening = [row for row in plan if row["action"] == "open" and row["key"] not in made]
    opened = sum(_open(session, opening[start : start + TOGETHER]) for start in range(0, len(opening), TOGETHER))
    closed = withdraw(session, [row["key"] for row in plan if row["action"] == "withdraw"])
    log.info("%s tasks opened, %s closed", f"{opened:,}", f"{closed:,}")
    return {"tasks_opened": opened, "tasks_closed": closed}


def _open(session: Session, rows: Sequence[dict[str, Any]]) -> int:
    """Make those tasks that the CRM doesn't have yet."""
    there = _in_crm(session, (row["opportunity_id"] for row in rows))
    found = [
        _intent(row, session, _state(there[row["key"]]), there[row["key"]].task_id)
        for row in rows
        if row["key"] in there
    ]
    missing = {row["key"]: row for row in rows if row["key"] not in there}
    put(session.run, [*found, *(_intent(row, session, INTENDED, None) for row in missing.values())])
    receipts = list(session.connector.create_tasks([_task(row) for row in missing.values()]))
    states = [_refused(session, r) if r.outcome == "rejected" else STATES[r.outcome] for r in receipts]
    put(
        session.run,
        [
            _intent(missing[receipt.ref], session, state, receipt.record_id, receipt.reason)
            for receipt, state in zip(receipts, states, strict=True)
        ],
    )
    unsure = sum(receipt.outcome == "retry" for receipt in receipts)
    if unsure:
        log.warning("%s tasks: no answer whether they were made; the next run looks for them first", f"{unsure:,}")
    return states.count(OPEN)


def _refused(session: Session, receipt: Receipt) -> str:
    """Note that the CRM refused a task: a later run tries again, until it is parked like any other row."""
    change = Change("task", receipt.ref, "task", None, None)
    record(session.run, [([change], Answer(receipt.outcome, receipt.reason))])
    is_parked = any(row["record_id"] == receipt.ref for row in parked(session.store) if row["object"] == "task")
    return REJECTED if is_parked else INTENDED


def withdraw(session: Session, keys: Sequence[str]) -> int:
    """Delete the tasks whose cause is gone, unless somebody has touched them.

    A lead's task hangs on no opportunity, so it isn't looked for: the connector deletes none that was touched.
    """
    intents = known(session.store)
    there = _in_crm(session, (intents[key].opportunity_id for key in keys))
    deletable = {there[key].task_id: intents[key] for key in keys if key in there and _may_go(there[key])}
    of_leads = (intents[key] for key in keys if intents[key].opportunity_id is None)
    deletable |= {intent.task_id: intent for intent in of_leads if intent.task_id}
    if not deletable:
        return 0
    now, closed = session.run.as_of, 0
    for receipt in session.connector.delete_tasks(list(deletable)):
        if receipt.outcome in ("written", "gone"):
            put(session.run, [replace(deletable[receipt.ref], state=WITHDRAWN, closed_at=now)])
            closed += 1
    return closed


def _may_go(task: OpenTask) -> bool:
    return task.untouched and not task.is_done


def _in_crm(session: Session, opportunities: Iterable[str | None]) -> dict[str, OpenTask]:
    """Our tasks on these opportunities as the CRM has them now, by key."""
    ids = sorted({one for one in opportunities if one is not None and not one.startswith("lead:")})
    return {task.key: task for task in session.connector.tasks_of(ids)} if ids else {}


def _state(task: OpenTask) -> str:
    return DONE if task.is_done else OPEN


def _intent(
    row: dict[str, Any], session: Session, state: str, task_id: str | None, reason: str | None = None
) -> Intent:
    now = session.run.as_of
    opened = now if state in (OPEN, DONE) else None
    return Intent(
        row["key"],
        row["kind"],
        row["opportunity_id"],
        row["person_id"],
        row["owner_id"],
        state,
        task_id,
        reason,
        None,
        opened,
    )


def _task(row: dict[str, Any]) -> NewTask:
    opportunity = row["opportunity_id"]
    is_lead = opportunity is not None and opportunity.startswith("lead:")
    return NewTask(
        row["key"],
        None if is_lead else opportunity,
        row["person_id"],
        row["owner_id"],
        row["subject"],
        row["body"],
        row["due_at"],
        row["priority"],
    )
