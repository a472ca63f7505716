"""What every connection offers, whatever stands behind it: Salesforce, HubSpot or a folder of files.

A connector yields the CRM's own rows, every value as text (or None), under the CRM's own field names. What a row
means is decided in transforms/. Secrets stay inside; nothing here is ever logged with a value in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

Row = dict[str, str | None]

Annotate = Callable[[str, str], Mapping[str, str | None]]
"""(subject, body) of a message -> the columns to store instead of it, such as `topics`. Bodies are never stored."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Which org or portal this is: a store filled from one refuses another. `user_id`: as whom, where the CRM says."""

    crm: str
    account_id: str
    name: str
    api_version: str
    user_id: str = ""


@dataclass(frozen=True, slots=True)
class Stream:
    """One raw table: `raw_<name>` in the warehouse.

    `optional` streams and fields may be missing in an edition or hidden from the user; the rest must be readable.
    `stamps` are columns that say when a row was last changed, whoever did it and whatever of it.
    """

    name: str
    source: str
    key: tuple[str, ...]
    fields: tuple[str, ...]
    optional_fields: tuple[str, ...] = ()
    optional: bool = False
    stamps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """Rows to store together with the cursor that stands behind them, in one transaction.

    A pull may also yield pages of other streams (`stream` says which): the links and histories that an API gives
    together with its objects. A cursor always belongs to the stream that was asked for.

    Attributes
    ----------
    rows : upserted by the stream's key; key columns may be None, and two None are the same key.
    deleted : key values (one per key column) of rows that are gone. A row that comes again is there again.
    scope, replaced : columns, and values of them; every stored row that carries one of these values is dropped
        before `rows` are put in. So an object's links come as a whole and a removed link disappears.
    snapshot : the rows of the whole stream follow; what is not among them when `last` comes is gone.
    present : of a snapshot, keys of rows that are there still, in place of the rows themselves.
    cursor : where to go on after this page; None keeps the previous one.
    """

    stream: Stream
    rows: Sequence[Row]
    cursor: str | None = None
    deleted: Sequence[tuple[str, ...]] = ()
    snapshot: bool = False
    present: Sequence[tuple[str, ...]] = ()
    last: bool = False
    scope: tuple[str, ...] = ()
    replaced: Sequence[tuple[str, ...]] = ()


@dataclass(frozen=True, slots=True)
class FieldDescription:
    """What the CRM says of one field: its native type, what a write may do, and whether the CRM works it out itself."""

    name: str
    label: str
    type: str
    updateable: bool
    length: int | None = None
    choices: tuple[str, ...] = ()
    required: bool = False
    calculated: bool = False


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """A field of ours, as the product wants it in the CRM.

    Attributes
    ----------
    object : "opportunity" | "person" | "group_role" | "task"; the connector knows its native objects
        (person is Contact and Lead; group_role is OpportunityContactRole, absent on HubSpot).
    by_people : sellers fill it, we only read it.
    name : the short name, snake_case; the connector derives the native one (`BR_Win_Chance__c`, `br_win_chance`).
    type : "text" | "long_text" | "number" | "date" | "datetime" | "choice" | "flag".
    """

    object: str
    name: str
    label: str
    type: str
    help: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    length: int = 255
    unique: bool = False
    by_people: bool = False


@dataclass(frozen=True, slots=True)
class Update:
    """New values for our own fields of one record, by short or native name. A None clears the field.

    `parent` is the record that the CRM locks along with this one (an account): rows of one parent go together.
    """

    object: str
    record_id: str
    values: Mapping[str, str | None]
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class Live:
    """What the CRM holds now of a record that an update is meant for, under the update's own names.

    `values` is None where the record is there no longer: deleted, archived, or merged into another.
    """

    object: str
    record_id: str
    values: Mapping[str, str | None] | None


@dataclass(frozen=True, slots=True)
class NewTask:
    """A task to put on the owner's list. `key` is stored in the CRM, in our own field on the task."""

    key: str
    opportunity_id: str | None
    person_id: str | None
    owner_id: str
    subject: str
    body: str
    due: datetime
    priority: str = "normal"


@dataclass(frozen=True, slots=True)
class Rewording:
    """Another key and subject for a task of ours, open or done; its body and its person are taken away."""

    task_id: str
    key: str
    subject: str


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A task of ours as the CRM holds it now."""

    task_id: str
    key: str
    opportunity_id: str | None
    owner_id: str | None
    is_done: bool
    untouched: bool


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one row that we sent: the answer to `ref` (a record id, or a task's key).

    Attributes
    ----------
    outcome : "written" | "retry" | "rejected" | "gone". `retry` may be sent again as it is; `rejected` needs
        another value or an admin; `gone` means the record no longer exists.
    """

    ref: str
    outcome: str
    record_id: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """Calls spent on this connection by us in this session, and what the CRM says of its daily quota (None: unsaid)."""

    calls: int
    daily_used: int | None = None
    daily_limit: int | None = None


