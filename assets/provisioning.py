"""Our fields in a connection's CRM: made, removed, or written down as source for change control."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from assets.config import Files
from assets.connect import connect
from assets.connection import Connection
from assets.errors import Refused
from assets.fields import fields_of
from connectors.protocol import SchemaChange
from connectors.salesforce.dx import source


def provision(connection: Connection, *, dry_run: bool = False) -> Sequence[SchemaChange]:
    """Make what is missing, with `provision_auth` where there is one, for the user of `auth` as well."""
    users = _users(connection)
    connector = connect(connection, to_provision=True)
    try:
        return connector.provision(fields_of(connection), users, dry_run=dry_run)
    finally:
        connector.close()


def destroy(connection: Connection, *, dry_run: bool = False) -> Sequence[SchemaChange]:
    """Remove what `provision` made; what was removed, and what was kept and why."""
    connector = connect(connection, to_provision=True)
    try:
        return connector.destroy(fields_of(connection), dry_run=dry_run)
    finally:
        connector.close()


def write_source(connection: Connection, folder: Path) -> int:
    """Write the fields and the permission set as Salesforce DX source; how many files. The CRM isn't asked.

    Raises
    ------
    Refused : the connection isn't Salesforce's.
    """
    if connection.config.crm != "salesforce":
        raise Refused(f"{connection.name}: only Salesforce has DX source; HubSpot's properties are made by provision.")
    files = source(fields_of(connection))
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return len(files)


def _users(connection: Connection) -> list[str]:
    """Who syncs, where that isn't who provisions: they need the permission set too."""
    if isinstance(connection.config, Files) or connection.config.provision_auth is None:
        return []
    connector = connect(connection)
    try:
        user = connector.identity().user_id
    finally:
        connector.close()
    return [user] if user else []
