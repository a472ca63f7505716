"""What one run has at hand on one connection: the lock, the store, the run's instant, and the CRM."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from assets.connect import connect
from assets.connection import Connection
from assets.warehouse import Warehouse, run_lock
from assets.warehouse.binding import bind
from assets.warehouse.runs import Run, begun
from connectors.protocol import Connector


@dataclass(slots=True)
class Session:
    """One run on one connection. The CRM is reached when it is first asked for, and must be the store's own.

    Attributes
    ----------
    as_of : the run's instant where it isn't to be the CRM's own clock.
    fault : what stopped the run, where a user can mend it or wait for it.
    """

    connection: Connection
    store: Warehouse
    run: Run
    as_of: datetime | None = None
    fault: Exception | None = None
    _connector: Connector | None = field(default=None, repr=False)

    @property
    def connector(self) -> Connector:
        if self._connector is None:
            connector = connect(self.connection)
            self._connector = connector
            bind(self.store, connector.identity())
        return self._connector

    @property
    def calls(self) -> int:
        """Calls to the CRM so far in this session."""
        return 0 if self._connector is None else self._connector.limits().calls

    def close(self) -> None:
        if self._connector is not None:
            self._connector.close()


@contextmanager
def session(
    connection: Connection, run_id: str, as_of: datetime | None = None, wait_seconds: float = 30.0
) -> Iterator[Session]:
    """Hold the connection for one run.

    Parameters
    ----------
    as_of : the run's instant, in place of the CRM's own clock.

    Raises
    ------
    Busy : another run, or another program, has the connection.
    """
    with run_lock(connection.folder, f"run {run_id}", wait_seconds):
        store = Warehouse(connection.store, wait_seconds)
        try:
            opened = Session(connection, store, begun(store, run_id), as_of)
            try:
                yield opened
            finally:
                opened.close()
        finally:
            store.close()
