"""`readiness export PERSON`: everything that is held of somebody."""

from __future__ import annotations

import json as json_module
from typing import Annotated

import typer

from assets.cli.options import ConfigOption, ConnectionOption, read, single


def command(
    person: Annotated[
        str, typer.Argument(help="The id of the contact or lead, or the e-mail address.", metavar="PERSON")
    ],
    connection: ConnectionOption = None,
    config: ConfigOption = None,
) -> None:
    """Print, as JSON, everything that the store holds of a person: for their right to see it."""
    from assets.erasure.forget import export

    found = export(single(read(config), connection), person)
    print(json_module.dumps(found, ensure_ascii=False, indent=2, default=str))
