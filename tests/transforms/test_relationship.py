"""What buyers notice of us, per open opportunity, and whether companies that bought stay."""

from __future__ import annotations

import pytest

from readiness.schema import CASES, CHANGES, INTERACTIONS, OPPORTUNITIES, PEOPLE, PROMISES
from tests.transforms.engines import ENGINES, Engine, rows_of
from tests.transforms.test_promises import AS_OF, TYPES, act, at, table
from transforms.fit import ACTION_FIT
from transforms.relationship import continuity, relationship
from transforms.workdays import Workdays

CALENDAR = Workdays("NL", "Europe/Amsterdam", AS_OF)
DEAL = {"opportunity_id": "006", "account_id": "acme", "outcome": "open", "created_at": at("03-01T09:00")}


def tables(engine, opportunities=(DEAL,), acts=(), changes=(), promises=(), cases=()):
    given = (
        (OPPORTUNITIES, opportunities),
        (INTERACTIONS, acts),
        (CHANGES, changes),
        (PROMISES, promises),
        (CASES, cases),
    )
    people = table(engine, PEOPLE, [{"person_id": "kim", "account_id": "acme"}])
    return {"people": people} | {spec.name: table(engine, spec, list(rows)) for spec, rows in given}


def row(engine=None, fit=(), **given):
    engine = engine or Engine("polars")
    dtypes = {c.name: TYPES[type(c.dtype).__name__] for c in ACTION_FIT.columns}
    made = relationship(tables(engine, **given), engine.frame(list(fit), dtypes), CALENDAR, AS_OF, engine.keep)
    return rows_of(made)[0]


ACTS = [
    act("web", "05-18T08:00", "inbound", "web"),
    act("ask", "05-19T08:00", "inbound", topics=["need"]),
    act("reply", "05-20T08:30"),
    act("chase", "05-21T08:00", topics=["chase"]),
    act("more", "05-27T08:00", "inbound", "call"),
    act("met", "05-28T08:00", "mutual", "meeting", seller_id="bo"),
]


@pytest.mark.parametrize("name", ENGINES)
def test_listening_answering_and_pressing_are_counted(name):
    got = row(Engine(name), acts=ACTS)
    assert (got["heard"], got["said"], got["needs"], got["channels"], got["colleagues"]) == (3, 2, 1, 3, 2)
    assert got["listening"] == pytest.approx(0.6)
    assert got["pressure"] == pytest.approx(2 / 3)
    assert got["value_share"] == pytest.approx(0.5)
    assert got["began_with_them"]
    assert got["precontact_share"] == pytest.approx(1 / 3)
    assert got["answer_minutes"] == pytest.approx(420 + 90)  # Tuesday 10:00 to Wednesday 10:30
    assert got["answers"] == 1
    assert got["waiting_minutes"] == pytest.approx(420 + 2 * 480 + 120)


def test_a_deal_without_contact_has_no_shares():
    got = row()
    assert (got["heard"], got["listening"], got["answer_minutes"], got["trust"]) == (0, None, None, None)


def test_trust_follows_recent_promises_most():
    promised = {"opportunity_id": "006", "made_by": "seller", "made_at": at("03-01T09:00")}
    late = {**promised, "promise_id": "1", "due_at": at("03-10T09:00"), "kept_at": None}
    kept = {**promised, "promise_id": "2", "due_at": at("05-25T09:00"), "kept_at": at("05-24T09:00")}
    assert 0.5 < row(promises=[late, kept])["trust"] < 1
    swapped = [{**late, "due_at": kept["due_at"]}, {**kept, "due_at": late["due_at"], "kept_at": at("03-09T09:00")}]
    assert row(promises=swapped)["trust"] < 0.5


def test_hand_overs_cases_and_forcing_are_told():
    change = {"opportunity_id": "006", "field": "seller", "new_value": "b", "changed_at": at("04-01T09:00")}
    case = {
        "case_id": "1",
        "account_id": "acme",
        "opened_at": at("05-20T08:00"),
        "first_response_at": at("05-20T09:00"),
    }
    pushed = {"opportunity_id": "006", "person_id": "kim", "kind": "closing", "fits": False}
    got = row(changes=[{**change, "old_value": "a"}, change], cases=[case], fit=[pushed])
    assert (got["hand_overs"], got["open_cases"], got["is_forced"]) == (1, 1, True)
    assert got["case_minutes"] == pytest.approx(60)


@pytest.mark.parametrize("name", ENGINES)
def test_a_company_that_buys_again_is_quicker_and_a_quiet_one_is_at_risk(name):
    engine = Engine(name)
    won = {"account_id": "acme", "outcome": "won"}
    deals = [
        {**won, "opportunity_id": "1", "created_at": at("01-01T00:00"), "closed_at": at("02-10T00:00"), "amount": 10.0},
        {**won, "opportunity_id": "2", "created_at": at("04-01T00:00"), "closed_at": at("04-21T00:00"), "amount": 20.0},
    ]
    [quiet] = rows_of(continuity(tables(engine, deals), CALENDAR, AS_OF, engine.keep))
    assert (quiet["won"], quiet["repeats"], quiet["grows"], quiet["is_at_risk"]) == (2, 1, True, True)
    assert (quiet["first_cycle_days"], quiet["repeat_cycle_days"], quiet["days_between"]) == (40, 20, 70)
    [heard] = rows_of(continuity(tables(engine, deals, acts=ACTS), CALENDAR, AS_OF, engine.keep))
    assert not heard["is_at_risk"]
    upset = [*ACTS, act("angry", "05-29T08:00", "inbound", topics=["complaint"])]
    assert rows_of(continuity(tables(engine, deals, acts=upset), CALENDAR, AS_OF, engine.keep))[0]["is_at_risk"]
