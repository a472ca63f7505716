"""Looking at a connection without changing anything in the CRM or in the store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from assets.connect import connect
from assets.connection import Connection
from assets.errors import ReadinessError
from assets.fields import fields_of
from connectors.errors import ConnectorError
from connectors.protocol import Connector

SKEW_SECONDS = 300


@dataclass(slots=True)
class Finding:
    """`level` is ok, note or bad; a bad one has a remedy."""

    level: str
    subject: str
    finding: str
    remedy: str = ""


def examine(connection: Connection) -> list[Finding]:
    """Every finding on the connection; it ends early where the CRM can't be reached at all."""
    findings = list(_inferred(connection))
    try:
        connector = connect(connection)
    except (ReadinessError, ConnectorError) as fault:
        return [*findings, Finding("bad", "credential", str(fault))]
    try:
        for look in LOOKS:
            try:
                findings.extend(look(connection, connector))
            except ConnectorError as fault:
                findings.append(Finding("bad", look.__name__.strip("_"), fault.message, fault.remedy))
                if look is _identity:
                    break
    finally:
        connector.close()
    return findings


def _inferred(connection: Connection) -> Iterator[Finding]:
    config = connection.config
    yield Finding("ok", "mode", config.mode)
    yield Finding(
        "ok",
        "time zone",
        config.zone if config.country or config.time_zone else f"{config.zone}, as no country is given",
    )
    yield Finding("ok", "pipelines", ", ".join(config.pipelines.include) or "all")


def _identity(connection: Connection, connector: Connector) -> Iterator[Finding]:
    identity = connector.identity()
    yield Finding(
        "ok", "account", f"{identity.crm} {identity.account_id} ({identity.name}), API {identity.api_version}"
    )


def _clock(connection: Connection, connector: Connector) -> Iterator[Finding]:
    if connection.config.crm == "files":
        return
    skew = abs((connector.now() - datetime.now(UTC)).total_seconds())
    if skew > SKEW_SECONDS:
        yield Finding(
            "note", "clock", f"this machine and the CRM differ by {skew:,.0f} s", "Runs follow the CRM's clock."
        )
    else:
        yield Finding("ok", "clock", f"within {SKEW_SECONDS} s of the CRM's")


def _readable(connection: Connection, connector: Connector) -> Iterator[Finding]:
    capabilities = connector.capabilities()
    yield Finding("ok", "streams", f"{len(connector.streams())} can be read")
    for stream, reason in capabilities.missing_streams.items():
        yield Finding("note", stream, f"can't be read: {reason}", "Grant read access if its evidence is wanted.")
    for stream, fields in capabilities.missing_fields.items():
        yield Finding("note", stream, f"without {', '.join(fields)}", "Grant field access if they are wanted.")


def _fields(connection: Connection, connector: Connector) -> Iterator[Finding]:
    missing = connector.missing_schema(fields_of(connection))
    if not missing:
        yield Finding("ok", "fields", "all of ours are there and writable")
        return
    level = "note" if connection.config.mode == "observe" else "bad"
    names = ", ".join(f"{change.object}.{change.name}" for change in missing[:5])
    more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
    yield Finding(
        level, "fields", f"missing: {names}{more}", f"Run `readiness provision --connection {connection.name}`."
    )


def _quota(connection: Connection, connector: Connector) -> Iterator[Finding]:
    limits = connector.limits()
    if limits.daily_limit and limits.daily_used is not None:
        yield Finding("ok", "quota", f"{limits.daily_used:,} of {limits.daily_limit:,} calls used today by everybody")
    else:
        yield Finding("ok", "quota", "the CRM states no daily limit")


LOOKS: tuple[Callable[[Connection, Connector], Iterator[Finding]], ...] = (
    _identity,
    _clock,
    _readable,
    _fields,
    _quota,
)
