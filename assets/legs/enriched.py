"""From readiness to what sellers read: the values of our fields, and the alerts that stand."""

from __future__ import annotations

import dagster as dg

from assets.connection import Connection
from assets.erasure.crm import without_marks
from assets.held import held
from assets.legs.step import Facts, Leg, Produced, asset_of
from assets.session import Session
from assets.settings import settings_of
from assets.unchanged import FIELDS, note, unchanged
from assets.warehouse import Warehouse
from assets.warehouse.stored import Stored
from readiness.schema import CANONICAL, MEMBERS, SCORES
from transforms.alerts import alerts
from transforms.book import deals
from transforms.enrich import fields
from transforms.hidden import veil
from transforms.leads import LEADS, leads
from transforms.workdays import workdays

TABLES = (
    Produced(
        "leads",
        "What each lead is by what they did, how long they wait for us, and why old ones came to nothing.",
        ("people", "lifecycle", "interactions", "buying_group", "opportunity_readiness"),
        LEADS,
    ),
    Produced(
        "fields",
        "The value that each of our fields should have, per record, worded for the seller.",
        ("opportunity_readiness", "people_readiness", "explanations", "forecast"),
    ),
    Produced(
        "alerts",
        "What a seller should act on now, one row per cause.",
        ("opportunity_readiness", "people_readiness", "forecast", "quotes", "changes"),
    ),
)


def assets_for(connection: Connection) -> list[dg.AssetsDefinition]:
    """Fields and alerts."""
    return [asset_of(connection, Leg("enriched", "1", "duckdb", TABLES, work))]


def work(session: Session) -> Facts:
    """Word the scores in the connection's language; the fields only where more than time has passed."""
    store, as_of, settings = session.store, session.run.as_of, settings_of(session)
    tables, scores = Stored(store, (*CANONICAL, MEMBERS, LEADS)), Stored(store, SCORES)
    calendar = workdays(settings.country, settings.time_zone, as_of)
    with store.transaction():
        store.replace("leads", leads(tables, scores, calendar, as_of, store.keep))
        book = deals(tables, scores, as_of)
        veil(tables, book, settings.hide_phase)
        if not unchanged(session, FIELDS):
            store.replace("fields", fields(tables, book, settings, as_of, without_marks(held(session))))
            _leave_person_accounts(store)
            note(session, FIELDS)
        store.replace("alerts", alerts(book, settings, as_of))
    return {table.name: {"rows": store.count(table.name)} for table in TABLES}


def _leave_person_accounts(store: Warehouse) -> None:
    """Salesforce takes no writes to the contact inside a person account; what is said of it stands on the deal."""
    if "PersonContactId" in store.columns("raw_account"):
        inside = 'select "PersonContactId" from raw_account where "IsPersonAccount" = \'true\''
        store.execute(f"delete from fields where object = 'person' and record_id in ({inside})")
