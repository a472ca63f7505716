"""`readiness forget PERSON`: erases somebody from everything that we hold and wrote."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from assets.cli.options import ConfigOption, ConnectionOption, JsonOption, read, single
from assets.cli.show import as_json, facts


def command(
    person: Annotated[
        str, typer.Argument(help="The id of the contact or lead, or the e-mail address.", metavar="PERSON")
    ],
    connection: ConnectionOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Erase a person here, and in the texts and tasks that we wrote to the CRM. There is no way back.

    Somebody whom the CRM has erased is forgotten by the next sync without being asked.
    """
    from assets.erasure.forget import forget

    one = single(read(config), connection)
    done = forget(one, person)
    if json:
        as_json({"connection": one.name, **asdict(done)})
        return
    facts(f"{one.name}: forgotten", {name: value for name, value in asdict(done).items() if value != ""})
    print("Erase them in the CRM as well, if that is still to be done: a record that is still there is read again.")
