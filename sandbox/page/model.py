"""What a page shows of a deal, in no CRM's terms. All values are text, ready to be escaped and shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

ORDER = (
    "phase",
    "readiness",
    "win_chance",
    "phase_gap",
    "decision_date",
    "slip_risk",
    "confidence",
    "next_action",
    "why",
    "changed",
    "call_line",
    "flags",
    "least_ready",
    "coverage",
    "listening_ratio",
    "promises_open",
    "promises_overdue",
    "rank",
    "preferred_channel",
    "seller_view",
    "updated_at",
)
DATE = re.compile(r"\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-][\d:]+)?)?")
PROMINENT = ("phase", "readiness", "win_chance", "next_action")


@dataclass(frozen=True, slots=True)
class Own:
    """A field of the plugin's as the CRM defines it; `choices` has the label of each value of a picklist."""

    label: str
    choices: Mapping[str, str] = field(default_factory=dict)

    def shown(self, value: object) -> str:
        text = "" if value is None else str(value)
        return self.choices.get(text) or shown(value)


@dataclass(slots=True)
class Field:
    """A field of the plugin's on a record; `name` is the short one (`next_action`)."""

    name: str
    label: str
    value: str


@dataclass(slots=True)
class Line:
    """A deal in a list."""

    id: str
    name: str
    account: str
    owner: str
    stage: str
    amount: str
    close_date: str
    state: str
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Listing:
    """One page of deals; `total` is how many there are, `next_page` None on the last."""

    lines: list[Line]
    total: int
    page: int
    next_page: int | None


@dataclass(slots=True)
class Member:
    name: str
    title: str
    role: str
    email: str
    fields: list[Field]


@dataclass(slots=True)
class Task:
    subject: str
    body: str
    due: str
    person: str
    is_done: bool
    is_ours: bool


@dataclass(slots=True)
class Event:
    """Something on the timeline; direction: in | out | both | none."""

    at: str
    kind: str
    direction: str
    who: str
    subject: str
    body: str


@dataclass(slots=True)
class Record:
    """A deal's own page."""

    line: Line
    facts: list[tuple[str, str]]
    stages: list[str]
    fields: list[Field]
    members: list[Member]
    tasks: list[Task]
    timeline: list[Event]


def ordered(fields: Iterable[Field]) -> list[Field]:
    """The plugin's fields in the order in which a seller would read them; unknown ones last."""
    places = {name: place for place, name in enumerate(ORDER)}
    return sorted(fields, key=lambda one: (places.get(one.name, len(places)), one.label))


def money(amount: object, currency: object) -> str:
    """An amount in a list: no cents."""
    if amount in (None, ""):
        return ""
    return f"{currency or 'EUR'} {float(str(amount)):,.0f}"


def day(value: object) -> str:
    """A date, or the day of an instant, as 3 Mar 2026."""
    moment = parsed(value)
    return f"{moment.day} {moment:%b %Y}" if moment else ""


def minute(value: object) -> str:
    """An instant as 3 Mar 2026 14:05 (UTC)."""
    moment = parsed(value)
    return f"{moment.day} {moment:%b %Y %H:%M}" if moment else ""


def shown(value: object) -> str:
    """A value as the CRM would show it: dates and instants readable, whole numbers whole, the rest as it is."""
    text = "" if value is None else str(int(value) if isinstance(value, float) and value.is_integer() else value)
    if not DATE.fullmatch(text) or parsed(text) is None:
        return text
    return minute(text) if "T" in text else day(text)


def parsed(value: object) -> datetime | None:
    """A CRM's date or instant; HubSpot also writes milliseconds since 1970."""
    text = str(value or "")
    if text.isdigit():
        return datetime.fromtimestamp(int(text) / 1000, UTC)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def texts(record: Mapping[str, object]) -> dict[str, str]:
    """A record with every value as text, null as nothing."""
    return {key: "" if value is None else str(value) for key, value in record.items()}
