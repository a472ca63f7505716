"""The Salesforce org of the sandbox: its records, its users and the addresses at which it answers."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from starlette.routing import Route

from sandbox.company import Batch
from sandbox.salesforce import customfields, definitions, ids, setup
from sandbox.salesforce.access import Access, ToolingView, UserView
from sandbox.salesforce.api import (
    bulk_ingest,
    bulk_query,
    collections,
    composite,
    layouts,
    queries,
    records,
    resources,
    soap,
    tooling,
)
from sandbox.salesforce.api.jobs import Job
from sandbox.salesforce.dml import Dml
from sandbox.salesforce.errors import ApiError, not_found
from sandbox.salesforce.http import Addresses
from sandbox.salesforce.oauth import Sessions
from sandbox.salesforce.projector import Projector
from sandbox.salesforce.rowfaults import RowFaults
from sandbox.salesforce.schema import TOOLING_FILES, Schema
from sandbox.salesforce.store import Store

RESOURCES = (soap, resources, queries, tooling, collections, composite, bulk_query, bulk_ingest, layouts, records)
ENDPOINTS = tuple(endpoint for resource in RESOURCES for endpoint in resource.ENDPOINTS)


class Clock(Protocol):
    """The sandbox's clock."""

    def now(self) -> datetime: ...


class Org:
    """One org.

    Attributes
    ----------
    store, tooling : its records, and what the Tooling API knows besides.
    api_user : id of the user that the `sandbox` client logs in as.
    certificate : PEM of the public key that signs JWT assertions; without one their claims alone are checked.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.schema = Schema()
        self.store = Store(self.schema)
        self.tooling = Store(Schema(TOOLING_FILES))
        self.serials = ids.Serials()
        self.sessions = Sessions()
        self.cursors = queries.Cursors()
        self.jobs: dict[str, Job] = {}
        self.certificate: str | None = None
        self._access = Access(self.store)
        self.id, self.api_user = setup.prepare(self.store, self.serials, clock.now())
        customfields.record_standing(self, setup.OPERATIONS)
        definitions.refresh(self.schema, self.store, self.tooling)
        setup.lay_out(self.schema, self.tooling, self.serials, clock.now())
        self.addresses = Addresses(self, ENDPOINTS)
        self._projector = Projector(self.store, self.serials)

    def apply(self, batch: Batch) -> None:
        """Show what happened in the company as this org's users would have recorded it."""
        self._projector.apply(batch)

    def routes(self) -> list[Route]:
        return self.addresses.routes()

    def view(self, user_id: str, faults: RowFaults) -> UserView:
        """The org as a user sees it now."""
        users = self.store["User"]
        zone = ZoneInfo(users.rows[user_id][users.sobject.at("TimeZoneSidKey")])
        return UserView(self.store, self._access.of(user_id), self.clock.now(), zone, faults.hidden(self.schema))

    def tooling_view(self, user_id: str) -> ToolingView:
        """The Tooling API's objects, for users who may change the org's set-up."""
        if not self._access.may_customize(user_id):
            raise ApiError(403, "INSUFFICIENT_ACCESS", "insufficient access rights on object id")
        return ToolingView(self.tooling, self._access.of(user_id), self.clock.now(), ZoneInfo("GMT"), frozenset())

    def stages_of(self, record_type: str) -> set[str]:
        """The stages, by API name, that opportunities of a record type go through."""
        return self._projector.stages_of(record_type)

    def dml(self, view: UserView, user_id: str, faults: RowFaults) -> Dml:
        return Dml(view.store, self.serials, view, user_id, faults)

    def as_api_user(self) -> Dml:
        """Writes as the API user makes them, for what REST has no door to: undelete and merge."""
        faults = RowFaults(None)
        return self.dml(self.view(self.api_user, faults), self.api_user, faults)

    def supported(self, version: str) -> str:
        """An API version as clients write it, `v65.0`; 404 for one that does not exist."""
        number, _, rest = version.removeprefix("v").partition(".")
        if not (version.startswith("v") and number.isdigit() and rest == "0"):
            raise not_found()
        if int(number) < resources.OLDEST:
            raise ApiError(410, "UNSUPPORTED_API_VERSION", f"API version {number}.0 has been retired")
        if int(number) > resources.NEWEST:
            raise not_found()
        return version