@dataclass(frozen=True, slots=True)
class SchemaChange:
    """One step of `provision` or `destroy`, in words and in kind.

    `action` begins with create, add, assign, grant, replace, remove or keep; `detail` is a type, a count or a reason.
    """

    action: str
    object: str
    name: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What can't be done here, said up front: streams and fields that the user may not read, with the reason."""

    missing_streams: Mapping[str, str] = field(default_factory=dict)
    missing_fields: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Something in the CRM's own set-up that stands in our way, or may: a right, a rule, a flow, a required field.

    Attributes
    ----------
    stops : "reading" | "writing" | "" where it may only get in the way of some records.
    remedy : one sentence for the CRM's admin.
    """

    subject: str
    finding: str
    remedy: str
    stops: str = ""


class Connector(Protocol):
    """One CRM connection."""

    def identity(self) -> Identity: ...

    def now(self) -> datetime:
        """The CRM's own clock, UTC, to the second: the run's `as_of`, so that a skewed local clock does no harm."""
        ...

    def streams(self) -> Sequence[Stream]:
        """The raw tables to pull, in order, each with the fields that this user can read.

        `fields` and `optional_fields` together are the columns of its rows. Pulling a stream that others fill
        (associations, property histories) yields nothing.
        """
        ...

    def capabilities(self) -> Capabilities: ...

    def obstacles(self) -> Iterator[Obstacle]:
        """What in the CRM's set-up stands in the way of reading and writing, beyond missing streams and fields."""
        ...

    def describe(self, object: str) -> Mapping[str, FieldDescription]:
        """Native fields of "opportunity", "person", "group_role" or "task", by native name."""
        ...

    def pull(self, stream: Stream, cursor: str | None, since: datetime | None) -> Iterator[Page]:
        """What was created, changed or deleted since `cursor`, in pages; from `since` on where there is no cursor.

        Resumable: each page may be committed with its cursor, and a later call with that cursor goes on there
        (>= with an overlap: a row may come twice, none is missed). Streams may be pulled side by side in threads.
        """
        ...

    def links_of(self, opportunity_ids: Sequence[str]) -> Iterator[Page]:
        """All that is linked to these opportunities, as a whole: a link moves no stamp in some CRMs.

        Nothing where every link is a record of its own. The pages carry no cursor.
        """
        ...

    def reread(self, stream: Stream, ids: Sequence[str]) -> Iterator[Page]:
        """These messages as they are now, with what is kept of their texts found anew; the pages carry no cursor.

        `stream` is one whose rows carry what `Annotate` gave. What the CRM no longer shows is left out.
        """
        ...

    def native_field(self, object: str, name: str) -> str:
        """The native name of our field `name` on `object`: the column under which it stands in the raw rows."""
        ...

    def missing_schema(self, wanted: Iterable[FieldSpec]) -> Sequence[SchemaChange]:
        """What `provision` would have to do; empty when all is there, writable and visible."""
        ...

    def provision(
        self, wanted: Iterable[FieldSpec], users: Sequence[str] = (), *, dry_run: bool = False
    ) -> Sequence[SchemaChange]:
        """Make what is missing, for ourselves and `users`; what was done, or with `dry_run` would be.

        Idempotent; never removes anything.
        """
        ...

    def destroy(self, wanted: Iterable[FieldSpec], *, dry_run: bool = False) -> Sequence[SchemaChange]:
        """Remove what `provision` made ("remove …"), and say what was kept ("keep …") and why.

        What somebody else made, or holds what sellers said, is kept.
        """
        ...

    def live(self, updates: Sequence[Update], since: datetime) -> Iterator[Live]:
        """Those records among the updates' that may have changed since this instant, as they are now.

        A record that doesn't come may be taken to be as it was then. Costs a call or two, however many the updates.
        """
        ...

    def push(self, updates: Sequence[Update]) -> Iterator[Receipt]:
        """Write in full batches; one receipt per update, matched by record id."""
        ...

    def calls_to_write(self, records: Iterable[tuple[str, str]], tasks: int) -> int:
        """Calls that writing takes, at most: fields of these records (object, record id), and so many tasks."""
        ...

    def create_tasks(self, tasks: Sequence[NewTask]) -> Iterator[Receipt]: ...

    def tasks_of(self, opportunity_ids: Sequence[str]) -> Iterator[OpenTask]:
        """Our own tasks on these opportunities, found through the record's associations (search lags)."""
        ...

    def delete_tasks(self, task_ids: Sequence[str]) -> Iterator[Receipt]:
        """Withdraw untouched tasks of ours."""
        ...

    def reword_tasks(self, rewordings: Sequence[Rewording]) -> Iterator[Receipt]:
        """Take a person's name out of tasks of ours; one receipt per task, by its id."""
        ...

    def limits(self) -> Limits: ...

    def close(self) -> None: ...
