"""From what became of past deals to the model: tried at past cut-offs, fitted, and used where it proves better.

It has a job and a schedule of its own: it reads what the last run stored and writes nothing to the CRM.
"""

from __future__ import annotations

import dagster as dg

from assets.connection import Connection
from assets.legs.step import Check, Facts, Leg, Produced, asset_of
from assets.model import shelf
from assets.model.report import embedded, pictures_of, report
from assets.model.tables import tables_of
from assets.model.words import words_of
from assets.session import Session
from readiness.fit.learning import Learnt, learnt
from readiness.model import load_prior

TABLES = (
    Produced(
        "backtest",
        "What forecasts fitted at past cut-offs said of deals decided since, beside what to beat.",
        ("signals", "members", "opportunities", "changes", "quotes", "promises", "stages"),
    ),
    Produced(
        "model",
        "The scoring model that the tenant's own history teaches, as a file of its own per version.",
        ("backtest", "labels", "sellers"),
    ),
)
NAMES = tuple(table.name for table in TABLES)


def assets_for(connection: Connection) -> list[dg.AssetsDefinition]:
    """The trial and the model."""
    return [asset_of(connection, Leg("learning", "1", "python", TABLES, work, CHECKS))]


def work(session: Session) -> Facts:
    """Learn from the tables of the last run; the new version is used where it is better, and kept where it isn't."""
    connection, as_of = session.connection, session.run.as_of
    found = learnt(
        tables_of(session),
        shelf.in_use(connection),
        load_prior(),
        as_of,
        shelf.next_version(connection),
        session.store.keep,
    )
    words = words_of(connection)
    pictures = pictures_of(found, words)
    path = shelf.put(connection, found.model)
    page = path.with_suffix(".html")
    page.write_text(report(connection.name, found, pictures, words), encoding="utf-8")
    if found.is_better:
        shelf.choose(connection, found.model.version)
    return {
        "backtest": {**_measured(found), **{name: embedded(png) for name, png in pictures.items()}},
        "model": {
            **_described(found),
            "in_use": shelf.chosen_version(connection),
            "report": dg.MetadataValue.path(page),
        },
    }


def _measured(found: Learnt) -> dict[str, float]:
    return {name.replace(", ", "_").replace(" ", "_"): value for name, value in found.verdict.figures.items()}


def _described(found: Learnt) -> dict[str, object]:
    origin = found.model.origin
    assert origin is not None
    return {
        "version": found.model.version,
        "parent": origin.parent,
        "closed_deals": found.model.forecast.closed,
        "promoted": found.verdict.promoted,
        "refused": "; ".join(origin.refused) or "no",
        "labels": origin.labels,
        **{f"labels_{name}": value for name, value in found.lesson.figures.items()},
    }


def is_promoted(session: Session) -> tuple[bool, str]:
    """The newest version's forecast passed the gate; where it hasn't, the one in use stays."""
    newest = shelf.model_of(session.connection, shelf.versions(session.connection)[-1])
    refused = newest.origin.refused if newest.origin else ()
    if not refused:
        return True, f"{newest.version} may show percentages"
    stays = shelf.chosen_version(session.connection)
    return False, f"{newest.version} was not promoted: {'; '.join(refused)}. In use: {stays}"


CHECKS = (Check("promoted", "model", "The newest forecast is better than the one in use, and true.", is_promoted),)
