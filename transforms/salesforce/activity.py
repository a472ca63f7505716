"""Salesforce tasks, events and e-mail as acts: who did what with which buyer."""

from __future__ import annotations

from datetime import datetime

import narwhals as nw

from readiness.engine import Keep
from readiness.schema import INTERACTIONS, PARTICIPANTS, TIME
from transforms import channels
from transforms.attribution import ACTS
from transforms.declare import Mapped, absent, origin
from transforms.frames import SECOND, col, either, first_match, folded, latest, nothing, stacked
from transforms.internal import address, by_address
from transforms.parsing import Reader
from transforms.salesforce import streams
from transforms.salesforce.people import person_accounts
from transforms.settings import Settings

INTERACTIONS_FROM = Mapped(
    INTERACTIONS,
    (
        origin("interaction_id", "Task.Id", col("interaction_id"), "also Event.Id, EmailMessage.Id"),
        origin(
            "opportunity_id",
            "Task.WhatId",
            col("opportunity_id"),
            "Event.WhatId, EmailMessage.RelatedToId; else attributed",
        ),
        origin(
            "person_id",
            "Task.WhoId",
            col("person_id"),
            "EventRelation.RelationId, EmailMessageRelation.RelationId, else by e-mail address",
        ),
        origin(
            "seller_id",
            "Task.OwnerId",
            col("seller_id"),
            "an EmailMessage has no owner: its task's, else by address, else who recorded it",
        ),
        origin("channel", "Task.TaskSubtype", col("channel"), "also Task.Type; web, form and document by its words"),
        origin("direction", "Task.CallType", col("direction"), "EmailMessage.Incoming; an e-mail task is outbound"),
        origin(
            "outcome", "Task.CallDisposition", col("outcome"), "read by its words; meetings by the topics of the text"
        ),
        origin("topics", "Task.topics", col("topics"), "found in subject and text while reading; those are not stored"),
        origin(
            "occurred_at",
            "Task.CompletedDateTime",
            col("occurred_at"),
            "less the call's length; Event.StartDateTime; EmailMessage.MessageDate",
        ),
        origin("recorded_at", "Task.CreatedDate", col("recorded_at")),
        origin("thread_id", "EmailMessage.ThreadIdentifier", col("thread_id")),
        origin("author", "Task.TaskSubtype", col("author"), "buyer for their own mail, form, visit or document"),
        absent("campaign", "campaign members are not read"),
    ),
    rows="one row per completed Task, past Event and EmailMessage, and person",
)
PARTICIPANTS_FROM = Mapped(
    PARTICIPANTS,
    (
        origin(
            "interaction_id", "EmailMessageRelation.EmailMessageId", col("interaction_id"), "also EventRelation.EventId"
        ),
        origin("person_id", "EmailMessageRelation.RelationId", col("person_id"), "else by e-mail address"),
        origin("role", "EmailMessageRelation.RelationType", col("role")),
    ),
)
TASK_CHANNELS = (
    (r"call|phone|telefo|bellen", "call"),
    (r"e-?mail", "email"),
    (r"^web", "web"),
    (r"^form", "form"),
    (r"document", "document"),
)
DRAFTS = ("5", "draft")


def tasks(read: Reader, settings: Settings) -> nw.LazyFrame:
    """The tasks that people made: not the plugin's own."""
    key = settings.native.get(("task", "key"), "BR_Key__c")
    return read(streams.TASK, extra=(key,)).filter(col(key).is_null())


def acts(read: Reader, settings: Settings, as_of: datetime, keep: Keep) -> nw.LazyFrame:
    """Every contact that has taken place by `as_of`, once (`attribution.ACTS`)."""
    targets = keep("link_targets", _targets(read))
    mail = emails(read, settings, keep)
    all_acts = stacked([_task_acts(read, settings), _event_acts(read), _email_acts(read, mail)])
    filed = (
        all_acts.join(targets, left_on="what_id", right_on="target_id", how="left")
        .with_columns(account_id=nw.coalesce(col("account_id"), col("target_account")))
        .filter(col("occurred_at") <= nw.lit(as_of).cast(TIME))
        .select(*ACTS)
    )
    return keep("acts", filed)


