"""What the CRM lets us read and write: streams, fields, our own fields, and what its set-up may do to our writes."""

from __future__ import annotations

from collections.abc import Iterator

from assets.connection import Connection
from assets.examine.finding import Finding, some
from assets.fields import fields_of
from connectors.protocol import Connector


def readable(connection: Connection, connector: Connector) -> Iterator[Finding]:
    capabilities = connector.capabilities()
    yield Finding("ok", "streams", f"{len(connector.streams())} can be read")
    for stream, reason in capabilities.missing_streams.items():
        yield Finding("note", stream, f"can't be read: {reason}", "Grant read access if its evidence is wanted.")
    for stream, names in capabilities.missing_fields.items():
        remedy = "They read as empty: if the org has them, let the integration user read them (field-level security)."
        yield Finding("note", stream, f"without {some(list(names))}", remedy)


def fields(connection: Connection, connector: Connector) -> Iterator[Finding]:
    missing = connector.missing_schema(fields_of(connection))
    if not missing:
        yield Finding("ok", "fields", "all of ours are there, writable, with all their values")
        return
    by_action: dict[str, list[str]] = {}
    for change in missing:
        by_action.setdefault(change.action, []).append(f"{change.object}.{change.name}")
    for action, names in by_action.items():
        found = f"{len(names)} to {action}: {some(names)}"
        yield Finding(_level(connection), "fields", found, f"Run `readiness provision --connection {connection.name}`.")


def obstacles(connection: Connection, connector: Connector) -> Iterator[Finding]:
    for obstacle in connector.obstacles():
        level = {"reading": "bad", "writing": _level(connection)}.get(obstacle.stops, "note")
        yield Finding(level, obstacle.subject, obstacle.finding, obstacle.remedy)


def _level(connection: Connection) -> str:
    """What only keeps us from writing blocks nothing as long as nothing is to be written."""
    return "note" if connection.config.mode == "observe" else "bad"
