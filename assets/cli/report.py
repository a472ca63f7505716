"""`readiness report`: the three reports, now, from what the last sync left in the store."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import uuid4

import typer

from assets.cli.options import ConfigOption, ConnectionOption, JsonOption, chosen, read
from assets.cli.show import as_json, progress

if TYPE_CHECKING:
    from assets.config import Config
    from assets.connection import Connection


def command(
    connection: ConnectionOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
    compare: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Set the 90 days before this day beside those after.", metavar="DAY"),
    ] = None,
    deal: Annotated[
        str | None, typer.Option(help="Only the card of this closed deal, by the CRM's id.", metavar="ID")
    ] = None,
) -> None:
    """Write the coaching list, the scorecard and the cards of closed deals; nothing goes to the CRM."""
    read_config = read(config)
    wanted = chosen(read_config, connection)
    progress()
    for one in wanted:
        paths = _card(one, deal) if deal else _reports(read_config, one, compare)
        if json:
            as_json({"connection": one.name, "files": [str(path) for path in paths]})
        else:
            print(f"{one.name}:", *paths, sep="\n  ")


def _reports(config: Config, connection: Connection, compare: datetime | None) -> list[Path]:
    from datetime import UTC

    from assets.legs import standing
    from assets.legs.reports import make
    from assets.reports.files import paths
    from assets.run import run
    from assets.session import session

    if compare is None:
        run(config, connection, what="reports")
        return paths(connection)
    with session(connection, str(uuid4())) as opened:
        opened.store.choose_engine()
        with opened.store.scratch():
            standing.work(opened)
            return make(opened, compare.replace(tzinfo=UTC))[1]


def _card(connection: Connection, deal: str) -> list[Path]:
    from assets.errors import Refused
    from assets.legs import standing
    from assets.reports.files import card
    from assets.reports.gather import gather
    from assets.session import session

    with session(connection, str(uuid4())) as opened:
        opened.store.choose_engine()
        with opened.store.scratch():
            standing.work(opened)
            gathered = gather(opened)
    if all(row["opportunity_id"] != deal for row in gathered.postmortems):
        raise Refused(f"{connection.name}: no deal {deal} was closed in the last two years.")
    return [card(gathered, deal, connection)]
