"""Which alerts become tasks now, and which tasks have lost their cause."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from assets.pilot import owners
from assets.session import Session
from assets.warehouse.intents import DONE, ERASED, GONE, INTENDED, OPEN, REJECTED, WITHDRAWN, Intent, known, put
from assets.warehouse.raw import DELETED, table_of
from connectors.protocol import Connector
from readiness.schema import TEXT, TIME
from transforms.alerts import KINDS

IN_CRM = {
    "salesforce": ("task", '"Id"', "\"IsClosed\" = 'true'"),
    "hubspot": ("tasks", "id", "hs_task_status = 'COMPLETED'"),
}
"""The stream of tasks, its id, and the condition under which it is done."""

PLAN = dict.fromkeys(
    ["action", "key", "kind", "opportunity_id", "person_id", "owner_id", "subject", "body", "priority", "task_id"], TEXT
) | {"due_at": TIME}


def governed(session: Session) -> dict[str, int]:
    """Store `task_plan`: one row per task to open or to withdraw; how many of each.

    An alert becomes a task once: not while its task is open, not within the cooldown of an alert of that kind on that
    opportunity, not after "not right", and no more than the cap per owner per day, the most urgent first.
    """
    store, as_of = session.store, session.run.as_of
    _meet(session)
    alerts = sorted(store.query("select * from alerts"), key=_urgency)
    standing = {alert["key"] for alert in alerts}
    intents = known(store)
    allowed = owners(session)
    wanted = [alert for alert in alerts if allowed is None or alert["seller_id"] in allowed]
    rows = [_opening(alert) for alert in _within_limits(session, wanted, intents, as_of)]
    gone = [intent for intent in intents.values() if intent.state == OPEN and intent.key not in standing]
    rows += [{"action": "withdraw", **_shown(intent)} for intent in gone]
    store.replace("task_plan", store.frame(rows, PLAN))
    return {"to_open": len(rows) - len(gone), "to_withdraw": len(gone)}


def _within_limits(
    session: Session, alerts: list[dict[str, Any]], intents: Mapping[str, Intent], as_of: datetime
) -> list[dict[str, Any]]:
    rules, zone = session.connection.config.alerts, ZoneInfo(session.connection.config.zone)
    today = as_of.astimezone(zone).date()
    opened = Counter(
        i.owner_id for i in intents.values() if i.opened_at and i.opened_at.astimezone(zone).date() == today
    )
    since = as_of - timedelta(days=rules.cooldown_days)
    resting = {_cause(intent.key) for intent in intents.values() if _rests(intent, since)}
    taken = []
    for alert in alerts:
        owner, cause = alert["seller_id"], _cause(alert["key"])
        intent = intents.get(alert["key"])
        is_answered = intent is not None and intent.state not in (INTENDED, WITHDRAWN)
        if owner is None or is_answered or cause in resting or opened[owner] >= rules.per_owner_per_day:
            continue
        opened[owner] += 1
        resting.add(cause)
        taken.append(alert)
    return taken


def _urgency(alert: Mapping[str, Any]) -> tuple[bool, int, datetime, str]:
    return alert["priority"] != "high", list(KINDS).index(alert["kind"]), alert["since"], alert["key"]


def _cause(key: str) -> tuple[str, str]:
    """Kind and deal (or `lead:<person>`) of a key such as `silent_buyer:006X:2026-11-01`."""
    kind, _, rest = key.partition(":")
    head = rest.removeprefix("lead:").partition(":")[0]
    return kind, f"lead:{head}" if rest.startswith("lead:") else head


def _rests(intent: Intent, since: datetime) -> bool:
    """Whether this task keeps another one about the same cause from being made."""
    if intent.state in (INTENDED, REJECTED):
        return False
    if intent.state == OPEN or intent.answer == "not_right":
        return True
    return (intent.closed_at or intent.opened_at or since) > since


def _opening(alert: Mapping[str, Any]) -> dict[str, Any]:
    same = {name: alert[name] for name in ("key", "kind", "opportunity_id", "person_id", "subject", "body", "due_at")}
    return {"action": "open", **same, "owner_id": alert["seller_id"], "priority": str(alert["priority"])}


def _shown(intent: Intent) -> dict[str, Any]:
    return {
        name: getattr(intent, name) for name in ("key", "kind", "opportunity_id", "person_id", "owner_id", "task_id")
    }


def _meet(session: Session) -> None:
    """Bring the intents in step with the tasks that the CRM has of ours, also those that this store never knew."""
    crm, now = session.connection.config.crm, session.run.as_of
    if crm not in IN_CRM:
        return
    stream, task_id, is_done = IN_CRM[crm]
    key, answer = (native(session.connector, name) for name in ("key", "answer"))
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


def _met(row: Mapping[str, Any], intent: Intent | None, now: datetime) -> Intent | None:
    """The intent as the CRM's task says it stands; None where nothing is new."""
    state = GONE if row["is_deleted"] else DONE if row["is_done"] else OPEN
    if intent is None:
        kind, deal = _cause(row["key"])
        closed = None if state == OPEN else now
        return Intent(
            row["key"],
            kind,
            None if deal.startswith("lead:") else deal,
            None,
            None,
            state,
            row["task_id"],
            None,
            row["answer"],
            now,
            closed,
        )
    if intent.state in (WITHDRAWN, ERASED) or (intent.state, intent.answer) == (state, row["answer"]):
        return None
    closed = intent.closed_at or (None if state == OPEN else now)
    return replace(intent, state=state, task_id=row["task_id"], answer=row["answer"], closed_at=closed)


def native(connector: Connector, name: str) -> str:
    """The CRM's name of our field on a task."""
    return connector.native_field("task", name)