def _targets(read: Reader) -> nw.LazyFrame:
    """What an activity may be filed under: target_id -> linked_id (opportunity) or target_account."""
    return stacked(
        [
            read(streams.OPPORTUNITY).select(target_id=col("Id"), linked_id=col("Id"), target_account=nothing()),
            read(streams.QUOTE).select(target_id=col("Id"), linked_id=col("OpportunityId"), target_account=nothing()),
            read(streams.ACCOUNT).select(target_id=col("Id"), linked_id=nothing(), target_account=col("Id")),
            read(streams.CASE).select(target_id=col("Id"), linked_id=nothing(), target_account=col("AccountId")),
        ]
    )


def _act(**columns: nw.Expr) -> list[nw.Expr]:
    """The columns of an act still to be filed: `what_id` says under what."""
    order = ("what_id", *(name for name in ACTS if name != "linked_id"))
    return [columns.get(name, nothing()).alias(name) for name in order]


def task_channel() -> nw.Expr:
    """call | email | web | form | document | other; null for work that is no contact.

    A task that was planned on an earlier day and is ticked off now is work; the contact itself is logged besides. Its
    subtype says otherwise: Salesforce gives that to calls and e-mails that it logs.
    """
    topics = col("topics")
    planned = (col("CompletedDateTime").dt.date() > col("CreatedDate").dt.date()).fill_null(False)
    note = nw.when((folded(col("Type")) == "other").fill_null(False) | channels.has_any(topics)).then(nw.lit("other"))
    by_type = first_match(folded(col("Type")), TASK_CHANNELS, nothing())
    unplanned = nw.when(~planned).then(nw.coalesce(by_type, channels.by_topics(topics), note))
    return nw.coalesce(first_match(folded(col("TaskSubtype")), TASK_CHANNELS, nothing()), unplanned)


def _task_acts(read: Reader, settings: Settings) -> nw.LazyFrame:
    doubled = read(streams.EMAIL).filter(~col("ActivityId").is_null()).select(Id=col("ActivityId")).unique()
    rows = (
        tasks(read, settings)
        .filter(col("IsClosed").fill_null(False) & ~(folded(col("CallType")) == "internal").fill_null(False))
        .join(doubled, on="Id", how="anti")
        .with_columns(channel=task_channel())
        .filter(~col("channel").is_null())
    )
    called = nw.when(folded(col("CallType")) == "inbound").then(nw.lit("inbound")).otherwise(nw.lit("outbound"))
    length = nw.when(col("channel") == "call").then(col("CallDurationInSeconds"))
    began = col("CompletedDateTime") - length.fill_null(0) * nw.lit(SECOND)
    by_channel = (
        nw.when(col("channel") == "call")
        .then(called)
        .otherwise(
            nw.when(col("channel") == "email")
            .then(nw.lit("outbound"))
            .otherwise(channels.direction(col("channel"), col("topics")))
        )
    )
    outcome = nw.when(col("channel") == "call").then(channels.call_outcome(col("CallDisposition")))
    return rows.with_columns(direction=by_channel).select(
        *_act(
            what_id=col("WhatId"),
            interaction_id=col("Id"),
            account_id=col("AccountId"),
            seller_id=col("OwnerId"),
            channel=col("channel"),
            direction=col("direction"),
            outcome=outcome,
            topics=col("topics"),
            occurred_at=nw.coalesce(began, col("CompletedDateTime"), col("CreatedDate")),
            recorded_at=col("CreatedDate"),
            author=channels.author(col("channel"), col("direction")),
        )
    )


def _event_acts(read: Reader) -> nw.LazyFrame:
    return read(streams.EVENT).select(
        *_act(
            what_id=col("WhatId"),
            interaction_id=col("Id"),
            account_id=col("AccountId"),
            seller_id=col("OwnerId"),
            channel=nw.lit("meeting"),
            direction=nw.lit("mutual"),
            outcome=channels.meeting_outcome(col("topics")),
            topics=col("topics"),
            occurred_at=col("StartDateTime"),
            recorded_at=col("CreatedDate"),
            author=nw.lit("seller"),
        )
    )


