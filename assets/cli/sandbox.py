"""`readiness sandbox`: a local CRM that speaks Salesforce's and HubSpot's own APIs."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from assets.cli.sync import instant


class Switch(StrEnum):
    """As written on the command line."""

    ON = "on"
    OFF = "off"


def command(
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1.")] = 8181,
    opportunities: Annotated[int, typer.Option(min=1, help="Size of the simulated market.")] = 2000,
    seed: Annotated[int, typer.Option(help="Another seed, another market.")] = 7,
    as_of: Annotated[
        datetime | None, typer.Option(help="The market's today (UTC); today at 09:00 if left out.")
    ] = None,
    load: Annotated[Path | None, typer.Option(help="Serve this folder of canonical tables instead.")] = None,
    latency_ms: Annotated[float, typer.Option(min=0, help="How long every call waits.")] = 0,
    limits: Annotated[Switch, typer.Option(help="Whether rate and daily limits hold.")] = Switch.ON,
) -> None:
    """Run a Salesforce org and a HubSpot portal with a simulated market, on this machine only, until Ctrl-C."""
    from sandbox.server import main

    code = main(port, opportunities, seed, instant(as_of), load, latency_ms, limits is Switch.ON)
    raise typer.Exit(code)
