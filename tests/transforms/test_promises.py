"""The ledger of promises: due in working days where the connection is, kept by what follows, each once."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest

from readiness.schema import INTERACTIONS, QUOTES, TASKS
from tests.transforms.engines import ENGINES, Engine, rows_of
from transforms.promises import ledger
from transforms.workdays import Workdays

AS_OF = datetime(2026, 6, 1, 9, tzinfo=UTC)
TYPES = {
    "String": pl.String(),
    "Datetime": pl.Datetime("us", "UTC"),
    "List": pl.List(pl.String()),
    "Int64": pl.Int64(),
    "Boolean": pl.Boolean(),
    "Float64": pl.Float64(),
}


def at(text):
    return datetime.fromisoformat(f"2026-{text}:00+00:00")


def table(engine, spec, rows):
    return engine.frame(rows, {c.name: TYPES.get(type(c.dtype).__name__, pl.Float64()) for c in spec.columns})


def act(id, when, direction="outbound", channel="email", person="kim", **more):
    given = {"interaction_id": id, "opportunity_id": "006", "person_id": person, "seller_id": "ann", "topics": []}
    return {
        **given,
        "channel": channel,
        "direction": direction,
        "occurred_at": at(when),
        "recorded_at": at(when),
        **more,
    }


def made(engine, said, acts, tasks=(), quotes=(), country="NL"):
    text = {"source_id": pl.String(), "promises": pl.String()}
    calendar = Workdays(country, "Europe/Amsterdam", AS_OF)
    frames = [
        table(engine, spec, list(rows)) for spec, rows in ((INTERACTIONS, acts), (TASKS, tasks), (QUOTES, quotes))
    ]
    given = engine.frame([{"source_id": id, "promises": codes} for id, codes in said.items()], text)
    return rows_of(ledger(given, *frames, calendar, AS_OF, engine.keep), "promise_id")


DUE = {
    "d0": "05-20T15:00",
    "d1": "05-21T15:00",
    "b2": "05-22T15:00",
    "b3": "05-26T15:00",  # Whit Monday is 25 May in 2026
    "b10": "06-04T15:00",
    "w5": "05-22T15:00",
    "w1": "05-26T15:00",
    "w3": "05-27T15:00",
    "w1-": "05-22T15:00",
    "n2": "05-26T15:00",
    "e5": "05-22T15:00",
    "y0522": "05-22T15:00",
    "y20260619": "06-19T15:00",
    "h30": "06-01T15:00",
    "m": "05-29T15:00",
}


@pytest.mark.parametrize("name", ENGINES)
def test_days_become_closing_times_of_working_days(name):
    said = {"e1": "[" + ",".join(f'"quote/i/{form}"' for form in DUE) + "]"}
    rows = made(Engine(name), said, [act("e1", "05-20T10:00")])
    assert {row["promise_id"].split(":")[2]: row["due_at"] for row in rows} == {f: at(t) for f, t in DUE.items()}


def test_a_date_that_has_passed_is_next_years_and_winter_has_another_clock():
    rows = made(Engine("polars"), {"e1": '["quote/i/y0112"]'}, [act("e1", "04-01T10:00")])
    assert rows[0]["due_at"] == datetime(2027, 1, 12, 16, tzinfo=UTC)


def test_without_a_country_only_weekends_are_off():
    rows = made(Engine("polars"), {"e1": '["quote/i/b3"]'}, [act("e1", "04-01T10:00")], country="")
    assert rows[0]["due_at"] == at("04-06T15:00")


def test_whose_promise_it_is_follows_from_who_wrote_it():
    acts = [
        act("out", "04-01T10:00"),
        act("in", "04-01T10:00", "inbound"),
        act("note", "04-01T10:00", channel="call"),
        act("told", "04-01T10:00", "mutual", "meeting"),
    ]
    said = dict.fromkeys(("out", "in", "note"), '["answer/i/w5"]') | {"told": '["answer/they/w5"]'}
    rows = made(Engine("polars"), said, acts)
    by = {row["promise_id"].split(":")[0]: row["made_by"] for row in rows}
    assert by == {"out": "seller", "in": "buyer", "note": "seller", "told": "buyer"}


def test_each_kind_is_kept_by_what_belongs_to_it():
    acts = [
        act("e1", "04-01T10:00"),
        act("e2", "04-02T10:00"),
        act("e3", "04-03T10:00", topics=["document_sent"]),
        act("c1", "04-07T10:00", channel="call", outcome="no_answer"),
        act("c2", "04-08T10:00", channel="call", outcome="connected"),
    ]
    sent = {"quote_id": "q", "opportunity_id": "006", "sent_at": at("04-09T10:00")}
    codes = '["answer/i/w5","document/i/w5","call/i/w5","quote/i/w5","visit/i/w5"]'
    rows = made(Engine("polars"), {"e1": codes}, acts, quotes=[sent])
    kept = {row["what"]: row["kept_at"] for row in rows}
    assert kept == {
        "answer": at("04-02T10:00"),
        "document": at("04-03T10:00"),
        "call": at("04-08T10:00"),
        "quote": at("04-09T10:00"),
        "visit": None,
    }


def test_a_buyers_promise_is_kept_by_their_own_act_alone():
    acts = [
        act("e1", "04-01T10:00", "inbound"),
        act("e2", "04-02T10:00", "inbound", person="lee"),
        act("e3", "04-03T10:00", "inbound", channel="call"),
    ]
    rows = made(Engine("polars"), {"e1": '["answer/i/w5"]'}, acts)
    assert rows[0]["kept_at"] == at("04-03T10:00")


def test_a_promise_that_is_also_a_task_is_one_promise():
    task = {"task_id": "t", "opportunity_id": "006", "person_id": "kim", "seller_id": "ann", "kind": "todo"}
    task |= {"planned_at": at("04-01T10:05"), "due_at": at("04-03T21:59"), "done_at": at("04-02T08:00")}
    rows = made(
        Engine("polars"),
        {"e1": '["quote/i/w5"]', "t": '["quote/task/-"]'},
        [act("e1", "04-01T10:00")],
        [task],
        country="",
    )
    assert [(row["promise_id"], row["kept_at"]) for row in rows] == [("e1:quote:w5", at("04-02T08:00"))]


def test_a_reminder_to_oneself_or_an_appointment_is_no_promise():
    task = {"opportunity_id": "006", "person_id": "kim", "planned_at": at("04-01T10:05"), "due_at": at("04-03T21:59")}
    tasks = [
        {**task, "task_id": "1", "kind": "call"},
        {**task, "task_id": "2", "kind": "meeting"},
        {**task, "task_id": "3", "kind": "email"},
    ]
    rows = made(Engine("polars"), {"1": '["none/task/-"]', "x": None}, [], tasks)
    assert [(row["promise_id"], row["what"], row["made_by"]) for row in rows] == [("3", "email", "seller")]
