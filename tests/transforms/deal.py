"""Deals made by hand, as `transforms.book` gathers them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from transforms.facts import Act, Deal, Member, Reason

AS_OF = datetime(2026, 3, 16, 9, tzinfo=UTC)
SEEN = {"mail": 1.0, "call": 1.0, "meeting": 1.0, "web": 1.0}


def ago(days: float) -> datetime:
    return AS_OF - timedelta(days=days)


def member(person_id: str = "kim", name: str = "Kim de Vries", seat: str = "decider", **more: Any) -> Member:
    given = {
        "person_id": person_id,
        "name": name,
        "seat": seat,
        "role_id": f"role-{person_id}",
        "opted_out": False,
        "phase": 3,
        "passed": [0.95, 0.9, 0.7, 0.2, 0.1, 0.05],
        "readiness": 48.0,
        "confidence": "medium",
        "state": "seen",
        "last_inbound_at": ago(3),
        "seen_through": SEEN,
    }
    return Member(**{**given, **more})


def act(days: float, direction: str = "inbound", *topics: str, **more: Any) -> Act:
    given = {
        "interaction_id": f"{direction}-{days}",
        "person_id": "kim",
        "seller_id": "ann",
        "channel": "email",
        "direction": direction,
        "outcome": None,
        "topics": frozenset(topics),
        "at": ago(days),
    }
    return Act(**{**given, **more})


def promise(days_due: float, **more: Any) -> dict[str, Any]:
    """`days_due` ago; negative: still to come."""
    given = {"promise_id": "p1", "person_id": "kim", "made_by": "seller", "what": "quote", "kept_at": None}
    return {**given, "made_at": ago(days_due + 2), "due_at": ago(days_due), **more}


def quote(id: str, days_sent: float | None, **more: Any) -> dict[str, Any]:
    return {"quote_id": id, "sent_at": None if days_sent is None else ago(days_sent), "decided_at": None, **more}


def deal(score: dict[str, Any] | None = None, forecast: dict[str, Any] | None = None, **more: Any) -> Deal:
    readiness = {
        "state": "seen",
        "phase": 3,
        "readiness": 48.0,
        "confidence": "medium",
        "phase_gap": 0,
        "claimed_phase": 3,
        "missing_decider": False,
        "least_ready_person_id": None,
        "expected_seats": 3.0,
        "last_inbound_at": ago(3),
        **{f"c_{m}": c for m, c in enumerate([0.95, 0.9, 0.7, 0.2, 0.1, 0.05], 1)},
        **(score or {}),
    }
    guess = {"calibrated": False, "rank": 60.0, "slip_risk": 0.3, "decision_date": date(2026, 5, 1), "p_win": 0.41}
    given: dict[str, Any] = {
        "opportunity_id": "006A",
        "name": "New machines",
        "account": "Buy BV",
        "seller_id": "ann",
        "stage": "Propose",
        "amount": 1000.0,
        "close_date": date(2026, 6, 1),
        "created_at": ago(90),
        "stage_since": ago(40),
        "members": [member()],
        "acts": [act(3)],
        "reasons": [Reason("kim", "reply", 0.9, 1, ago(3))],
        **more,
    }
    return Deal(readiness=readiness, forecast={**guess, **(forecast or {})}, **given)
