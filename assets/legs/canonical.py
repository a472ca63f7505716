"""From the CRM's rows to the tables that mean the same whatever the CRM, and whether they can be relied on."""

from __future__ import annotations

import dagster as dg

from assets.checks import tables as table_checks
from assets.connection import Connection
from assets.label_history import remembered
from assets.legs.step import Facts, Leg, Produced, asset_of
from assets.named import refuse_unknown_names
from assets.role_history import looked_at
from assets.session import Session
from assets.settings import settings_of
from assets.unchanged import TABLES, note, unchanged
from assets.warehouse.raw import RUN, table_of
from readiness.schema import CANONICAL
from transforms import files, hubspot, salesforce
from transforms.frames import stacked
from transforms.parsing import REJECTED
from transforms.past import as_known_at, unreadable

FROM: dict[str, dict[str, str]] = {
    "salesforce": {
        "accounts": "account",
        "sellers": "user",
        "people": "contact lead",
        "lifecycle": "lead",
        "stages": "opportunity_stage record_type",
        "opportunities": "opportunity",
        "products": "opportunity_line_item",
        "buying_group": "opportunity_contact_role",
        "interactions": "task event event_relation email_message email_message_relation",
        "participants": "event_relation email_message_relation",
        "changes": "opportunity_history opportunity_field_history",
        "quotes": "quote quote_history",
        "promises": "task",
        "tasks": "task",
        "cases": "case",
        "labels": "opportunity",
    },
    "hubspot": {
        "accounts": "companies",
        "sellers": "owners",
        "people": "contacts leads",
        "lifecycle": "property_history",
        "stages": "deal_pipelines",
        "opportunities": "deals associations",
        "products": "line_items associations",
        "buying_group": "associations",
        "interactions": "emails calls meetings notes associations",
        "participants": "emails meetings associations",
        "changes": "property_history",
        "quotes": "quotes property_history associations",
        "promises": "tasks",
        "tasks": "tasks associations",
        "cases": "tickets associations",
        "labels": "deals",
    },
    "files": {table.name: table.name for table in CANONICAL},
}
MAKERS = {"salesforce": salesforce.canonical, "hubspot": hubspot.canonical, "files": files.canonical}


def assets_for(connection: Connection) -> list[dg.AssetsDefinition]:
    """One asset per canonical table, each below the raw tables that it is made from."""
    sources = FROM[connection.config.crm]
    tables = [
        Produced(
            table.name,
            f"One row per {' and '.join(table.key)}, whatever the CRM.",
            tuple(table_of(stream) for stream in sources[table.name].split()),
            table,
        )
        for table in CANONICAL
    ]
    raw = tuple(dict.fromkeys(dep for table in tables for dep in table.deps))
    tables.append(Produced("rejected", "Values that could not be read: stream, record, field, and why.", raw, REJECTED))
    return [asset_of(connection, Leg("canonical", "1", "duckdb", tables, work, table_checks.CHECKS))]


def work(session: Session) -> Facts:
    """Make every canonical table from all raw rows, where more than a little time has passed."""
    if not unchanged(session, TABLES):
        _make(session)
        note(session, TABLES)
    return {table.name: {"rows": session.store.count(table.name)} for table in (*CANONICAL, REJECTED)}


def _make(session: Session) -> None:
    """Publish them together."""
    store, crm, as_of = session.store, session.connection.config.crm, session.run.as_of
    unread = session.connector.capabilities().missing_streams
    streams = [name.removeprefix(table_of("")) for name in store.tables(table_of(""))]
    raw = {name: store.read(table_of(name)).drop(RUN) for name in streams if name not in unread}
    settings = settings_of(session)
    raw |= looked_at(session, raw, settings)
    tables = dict(MAKERS[crm](raw, settings, as_of, store.keep))
    tables["opportunities"] = as_known_at(tables["opportunities"], tables["changes"], as_of, store.keep)
    tables["rejected"] = stacked([tables["rejected"], unreadable(tables["changes"])])
    tables["labels"] = remembered(session, tables["labels"])
    with store.transaction():
        for name, frame in tables.items():
            store.replace(name, frame)
    refuse_unknown_names(session)
