"""`readiness sync`: the run that Dagster schedules, now and here."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Annotated

import typer

from assets.cli.options import ConfigOption, ConnectionOption, JsonOption, chosen, read
from assets.cli.show import as_json, facts, progress


def command(
    connection: ConnectionOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
    as_of: Annotated[
        datetime | None,
        typer.Option(help="Score as at this instant (UTC) instead of the CRM's own clock."),
    ] = None,
) -> None:
    """Pull what changed, score it, and write what differs (in mode pilot or on).

    One connection that fails doesn't keep the others from running; the exit code is that of the first that failed.
    """
    read_config = read(config)
    wanted = chosen(read_config, connection)
    from assets.cli import exit_code
    from assets.legs.step import KNOWN
    from assets.run import run

    progress()
    failed: list[tuple[str, Exception]] = []
    for one in wanted:
        try:
            summary = run(read_config, one, instant(as_of))
        except KNOWN as fault:
            if len(wanted) == 1:
                raise
            failed.append((one.name, fault))
            continue
        if json:
            as_json(summary)
        else:
            facts(f"{one.name}, mode {one.config.mode}, as of {summary['as_of']}", _counts(summary))
    for name, why in failed:
        print(why if name in str(why) else f"{name}: {why}", file=sys.stderr)
    if failed:
        raise typer.Exit(exit_code(failed[0][1]))


def instant(given: datetime | None) -> datetime | None:
    """UTC where no offset was given."""
    from datetime import UTC

    return given if given is None or given.tzinfo else given.replace(tzinfo=UTC)


def _counts(summary: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in summary.items() if name not in ("connection", "as_of")}
