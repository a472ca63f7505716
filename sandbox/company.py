"""The company behind the sandbox, in no CRM's terms: what the market makes, and what either CRM projects.

A `Batch` is what happened up to an instant: new or changed records. The market emits one for its whole past and one
per `advance`; `--load` makes one of a folder of canonical tables. The Salesforce org and the HubSpot portal each apply
the same batches to their own store. Ids here are the company's; each CRM gives its own. Times are UTC.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(slots=True)
class Seller:
    id: str
    name: str
    email: str | None
    is_active: bool = True
    team: str | None = None
    manager_id: str | None = None
    time_zone: str | None = None


@dataclass(slots=True)
class Account:
    id: str
    name: str
    created_at: datetime
    domain: str | None = None
    employees: int | None = None
    annual_revenue: float | None = None


@dataclass(slots=True)
class Person:
    """A contact (with an account) or a lead (without). A lead that converts comes again as a contact.

    lifecycle: of the market suspect | lead | mql | sql | customer | other; as the source words it otherwise.
    """

    id: str
    account_id: str | None
    first_name: str
    last_name: str
    email: str | None
    title: str | None
    kind: str
    lifecycle: str | None
    source: str | None
    created_at: datetime
    opted_out: bool = False
    owner_id: str | None = None
    company: str | None = None


@dataclass(slots=True)
class LifecycleStage:
    """When a person entered a lifecycle stage; the last one is the person's `lifecycle`."""

    person_id: str
    stage: str
    entered_at: datetime


@dataclass(slots=True)
class Stage:
    pipeline_id: str
    pipeline: str
    id: str
    label: str
    position: int
    probability: float | None
    is_closed: bool
    is_won: bool


@dataclass(slots=True)
class Opportunity:
    """An opportunity as it stands now; how it came there is in its changes."""

    id: str
    account_id: str | None
    seller_id: str | None
    pipeline_id: str
    stage_id: str
    name: str
    amount: float | None
    currency: str | None
    close_date: date | None
    created_at: datetime
    closed_at: datetime | None
    loss_reason: str | None


@dataclass(slots=True)
class Role:
    """A person's seat on an opportunity: decider, champion, procurement, technical, user or unknown."""

    opportunity_id: str
    person_id: str
    seat: str
    is_primary: bool
    joined_at: datetime
    left_at: datetime | None = None


@dataclass(slots=True)
class Activity:
    """One contact. `person_ids` has the buyers concerned, the first being the main one.

    channel: email | call | meeting | web | form | document | other; direction: inbound | outbound | mutual;
    outcome: held | no_show | cancelled | connected | no_answer | bounced | None.
    `subject` and `body` are what a CRM would hold; `topics` is the truth behind them (never shown by a CRM).
    """

    id: str
    opportunity_id: str | None
    account_id: str | None
    person_ids: list[str]
    seller_id: str | None
    channel: str
    direction: str
    outcome: str | None
    subject: str
    body: str
    topics: list[str]
    occurred_at: datetime
    recorded_at: datetime
    thread_id: str | None = None
    duration_seconds: int | None = None


@dataclass(slots=True)
class Change:
    """field: stage | close_date | amount | seller; values as text, the first old_value None."""

    opportunity_id: str
    field: str
    old_value: str | None
    new_value: str | None
    changed_at: datetime


@dataclass(slots=True)
class Quote:
    id: str
    opportunity_id: str
    version: int
    status: str
    amount: float | None
    created_at: datetime
    sent_at: datetime | None = None
    viewed_at: datetime | None = None
    decided_at: datetime | None = None


@dataclass(slots=True)
class PlannedTask:
    """Planned work of a seller; kind: call | email | meeting | todo."""

    id: str
    opportunity_id: str | None
    person_id: str | None
    seller_id: str | None
    kind: str
    subject: str
    body: str
    planned_at: datetime
    due_at: datetime
    done_at: datetime | None = None


@dataclass(slots=True)
class Case:
    id: str
    account_id: str | None
    person_id: str | None
    subject: str
    opened_at: datetime
    first_response_at: datetime | None
    closed_at: datetime | None
    priority: str


@dataclass(slots=True)
class ProductLine:
    opportunity_id: str
    product: str
    quantity: float
    amount: float


@dataclass(slots=True)
class Batch:
    """Records made or changed up to `as_of`, whole each, in any order; ids already known are updates."""

    as_of: datetime
    sellers: list[Seller] = field(default_factory=list)
    stages: list[Stage] = field(default_factory=list)
    accounts: list[Account] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    opportunities: list[Opportunity] = field(default_factory=list)
    roles: list[Role] = field(default_factory=list)
    activities: list[Activity] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    quotes: list[Quote] = field(default_factory=list)
    tasks: list[PlannedTask] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)
    products: list[ProductLine] = field(default_factory=list)
    lifecycle: list[LifecycleStage] = field(default_factory=list)
