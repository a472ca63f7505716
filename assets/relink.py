"""Links made or removed later: in some CRMs they move no record's stamp, so they are looked at again in turn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assets.budget import HISTORY, Budget
from assets.session import Session
from assets.warehouse.raw import DELETED, Intake, cursor_of, table_of

OPEN = {"hubspot": ("deals", "id", "hs_is_closed = 'false'")}
"""The stream of opportunities, its id, and the condition under which one is open, where links may move no stamp."""
PLACE = "links"
PER_RUN = 1000
"""Opportunities in one run, as many as one call can ask for; each comes up once a day."""
END = "~"
"""Sorts after every id: the round of the day is through."""


def relink(session: Session, intakes: Mapping[str, Intake], cursors: Mapping[str, str | None]) -> None:
    """Read the links of those open opportunities whose turn it is; none right after they have come with a first sync.

    `cursors` are those from which this run's pull went on.
    """
    crm, today = session.connection.config.crm, f"{session.run.as_of:%Y-%m-%d}"
    if crm not in OPEN:
        return
    if cursors[OPEN[crm][0]] is None:
        _keep_place(session, f"{today}:{END}")
        return
    day, _, last = (cursor_of(session.store, PLACE) or "").partition(":")
    turn = _turn(session, crm, last if day == today else "")
    if not turn or not Budget(session).allows(HISTORY):
        return
    for page in session.connector.links_of(turn):
        intakes[page.stream.name].take(page)
    for intake in intakes.values():
        intake.flush()
    _keep_place(session, f"{today}:{turn[-1]}")


def _keep_place(session: Session, place: str) -> None:
    with session.store.transaction():
        session.store.execute("delete from cursors where stream = ?", [PLACE])
        session.store.insert("cursors", [(PLACE, place, session.run.seq)])


def _turn(session: Session, crm: str, after: str) -> list[str]:
    stream, record_id, is_open = OPEN[crm]
    rows: list[dict[str, Any]] = session.store.query(
        f'select {record_id} as id from "{table_of(stream)}" where not {DELETED} and {is_open} and {record_id} > ?'
        f" order by 1 limit {PER_RUN}",
        [after],
    )
    return [row["id"] for row in rows]