def emails(read: Reader, settings: Settings, keep: Keep) -> nw.LazyFrame:
    """E-mails with a buyer: drafts, the plugin's and mail among colleagues left out."""
    rows = read(streams.EMAIL).filter(~folded(col("Status")).is_in(DRAFTS).fill_null(False))
    sides = keep("email_sides", _sides(rows))
    ours = read(streams.USER).filter(~col("Email").is_null()).select(address=address(col("Email"))).unique()
    outside = sides.join(ours, on="address", how="anti").select("Id").unique()
    colleagues = sides.select("Id").unique().join(outside, on="Id", how="anti")
    return keep("buyer_emails", rows.join(colleagues, on="Id", how="anti"))


def _sides(rows: nw.LazyFrame) -> nw.LazyFrame:
    """Id, role, address: the buyer's side of each message, the sender of incoming and the recipients of sent mail."""
    incoming = col("Incoming").fill_null(False)
    senders = rows.filter(incoming & ~col("FromAddress").is_null()).select(
        "Id", role=nw.lit("from"), address=address(col("FromAddress"))
    )
    recipients = (
        rows.filter(~incoming & ~col("ToAddress").is_null())
        .select("Id", role=nw.lit("to"), address=col("ToAddress").str.replace_all(",", ";").str.split(";"))
        .explode("address")
        .with_columns(address=address(col("address")))
        .filter(col("address").str.contains("@"))
    )
    return stacked([senders, recipients])


def _email_acts(read: Reader, mail: nw.LazyFrame) -> nw.LazyFrame:
    incoming = col("Incoming").fill_null(False)
    direction = nw.when(incoming).then(nw.lit("inbound")).otherwise(nw.lit("outbound"))
    owners = read(streams.TASK).select(ActivityId=col("Id"), OwnerId=col("OwnerId"))
    users = read(streams.USER).select(CreatedById=col("Id"), is_user=nw.lit(1))
    colleagues = by_address(read(streams.USER).select(person_id=col("Id"), email=col("Email")))
    side = nw.when(incoming).then(col("ToAddress").str.replace_all("[;,].*$", "")).otherwise(col("FromAddress"))
    rows = (
        mail.join(owners, on="ActivityId", how="left")
        .join(users, on="CreatedById", how="left")
        .with_columns(address=address(side))
        .join(colleagues.select("address", colleague_id=col("person_id")), on="address", how="left")
    )
    recorder = nw.when(~col("is_user").is_null()).then(col("CreatedById"))
    return rows.select(
        *_act(
            what_id=nw.coalesce(col("RelatedToId"), col("ParentId")),
            interaction_id=col("Id"),
            seller_id=nw.coalesce(col("OwnerId"), col("colleague_id"), recorder),
            channel=nw.lit("email"),
            direction=direction,
            outcome=nw.when(either(col("IsBounced"))).then(nw.lit("bounced")),
            topics=col("topics"),
            occurred_at=col("MessageDate"),
            recorded_at=col("CreatedDate"),
            thread_id=col("ThreadIdentifier"),
            author=nw.when(incoming).then(nw.lit("buyer")).otherwise(nw.lit("seller")),
        )
    )


def act_people(
    read: Reader, settings: Settings, people: nw.LazyFrame, converted: nw.LazyFrame, keep: Keep
) -> nw.LazyFrame:
    """interaction_id, person_id, role, is_actor: everybody on an act; a converted lead is its contact.

    `is_actor`: 1 for those whom the act is of or toward (the writer of incoming mail, not the people in copy).
    """
    from_tasks = _person(_with_somebody(read, tasks(read, settings)), "Id", "WhoId", "to", 1)
    from_events = _person(_with_somebody(read, read(streams.EVENT)), "Id", "WhoId", "attendee", 1)
    invited = read(streams.EVENT_RELATION).filter(
        ~col("IsWhat").fill_null(False) & ~(folded(col("Status")) == "declined").fill_null(False)
    )
    from_invitations = _person(invited, "EventId", "RelationId", "attendee", 1)
    everyone = stacked([from_tasks, from_events, from_invitations, _email_people(read, people, keep)])
    resolved = everyone.join(
        converted.select(lead_id="lead_id", contact_id="person_id"), left_on="person_id", right_on="lead_id", how="left"
    ).with_columns(person_id=nw.coalesce(col("contact_id"), col("person_id")))
    return keep("act_people", resolved.select("interaction_id", "person_id", "role", "is_actor"))


