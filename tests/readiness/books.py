"""Small books of business to score: people, acts, deals with a past."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import narwhals as nw
import numpy as np

from readiness.model import load_prior
from readiness.schema import CANONICAL, MEMBERS, SIGNALS

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
STAGES = ("s1", "s2", "s3", "s4")
Book = dict[str, list[dict[str, Any]]]


def ago(days: float) -> datetime:
    return (NOW - timedelta(days=days)).replace(microsecond=0)


def act(kind: str, days: float, **other: Any) -> dict[str, Any]:
    """One act by p1 of opportunity o1, so many days before `NOW`."""
    direction = "outbound" if kind == "outbound" else "mutual" if kind in {"meeting", "no_show"} else "inbound"
    row = {
        "interaction_id": f"{kind}@{days}",
        "opportunity_id": "o1",
        "person_id": "p1",
        "seller_id": "s1",
        "kind": kind,
        "direction": direction,
        "weight": 1.0,
        "occurred_at": ago(days),
        "known_at": ago(days),
    }
    return row | other


def member(person: str = "p1", opportunity: str = "o1", joined: float = 100.0, **other: Any) -> dict[str, Any]:
    row = {"opportunity_id": opportunity, "person_id": person, "seat": "decider", "joined_at": ago(joined)}
    return row | {f"obs_{channel}": 1.0 for channel in ("mail", "call", "meeting", "web")} | other


def frames(engine: Any, book: Mapping[str, list[dict[str, Any]]]) -> dict[str, nw.LazyFrame[Any]]:
    """Every table that the core reads, on that engine; what the book leaves out is empty."""
    return {table.name: engine.frame(table, book.get(table.name, [])) for table in (*CANONICAL, SIGNALS, MEMBERS)}


def random_book(seed: int = 0, deals: int = 60, won: float = 0.6) -> Book:
    """Deals of one pipeline, most of them closed, with two or three people each and acts of all kinds."""
    rng = np.random.default_rng(seed)
    kinds = [*load_prior().signals, "outbound"]
    book: Book = {name: [] for name in ("opportunities", "changes", "signals", "members", "stages", "accounts")}
    labels = (*STAGES, "won", "lost")
    for position, stage in enumerate(labels):
        closed = stage in {"won", "lost"}
        book["stages"].append(
            {
                "pipeline_id": "main",
                "stage_id": stage,
                "label": stage,
                "position": position,
                "probability": position / 6,
                "is_closed": closed,
                "is_won": stage == "won",
            }
        )
    for number in range(deals):
        opened = float(rng.uniform(20, 300))
        ended = float(rng.uniform(0, opened - 10)) if number % 3 else None
        outcome = "open" if ended is None else "won" if rng.random() < won else str(rng.choice(["lost", "no_decision"]))
        reached = int(rng.integers(1, len(STAGES) + 1))
        moments = np.sort(rng.uniform(ended or 0.0, opened, reached - 1))[::-1]
        opportunity = f"o{number:03}"
        book["opportunities"].append(
            {
                "opportunity_id": opportunity,
                "account_id": f"a{number % 20}",
                "seller_id": f"s{number % 4}",
                "pipeline_id": "main",
                "stage_id": STAGES[reached - 1],
                "name": f"Deal {number}",
                "amount": float(rng.choice([0.0, 1500.0, 20000.0])),
                "currency": "EUR",
                "close_date": ago(float(rng.uniform(-60, 30))).date(),
                "created_at": ago(opened),
                "closed_at": None if ended is None else ago(ended),
                "outcome": outcome,
            }
        )
        for step, days in enumerate([opened, *moments]):
            book["changes"].append(
                {
                    "opportunity_id": opportunity,
                    "field": "stage",
                    "old_value": STAGES[step - 1] if step else None,
                    "new_value": STAGES[step],
                    "changed_at": ago(float(days)),
                }
            )
        for place in range(int(rng.integers(1, 4))):
            person = f"{opportunity}p{place}"
            joined = float(rng.uniform(ended or 0.0, opened))
            seat = str(rng.choice(["decider", "champion", "user", "unknown"]))
            seen = {f"obs_{channel}": float(rng.uniform(0.2, 1)) for channel in ("mail", "call", "meeting", "web")}
            book["members"].append(member(person, opportunity, joined, seat=seat) | seen)
            for _ in range(int(rng.poisson(8))):
                days = float(rng.uniform(ended or 0.0, opened))
                late = float(rng.choice([0.0, 0.0, min(2.0, days)]))
                kind, weight = str(rng.choice(kinds)), float(rng.choice([0.3, 1.0]))
                book["signals"].append(
                    act(kind, days, opportunity_id=opportunity, person_id=person, weight=weight)
                    | {"interaction_id": f"i{len(book['signals'])}", "known_at": ago(days - late)}
                )
    return book
