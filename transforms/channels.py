"""What kind of contact a record without a proper channel stands for, by its type and the topics found in its text."""

from __future__ import annotations

import narwhals as nw

from transforms.frames import either, first_match, folded, nothing

INBOUND_DOCUMENT = ("returned_document", "document_received", "signed_document")

CHANNEL_TOPICS = (
    ('"form_submitted"', "form"),
    ('"web_visit"', "web"),
    ('"(returned_document|document_received|document_sent)"', "document"),
)

NO_ANSWER = r"no answer|voice ?mail|busy|unreach|not reached|left|wrong|geen gehoor|niet bereikt|in gesprek|ingesproken"
CONNECTED = r"connect|reached|spoke|talked|completed|answered|bereikt|gesproken|opgenomen"


def has(topics: nw.Expr, *keys: str) -> nw.Expr:
    """Whether JSON text of topics holds any of these."""
    return either(*(topics.str.contains(f'"{key}"') for key in keys))


def has_any(topics: nw.Expr) -> nw.Expr:
    return topics.str.contains(r"\w").fill_null(False)


def by_topics(topics: nw.Expr) -> nw.Expr:
    """form | web | document by what the text says; else null."""
    return first_match(topics, CHANNEL_TOPICS, nothing())


def direction(channel: nw.Expr, topics: nw.Expr) -> nw.Expr:
    """Of a web visit, form, document or note: who acted. A note without a buyer's topic is nobody's act: outbound."""
    document = nw.when(has(topics, *INBOUND_DOCUMENT)).then(nw.lit("inbound")).otherwise(nw.lit("outbound"))
    note = nw.when(has_any(topics)).then(nw.lit("inbound")).otherwise(nw.lit("outbound"))
    return (
        nw.when(channel.is_in(["web", "form"]))
        .then(nw.lit("inbound"))
        .otherwise(nw.when(channel == "document").then(document).otherwise(note))
    )


def author(channel: nw.Expr, direction: nw.Expr) -> nw.Expr:
    """Who wrote what the record says: the buyer's own mail, form, visit or document; else a seller's note."""
    own = channel.is_in(["email", "web", "form", "document"]) & (direction == "inbound")
    return nw.when(own).then(nw.lit("buyer")).otherwise(nw.lit("seller"))


def meeting_outcome(topics: nw.Expr) -> nw.Expr:
    return (
        nw.when(has(topics, "no_show"))
        .then(nw.lit("no_show"))
        .otherwise(nw.when(has(topics, "cancelled")).then(nw.lit("cancelled")).otherwise(nw.lit("held")))
    )


def call_outcome(disposition: nw.Expr) -> nw.Expr:
    """connected | no_answer by the words of a call's result; null for none."""
    return first_match(folded(disposition), ((NO_ANSWER, "no_answer"), (CONNECTED, "connected")), nothing())
