"""Buyers to draw: what one person on one opportunity did, and how well we could see it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from hypothesis import strategies as st

from readiness.model import CHANNELS, Model, load_prior
from readiness.people import people_readiness
from readiness.schema import MEMBERS, PEOPLE_READINESS, SIGNALS
from tests.readiness.books import NOW, act, member
from tests.readiness.engines import Polars, collected

PRIOR = load_prior()
DAYS = st.integers(0, 800 * 24).map(lambda hours: hours / 24)
SHARE = st.floats(0.2, 1.0)
Buyer = dict[str, Any]


def acts(kinds: Sequence[str] = (*PRIOR.signals, "outbound"), days: st.SearchStrategy[float] = DAYS) -> Any:
    return st.fixed_dictionaries({"kind": st.sampled_from(kinds), "days": days, "weight": st.sampled_from([0.3, 1.0])})


def buyers(**given: Any) -> st.SearchStrategy[list[Buyer]]:
    """Some unrelated buyers: acts, joined (days ago), obs_<channel>."""
    one = st.fixed_dictionaries(
        {"acts": st.lists(acts(**given), max_size=10), "joined": DAYS} | {f"obs_{c}": SHARE for c in CHANNELS}
    )
    return st.lists(one, min_size=8, max_size=16)


def scored(people: Sequence[Buyer], days_ago: float = 0.0, model: Model = PRIOR) -> pl.DataFrame:
    """Their readiness so many days before now, in the order given; nobody leaves."""
    engine = Polars()
    signals, members, opportunities = [], [], []
    for number, buyer in enumerate(people):
        where = {"opportunity_id": f"o{number:04}", "person_id": f"p{number:04}"}
        opportunities.append(where["opportunity_id"])
        members.append(
            member(where["person_id"], where["opportunity_id"], buyer["joined"])
            | {name: value for name, value in buyer.items() if name.startswith("obs_")}
            | {"joined_at": min(member(joined=buyer["joined"])["joined_at"], _at(days_ago))}
        )
        for index, seen in enumerate(buyer["acts"]):
            made = act(seen["kind"], seen["days"], weight=seen["weight"], **where)
            signals.append(made | {"interaction_id": f"{number}-{index}"})
    landmarks = [{"opportunity_id": one, "as_of": _at(days_ago)} for one in opportunities]
    people_frame = people_readiness(
        engine.frame(SIGNALS, signals),
        engine.frame(MEMBERS, members),
        engine.frame(PEOPLE_READINESS, landmarks).select("opportunity_id", "as_of"),
        model,
        engine.keep,
    )
    return collected(people_frame, "opportunity_id")


def _at(days_ago: float) -> Any:
    return act("reply", days_ago)["occurred_at"] if days_ago else NOW


def phase_chances(frame: pl.DataFrame) -> np.ndarray:
    return frame.select(pl.col("^p_\\d+$")).to_numpy()


def phase_tails(frame: pl.DataFrame) -> np.ndarray:
    """P(Z >= m), of shape (n_people, top)."""
    return phase_chances(frame)[:, ::-1].cumsum(axis=1)[:, ::-1][:, 1:]
