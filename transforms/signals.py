"""Interactions -> signals: which kind of evidence an act is, by channel, direction, outcome and topic.

Outbound acts give one `outbound` row, which is never evidence. What the buyer did or wrote weighs 1.0, what a seller
noted about the buyer 0.3. An act gives each kind at most once per person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import narwhals as nw

from readiness.engine import Keep, in_place
from readiness.schema import SIGNALS, TIME
from transforms.frames import col, stacked

BUYER, SELLER = 1.0, 0.3


@dataclass(frozen=True, slots=True)
class Act:
    """An act of this channel and direction is a signal of `kind`, but for these outcomes and topics."""

    kind: str
    channels: tuple[str, ...]
    direction: str
    not_outcomes: tuple[str, ...] = ()
    not_topics: tuple[str, ...] = ()
    only_outcomes: tuple[str, ...] = ()


ACTS = (
    Act("reply", ("email",), "inbound", not_outcomes=("bounced",), not_topics=("out_of_office", "opt_out")),
    Act("reply", ("call",), "inbound", not_outcomes=("no_answer", "cancelled")),
    Act("meeting", ("meeting",), "mutual", not_outcomes=("no_show", "cancelled")),
    Act("meeting", ("meeting",), "inbound", not_outcomes=("no_show", "cancelled")),
    Act("no_show", ("meeting",), "mutual", only_outcomes=("no_show",)),
    Act("content", ("web",), "inbound"),
    Act("form", ("form",), "inbound"),
    Act("document", ("document",), "inbound"),
    Act("outbound", ("email", "call", "meeting", "web", "form", "document"), "outbound"),
)

TOPICS = {
    "question": "question",
    "need": "question",
    "pricing": "pricing",
    "quote_request": "quote_request",
    "reference_request": "reference_request",
    "legal": "document",
    "procurement": "document",
    "redline": "document",
    "signed_document": "document",
    "returned_document": "document",
    "delay": "delay",
    "objection": "objection",
    "status_quo": "status_quo",
    "introduction": "introduction",
    "no_show": "no_show",
    "trial": "trial",
    "demo": "trial",
    "chat": "chat",
    "form_submitted": "form",
    "web_visit": "content",
    "document_received": "document",
}
"""Topic found in the text -> kind of signal, unless the act is outbound. Other topics are no evidence of a phase."""


def signals(tables: Mapping[str, nw.LazyFrame], as_of: datetime, keep: Keep = in_place) -> nw.LazyFrame:
    """One row per act, person and kind (`schema.SIGNALS`), of what had happened by `as_of`.

    Parameters
    ----------
    tables : the canonical tables; `interactions` and `people` are read.

    Acts of nobody known are left out; those of a lead without an opportunity stand under `lead:<person_id>`.
    """
    leads = tables["people"].filter(col("kind") == "lead").select("person_id", is_lead=nw.lit(1))
    group = nw.when(~col("is_lead").is_null()).then(nw.concat_str([nw.lit("lead:"), col("person_id")]))
    acts = (
        tables["interactions"]
        .filter(~col("person_id").is_null() & (col("occurred_at") <= nw.lit(as_of).cast(TIME)))
        .join(leads, on="person_id", how="left")
        .with_columns(
            opportunity_id=nw.coalesce(col("opportunity_id"), group),
            known_at=nw.max_horizontal(col("occurred_at"), nw.coalesce(col("recorded_at"), col("occurred_at"))),
        )
        .filter(~col("opportunity_id").is_null())
    )
    stored = keep("acts_of_buyers", acts)
    found = [_by_act(stored, rule) for rule in ACTS] + [_by_topic(stored)]
    rows = keep("signals_found", stacked(found))
    return keep("signals", rows.unique(subset=list(SIGNALS.key), keep="last", order_by=["weight"]))


def _by_act(acts: nw.LazyFrame, rule: Act) -> nw.LazyFrame:
    outcome = col("outcome").fill_null("")
    rows = acts.filter(col("channel").is_in(rule.channels) & (col("direction") == rule.direction))
    if rule.not_outcomes:
        rows = rows.filter(~outcome.is_in(rule.not_outcomes))
    if rule.only_outcomes:
        rows = rows.filter(outcome.is_in(rule.only_outcomes))
    for topic in rule.not_topics:
        rows = rows.filter(~col("topics").list.contains(topic).fill_null(False))
    return rows.with_columns(kind=nw.lit(rule.kind), weight=nw.lit(BUYER)).select(*SIGNALS.names)


def _by_topic(acts: nw.LazyFrame) -> nw.LazyFrame:
    kind = col("topic").replace_strict(TOPICS, default=None, return_dtype=nw.String())
    own_words = col("channel").is_in(["email", "web", "form", "document"]) & (col("direction") == "inbound")
    by_buyer = (col("author") == "buyer") | (col("author").is_null() & own_words)
    return (
        acts.filter((col("direction") != "outbound") & ~col("topics").is_null())
        .with_columns(topic=col("topics"))
        .explode("topic")
        .with_columns(
            kind=kind,
            weight=nw.when(by_buyer.fill_null(False)).then(nw.lit(BUYER)).otherwise(nw.lit(SELLER)),
        )
        .filter(~col("kind").is_null())
        .select(*SIGNALS.names)
    )
