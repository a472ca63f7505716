"""HubSpot tasks, promises, tickets, and the phase as the seller sees it."""

from __future__ import annotations

import narwhals as nw

from readiness.engine import Keep
from readiness.schema import CASES, COUNT, LABELS, PROMISES, TASKS
from transforms.declare import Mapped, absent, origin
from transforms.frames import col, first_match, folded, nothing, stacked
from transforms.hubspot import streams
from transforms.hubspot.activity import act_id
from transforms.hubspot.links import one_link
from transforms.labels import phase_number, shown_number
from transforms.parsing import Reader
from transforms.promises import said_in
from transforms.settings import Settings

TASKS_FROM = Mapped(
    TASKS,
    (
        origin("task_id", "task.id", col("id")),
        origin("opportunity_id", "associations.to_id", col("opportunity_id"), "one deal"),
        origin("person_id", "associations.to_id", col("person_id"), "one contact"),
        origin("seller_id", "task.hubspot_owner_id"),
        origin("kind", "task.hs_task_type", col("kind")),
        origin("planned_at", "task.hs_createdate", nw.coalesce(col("hs_createdate"), col("createdAt"))),
        origin("due_at", "task.hs_timestamp", col("hs_timestamp")),
        origin(
            "done_at", "task.hs_task_completion_date", col("done_at"), "hs_timestamp where a completed task has none"
        ),
    ),
)
PROMISES_FROM = Mapped(
    PROMISES,
    (
        origin("promise_id", "task.id", col("promise_id"), "of a message's promise: the message, with what and when"),
        origin(
            "opportunity_id", "associations.to_id", col("opportunity_id"), "the message's, where it was made in one"
        ),
        origin("person_id", "associations.to_id", col("person_id")),
        origin("seller_id", "task.hubspot_owner_id", col("seller_id")),
        origin("made_by", "email.promises", col("made_by"), "who wrote it, or of whom a note tells it"),
        origin("what", "email.promises", col("what"), "found in subject and text while reading; those are not stored"),
        origin("made_at", "task.hs_createdate", col("made_at"), "or the moment of the message"),
        origin("due_at", "task.hs_timestamp", col("due_at"), "or the close of the working day that the message names"),
        origin(
            "kept_at",
            "task.hs_task_completion_date",
            col("kept_at"),
            "or the quote, paper, call or mail after it that keeps it",
        ),
    ),
    rows="promises for a named day in messages, and planned tasks toward a buyer that are no reminder to oneself",
)
CASES_FROM = Mapped(
    CASES,
    (
        origin("case_id", "ticket.id", col("id")),
        origin("account_id", "associations.to_id", col("account_id"), "one company"),
        origin("person_id", "associations.to_id", col("person_id"), "one contact"),
        origin("opened_at", "ticket.createdate"),
        absent("first_response_at", "not a standard property of every portal"),
        origin("closed_at", "ticket.closed_date"),
        origin("priority", "ticket.hs_ticket_priority"),
        absent("satisfaction", "surveys are not read"),
    ),
)
LABELS_FROM = Mapped(
    LABELS,
    (
        origin("opportunity_id", "deal.id", col("opportunity_id")),
        absent("person_id", "the seller judges the group as a whole"),
        origin("phase", "deal.br_seller_view", col("phase")),
        origin("shown_phase", "deal.br_phase", col("shown_phase"), "what stands beside it now"),
        origin("given_at", "propertiesWithHistory.timestamp", col("given_at"), "without history: hs_lastmodifieddate"),
    ),
)
TASK_KINDS = (("call", "call"), ("e-?mail", "email"), ("meeting", "meeting"))


def _with(read: Reader, kind: str, other: str, name: str) -> nw.LazyFrame:
    return one_link(read, kind, other).select(nw.col("left_id").alias("id"), nw.col("right_id").alias(name))


def tasks(read: Reader, opportunities: nw.LazyFrame, settings: Settings, keep: Keep) -> nw.LazyFrame:
    key = settings.native.get(("task", "key"), "br_key")
    done = folded(col("hs_task_status")) == "completed"
    rows = (
        read(streams.TASKS, extra=(key,))
        .filter(col(key).is_null())
        .join(_with(read, "tasks", "deals", "opportunity_id"), on="id")
        .join(opportunities.select("opportunity_id"), on="opportunity_id")
        .join(_with(read, "tasks", "contacts", "person_id"), on="id", how="left")
        .with_columns(
            kind=first_match(folded(col("hs_task_type")), TASK_KINDS, nw.lit("todo")),
            done_at=nw.when(done.fill_null(False)).then(
                nw.coalesce(col("hs_task_completion_date"), col("hs_timestamp"))
            ),
        )
    )
    return keep("canonical_tasks", TASKS_FROM.of(rows))


def said(read: Reader) -> nw.LazyFrame:
    """source_id, promises: what tasks, e-mails, calls, meetings and notes say of promises."""
    acts = [
        read(stream).select("promises", source_id=act_id(stream.name, col("id")))
        for stream in (streams.EMAILS, streams.CALLS, streams.MEETINGS, streams.NOTES)
    ]
    return said_in([read(streams.TASKS).select("promises", source_id=col("id")), *acts])


def cases(read: Reader) -> nw.LazyFrame:
    rows = (
        read(streams.TICKETS)
        .join(_with(read, "tickets", "companies", "account_id"), on="id", how="left")
        .join(_with(read, "tickets", "contacts", "person_id"), on="id", how="left")
    )
    return CASES_FROM.of(rows)


def labels(read: Reader, view: nw.LazyFrame, settings: Settings) -> nw.LazyFrame:
    """The seller's view: each value that its history has, and the one that stands now where it has none.

    `view`: opportunity_id, seller_view, phase, changed_at (the fields' values as text).
    """
    native = settings.native.get(("opportunity", "seller_view"), "br_seller_view")
    tracked = read(streams.PROPERTY_HISTORY).filter(
        (col("object_type") == "deals") & (col("property") == native) & ~col("value").is_null()
    )
    history = tracked.select(
        opportunity_id=col("object_id"),
        phase=phase_number(col("value")),
        shown_phase=nothing(COUNT),
        given_at=col("timestamp"),
    )
    current = view.join(
        tracked.select(opportunity_id=col("object_id")).unique(), on="opportunity_id", how="anti"
    ).select(
        "opportunity_id",
        phase=phase_number(col("seller_view")),
        shown_phase=shown_number(col("phase")),
        given_at=col("changed_at"),
    )
    rows = stacked([history, current]).filter(~col("phase").is_null() & ~col("given_at").is_null())
    return LABELS_FROM.of(rows)
