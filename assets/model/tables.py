"""What a connection's model learns from."""

from __future__ import annotations

from collections.abc import Mapping

import narwhals as nw

from assets.session import Session
from assets.warehouse.stored import Stored
from readiness.schema import CANONICAL, MEMBERS, SIGNALS


def tables_of(session: Session) -> Mapping[str, nw.LazyFrame]:
    """The canonical tables, signals and members of the last run."""
    return Stored(session.store, (*CANONICAL, SIGNALS, MEMBERS))
