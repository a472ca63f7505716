"""How we stand with those we sell to: what only reports read, made in their job so that a sync need not wait for it."""

from __future__ import annotations

import dagster as dg

from assets.connection import Connection
from assets.errors import Refused
from assets.legs.step import Facts, Leg, Produced, asset_of
from assets.session import Session
from assets.settings import settings_of
from assets.warehouse.stored import Stored
from readiness.schema import CANONICAL, SCORES
from transforms.fit import ACTION_FIT, action_fit
from transforms.leads import SOURCES, sources
from transforms.relationship import CONTINUITY, RELATIONSHIP, continuity, relationship
from transforms.workdays import workdays

TABLES = (
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
)
NAMES = tuple(table.name for table in TABLES)


def assets_for(connection: Connection) -> list[dg.AssetsDefinition]:
    """The four tables."""
    return [asset_of(connection, Leg("standing", "1", "duckdb", TABLES, work))]


def work(session: Session) -> Facts:
    """Measure them as of the run that filled the store.

    Raises
    ------
    Refused : nothing has been scored yet.
    """
    store, as_of, settings = session.store, session.run.as_of, settings_of(session)
    if not store.has("leads"):
        raise Refused(f"{store.name}: nothing has been scored yet. Run `readiness sync` first.")
    canonical = Stored(store, CANONICAL)
    scores = Stored(store, SCORES)
    calendar = workdays(settings.country, settings.time_zone, as_of)
    fits = store.keep("action_fit", action_fit(canonical, scores, as_of))
    with store.transaction():
        store.replace("lead_sources", sources(store.read("leads")))
        store.replace("action_fit", fits)
        store.replace("relationship", relationship(canonical, fits, calendar, as_of, store.keep))
        store.replace("continuity", continuity(canonical, calendar, as_of, store.keep))
    return {table.name: {"rows": store.count(table.name)} for table in TABLES}
