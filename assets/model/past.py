"""A connection's history at hand for a command that only looks back: what the last run stored, or else pulled now."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from assets.connection import Connection
from assets.legs import canonical, raw, signals
from assets.session import Session, session
from readiness.schema import SIGNALS

log = logging.getLogger("readiness.model")


@contextmanager
def looked_back(connection: Connection, purpose: str) -> Iterator[Session]:
    """The connection with its canonical tables, signals and members stored; nothing is ever written to the CRM.

    A CRM is read only where nothing has been pulled from it yet. A folder of files is always read, as it costs little.

    Raises
    ------
    Busy : another run has the connection.
    """
    with session(connection, f"{purpose}-{uuid4()}") as opened:
        if connection.config.crm == "files" or not opened.store.has(SIGNALS.name):
            log.info("%s: reading what there is", connection.name)
            for work in (raw.work, canonical.work, signals.work):
                opened.store.choose_engine()
                with opened.store.scratch():
                    work(opened)
        opened.store.choose_engine()
        with opened.store.scratch():
            yield opened
