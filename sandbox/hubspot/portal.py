"""The HubSpot portal: the company as one HubSpot account shows it, behind HubSpot's own addresses."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.routing import BaseRoute

from sandbox.clock import Clock
from sandbox.company import Batch
from sandbox.hubspot.doors.routing import routes
from sandbox.hubspot.projection import Projection
from sandbox.hubspot.state import State


class Portal:
    """One portal.

    Attributes
    ----------
    state : its records and set-up, for tests that need to look or to arrange things behind the API.
    ids : (kind, the company's id) -> the portal's id, of what was applied; kinds as in `Batch`'s fields.
    """

    def __init__(self, clock: Clock) -> None:
        self.state = State(clock)
        self._projection = Projection(self.state)

    @property
    def ids(self) -> dict[tuple[str, str], int]:
        return self._projection.ids

    def apply(self, batch: Batch) -> None:
        """Take in what happened in the company up to the batch's instant."""
        self._projection.apply(batch)

    def routes(self) -> Sequence[BaseRoute]:
        """The routes under /crm, /crm-object-schemas, /automation, /account-info and /oauth."""
        return routes(self.state)
