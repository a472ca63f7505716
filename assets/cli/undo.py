"""`readiness undo RUN`: puts back what a run has written, but for what somebody has changed since."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from assets.cli.options import ConfigOption, ConnectionOption, JsonOption, chosen, read
from assets.cli.show import as_json, facts, progress, table


def command(
    run: Annotated[str, typer.Argument(help="The run's id, as `sync` printed it.", metavar="RUN")],
    connection: ConnectionOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Put back the values from before the run. Values changed since are spared and listed."""
    from assets.errors import ConfigError
    from assets.undo import undo, wrote

    read_config = read(config)
    progress()
    touched = [one for one in chosen(read_config, connection) if wrote(one, run)]
    if not touched:
        raise ConfigError(f"No run {run} has written anything. `readiness sync --json` prints the ids of its runs.")
    for one in touched:
        done = undo(one, run)
        if json:
            as_json({"connection": one.name, **asdict(done)})
            continue
        if not (
            done.rows_written or done.rows_rejected or done.rows_parked or done.rows_waiting or done.tasks_withdrawn
        ):
            print(f"{one.name}: nothing to do, all that run {run} wrote has been put back or changed since")
        else:
            facts(f"{one.name}: run {run} undone", {k: v for k, v in asdict(done).items() if k != "spared"})
        if done.spared:
            print(f"{len(done.spared):,} values were changed since and are left alone:")
            table([list(value.values()) for value in done.spared], list(done.spared[0]))
        if one.config.mode != "observe":
            print("The next run writes again; set mode: observe first if it should not.")
