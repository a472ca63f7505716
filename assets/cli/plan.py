"""`readiness plan`: what a run would write, value by value, without writing."""

from __future__ import annotations

from assets.cli.options import ConfigOption, ConnectionOption, JsonOption, chosen, read
from assets.cli.show import as_json, progress, table


def command(connection: ConnectionOption = None, config: ConfigOption = None, json: JsonOption = False) -> None:
    """List, per record and field, the old and the new value. Reads the CRM, changes nothing in it."""
    from assets.planned import planned

    read_config = read(config)
    progress()
    for one in chosen(read_config, connection):
        changes, tasks = planned(read_config, one)
        if json:
            as_json({"connection": one.name, "changes": changes, "tasks": tasks})
            continue
        print(f"{one.name}: {len(changes):,} values to write, {len(tasks):,} tasks to open")
        if changes:
            table([list(change.values()) for change in changes], list(changes[0]))
        if tasks:
            table([list(task.values()) for task in tasks], list(tasks[0]))
