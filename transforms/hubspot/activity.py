"""HubSpot e-mails, calls, meetings and notes as acts: who did what with which buyer."""

from __future__ import annotations

from datetime import datetime

import narwhals as nw

from readiness.engine import Keep
from readiness.schema import INTERACTIONS, PARTICIPANTS, TIME
from transforms import channels
from transforms.attribution import ACTS
from transforms.declare import Mapped, absent, origin
from transforms.frames import col, folded, latest, nothing, one_of, stacked
from transforms.hubspot import streams
from transforms.hubspot.links import links
from transforms.internal import address
from transforms.parsing import Reader, Stream

INTERACTIONS_FROM = Mapped(
    INTERACTIONS,
    (
        origin(
            "interaction_id",
            "email.id",
            col("interaction_id"),
            "also call.id, meeting.id, note.id, with the type before it",
        ),
        origin(
            "opportunity_id",
            "associations.to_id",
            col("opportunity_id"),
            "of several deals the one open then, opened last; without one: attributed",
        ),
        origin(
            "person_id",
            "associations.to_id",
            col("person_id"),
            "the sender of incoming mail, where its address is known",
        ),
        origin("seller_id", "email.hubspot_owner_id", col("seller_id")),
        origin("channel", "email", col("channel"), "the object; web, form and document are notes, by their words"),
        origin(
            "direction", "email.hs_email_direction", col("direction"), "call.hs_call_direction; notes by their words"
        ),
        origin(
            "outcome", "meeting.hs_meeting_outcome", col("outcome"), "call.hs_call_disposition, email.hs_email_status"
        ),
        origin(
            "topics", "email.topics", col("topics"), "found in subject and text while reading; those are not stored"
        ),
        origin(
            "occurred_at", "email.hs_timestamp", col("occurred_at"), "meeting.hs_meeting_start_time; cut to the second"
        ),
        origin("recorded_at", "email.hs_createdate", col("recorded_at")),
        origin("thread_id", "email.hs_email_thread_id", col("thread_id")),
        origin("author", "email", col("author"), "buyer for their own mail, form, visit or document"),
        absent("campaign", "marketing e-mail is not read"),
    ),
    rows="one row per e-mail, call, past meeting and note, and contact",
)
PARTICIPANTS_FROM = Mapped(
    PARTICIPANTS,
    (
        origin("interaction_id", "associations.from_id", col("interaction_id")),
        origin("person_id", "associations.to_id", col("person_id")),
        origin("role", "email.hs_email_from_email", col("role"), "to and cc are not told apart"),
    ),
)
DISPOSITIONS = {
    "f240bbac-87c9-4f6e-bf70-924b57d47db7": "connected",
    "a4c4c377-d246-4b32-a13b-75a56a4cd0ff": "no_answer",
    "b2cf5968-551e-4856-9783-52b3da59a7d0": "no_answer",
    "73a0d17f-1163-4015-bdd5-ec830791da20": "no_answer",
    "9d9162e7-6cf3-4944-bf63-4dff82258764": "no_answer",
    "17b47fee-58de-441e-a44c-c6300d46f273": "no_answer",
}
"""HubSpot's standard call outcomes (legacy.docs.hubspot.com, "Calls API: dispositions")."""

CALL_STATES = {"no_answer": "no_answer", "busy": "no_answer", "failed": "no_answer", "missed": "no_answer"}
NOT_MADE = ("queued", "ringing", "connecting", "calling_crm_user", "scheduled", "canceled")
MEETING_OUTCOMES = {
    "completed": "held",
    "no_show": "no_show",
    "no show": "no_show",
    "canceled": "cancelled",
    "cancelled": "cancelled",
    "rescheduled": "cancelled",
}
KINDS = ("emails", "calls", "meetings", "notes")


def acts(read: Reader, deals: nw.LazyFrame, as_of: datetime, keep: Keep) -> nw.LazyFrame:
    """Every contact that has taken place by `as_of` (`attribution.ACTS`).

    Parameters
    ----------
    deals : opportunity_id, created_at, closed_at of all deals, also of pipelines that are left out.
    """
    made = stacked([_emails(read), _calls(read), _meetings(read), _notes(read)])
    past = keep("acts_unfiled", made.filter(col("occurred_at") <= nw.lit(as_of).cast(TIME)))
    deal_links = keep("act_deals", stacked([_linked(read, kind, "deals") for kind in KINDS]))
    company = keep(
        "act_companies",
        stacked([_linked(read, kind, "companies") for kind in KINDS])
        .group_by("interaction_id")
        .agg(account_id=col("other_id").min()),
    )
    filed = (
        past.select("interaction_id", "occurred_at")
        .join(deal_links, on="interaction_id")
        .join(deals, left_on="other_id", right_on="opportunity_id", how="left")
        .with_columns(
            was_open=nw.when(
                (col("created_at") <= col("occurred_at"))
                & (col("closed_at").is_null() | (col("occurred_at") <= col("closed_at")))
            )
            .then(1)
            .otherwise(0)
        )
    )
    chosen = latest(filed, ["interaction_id"], ["was_open", "created_at", "other_id"]).select(
        "interaction_id", linked_id=col("other_id")
    )
    joined = past.join(chosen, on="interaction_id", how="left").join(company, on="interaction_id", how="left")
    return keep("acts", joined.select(*ACTS))


