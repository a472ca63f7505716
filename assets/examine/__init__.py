"""Looking at a connection without changing anything in the CRM or in the store."""

from __future__ import annotations

from assets.connect import connect
from assets.connection import Connection
from assets.errors import ReadinessError
from assets.examine import crm, inferred, reach
from assets.examine.capture import captured
from assets.examine.finding import Finding
from connectors.errors import ConnectorError

__all__ = ["Finding", "examine"]

LOOKS = (reach.credential, reach.clock, crm.readable, crm.fields, crm.obstacles, reach.quota)
"""What is asked of the CRM, in this order; nothing can be said after a credential that is refused."""


def examine(connection: Connection) -> list[Finding]:
    """Every finding on the connection: what the CRM allows, what it captures, and what the config left to be inferred.

    A fault of the CRM is a finding; secrets and values of records are in none.
    """
    return [*_asked_of_the_crm(connection), *inferred.from_config(connection), *_from_the_store(connection)]


def _asked_of_the_crm(connection: Connection) -> list[Finding]:
    try:
        connector = connect(connection)
    except (ReadinessError, ConnectorError) as fault:
        return [Finding("bad", "credential", str(fault), "See `auth` under docs/configuration.md.")]
    findings: list[Finding] = []
    try:
        for look in LOOKS:
            try:
                findings.extend(look(connection, connector))
            except ConnectorError as fault:
                findings.append(Finding("bad", look.__name__, fault.message, fault.remedy))
                if look is reach.credential:
                    break
    finally:
        connector.close()
    return findings


def _from_the_store(connection: Connection) -> list[Finding]:
    if not connection.store.exists():
        remedy = f"Run `readiness sync --connection {connection.name}` first; in mode observe it writes nothing."
        return [Finding("note", "capture", "nothing has been pulled yet", remedy)]
    try:
        return [*inferred.from_store(connection), *captured(connection)]
    except ReadinessError as fault:
        return [Finding("note", "store", str(fault))]
