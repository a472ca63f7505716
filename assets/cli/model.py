"""`readiness model`: the versions of a connection's model, which one is in use, and choosing or learning another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assets.cli.options import ConfigOption, ConnectionOption, JsonOption, chosen, read
from assets.cli.show import as_json, progress, table

if TYPE_CHECKING:
    from assets.model.words import Words


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
    from assets.model.words import words_of
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
        words = words_of(one)
        print(words("cli.in_use", connection=one.name, version=shelf.chosen_version(one)))
        table([_worded(row, words) for row in rows], [words(f"cli.column.{name}") for name in rows[0]])


def _worded(row: Mapping[str, Any], words: Words) -> list[Any]:
    """A version's line in the connection's language."""
    allowed = words("cli.yes") if row["percentages"] else words("cli.no")
    return list({**row, "percentages": allowed, "said": words.told(str(row["said"]))}.values())
