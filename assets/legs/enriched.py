"""From readiness to what sellers read: the values of our fields, and the alerts that stand."""

from __future__ import annotations

import dagster as dg

from assets.connection import Connection
from assets.erasure.crm import without_marks
from assets.held import held
from assets.legs.step import Facts, Leg, Produced, asset_of
from assets.session import Session
from assets.settings import settings_of
from readiness.schema import CANONICAL, MEMBERS, SCORES, SIGNALS
from transforms.alerts import alerts
from transforms.book import deals
from transforms.enrich import fields
from transforms.fit import ACTION_FIT, action_fit
from transforms.leads import LEADS, SOURCES, leads, sources
from transforms.relationship import CONTINUITY, RELATIONSHIP, continuity, relationship
from transforms.workdays import workdays

TABLES = (
    Produced(
        "leads",
        "What each lead is by what they did, how long they wait for us, and why old ones came to nothing.",
        ("people", "lifecycle", "interactions", "buying_group", "opportunity_readiness"),
        LEADS,
    ),
    Produced("lead_sources", "What the leads of each source came to.", ("leads",), SOURCES),
    Produced(
        "action_fit",
        "What we did lately on open opportunities, and whether it suited the phase of whom we did it to.",
        ("interactions", "quotes", "buying_group", "people_readiness"),
        ACTION_FIT,
    ),
    Produced(
        "relationship",
        "What the buyers of each open opportunity notice of us: listening, answering, promises, pressure, hand-overs.",
        ("opportunities", "interactions", "changes", "promises", "cases", "action_fit"),
        RELATIONSHIP,
    ),
    Produced(
        "continuity",
        "Companies that bought: whether they buy again, quicker and for more, and which are at risk.",
        ("opportunities", "interactions", "people", "cases"),
        CONTINUITY,
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
    """Word the scores in the connection's language."""
    store, as_of, settings = session.store, session.run.as_of, settings_of(session)
    canonical = {table.name: store.read(table.name) for table in (*CANONICAL, SIGNALS, MEMBERS)}
    scores = {table.name: store.read(table.name) for table in SCORES}
    calendar = workdays(settings.country, settings.time_zone, as_of)
    found = leads(canonical, scores, calendar, as_of, store.keep)
    fits = store.keep("action_fit", action_fit(canonical, scores, as_of))
    book = deals({**canonical, "leads": found}, scores, as_of)
    with store.transaction():
        store.replace("leads", found)
        store.replace("lead_sources", sources(found))
        store.replace("action_fit", fits)
        store.replace("relationship", relationship(canonical, fits, calendar, as_of, store.keep))
        store.replace("continuity", continuity(canonical, calendar, as_of, store.keep))
        store.replace("fields", fields(canonical, book, settings, as_of, without_marks(held(session))))
        store.replace("alerts", alerts(book, settings, as_of))
    return {table.name: {"rows": store.count(table.name)} for table in TABLES}
