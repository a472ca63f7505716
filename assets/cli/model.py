"""`readiness model`: the versions of a connection's model, which one is in use, and choosing or learning another."""

from __future__ import annotations

from typing import Annotated

import typer

from assets.cli.options import ConfigOption, ConnectionOption, JsonOption, chosen, read
from assets.cli.show import as_json, progress, table


def command(
    connection: ConnectionOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
    choose: Annotated[
        str | None, typer.Option(help="Use this version from the next run on.", metavar="VERSION")
    ] = None,
    learn: Annotated[
        bool, typer.Option("--learn", help="Learn a new version now, as the weekly schedule does.")
    ] = False,
) -> None:
    """List the versions of the scoring model: what each learnt from, and whether its forecast was promoted."""
    from assets.errors import ConfigError
    from assets.model import shelf
    from assets.run import run

    read_config = read(config)
    wanted = chosen(read_config, connection)
    if choose and len(wanted) > 1:
        raise ConfigError("--choose: say which connection, with --connection NAME.")
    progress()
    for one in wanted:
        if learn:
            run(read_config, one, what="learning")
        if choose:
            shelf.choose(one, choose)
        rows = shelf.listed(one)
        if json:
            as_json({"connection": one.name, "in_use": shelf.chosen_version(one), "versions": rows})
            continue
        print(f"{one.name}: {shelf.chosen_version(one)} is in use")
        table([list(row.values()) for row in rows], list(rows[0]))
