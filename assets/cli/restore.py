"""`readiness restore FILE`: puts a backup in place of the store."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assets.cli.options import ConfigOption, ConnectionOption, JsonOption, read, single
from assets.cli.show import as_json


def command(
    file: Annotated[Path, typer.Argument(help="The file that `backup` made.", metavar="FILE")],
    connection: ConnectionOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Put a backup back. The store that was there is kept beside it; another account's backup is refused."""
    from assets.backup import restore

    one = single(read(config), connection)
    former = restore(one, file)
    if json:
        as_json({"connection": one.name, "restored": str(file), "former": str(former) if former else None})
    else:
        print(f"{one.name}: {file} is in place" + (f"; the former store is kept as {former}" if former else ""))
