"""What a run would write, without writing: the run itself but for its last leg."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from assets.config import Config
from assets.connection import Connection
from assets.run import run
from assets.warehouse import Warehouse
from assets.warehouse.runs import Run

WRITING = ("receipts", "task_intents")


@dataclass(frozen=True, slots=True)
class Planned:
    """What a run would do now.

    Attributes
    ----------
    changes : object, record_id, field, old, new: values that would be written; old is what the CRM holds now.
    tasks : tasks that would be opened or withdrawn, with their words.
    calls : calls to the CRM that it takes, at most.
    quota_share : their share of the CRM's daily quota, 0 to 1; None where it has none.
    """

    changes: list[dict[str, Any]]
    tasks: list[dict[str, Any]]
    calls: int
    quota_share: float | None


def planned(config: Config, connection: Connection) -> Planned:
    """Pull, score and compare, as a run would up to its last leg."""
    run_id = run(config, connection, without=WRITING)["run_id"]
    store = Warehouse(connection.store)
    try:
        changes = store.query("select object, record_id, field, old, new from plan order by object, record_id, field")
        tasks = store.query("select * from task_plan order by all")
        seq = store.query("select seq from runs where run_id = ?", [run_id])[0]["seq"]
        counts = Run(store, seq, run_id).tallied()
    finally:
        store.close()
    calls, quota = counts.get("calls_needed", 0), counts.get("quota", 0)
    return Planned(changes, tasks, calls, calls / quota if quota else None)