def act_id(kind: str, value: nw.Expr) -> nw.Expr:
    """HubSpot numbers each object type by itself, so the type goes before the id."""
    return nw.concat_str([nw.lit(f"{kind}-"), value])


def _linked(read: Reader, kind: str, other: str) -> nw.LazyFrame:
    return (
        links(read, kind, other)
        .select(interaction_id=act_id(kind, col("left_id")), other_id=col("right_id"))
        .unique(subset=["interaction_id", "other_id"], keep="any")
    )


def _act(read: Reader, stream: Stream, **columns: nw.Expr) -> nw.LazyFrame:
    unfiled = [name for name in ACTS if name not in ("linked_id", "account_id")]
    common = {
        "interaction_id": act_id(stream.name, col("id")),
        "seller_id": col("hubspot_owner_id"),
        "topics": col("topics"),
        "occurred_at": col("hs_timestamp"),
        "recorded_at": nw.coalesce(col("hs_createdate"), col("createdAt"), col("hs_timestamp")),
    }
    given = common | columns
    return read(stream).select(*(given.get(name, nothing()).alias(name) for name in unfiled))


def _emails(read: Reader) -> nw.LazyFrame:
    incoming = folded(col("hs_email_direction")).str.contains("incoming").fill_null(False)
    return _act(
        read,
        streams.EMAILS,
        channel=nw.lit("email"),
        direction=nw.when(incoming).then(nw.lit("inbound")).otherwise(nw.lit("outbound")),
        outcome=nw.when(folded(col("hs_email_status")).is_in(["bounced", "failed"])).then(nw.lit("bounced")),
        thread_id=col("hs_email_thread_id"),
        author=nw.when(incoming).then(nw.lit("buyer")).otherwise(nw.lit("seller")),
    )


def _calls(read: Reader) -> nw.LazyFrame:
    incoming = (folded(col("hs_call_direction")) == "inbound").fill_null(False)
    outcome = nw.coalesce(
        one_of(col("hs_call_disposition"), DISPOSITIONS),
        channels.call_outcome(col("hs_call_disposition")),
        one_of(folded(col("hs_call_status")), CALL_STATES),
    )
    made = _act(
        read,
        streams.CALLS,
        channel=nw.lit("call"),
        direction=nw.when(incoming).then(nw.lit("inbound")).otherwise(nw.lit("outbound")),
        outcome=nw.when(~folded(col("hs_call_status")).is_in(NOT_MADE).fill_null(False))
        .then(outcome)
        .otherwise(nw.lit("not_made")),
        author=nw.lit("seller"),
    )
    return made.filter((col("outcome") != "not_made").fill_null(True))


def _meetings(read: Reader) -> nw.LazyFrame:
    topics = col("topics")
    stated = one_of(folded(col("hs_meeting_outcome")), MEETING_OUTCOMES)
    return _act(
        read,
        streams.MEETINGS,
        channel=nw.lit("meeting"),
        direction=nw.lit("mutual"),
        outcome=nw.coalesce(stated, channels.meeting_outcome(topics)),
        occurred_at=nw.coalesce(col("hs_meeting_start_time"), col("hs_timestamp")),
        author=nw.lit("seller"),
    ).filter(~col("occurred_at").is_null())


def _notes(read: Reader) -> nw.LazyFrame:
    channel = nw.coalesce(channels.by_topics(col("topics")), nw.lit("other"))
    direction = channels.direction(channel, col("topics"))
    return _act(read, streams.NOTES, channel=channel, direction=direction, author=channels.author(channel, direction))


def act_people(read: Reader, people: nw.LazyFrame, keep: Keep) -> nw.LazyFrame:
    """interaction_id, person_id, role, is_actor: everybody on an act.

    Of incoming mail only the sender acted, where the sender is one of those on it.
    """
    everyone = keep(
        "act_contacts",
        stacked([_linked(read, kind, "contacts") for kind in KINDS])
        .select("interaction_id", person_id=col("other_id"))
        .join(people.select("person_id", address=address(col("email"))), on="person_id"),
    )
    incoming = (
        read(streams.EMAILS)
        .filter(folded(col("hs_email_direction")).str.contains("incoming") & ~col("hs_email_from_email").is_null())
        .select(interaction_id=act_id("emails", col("id")), sender=address(col("hs_email_from_email")))
    )
    with_sender = everyone.join(incoming, on="interaction_id", how="left").with_columns(
        is_sender=nw.when((col("address") == col("sender")).fill_null(False)).then(1).otherwise(0)
    )
    known = with_sender.filter(col("is_sender") == 1).select("interaction_id", sender_known=nw.lit(1)).unique()
    rows = with_sender.join(known, on="interaction_id", how="left").select(
        "interaction_id",
        "person_id",
        role=nw.when(col("is_sender") == 1)
        .then(nw.lit("from"))
        .otherwise(
            nw.when(col("interaction_id").str.starts_with("meetings")).then(nw.lit("attendee")).otherwise(nw.lit("to"))
        ),
        is_actor=nw.when(col("sender_known").is_null() | (col("is_sender") == 1)).then(1).otherwise(0),
    )
    return keep("act_people", rows)


def participants(act_people: nw.LazyFrame, acts: nw.LazyFrame) -> nw.LazyFrame:
    rows = act_people.join(
        acts.filter(col("channel").is_in(["email", "meeting"])).select("interaction_id"), on="interaction_id"
    )
    return PARTICIPANTS_FROM.of(rows)