def _with_somebody(read: Reader, rows: nw.LazyFrame) -> nw.LazyFrame:
    """Tasks or events with a WhoId; where none is named and the account is a person, it is that person."""
    alone = person_accounts(read).select(AccountId=col("account_id"), person_id=col("person_id"))
    who = nw.coalesce(col("WhoId"), col("person_id"))
    return rows.join(alone, on="AccountId", how="left").with_columns(WhoId=who).filter(~col("WhoId").is_null())


def _person(rows: nw.LazyFrame, act: str, who: str, role: str, is_actor: int) -> nw.LazyFrame:
    return rows.select(interaction_id=col(act), person_id=col(who), role=nw.lit(role), is_actor=nw.lit(is_actor))


def _email_people(read: Reader, people: nw.LazyFrame, keep: Keep) -> nw.LazyFrame:
    """By relation; where a message has none on the buyer's side, by address; else whom its task is with."""
    mail = keep(
        "email_index", read(streams.EMAIL).select("Id", "ActivityId", incoming=col("Incoming").fill_null(False))
    )
    word = folded(col("RelationType"))
    role = first_match(word, (("from", "from"), ("cc|other", "cc"), ("to", "to")), nw.lit("to"))
    related = keep(
        "email_related",
        read(streams.EMAIL_RELATION)
        .filter(~(col("RelationObjectType") == "User").fill_null(False))
        .select(Id=col("EmailMessageId"), person_id=col("RelationId"), role=role)
        .join(mail.select("Id", "incoming"), on="Id")
        .join(people.select("person_id"), on="person_id")
        .with_columns(
            is_actor=nw.when((col("incoming") & (col("role") == "from")) | (~col("incoming") & (col("role") != "from")))
            .then(1)
            .otherwise(0)
        ),
    )
    has_actor = related.filter(col("is_actor") == 1).select("Id").unique()
    addressed = keep(
        "email_addressed",
        read.keep("email_sides_again", _sides(read(streams.EMAIL)))
        .join(has_actor, on="Id", how="anti")
        .join(by_address(people), on="address")
        .select("Id", "person_id", "role"),
    )
    with_task = (
        mail.filter(~col("ActivityId").is_null())
        .join(has_actor, on="Id", how="anti")
        .join(addressed.select("Id").unique(), on="Id", how="anti")
        .join(read(streams.TASK).select(ActivityId=col("Id"), WhoId=col("WhoId")), on="ActivityId")
        .filter(~col("WhoId").is_null())
        .select(
            "Id", person_id=col("WhoId"), role=nw.when(col("incoming")).then(nw.lit("from")).otherwise(nw.lit("to"))
        )
    )
    shape = ("Id", "person_id", "role", "is_actor")
    rows = stacked(
        [
            related.select(*shape),
            addressed.with_columns(is_actor=nw.lit(1)).select(*shape),
            with_task.with_columns(is_actor=nw.lit(1)).select(*shape),
        ]
    )
    return rows.select("person_id", "role", "is_actor", interaction_id=col("Id")).select(
        "interaction_id", "person_id", "role", "is_actor"
    )


def participants(act_people: nw.LazyFrame, people: nw.LazyFrame, acts: nw.LazyFrame) -> nw.LazyFrame:
    """Everybody on an e-mail or at a meeting, those in copy too."""
    rows = act_people.join(people.select("person_id"), on="person_id").join(
        acts.filter(col("channel").is_in(["email", "meeting"])).select("interaction_id"), on="interaction_id"
    )
    return PARTICIPANTS_FROM.of(latest(rows, ["interaction_id", "person_id"], ["is_actor", "role"]))
