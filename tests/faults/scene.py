"""Where the cells are played: one sandbox, a store that has been filled once, and the edges of a run alone.

Scoring lies between the edges and has no part in a fault, so the plan is given: each cell writes a value of its own on
every open opportunity, and puts a task of its own on three of them.
"""

from __future__ import annotations

import resource
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import requests

from assets import connect
from assets.connection import Connection
from assets.legs import raw, writeback
from assets.session import Session, session
from assets.warehouse import run_lock
from connectors import batches
from connectors.protocol import Annotate
from connectors.recovery import patiently
from connectors.salesforce import jobs, load
from readiness.schema import TEXT, TIME
from sandbox.server import Sandbox
from tests.assets.way import connect_to, linked, provision, stored
from tests.contract.mirror import Mirror
from tests.contract.subjects import HubSpotSubject, SalesforceSubject
from tests.faults.cells import Cell

Rows = dict[str, Counter[tuple[tuple[str, str], ...]]]
SUBJECTS = {"salesforce": SalesforceSubject, "hubspot": HubSpotSubject}
OPEN = {
    "salesforce": 'select "Id" as id, "OwnerId" as owner from raw_opportunity'
    " where not _deleted and \"IsClosed\" = 'false' order by 1",
    "hubspot": "select id, hubspot_owner_id as owner from raw_deals"
    " where not _deleted and hs_is_closed = 'false' order by 1",
}
PLAN = dict.fromkeys(["object", "record_id", "field", "old", "new"], TEXT)
TASKS = dict.fromkeys(
    ["action", "key", "kind", "opportunity_id", "person_id", "owner_id", "subject", "body", "priority", "task_id"], TEXT
) | {"due_at": TIME}
WITH_TASK = 3
SMALL_FILES = 512
"""No file may grow beyond so many bytes: what a full disk does to whoever writes."""


@dataclass(frozen=True, slots=True)
class Intention:
    """What one cell wants in the CRM: a value on each of these opportunities, and tasks of these keys."""

    number: int
    opportunities: tuple[str, ...]
    owners: tuple[str, ...]

    @property
    def why(self) -> str:
        return f"Because of cell {self.number}"

    @property
    def keys(self) -> list[str]:
        pairs = zip(self.opportunities[:WITH_TASK], self.owners, strict=False)
        return [f"silent_buyer:{one}:{self.number}" for one, _ in pairs]

    def put(self, opened: Session, withdrawn: Sequence[str] = ()) -> None:
        """Store the plan, as scoring and governing would have."""
        values = {"readiness": str(self.number % 100), "why": self.why}
        plan = [
            {"object": "opportunity", "record_id": one, "field": name, "new": value}
            for one in self.opportunities
            for name, value in values.items()
        ]
        due = opened.run.as_of + timedelta(days=1)
        tasks = [
            {
                "action": "open",
                "key": key,
                "kind": "silent_buyer",
                "opportunity_id": one,
                "owner_id": owner,
                "subject": "Call the buyer",
                "body": "",
                "priority": "normal",
                "due_at": due,
            }
            for key, one, owner in zip(self.keys, self.opportunities, self.owners, strict=False)
        ]
        tasks += [{"action": "withdraw", "key": key} for key in withdrawn]
        opened.store.replace("plan", opened.store.frame(plan, PLAN))
        opened.store.replace("task_plan", opened.store.frame(tasks, TASKS))


