"""From interactions to signals: the acts that say something of a buyer, and who could have been seen acting."""

from __future__ import annotations

import dagster as dg

from assets.connection import Connection
from assets.legs.step import Facts, Leg, Produced, asset_of
from assets.session import Session
from assets.unchanged import EVIDENCE, note, unchanged
from assets.warehouse.stored import Stored
from readiness.schema import CANONICAL, MEMBERS, SIGNALS
from transforms.members import members
from transforms.signals import signals

TABLES = (
    Produced("signals", "One row per act, person and kind of signal.", ("interactions", "buying_group"), SIGNALS),
    Produced(
        "members",
        "Who is in each buying group, since when, and how much of their contact the CRM captures.",
        ("buying_group", "people", "opportunities", "interactions"),
        MEMBERS,
    ),
)


def assets_for(connection: Connection) -> list[dg.AssetsDefinition]:
    """Signals and members."""
    return [asset_of(connection, Leg("signals", "1", "duckdb", TABLES, work))]


def work(session: Session) -> Facts:
    """Make both tables from the canonical ones, where these don't stand since the last time."""
    store, as_of = session.store, session.run.as_of
    canonical = Stored(store, CANONICAL)
    if not unchanged(session, EVIDENCE):
        with store.transaction():
            store.replace("signals", signals(canonical, as_of, store.keep))
            store.replace("members", members(canonical, as_of, store.keep))
            note(session, EVIDENCE)
    return {table.name: {"rows": store.count(table.name)} for table in TABLES}
