"""`readiness backup`: copies the store away."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assets.cli.options import ConfigOption, ConnectionOption, JsonOption, chosen, read
from assets.cli.show import as_json


def command(
    connection: ConnectionOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
    to: Annotated[
        Path | None, typer.Option("--to", help="Where to put it; `backups` under data_dir.", metavar="FOLDER")
    ] = None,
) -> None:
    """Copy the store of a connection to one file: rows, role history, receipts and labels. It has no secrets in it."""
    from assets.backup import backup

    read_config = read(config)
    for one in chosen(read_config, connection):
        file = backup(one, to or read_config.data / "backups")
        if json:
            as_json({"connection": one.name, "file": str(file), "bytes": file.stat().st_size})
        else:
            print(f"{one.name}: {file} ({file.stat().st_size / 1e6:,.1f} MB)")
