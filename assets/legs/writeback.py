"""Back to the CRM: what differs from what it holds, and the tasks; a receipt for every row."""

from __future__ import annotations

import dagster as dg

from assets.checks import receipts as receipt_checks
from assets.connection import Connection
from assets.erasure.crm import reword_tasks, to_clear
from assets.errors import Refused
from assets.fields import fields_of
from assets.governed import governed
from assets.held import held
from assets.legs.step import Facts, Leg, Produced, asset_of
from assets.pilot import only_pilot
from assets.push import push
from assets.session import Session
from assets.tasks import tend
from assets.warehouse.receipts import Change
from assets.warehouse.verdicts import refuse_failed
from transforms.writeback import changed

PLAN = (
    Produced("plan", "Values of ours that differ from what the CRM holds: record, field, old and new.", ("fields",)),
    Produced("task_plan", "Tasks to open and to withdraw, under the cap per owner and the cooldown.", ("alerts",)),
)
WRITTEN = (
    Produced("receipts", "One row per value sent: before, after, outcome, reason.", ("plan",)),
    Produced("task_intents", "Our tasks in the CRM: intended, open, done, withdrawn.", ("task_plan",)),
)


def assets_for(connection: Connection) -> list[dg.AssetsDefinition]:
    """The plan, and what became of it."""
    crm = connection.config.crm
    return [
        asset_of(connection, Leg("plan", "1", "duckdb", PLAN, plan)),
        asset_of(connection, Leg("writeback", "1", crm, WRITTEN, write, receipt_checks.CHECKS)),
    ]


def plan(session: Session) -> Facts:
    """Compare what should be there with what is; nothing is written."""
    store = session.store
    desired = store.keep("desired", only_pilot(session, store.read("fields")))
    there = held(session)
    store.replace("plan", changed(to_clear(desired, there), there))
    unchanged = store.query(
        "select count(*) as n from (select distinct object, record_id from fields"
        " except select distinct object, record_id from plan)"
    )[0]["n"]
    session.run.tally(rows_unchanged=unchanged)
    tasks = governed(session)
    return {
        "plan": {"rows": store.count("plan"), "unchanged": unchanged, **_cost(session, tasks["to_open"])},
        "task_plan": tasks,
    }


def _cost(session: Session, tasks: int) -> dict[str, float]:
    """How many records are to be written, the calls that takes, and their share of the CRM's daily quota."""
    rows = session.store.query("select distinct object, record_id from plan")
    calls = session.connector.calls_to_write([(row["object"], row["record_id"]) for row in rows], tasks)
    limit = session.connector.limits().daily_limit
    session.run.tally(calls_needed=calls, quota=limit or 0)
    share = {"quota_share_needed": round(calls / limit, 6)} if limit else {}
    return {"records": len(rows), "calls_needed": calls, **share}


def write(session: Session) -> Facts:
    """Write the plan, unless the mode is observe, a check stands against it, or fields are missing in the CRM.

    Raises
    ------
    Refused : and nothing was written.
    """
    if session.connection.config.mode == "observe":
        return {"receipts": {"mode": "observe"}}
    refuse_failed(session.store)
    _refuse_without_fields(session)
    outcome = push(session, _to_send(session))
    tasks = tend(session)
    reword_tasks(session)
    session.run.tally(**outcome, **tasks)
    return {"receipts": outcome, "task_intents": tasks}


def _to_send(session: Session) -> list[Change]:
    """The plan's values that the CRM still lacks: all of them, unless this leg runs again by itself."""
    if not session.store.count("plan"):
        return []
    wanted = session.store.read("plan").select("object", "record_id", "field", value="new")
    rows = changed(wanted, held(session)).collect().rows(named=True)
    return [Change(r["object"], r["record_id"], r["field"], r["old"], r["new"]) for r in rows]


def _refuse_without_fields(session: Session) -> None:
    missing = session.connector.missing_schema(fields_of(session.connection))
    if missing:
        names = ", ".join(f"{change.object}.{change.name}" for change in missing[:5])
        more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
        name = session.connection.name
        raise Refused(
            f"{name}: nothing was written, because the CRM lacks {names}{more}. Run `readiness provision --connection "
            f"{name}` with a credential that may change the schema, then sync again."
        )
