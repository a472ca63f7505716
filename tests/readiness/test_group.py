"""How people add up to a group."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from readiness.group import group_readiness
from readiness.model import load_prior
from readiness.people import people_readiness
from readiness.schema import MEMBERS, OPPORTUNITY_READINESS, SIGNALS
from tests.readiness.books import NOW, act, member
from tests.readiness.engines import Polars, collected

PRIOR = load_prior()
TOP = PRIOR.top


def scored(members: list[dict[str, Any]], acts: list[dict[str, Any]], *opportunities: str) -> tuple[Any, Any]:
    """People and groups of these opportunities, now."""
    engine = Polars()
    rows = [{"opportunity_id": one, "as_of": NOW} for one in opportunities or ("o1",)]
    landmarks = engine.frame(OPPORTUNITY_READINESS, rows).select("opportunity_id", "as_of", "expected_seats")
    people = people_readiness(
        engine.frame(SIGNALS, acts), engine.frame(MEMBERS, members), landmarks, PRIOR, engine.keep
    )
    groups = group_readiness(people, landmarks, PRIOR, engine.keep)
    return collected(people, "opportunity_id", "person_id"), collected(groups, "opportunity_id")


def test_the_group_is_the_weighted_geometric_mean_of_its_peoples_tails():
    members = [member("p1", seat="decider"), member("p2", seat="champion"), member("p3", seat="janitor")]
    acts = [act("meeting", 3, person_id="p1"), act("content", 9, person_id="p2"), act("delay", 9, person_id="p3")]
    people, groups = scored(members, acts)
    p = people.select(f"p_{k}" for k in range(TOP + 1)).to_numpy()
    tails = p[:, ::-1].cumsum(axis=1)[:, ::-1][:, 1:]
    weights = np.array([PRIOR.seats[seat] for seat in ("decider", "champion", "unknown")])
    curve = np.exp(weights @ np.log(tails) / weights.sum())
    (group,) = groups.to_dicts()
    assert [group[f"c_{m}"] for m in range(1, TOP + 1)] == pytest.approx(curve, abs=1e-12)
    assert group["readiness"] == pytest.approx(100 * curve.mean())
    assert group["phase"] == (curve >= 0.5).sum()
    mean = float(weights @ people["mean_phase"].to_numpy() / weights.sum())
    assert group["mean_phase"] == pytest.approx(mean)
    spread = weights @ (people["mean_phase"].to_numpy() - mean) ** 2 / weights.sum()
    assert group["dispersion"] == pytest.approx(np.sqrt(spread))
    assert (group["known_seats"], group["missing_decider"]) == (3, False)


def test_a_missing_decider_is_an_empty_chair_at_the_prior():
    people, groups = scored([member("p1", seat="champion")], [act("document", 1), act("meeting", 2), act("pricing", 3)])
    tail = people.select(f"p_{k}" for k in range(1, TOP + 1)).sum_horizontal().item()
    chair, champion = PRIOR.seats["decider"], PRIOR.seats["champion"]
    expected = np.exp((chair * np.log(PRIOR.prior_tails[0]) + champion * np.log(tail)) / (chair + champion))
    (group,) = groups.to_dicts()
    assert group["missing_decider"] is True
    assert group["c_1"] == pytest.approx(expected)


def test_a_lead_is_a_group_of_one_without_an_empty_chair():
    lead = member("p1", "lead:p1", seat="unknown")
    people, groups = scored([lead], [act("form", 2, opportunity_id="lead:p1")], "lead:p1")
    (group,) = groups.to_dicts()
    assert group["readiness"] == pytest.approx(people["readiness"].item())
    assert (group["missing_decider"], group["expected_seats"]) == (False, 1.0)
    assert group["coverage"] == pytest.approx(people["coverage"].item())


def test_an_opportunity_without_people_stands_at_the_prior_unseen():
    _, groups = scored([], [])
    (group,) = groups.to_dicts()
    assert [group[f"c_{m}"] for m in range(1, TOP + 1)] == pytest.approx(PRIOR.prior_tails)
    assert (group["state"], group["coverage"], group["known_seats"]) == ("unseen", 0.0, 0)
    assert (group["least_ready_person_id"], group["missing_decider"]) == (None, True)


def test_missing_seats_lower_the_coverage_and_nothing_else():
    acts = [act("meeting", 3), act("reply", 5)]
    people, (one,) = (frame.to_dicts() for frame in scored([member()], acts))
    assert one["expected_seats"] == PRIOR.expected_seats.default
    assert one["coverage"] == pytest.approx(people[0]["coverage"] / PRIOR.expected_seats.default)
    assert one["readiness"] == pytest.approx(people[0]["readiness"])


def test_the_least_ready_person_is_named_and_a_tie_goes_to_the_first_id():
    members = [member(f"p{n}", seat="champion") for n in range(4)]
    acts = [act("document", 2, person_id="p0"), act("document", 2, person_id="p1")]
    _, groups = scored(members, acts)
    assert groups["least_ready_person_id"].item() == "p2"


def test_somebody_we_could_not_have_seen_is_not_called_the_least_ready():
    members = [member("seen", seat="decider"), member("new", joined=0.0)]
    _, groups = scored(members, [act("document", 2, person_id="seen")])
    assert groups["least_ready_person_id"].item() == "seen"


def test_who_left_no_longer_counts_and_who_joins_later_does_not_yet():
    members = [
        member("stays"),
        member("left", left_at=act("reply", 5)["occurred_at"]),
        member("later", joined=-3.0),
    ]
    people, groups = scored(members, [act("document", 9, person_id="left")])
    assert people["person_id"].to_list() == ["stays"]
    assert groups["last_inbound_at"].item() is None


def test_a_group_is_silent_thirty_days_after_its_last_act():
    for days, state in ((29, "seen"), (31, "silent")):
        _, groups = scored([member("p1"), member("p2"), member("p3")], [act("meeting", days, person_id="p2")])
        assert groups["state"].item() == state
