"""What nobody in a CRM can see, kept for tests: promises as they were meant, symptoms when they set in."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class Promise:
    """made_by: seller | buyer. `activity_id` is the message it was made in, `task_id` the task that stands for it.

    kept_at is null while it is open and stays so when it is broken; `lapsed` means that the deal closed first.
    """

    id: str
    opportunity_id: str
    person_id: str
    seller_id: str | None
    made_by: str
    what: str
    made_at: datetime
    due_at: datetime
    kept_at: datetime | None = None
    activity_id: str | None = None
    task_id: str | None = None
    lapsed: bool = False


@dataclass(slots=True)
class Symptom:
    """kind: slipping_date | unanswered_questions | champion_replaced | several_quotes | ghost_deal | pressure."""

    kind: str
    opportunity_id: str
    onset: datetime
    person_id: str | None = None


@dataclass(slots=True)
class Action:
    """What a seller did of their own accord, and where the person stood at whom it was aimed.

    purpose: discovery | value | chase | closing | quote.
    """

    opportunity_id: str
    person_id: str
    purpose: str
    phase: int
    at: datetime


@dataclass(slots=True)
class Truth:
    promises: list[Promise] = field(default_factory=list)
    symptoms: list[Symptom] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)
    leads: dict[str, dict[str, object]] = field(default_factory=dict)
