"""The next best action: never a push at a pressured buyer, whatever else holds; and the kinds that acts are of."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readiness.schema import BUYING_GROUP, INTERACTIONS, QUOTES
from tests.transforms.deal import AS_OF, act, ago, deal, member, promise, quote
from tests.transforms.engines import ENGINES, Engine, rows_of
from tests.transforms.test_promises import table
from transforms.actions import CONDITIONS, View, chosen, for_person, is_pressured, next_action, rules
from transforms.fit import action_fit, kinds
from transforms.texts import Texts
from transforms.wording import call_line

TOPICS = ("question", "pricing", "delay", "objection", "complaint", "status_quo", "quote_request", "legal", "closing")
ACTS = st.builds(
    lambda days, direction, topics, channel, person: act(days, direction, *topics, channel=channel, person_id=person),
    st.floats(0.1, 90),
    st.sampled_from(("inbound", "outbound", "mutual")),
    st.lists(st.sampled_from(TOPICS), max_size=2),
    st.sampled_from(("email", "call", "meeting", "web")),
    st.sampled_from(("kim", "lee")),
)
STATES = st.builds(
    lambda phase, gap, state, missing, acts, late, quoted, out: deal(
        {"phase": phase, "phase_gap": gap, "state": state, "missing_decider": missing},
        acts=sorted(acts, key=lambda one: one.at),
        members=[member(opted_out=out), member("lee", "Lee", "champion")],
        promises=[promise(late)],
        quotes=[quote("q", quoted)],
    ),
    st.integers(0, 6),
    st.integers(-5, 5),
    st.sampled_from(("seen", "silent", "unseen")),
    st.booleans(),
    st.lists(ACTS, max_size=9),
    st.floats(-5, 60),
    st.none() | st.floats(0, 30),
    st.booleans(),
)


@given(STATES, st.booleans())
@settings(max_examples=400, deadline=None)
def test_no_rule_pushes_a_pressured_buyer(one, personal):
    for view in [View(one, AS_OF)] + ([View(for_person(one, m), AS_OF) for m in one.members] if personal else []):
        rule = chosen(view.deal, AS_OF)
        if is_pressured(view):
            assert rule is None or not kinds()[rule.kind].pushes
            assert "Better not to press" in call_line(view.deal, Texts("en"), AS_OF)


def pressed(**more):
    return deal(acts=[act(40), *(act(days, "outbound") for days in (14, 13, 12))], **more)


@pytest.mark.parametrize("phase", range(7))
@pytest.mark.parametrize("gap", [-4, 0, 4])
def test_a_pressured_buyer_is_left_in_peace_in_every_phase(phase, gap):
    one = pressed(score={"phase": phase, "phase_gap": gap, "missing_decider": True}, quotes=[quote("q", 5)])
    assert chosen(one, AS_OF).rule == "give_rest"
    assert "Do not send a reminder" in next_action(one, Texts("en"), AS_OF)


def test_every_rule_has_its_reason_its_kind_and_known_conditions():
    for rule in rules():
        assert len(rule.why) > 30
        assert rule.kind in kinds()
        assert set(rule.when) <= CONDITIONS.keys()


@pytest.mark.parametrize("name", ENGINES)
def test_what_we_did_is_judged_by_the_phase_of_whom_we_did_it_to(name):
    engine = Engine(name)
    given = {"opportunity_id": "006", "person_id": "kim", "seller_id": "ann", "direction": "outbound"}
    acts = [
        {**given, "interaction_id": topic, "channel": "email", "topics": [topic], "occurred_at": ago(5)}
        for topic in ("closing", "chase", "question", "document_sent")
    ]
    acts.append({**given, "interaction_id": "old", "channel": "email", "topics": [], "occurred_at": ago(50)})
    group = [{"opportunity_id": "006", "person_id": "kim", "is_primary": True, "joined_at": ago(60)}]
    tables = {
        "interactions": table(engine, INTERACTIONS, acts),
        "quotes": table(engine, QUOTES, [{"quote_id": "q", "opportunity_id": "006", "sent_at": ago(2)}]),
        "buying_group": table(engine, BUYING_GROUP, group),
    }
    phases = engine.frame(
        [{"opportunity_id": "006", "person_id": "kim", "phase": 3}],
        {"opportunity_id": pl.String(), "person_id": pl.String(), "phase": pl.Int64()},
    )
    rows = rows_of(action_fit(tables, {"people_readiness": phases}, AS_OF))
    assert {row["kind"]: row["fits"] for row in rows} == {
        "closing": False,
        "chase": False,
        "discovery": True,
        "value": True,
        "quote": False,
    }
