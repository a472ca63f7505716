"""What the CRM gets to hold: masters of all records, and which of them are new or changed since the last batch."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from datetime import datetime
from typing import Any

from sandbox.company import Activity, Batch, Change, LifecycleStage, Person

KEYS: dict[str, Callable[[Any], Any]] = {
    "sellers": lambda r: r.id,
    "stages": lambda r: r.id,
    "accounts": lambda r: r.id,
    "people": lambda r: r.id,
    "opportunities": lambda r: r.id,
    "roles": lambda r: (r.opportunity_id, r.person_id, r.joined_at),
    "quotes": lambda r: r.id,
    "tasks": lambda r: r.id,
    "cases": lambda r: r.id,
    "products": lambda r: (r.opportunity_id, r.product),
}
FIXED = {"stages", "accounts", "products"}


class Records:
    """Collects records until a batch takes them. Records that may change later are handed out as copies."""

    def __init__(self) -> None:
        self._touched: dict[str, dict[Any, Any]] = {table: {} for table in KEYS}
        self._activities: list[Activity] = []
        self._changes: list[Change] = []
        self._lifecycle: list[LifecycleStage] = []

    def touch(self, table: str, record: Any) -> None:
        """Note that a record is new or has changed."""
        self._touched[table][KEYS[table](record)] = record

    def log(self, activity: Activity) -> None:
        self._activities.append(activity)

    def change(self, opportunity_id: str, field: str, old: object, new: object, at: datetime) -> None:
        """Note a change of an opportunity's field; values become text."""
        before, after = (None if value is None else _text(value) for value in (old, new))
        self._changes.append(Change(opportunity_id, field, before, after, at))

    def enter(self, person: Person, stage: str, at: datetime) -> None:
        """A person enters a lifecycle stage."""
        person.lifecycle = stage
        self.touch("people", person)
        self._lifecycle.append(LifecycleStage(person.id, stage, at))

    def batch(self, as_of: datetime) -> Batch:
        """All that was noted since the last batch."""
        tables = {
            table: list(touched.values()) if table in FIXED else [copy(record) for record in touched.values()]
            for table, touched in self._touched.items()
        }
        taken = Batch(as_of, activities=self._activities, changes=self._changes, lifecycle=self._lifecycle, **tables)
        self.__init__()  # type: ignore[misc]
        return taken


def _text(value: object) -> str:
    return f"{value:.2f}" if isinstance(value, float) else str(value)
