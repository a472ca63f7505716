"""What stands behind the doors: the clock, the company and its two CRMs, each made of the company when first asked."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from starlette.routing import BaseRoute

from sandbox import refusals
from sandbox.clock import Clock
from sandbox.company import Batch
from sandbox.faults import Faults
from sandbox.limits import Limits
from sandbox.stats import Stats


class Company(Protocol):
    """Where batches come from: the simulated market, or a folder of tables."""

    def past(self) -> Batch:
        """All that happened up to the start."""
        ...

    def advance(self, days: int) -> Batch:
        """What the next days bring."""
        ...

    def truth(self) -> dict[str, Any]:
        """What only a simulator knows, for tests: empty for a folder."""
        ...


class Crm(Protocol):
    """What the Salesforce org and the HubSpot portal offer the server."""

    def apply(self, batch: Batch) -> None: ...

    def routes(self) -> Sequence[BaseRoute]: ...


class World:
    """One company seen through two CRMs. A CRM is built on the first call that it gets."""

    def __init__(self, company: Company, *, limits: bool) -> None:
        self.company = company
        with _no_garbage_collection():
            self._batches = [company.past()]
        self.clock = Clock(self._batches[0].as_of)
        self.faults = Faults()
        self.stats = Stats()
        self.limits = Limits(self.clock, enforced=limits, users=len(self._batches[0].sellers))
        self._crms: dict[str, Crm] = {}
        self._routes: dict[str, Sequence[BaseRoute]] = {}
        self._building = threading.Lock()

    async def routes(self, crm: str) -> Sequence[BaseRoute]:
        if crm not in self._routes:
            await asyncio.to_thread(self.crm, crm)
        return self._routes[crm]

    def crm(self, name: str) -> Crm:
        """The org or the portal, built of all batches so far if it is not there yet."""
        with self._building:
            if name not in self._crms:
                self._build(name)
        return self._crms[name]

    def _build(self, name: str) -> None:
        with _no_garbage_collection():
            crm = _empty(name, self.clock)
            for batch in self._batches:
                crm.apply(batch)
        self._routes[name] = crm.routes()
        self._crms[name] = crm
        if len(self._crms) == 2:
            self._batches.clear()

    def advance(self, days: int) -> Batch:
        """Let the market live on for some days, and the clock with it."""
        batch = self.company.advance(days)
        self.clock.advance(days)
        for crm in self._crms.values():
            crm.apply(batch)
        if len(self._crms) < 2:
            self._batches.append(batch)
        return batch


def _empty(name: str, clock: Clock) -> Crm:
    if name == refusals.SALESFORCE:
        from sandbox.salesforce.org import Org

        return Org(clock)
    from sandbox.hubspot.portal import Portal

    return Portal(clock)


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Millions of records that stay: collecting among them while they are made only costs time."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
