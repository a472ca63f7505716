"""Whether only time has passed since tables were made: then they stand for a while.

See docs/adr/0005-tables-stand-while-only-time-passes.md.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from hashlib import sha256
from importlib.metadata import version
from zoneinfo import ZoneInfo

from assets.model import shelf
from assets.session import Session
from assets.warehouse import made

TABLES, EVIDENCE, FIELDS = "tables", "evidence", "fields"
LASTS = {TABLES: timedelta(hours=1), EVIDENCE: timedelta(hours=1), FIELDS: timedelta(days=1)}
"""How long each stands at most; none outlives the day on the connection's calendar."""


def unchanged(session: Session, what: str) -> bool:
    """Whether what the CRM says, the config, the program, the model and the day are those of its last making."""
    then, now = made.when(session.store, what, _means(session)), session.run.as_of
    return then is not None and then <= now < then + LASTS[what] and _day(session, then) == _day(session, now)


def note(session: Session, what: str) -> None:
    """It has been made from all that has been pulled so far."""
    made.note(session.store, what, session.run.as_of, _means(session))


def _means(session: Session) -> str:
    parts = (
        session.connection.config.model_dump_json(),
        version("buyer-readiness"),
        shelf.chosen_version(session.connection),
        *sorted(session.connector.capabilities().missing_streams),
    )
    return sha256("\n".join(parts).encode()).hexdigest()


def _day(session: Session, instant: datetime) -> date:
    return instant.astimezone(ZoneInfo(session.connection.config.zone)).date()
