"""Which evidence an act is, and whose."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest

from readiness.schema import INTERACTIONS, PEOPLE
from tests.transforms.engines import Engine, rows_of
from transforms.signals import signals

AS_OF = datetime(2026, 3, 15, tzinfo=UTC)
MOMENT = datetime(2026, 3, 1, tzinfo=UTC)
TYPES = {
    "occurred_at": pl.Datetime("us", "UTC"),
    "recorded_at": pl.Datetime("us", "UTC"),
    "topics": pl.List(pl.String()),
}


def act(**given):
    return {
        "interaction_id": "i",
        "opportunity_id": "1",
        "person_id": "k",
        "channel": "email",
        "direction": "inbound",
        "topics": [],
        "occurred_at": MOMENT,
        "recorded_at": MOMENT,
        **given,
    }


def found(*acts, name="polars"):
    engine = Engine(name)
    people = [{"person_id": "k", "kind": "contact"}, {"person_id": "lee", "kind": "lead"}]
    tables = {
        "interactions": engine.frame(list(acts), {c: TYPES.get(c, pl.String()) for c in INTERACTIONS.names}),
        "people": engine.frame(people, {c: pl.String() for c in PEOPLE.names}),
    }
    return rows_of(signals(tables, AS_OF, engine.keep))


def kinds(*acts, **more):
    return {(r["kind"], r["weight"]) for r in found(*acts, **more)}


@pytest.mark.parametrize("name", ["polars", "duckdb"])
def test_incoming_mail_is_a_reply_and_one_signal_per_topic(name):
    got = kinds(act(topics=["pricing", "need", "question", "legal", "promise"]), name=name)
    assert got == {("reply", 1.0), ("pricing", 1.0), ("question", 1.0), ("document", 1.0)}


def test_a_seller_s_note_weighs_less_than_the_buyer_s_own_words():
    assert kinds(act(channel="other", author="seller", topics=["objection"])) == {("objection", 0.3)}
    assert kinds(act(channel="meeting", direction="mutual", outcome="held", topics=["pricing"])) == {
        ("meeting", 1.0),
        ("pricing", 0.3),
    }
    assert kinds(act(channel="call", author="buyer", topics=["delay"])) == {("reply", 1.0), ("delay", 1.0)}


def test_outbound_is_never_evidence():
    assert kinds(act(direction="outbound", topics=["pricing", "quote_request"])) == {("outbound", 1.0)}


def test_an_act_gives_each_kind_once_with_its_greatest_weight():
    assert kinds(act(channel="form", author="seller", topics=["form_submitted"])) == {("form", 1.0)}


def test_nobody_who_did_not_come_has_met_us():
    assert kinds(act(channel="meeting", direction="mutual", outcome="no_show")) == {("no_show", 1.0)}
    assert kinds(act(channel="meeting", direction="mutual", outcome="cancelled")) == set()


def test_an_automatic_answer_is_no_reply():
    assert kinds(act(topics=["out_of_office"])) == set()


def test_acts_of_nobody_or_on_nothing_are_left_out_but_a_lead_stands_for_itself():
    assert found(act(person_id=None), act(opportunity_id=None)) == []
    lead = found(act(opportunity_id=None, person_id="lee", channel="web"))
    assert [(r["opportunity_id"], r["kind"]) for r in lead] == [("lead:lee", "content")]


def test_what_is_recorded_later_is_known_later_and_the_future_is_not_known():
    late = datetime(2026, 3, 9, tzinfo=UTC)
    assert found(act(recorded_at=late))[0]["known_at"] == late
    assert found(act(occurred_at=datetime(2026, 4, 1, tzinfo=UTC))) == []
