"""`readiness first-look`: what warnings would have been worth on the tenant's own closed deals, by reading alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assets.cli.options import ConfigOption, ConnectionOption, JsonOption, chosen, read
from assets.cli.show import as_json, progress, table


def command(
    connection: ConnectionOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
    out: Annotated[Path | None, typer.Option(help="Write it as one HTML page.", metavar="FILE.html")] = None,
) -> None:
    """Look back: how much earlier lost deals would have been warned of, at how many false alarms, and what is not seen.

    Reads what the last sync stored, or else the CRM; nothing is written to the CRM.
    """
    from assets.errors import ConfigError
    from assets.model.first_look import looked, written

    wanted = chosen(read(config), connection)
    if out and len(wanted) > 1:
        raise ConfigError("--out: say which connection, with --connection NAME.")
    progress()
    for one in wanted:
        look = looked(one)
        if out:
            written(look, out)
        if json:
            as_json(look.as_dict())
            continue
        print(f"{one.name}: {look.summary}")
        words = look.words
        for deal in look.found.examples if look.found else ():
            warned = words.day(deal.warned_at)
            print(f"  {words('look.example', deal=deal.name, warned=warned, days=deal.days_earlier)}")
        if look.blind:
            table(look.blind, (words("blind.what"), words("blind.why")))
