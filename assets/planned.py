"""What a run would write, without writing: the run itself but for its last leg."""

from __future__ import annotations

from typing import Any

from assets.config import Config
from assets.connection import Connection
from assets.run import run
from assets.warehouse import Warehouse

WRITING = ("receipts", "task_intents")


def planned(config: Config, connection: Connection) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """(values that would be written, tasks that would be opened or withdrawn), as the last leg would have them."""
    run(config, connection, without=WRITING)
    store = Warehouse(connection.store)
    try:
        values = store.query("select object, record_id, field, old, new from plan order by object, record_id, field")
        tasks = store.query("select * from task_plan order by all")
    finally:
        store.close()
    return values, tasks
