"""Walking the whole way of a connection in tests: the legs themselves, without Dagster's seconds around them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from assets.config import load
from assets.connect import connect
from assets.connection import Connection, connections
from assets.fields import fields_of
from assets.legs import canonical, enriched, raw, readiness, signals, writeback
from assets.session import Session, session
from assets.warehouse import Warehouse
from connectors.protocol import Connector

DAY = date(2026, 11, 22)
"""The day of the tests' markets: what so small a market holds differs from day to day."""

STEPS: tuple[Callable[[Session], Any], ...] = (
    raw.work,
    canonical.work,
    signals.work,
    readiness.work,
    enriched.work,
    writeback.plan,
    writeback.write,
)
SECRETS = {"SF_CLIENT_ID": "sandbox", "SF_CLIENT_SECRET": "sandbox", "HUBSPOT_TOKEN": "pat-sandbox"}


def linked(folder: Path, crm: str, url: str, mode: str = "on", extra: str = "") -> Connection:
    """A connection to the sandbox, or to a folder of tables (`url`), in a folder of its own."""
    address = "path" if crm == "files" else "url"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "readiness.yaml"
    path.write_text(
        f"connections:\n  acme:\n    crm: {crm}\n    {address}: {url}\n    mode: {mode}\n{extra}", encoding="utf-8"
    )
    return connections(load(path))[0]


def provision(connection: Connection) -> None:
    connector = connect(connection, to_provision=True)
    connector.provision(fields_of(connection))
    connector.close()


def walk(connection: Connection, as_of: datetime | None = None, steps: int = len(STEPS)) -> dict[str, Any]:
    """Run the first `steps` legs; the summary of the run."""
    with session(connection, str(uuid4()), as_of) as opened:
        for work in STEPS[:steps]:
            opened.store.choose_engine()
            with opened.store.scratch():
                work(opened)
        return opened.run.summary()


@contextmanager
def stored(connection: Connection) -> Iterator[Warehouse]:
    """The connection's store, to look into."""
    store = Warehouse(connection.store)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def connect_to(connection: Connection) -> Iterator[Connector]:
    """The CRM itself, as a person's hands would reach it."""
    connector = connect(connection)
    try:
        yield connector
    finally:
        connector.close()


def keys_in_crm(connection: Connection) -> list[str]:
    """The keys of our tasks as the CRM has them now, sorted; one that is there twice comes twice."""
    with stored(connection) as store:
        ids = [row["opportunity_id"] for row in store.query("select opportunity_id from opportunities")]
    with connect_to(connection) as connector:
        return sorted(task.key for task in connector.tasks_of(ids))
