"""`readiness provision`: makes our fields in the CRM. The only command that changes a CRM's schema."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assets.cli.options import ConfigOption, ConnectionOption, JsonOption, chosen, read
from assets.cli.show import as_json, progress

if TYPE_CHECKING:
    from assets.connection import Connection
    from connectors.protocol import SchemaChange

MARKS = {"create": "+", "assign": "+", "add": "~", "grant": "~", "remove": "-", "keep": "="}
BY_HAND = {
    "hubspot": "HubSpot has no API for record pages: under Settings › Objects › Deals, and › Contacts, › Record "
    "customization add a card with the properties of the group Buyer readiness."
}


def command(
    connection: ConnectionOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be done, and do nothing.")] = False,
    destroy: Annotated[bool, typer.Option("--destroy", help="Remove what provision made, and only that.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="With --destroy: don't ask.")] = False,
    dx: Annotated[
        Path | None,
        typer.Option(help="Write fields and permission set as Salesforce DX source instead.", metavar="FOLDER"),
    ] = None,
) -> None:
    """Make what is missing in the CRM, with `provision_auth` where the config has one. Doing it twice is harmless."""
    from assets import provisioning

    read_config = read(config)
    progress()
    for one in chosen(read_config, connection):
        if dx is not None:
            print(
                f"{one.name}: {provisioning.write_source(one, dx)} files in {dx}; `sf project deploy start` takes them"
            )
            continue
        work = provisioning.destroy if destroy else provisioning.provision
        if destroy and not dry_run and not yes:
            _ask(one, provisioning.destroy(one, dry_run=True))
        changes = work(one, dry_run=dry_run)
        if json:
            as_json({"connection": one.name, "dry_run": dry_run, "changes": [asdict(change) for change in changes]})
        else:
            _show(one, changes, dry_run=dry_run)


def _ask(connection: Connection, changes: Sequence[SchemaChange]) -> None:
    from assets.errors import Refused

    if not any(change.action.startswith("remove") for change in changes):
        return
    _show(connection, changes, dry_run=True)
    if not sys.stdin.isatty():
        raise Refused(f"{connection.name}: nothing was removed. Say --yes to remove it without being asked.")
    if not typer.confirm("What stands in these fields is lost. Remove them?"):
        raise Refused(f"{connection.name}: nothing was removed.")


def _show(connection: Connection, changes: Sequence[SchemaChange], *, dry_run: bool) -> None:
    """A line per change, as Terraform shows a plan: + made, ~ widened, - removed, = kept."""
    marks = [MARKS[change.action.split()[0]] for change in changes]
    for mark, change in zip(marks, changes, strict=True):
        print(f"  {mark} {change.action:22} {change.object}.{change.name}  {change.detail}".rstrip())
    if not any(mark != "=" for mark in marks):
        print(f"{connection.name}: nothing to do")
        return
    words = ("to add", "to change", "to remove") if dry_run else ("added", "changed", "removed")
    counts = ", ".join(f"{marks.count(mark)} {word}" for mark, word in zip("+~-", words, strict=True))
    print(f"{connection.name}: {counts}")
    if connection.config.crm in BY_HAND and "+" in marks:
        print(BY_HAND[connection.config.crm])
