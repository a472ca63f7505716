"""The session of a connection as a Dagster resource: opened when a run begins, closed when it ends."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import dagster as dg

from assets.connection import Connection
from assets.errors import ReadinessError
from assets.session import Session, session

AS_OF_TAG = "readiness/as_of"
"""Run tag with the instant of the run, ISO 8601, where it isn't to be the CRM's own clock."""


def session_resource(connection: Connection) -> dg.ResourceDefinition:
    """Holds the connection's lock for the whole run, however it was launched."""

    @dg.resource(description=f"The lock, the store and the CRM of {connection.name}, for one run.")
    def _session(context: dg.InitResourceContext) -> Iterator[Session]:
        assert context.run is not None
        text = context.run.tags.get(AS_OF_TAG)
        try:
            with session(connection, context.run.run_id, datetime.fromisoformat(text) if text else None) as opened:
                yield opened
        except ReadinessError as fault:
            raise dg.Failure(str(fault), allow_retries=False) from fault

    return _session
