"""From signals to readiness: each buyer, each buying group, what explains it, and what is to be expected."""

from __future__ import annotations

import dagster as dg

from assets.checks import scores as score_checks
from assets.connection import Connection
from assets.legs.step import Facts, Leg, Produced, asset_of
from assets.model import shelf
from assets.session import Session
from assets.warehouse.stored import Stored
from readiness.schema import (
    CANONICAL,
    EXPLANATIONS,
    FORECAST,
    MEMBERS,
    OPPORTUNITY_READINESS,
    PEOPLE_READINESS,
    SIGNALS,
)
from readiness.score import score

TABLES = (
    Produced(
        "people_readiness",
        "How ready each person is, per opportunity.",
        ("signals", "members", "model"),
        PEOPLE_READINESS,
    ),
    Produced(
        "opportunity_readiness",
        "How ready each buying group is, beside what the seller's stage claims.",
        ("people_readiness", "opportunities", "stages"),
        OPPORTUNITY_READINESS,
        is_fresh=True,
    ),
    Produced(
        "explanations",
        "What each person's readiness rests on, act by act.",
        ("people_readiness", "signals"),
        EXPLANATIONS,
    ),
    Produced(
        "forecast",
        "Winning, losing, no decision; when; and whether the close date will slip.",
        ("opportunity_readiness", "changes", "quotes", "promises"),
        FORECAST,
    ),
)


def assets_for(connection: Connection) -> list[dg.AssetsDefinition]:
    """The four tables of scores."""
    return [asset_of(connection, Leg("readiness", "1", "duckdb", TABLES, work, score_checks.CHECKS))]


def work(session: Session) -> Facts:
    """Score the whole open book with the model in use."""
    store = session.store
    read = Stored(store, (*CANONICAL, SIGNALS, MEMBERS))
    model = shelf.in_use(session.connection)
    scores = score(read, model, session.run.as_of, store.keep)
    with store.transaction():
        for name, frame in scores.items():
            store.replace(name, frame)
    return {name: {"rows": store.count(name), "model": model.version} for name in scores}