class Scene:
    """One CRM in the sandbox and a connection to it."""

    def __init__(self, crm: str, sandbox: Sandbox, folder: Path) -> None:
        self.crm, self.url, self.folder = crm, sandbox.url, folder
        self.subject = SUBJECTS[crm](sandbox.url)
        self.deleted: set[str] = set()
        self._numbers = 0
        self._fresh: Path | None = None
        self.template = linked(folder / "template", crm, self.url)
        provision(self.template)
        with session(self.template, str(uuid4())) as opened:
            raw.work(opened)
            found = opened.store.query(OPEN[crm])
            self.since = self.template.config.history.before(opened.run.as_of)
        self.opportunities = tuple(row["id"] for row in found)
        self.owners = tuple(row["owner"] for row in found)

    def connection(self, *, filled: bool, extra: str = "") -> Connection:
        """A new connection, with an empty store or one that has been filled before."""
        self._numbers += 1
        folder = self.folder / str(self._numbers)
        if filled:
            shutil.copytree(self.template.folder.parent.parent, folder)
        made = linked(folder, self.crm, self.url, extra=extra)
        self._fresh = None if filled else made.folder
        return made

    def intention(self) -> Intention:
        return Intention(self._numbers, self.opportunities[:-1], self.owners[:-1])

    def post(self, cell: Cell) -> None:
        assert requests.post(f"{self.url}/__sandbox/faults", json=dict(cell.asked), timeout=30).ok

    def heal(self) -> None:
        assert requests.delete(f"{self.url}/__sandbox/faults", timeout=30).ok

    def run(
        self, connection: Connection, wanted: Intention, event: str = "", step: str = "", withdrawn: Sequence[str] = ()
    ) -> dict[str, Any]:
        """The edges of one run: pull, and write what is wanted."""
        with ExitStack() as around:
            if event == "two runs":
                around.enter_context(run_lock(connection.folder, "run of somebody else"))
            opened = around.enter_context(session(connection, str(uuid4()), wait_seconds=0.2))
            with opened.store.scratch(), disk_full(event == "disk full" and step == "pull"):
                raw.work(opened)
            wanted.put(opened, withdrawn)
            if event == "deleted":
                self.subject.delete(wanted.opportunities[-1])
                self.deleted.add(wanted.opportunities[-1])
            with opened.store.scratch(), disk_full(event == "disk full" and step != "pull"):
                writeback.write(opened)
            return opened.run.summary()

    def here(self, connection: Connection) -> Rows:
        """Every living row of the store, by stream."""
        with stored(connection) as store:
            return {
                table.removeprefix("raw_"): Counter(
                    _comparable(row) for row in store.query(f'select * from "{table}" where not _deleted')
                )
                for table in store.tables("raw_")
            }

    def there(self, connection: Connection) -> Mirror:
        """The same, read from the CRM by somebody who has never read it before."""
        with connect_to(connection) as connector:
            is_first = connection.folder == self._fresh
            mirror = Mirror(since=connection.config.history.before(connector.now()) if is_first else self.since)
            mirror.sync(connector)
        return mirror

    def why(self, mirror: Mirror, opportunity: str) -> str | None:
        """What our field says of an opportunity in the CRM; None where it is no longer there."""
        name = {"salesforce": "BR_Why__c", "hubspot": "br_why"}[self.crm]
        return mirror.tables[self.subject.opportunities].get((opportunity,), {}).get(name)


def rows_of(mirror: Mirror) -> Rows:
    """What a mirror holds, as `Scene.here` gives it."""
    return {table: Counter(map(_comparable, rows.values())) for table, rows in mirror.tables.items()}


def _comparable(row: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((name, value) for name, value in row.items() if value and name[0] != "_"))


@contextmanager
def disk_full(is_full: bool) -> Iterator[None]:
    """Let every write beyond the first bytes of a file fail, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    if is_full:
        resource.setrlimit(resource.RLIMIT_FSIZE, (SMALL_FILES, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def quickly() -> Iterator[None]:
    """Wait for nothing between two attempts, and compile the lexicon once."""
    was = patiently.sleep, batches.LOCK_PAUSE_S, batches.LOST_PAUSE_S, jobs.FIRST_POLL_S, connect.annotator
    patiently.sleep, connect.annotator = (lambda _: None), _annotator
    batches.LOCK_PAUSE_S, batches.LOST_PAUSE_S, jobs.FIRST_POLL_S = 0.0, 0.0, 0.1
    try:
        yield
    finally:
        patiently.sleep, batches.LOCK_PAUSE_S, batches.LOST_PAUSE_S, jobs.FIRST_POLL_S, connect.annotator = was


@contextmanager
def in_loads(are_loads: bool) -> Iterator[None]:
    """Take every write to Salesforce for a large one."""
    was, load.ROWS = load.ROWS, 1 if are_loads else load.ROWS
    try:
        yield
    finally:
        load.ROWS = was


_compiled: dict[str, Annotate] = {}
_genuine = connect.annotator


def _annotator(**options: Any) -> Annotate:
    if repr(options) not in _compiled:
        _compiled[repr(options)] = _genuine(**options)
    return _compiled[repr(options)]
