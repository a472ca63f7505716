"""What a connection's model learns from."""

from __future__ import annotations

import narwhals as nw

from assets.session import Session
from readiness.schema import CANONICAL, MEMBERS, SIGNALS


def tables_of(session: Session) -> dict[str, nw.LazyFrame]:
    """The canonical tables, signals and members of the last run."""
    return {table.name: session.store.read(table.name) for table in (*CANONICAL, SIGNALS, MEMBERS)}
