"""Reports for people: the manager's week, RevOps' scorecard, and what closed deals teach; as tables, pages and CSV.

They stand beside the way to the CRM, in a job of their own: a report that fails keeps nothing from being written.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import dagster as dg

from assets.connection import Connection
from assets.legs import standing
from assets.legs.step import Facts, Leg, Produced, asset_of
from assets.reports import pictures
from assets.reports.files import folder, write
from assets.reports.gather import Gathered, gather
from assets.session import Session
from readiness.schema import Table
from transforms.reports.coaching import COACHING
from transforms.reports.measures import MEASURES
from transforms.reports.postmortem import POSTMORTEMS

TABLES = (
    Produced(
        "coaching",
        "Deals that need help this week, with whom and how; where the buyer is ahead; what to stop; whom to keep warm.",
        ("opportunity_readiness", "forecast", "fields", "alerts", "leads"),
        COACHING,
    ),
    Produced(
        "scorecard",
        "Five figures, relationship beside revenue, forecast against outcome, effort, burden, phases, work.",
        ("forecast", "fields", "promises", "changes", "lifecycle", "tasks", *standing.NAMES),
        MEASURES,
    ),
    Produced(
        "postmortems",
        "A card per closed deal: its course, where its buyers stood, what stood out.",
        ("signals", "members", "opportunities", "quotes"),
        POSTMORTEMS,
    ),
)
NAMES = tuple(table.name for table in TABLES)


def assets_for(connection: Connection) -> list[dg.AssetsDefinition]:
    """The three reports."""
    return [asset_of(connection, Leg("reports", "1", "duckdb", TABLES, work))]


def make(session: Session, compare: datetime | None = None) -> tuple[Gathered, list[Path]]:
    """Gather, store and write them; the paths of the files, pages first.

    Parameters
    ----------
    compare : see `gather`.
    """
    store = session.store
    gathered = gather(session, compare)
    with store.transaction():
        for table, rows in _rows(gathered):
            store.replace(table.name, store.frame(rows, table.dtypes))
    return gathered, write(gathered, folder(session.connection))


def work(session: Session) -> Facts:
    """Make them; charts go along as metadata."""
    gathered, paths = make(session)
    pages = {path.stem: path for path in paths if path.suffix == ".html"}
    return {
        table.name: {
            "rows": len(rows),
            "page": dg.MetadataValue.path(str(pages[table.name])),
            "bytes": pages[table.name].stat().st_size,
            **_charts(gathered, table.name),
        }
        for table, rows in _rows(gathered)
    }


def _rows(gathered: Gathered) -> list[tuple[Table, Any]]:
    return [
        (COACHING, gathered.coaching),
        (MEASURES, gathered.measures),
        (POSTMORTEMS, gathered.postmortems),
    ]


def _charts(gathered: Gathered, table: str) -> dict[str, dg.MetadataValue]:
    """Sums and shares; nobody's name."""
    if table == "coaching":
        found = {"open_value": pictures.open_value(gathered.measures, gathered.words)}
    elif table == "scorecard":
        found = pictures.scorecard(gathered.measures, gathered.words)
    else:
        return {}
    return {name: dg.MetadataValue.md(picture.png()) for name, picture in found.items()}
