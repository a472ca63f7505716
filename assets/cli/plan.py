"""`readiness plan`: what a run would write, value by value, without writing."""

from __future__ import annotations

from dataclasses import asdict

from assets.cli.options import ConfigOption, ConnectionOption, JsonOption, chosen, read
from assets.cli.show import as_json, line, progress


def command(connection: ConnectionOption = None, config: ConfigOption = None, json: JsonOption = False) -> None:
    """List, per record and field, the old and the new value. Reads the CRM, changes nothing in it."""
    from assets.planned import planned

    read_config = read(config)
    progress()
    for one in chosen(read_config, connection):
        found = planned(read_config, one)
        if json:
            as_json({"connection": one.name, **asdict(found)})
            continue
        for change in found.changes:
            where = f"{change['object']} {change['record_id']}  {change['field']}"
            print(f"  {where}: {line(change['old']) or '(empty)'} → {line(change['new']) or '(empty)'}")
        for task in found.tasks:
            print(f"  task to {task['action']}: {line(task['subject']) or task['key']}")
        records = len({(change["object"], change["record_id"]) for change in found.changes})
        share = "" if found.quota_share is None else f", {found.quota_share:.2%} of the day's quota"
        print(
            f"{one.name}: {len(found.changes):,} values on {records:,} records to write, {len(found.tasks):,} tasks to "
            f"open or withdraw; {found.calls:,} calls{share}. Nothing was written."
        )
