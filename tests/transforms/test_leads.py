"""Leads: what they are by what they did, how long they wait in working time, and what became of them."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from readiness.schema import BUYING_GROUP, INTERACTIONS, LIFECYCLE, PEOPLE
from tests.transforms.deal import deal
from tests.transforms.engines import ENGINES, Engine, rows_of
from tests.transforms.test_promises import AS_OF, act, at, table
from transforms.actions import chosen
from transforms.leads import leads, sources
from transforms.texts import Texts
from transforms.wording import lead_status
from transforms.workdays import Workdays


def found(acts=(), lifecycle=(), engine=None, people=("kim",), roles=(), phase=1, created="03-01T09:00", **more):
    engine = engine or Engine("polars")
    person = {"kind": "lead", "seller_id": "ann", "source": "Web", "email": "k@x.example", "created_at": at(created)}
    tables = {
        "people": table(engine, PEOPLE, [{**person, "person_id": one, "opted_out": False, **more} for one in people]),
        "lifecycle": table(engine, LIFECYCLE, list(lifecycle)),
        "interactions": table(engine, INTERACTIONS, [{**one, "opportunity_id": None} for one in acts]),
        "buying_group": table(engine, BUYING_GROUP, [{"person_id": one} for one in roles]),
    }
    text = {"opportunity_id": pl.String(), "phase": pl.Int64()}
    score = engine.frame([{"opportunity_id": f"lead:{one}", "phase": phase} for one in people], text)
    calendar = Workdays("NL", "Europe/Amsterdam", AS_OF)
    return leads(tables, {"opportunity_readiness": score}, calendar, AS_OF, engine.keep)


def only(frame):
    [row] = rows_of(frame)
    return row


VISIT = act("web", "05-20T08:00", "inbound", "web")
FORM = act("form", "05-22T14:00", "inbound", "form")
CALL = act("call", "05-26T08:30", "outbound", "call")


@pytest.mark.parametrize(
    ("acts", "named"), [([], "suspect"), ([VISIT], "prospect"), ([VISIT, FORM], "lead"), ([CALL], "suspect")]
)
def test_a_lead_is_what_its_acts_say(acts, named):
    assert only(found(acts))["class"] == named


@pytest.mark.parametrize("name", ENGINES)
def test_the_clock_counts_working_minutes_from_the_ask_to_the_first_touch(name):
    row = only(found([FORM, CALL], engine=Engine(name)))
    assert row["touch_minutes"] == pytest.approx(
        60 + 90
    )  # Friday 16:00-17:00 and Tuesday 9:00-10:30; Whit Monday is off
    assert not row["is_unworked"]
    assert row["waiting_minutes"] is None


def test_an_answer_from_before_the_ask_is_no_touch():
    row = only(found([act("call", "05-01T08:30", "outbound", "call"), FORM]))
    assert row["touched_at"] is None
    assert row["is_unworked"]
    assert row["waiting_minutes"] == pytest.approx(60 + 4 * 480 + 120)


def test_a_qualified_lead_is_ready_without_an_ask():
    row = only(found([VISIT], [{"person_id": "kim", "stage": "mql", "entered_at": at("05-21T10:00")}]))
    assert (row["qualified"], row["ready_at"], row["is_unworked"]) == ("mql", at("05-21T10:00"), True)


def test_who_never_asked_waits_for_nothing_and_is_nurtured():
    row = only(found([VISIT]))
    assert not row["is_unworked"]
    assert row["is_nurture"]
    sent = act("mail", "05-25T08:00", topics=["document_sent"])
    assert not only(found([VISIT, sent]))["is_nurture"]
    assert only(found([VISIT, {**sent, "topics": ["question"]}]))["is_nurture"]
    assert not only(found([VISIT], phase=3))["is_nurture"]


@pytest.mark.parametrize(
    ("acts", "more", "reason"),
    [
        ([FORM], {}, "never_touched"),
        ([act("form", "05-04T08:00", "inbound", "form"), CALL], {}, "touched_late"),
        ([CALL], {}, "no_reaction"),
        ([VISIT, CALL, act("mail", "05-27T08:00", "inbound", topics=["status_quo"])], {}, "status_quo"),
        ([FORM], {"opted_out": True}, "opted_out"),
        ([FORM], {"created": "05-15T09:00"}, None),
        ([FORM], {"roles": ["kim"]}, None),
    ],
)
def test_an_old_lead_that_came_to_nothing_has_a_reason(acts, more, reason):
    assert only(found(acts, **more))["reason"] == reason


def test_sources_are_counted_by_what_came_of_them():
    row = only(sources(found([FORM], people=("kim", "lee"), roles=["lee"])))
    assert (row["people"], row["asked"], row["converted"], row["unworked"]) == (2, 1, 1, 1)
    assert row["lost_never_touched"] == 1


def test_a_seller_reads_on_the_lead_what_it_is_and_since_when_it_waits():
    one = deal(opportunity_id="lead:kim", acts=[], lead=only(found([FORM])))
    assert lead_status(one, Texts("en")) == "lead: has asked for something; waiting for us since 22 May 2026"
    assert chosen(one, AS_OF).rule == "call_back_lead"
    touched = replace(one, lead=only(found([FORM, CALL])))
    assert lead_status(touched, Texts("nl")).endswith("eerste contact door ons op 26 mei 2026, na 2 werkuren")
    assert chosen(touched, AS_OF).rule != "call_back_lead"
    assert lead_status(deal(), Texts("en")) is None
