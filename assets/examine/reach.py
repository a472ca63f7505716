"""Whether the CRM can be reached, as whom, how its clock runs, and how much of its quota is left."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from assets.config import Files
from assets.connection import Connection
from assets.examine.finding import Finding
from connectors.protocol import Connector

SKEW_SECONDS = 300
TIGHT = 0.9
"""Share of the day's calls, used by everybody, from which on other integrations are in danger."""


def credential(connection: Connection, connector: Connector) -> Iterator[Finding]:
    identity = connector.identity()
    yield Finding("ok", "account", f"{identity.crm} {identity.account_id} ({identity.name or 'no name'})")
    if identity.api_version:
        yield Finding("ok", "API version", identity.api_version)


def clock(connection: Connection, connector: Connector) -> Iterator[Finding]:
    if isinstance(connection.config, Files):
        return
    skew = abs((connector.now() - datetime.now(UTC)).total_seconds())
    if skew > SKEW_SECONDS:
        remedy = "Runs follow the CRM's clock; set this machine's by NTP, or schedules and JWT logins go wrong."
        yield Finding("note", "clock", f"this machine and the CRM differ by {skew:,.0f} s", remedy)
    else:
        yield Finding("ok", "clock", f"within {SKEW_SECONDS} s of the CRM's")


def quota(connection: Connection, connector: Connector) -> Iterator[Finding]:
    config, limits = connection.config, connector.limits()
    if isinstance(config, Files):
        return
    if not limits.daily_limit or limits.daily_used is None:
        yield Finding("ok", "quota", "the CRM states no daily limit")
        return
    ours, left = int(limits.daily_limit * config.daily_calls), limits.daily_limit - limits.daily_used
    said = (
        f"{limits.daily_used:,} of {limits.daily_limit:,} calls used in the last 24 hours by everybody; "
        f"our share is {ours:,} ({config.daily_calls:.0%})"
    )
    if left <= 0:
        yield Finding("bad", "quota", said, "Wait until the quota is free again, or have the CRM's vendor raise it.")
    elif left < ours or limits.daily_used > TIGHT * limits.daily_limit:
        remedy = "Find which integration spends so much, lower daily_calls: in readiness.yaml, or sync less often."
        yield Finding("note", "quota", said, remedy)
    else:
        yield Finding("ok", "quota", said)
