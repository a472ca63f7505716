"""The report files, in the connection's own folder: a page and a table each, put in place whole or not at all."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from assets.connection import Connection
from assets.reports.gather import Gathered
from assets.reports.pages import coaching_page, postmortem_page, scorecard_page
from assets.reports.tables import as_csv
from assets.session import Session
from transforms.reports.coaching import COACHING
from transforms.reports.measures import MEASURES
from transforms.reports.postmortem import POSTMORTEMS

NAMES = ("coaching", "scorecard", "postmortems")


def folder(connection: Connection) -> Path:
    return connection.folder / "reports"


def paths(connection: Connection) -> list[Path]:
    """Where the last reports are, pages first."""
    return [folder(connection) / f"{name}.{kind}" for kind in ("html", "csv") for name in NAMES]


def withdraw(session: Session) -> None:
    """Take the reports away, as they name people: somebody was erased. The next ones are made without them."""
    shutil.rmtree(folder(session.connection), ignore_errors=True)
    session.store.execute("drop table if exists coaching")


def write(of: Gathered, into: Path) -> list[Path]:
    """Make the three pages and their tables; the paths, pages first."""
    made = {
        "coaching.html": coaching_page(of).encode("utf-8", "replace"),
        "scorecard.html": scorecard_page(of).encode("utf-8", "replace"),
        "postmortems.html": postmortem_page(of).encode("utf-8", "replace"),
        "coaching.csv": as_csv(of.coaching, COACHING),
        "scorecard.csv": as_csv(of.measures, MEASURES),
        "postmortems.csv": as_csv(of.postmortems, POSTMORTEMS),
    }
    return [put(into / name, content) for name, content in made.items()]


def card(of: Gathered, deal: str, connection: Connection) -> Path:
    """The card of one closed deal, as a page of its own."""
    name = "".join(c for c in deal if c.isalnum())
    return put(folder(connection) / f"postmortem-{name}.html", postmortem_page(of, deal).encode("utf-8", "replace"))


def put(path: Path, content: bytes) -> Path:
    """Write beside it first, then move: who opens it meanwhile sees the old one whole. For its owner's eyes only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.new")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
    beside.replace(path)
    return path
