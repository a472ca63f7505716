"""Salesforce planned tasks, promises, cases, and the phase as the seller sees it."""

from __future__ import annotations

import narwhals as nw

from readiness.engine import Keep
from readiness.schema import CASES, COUNT, LABELS, PROMISES, TASKS
from transforms.deals import day_end
from transforms.declare import Mapped, absent, origin
from transforms.frames import col, first_match, folded, nothing, stacked
from transforms.labels import phase_number, shown_number
from transforms.parsing import Reader
from transforms.promises import said_in
from transforms.salesforce import streams
from transforms.salesforce.activity import tasks as made_tasks
from transforms.settings import Settings

TASKS_FROM = Mapped(
    TASKS,
    (
        origin("task_id", "Task.Id", col("Id")),
        origin("opportunity_id", "Task.WhatId", col("WhatId")),
        origin("person_id", "Task.WhoId", col("WhoId")),
        origin("seller_id", "Task.OwnerId", col("OwnerId")),
        origin("kind", "Task.TaskSubtype", col("kind"), "also Task.Type, by its words"),
        origin("planned_at", "Task.CreatedDate", col("CreatedDate")),
        origin("due_at", "Task.ActivityDate", col("due_at"), "a day: its end in the connection's time zone"),
        origin("done_at", "Task.CompletedDateTime", col("done_at")),
    ),
    rows="open tasks, and those completed on a later day than they were made",
)
PROMISES_FROM = Mapped(
    PROMISES,
    (
        origin("promise_id", "Task.Id", col("promise_id"), "of a message's promise: the message, with what and when"),
        origin("opportunity_id", "Task.WhatId", col("opportunity_id"), "the message's, where it was made in one"),
        origin("person_id", "Task.WhoId", col("person_id")),
        origin("seller_id", "Task.OwnerId", col("seller_id")),
        origin("made_by", "EmailMessage.promises", col("made_by"), "who wrote it, or of whom a note tells it"),
        origin(
            "what",
            "EmailMessage.promises",
            col("what"),
            "found in subject and text while reading; those are not stored",
        ),
        origin("made_at", "Task.CreatedDate", col("made_at"), "or the moment of the message"),
        origin("due_at", "Task.ActivityDate", col("due_at"), "or the close of the working day that the message names"),
        origin(
            "kept_at",
            "Task.CompletedDateTime",
            col("kept_at"),
            "or the quote, paper, call or mail after it that keeps it",
        ),
    ),
    rows="promises for a named day in messages, and planned tasks toward a buyer that are no reminder to oneself",
)
CASES_FROM = Mapped(
    CASES,
    (
        origin("case_id", "Case.Id", col("Id")),
        origin("account_id", "Case.AccountId"),
        origin("person_id", "Case.ContactId", col("ContactId")),
        origin("opened_at", "Case.CreatedDate", col("CreatedDate")),
        absent("first_response_at", "standard cases do not keep it"),
        origin("closed_at", "Case.ClosedDate"),
        origin("priority", "Case.Priority"),
        absent("satisfaction", "standard cases do not keep it"),
    ),
)
LABELS_FROM = Mapped(
    LABELS,
    (
        origin("opportunity_id", "Opportunity.Id", col("opportunity_id")),
        absent("person_id", "the seller judges the group as a whole"),
        origin("phase", "Opportunity.BR_Seller_View__c", col("phase")),
        origin("shown_phase", "Opportunity.BR_Phase__c", col("shown_phase"), "what stands beside it now"),
        origin(
            "given_at", "OpportunityFieldHistory.CreatedDate", col("given_at"), "without field history: SystemModstamp"
        ),
    ),
)
TASK_KINDS = (
    (r"call|phone|telefo|bellen", "call"),
    (r"e-?mail", "email"),
    (r"meeting|afspraak|demo", "meeting"),
)


def tasks(read: Reader, opportunities: nw.LazyFrame, keep: Keep, settings: Settings) -> nw.LazyFrame:
    word = folded(nw.concat_str([col("TaskSubtype"), col("Type")], separator=" ", ignore_nulls=True))
    closed = col("IsClosed").fill_null(False)
    planned = (col("CompletedDateTime").dt.date() > col("CreatedDate").dt.date()).fill_null(False)
    rows = (
        made_tasks(read, settings)
        .filter(~closed | planned)
        .join(opportunities.select(WhatId=col("Id")), on="WhatId")
        .with_columns(
            kind=first_match(word, TASK_KINDS, nw.lit("todo")),
            due_at=day_end(col("ActivityDate"), settings.time_zone),
            done_at=nw.when(closed).then(col("CompletedDateTime")),
        )
    )
    return keep("canonical_tasks", TASKS_FROM.of(rows))


def said(read: Reader) -> nw.LazyFrame:
    """source_id, promises: what tasks, events and e-mails say of promises."""
    streamed = (streams.TASK, streams.EVENT, streams.EMAIL)
    return said_in([read(stream).select("promises", source_id=col("Id")) for stream in streamed])


def cases(read: Reader) -> nw.LazyFrame:
    return CASES_FROM.of(read(streams.CASE))


def labels(read: Reader, view: nw.LazyFrame, settings: Settings) -> nw.LazyFrame:
    """The seller's view: each value that field history has, and the one that stands now where it has none.

    `view`: opportunity_id, seller_view, phase, SystemModstamp (the fields' values as text).
    """
    native = settings.native.get(("opportunity", "seller_view"), "BR_Seller_View__c")
    tracked = read(streams.FIELD_HISTORY).filter((col("Field") == native) & ~col("NewValue").is_null())
    history = tracked.select(
        opportunity_id=col("OpportunityId"),
        phase=phase_number(col("NewValue")),
        shown_phase=nothing(COUNT),
        given_at=col("CreatedDate"),
    )
    current = view.join(
        tracked.select(opportunity_id=col("OpportunityId")).unique(), on="opportunity_id", how="anti"
    ).select(
        "opportunity_id",
        phase=phase_number(col("seller_view")),
        shown_phase=shown_number(col("phase")),
        given_at=col("SystemModstamp"),
    )
    rows = stacked([history, current]).filter(~col("phase").is_null() & ~col("given_at").is_null())
    return LABELS_FROM.of(rows)
