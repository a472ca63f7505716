"""`readiness undo RUN`: puts back what a run has written, but for what somebody has changed since."""

from __future__ import annotations

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
        counts, spared = undo(one, run)
        if json:
            as_json({"connection": one.name, **counts, "spared": spared})
            continue
        facts(f"{one.name}: run {run} undone", counts)
        if spared:
            print(f"{len(spared):,} values were changed since and are left alone:")
            table([list(value.values()) for value in spared], list(spared[0]))
