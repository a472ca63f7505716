"""A small book of deals made by hand for the reports: two teams of five, every ending, and names that bite."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import narwhals as nw

from readiness.schema import CANONICAL, FORECAST, OPPORTUNITY_READINESS
from tests.readiness.engines import as_polars
from transforms.alerts import ALERTS
from transforms.enrich import VALUES
from transforms.leads import LEADS

AS_OF = datetime(2026, 3, 16, 9, tzinfo=UTC)
HOSTILE = (
    "<script>alert(1)</script>",
    '=HYPERLINK("http://evil.example","x")',
    '"><img src=x onerror=alert(1)>',
    "{{ 7*7 }} {% raw %} ${7*7} %s {0}",
    "مرحبا \u202e right to left",
    "👩‍👩‍👧 \x07 bell \x1b[31m",
    "+SUM(A1:A9)",
    "Long " + "é" * 5000,
)
Rows = dict[str, list[dict[str, Any]]]


def ago(days: float) -> datetime:
    return AS_OF - timedelta(days=days)


def book() -> Rows:
    """Forty closed deals (won, lost, undecided in turn) and twelve open ones, of which two are ghosts."""
    rows: Rows = defaultdict(list)
    for number in range(10):
        team = "North" if number < 5 else "South"
        rows["sellers"].append({"seller_id": f"s{number}", "name": f"Seller {number}", "is_active": True, "team": team})
    for position, (stage, closed, won) in enumerate(
        [("Meet", False, False), ("Offer", False, False), ("Won", True, True), ("Lost", True, False)]
    ):
        rows["stages"].append(
            {"pipeline_id": "p", "stage_id": stage, "label": stage, "position": position, "probability": 0.5}
            | {"is_closed": closed, "is_won": won}
        )
    for number in range(40):
        outcome = ("won", "lost", "no_decision")[number % 3]
        _deal(rows, f"c{number}", number, ago(70 + 7 * number), closed=ago(20 + 7 * number), outcome=outcome)
    for number in range(12):
        _deal(rows, f"o{number}", number, ago(150), quiet=number >= 10)
    return rows


def _deal(
    rows: Rows,
    key: str,
    number: int,
    opened: datetime,
    *,
    closed: datetime | None = None,
    outcome: str = "open",
    quiet: bool = False,
) -> None:
    name = HOSTILE[number % len(HOSTILE)] if key.startswith("o") else f"Deal {key}"
    stage = {"open": "Offer", "won": "Won"}.get(outcome, "Lost")
    seller, account, person = f"s{number % 10}", f"a{key}", f"k{key}"
    rows["accounts"].append({"account_id": account, "name": f"{name} Ltd", "created_at": opened, "employees": 50})
    rows["people"].append(
        {"person_id": person, "account_id": account, "name": name, "kind": "contact", "created_at": opened}
        | {"email": f"{key}@{key}.example"}
    )
    rows["buying_group"].append(
        {"opportunity_id": key, "person_id": person, "seat": "decider", "is_primary": True, "joined_at": opened}
    )
    rows["opportunities"].append(
        {"opportunity_id": key, "account_id": account, "seller_id": seller, "pipeline_id": "p", "stage_id": stage}
        | {"name": name, "amount": 1000.0 * (number + 1), "currency": "EUR", "created_at": opened}
        | {"close_date": (closed.date() if closed else date(2026, 3, 1)), "closed_at": closed, "outcome": outcome}
        | {"loss_reason": None if outcome in ("open", "won") else "Price"}
    )
    rows["changes"].append(
        {"opportunity_id": key, "field": "stage", "new_value": "Offer", "changed_at": opened + timedelta(days=2)}
    )
    until = closed or AS_OF
    for step in range(1, 9):
        at = opened + (until - opened) * step / 10
        inbound = step % 2 == 0
        if quiet and step > 2:
            continue
        _act(rows, f"{key}-{step}", key, person, seller, at, inbound, ["procurement"] if inbound and not quiet else [])
    if not quiet:
        due = opened + timedelta(days=20)
        kept = due - timedelta(days=1) if number % 4 else due + timedelta(days=3)
        rows["promises"].append(
            {"promise_id": f"p{key}", "opportunity_id": key, "person_id": person, "seller_id": seller}
            | {"made_by": "seller", "what": "quote", "made_at": opened, "due_at": due, "kept_at": kept}
        )


def _act(
    rows: Rows, key: str, deal: str, person: str, seller: str, at: datetime, inbound: bool, topics: list[str]
) -> None:
    rows["interactions"].append(
        {"interaction_id": key, "opportunity_id": deal, "person_id": person, "seller_id": seller, "channel": "email"}
        | {"direction": "inbound" if inbound else "outbound", "topics": topics, "occurred_at": at, "recorded_at": at}
    )


def tables_of(rows: Mapping[str, list]) -> dict[str, nw.LazyFrame]:
    known = (*CANONICAL, ALERTS, VALUES, FORECAST, OPPORTUNITY_READINESS, LEADS)
    return {table.name: nw.from_native(as_polars(table, rows.get(table.name, [])).lazy()) for table in known}


def measured(found, measure, segment="all", period=""):
    return next(row for row in found if (row["measure"], row["segment"], row["period"]) == (measure, segment, period))


def lead(number, **more):
    given = dict.fromkeys(LEADS.names)
    flags = {"is_unworked": False, "is_nurture": False, "is_converted": False}
    return {**given, **flags, "person_id": str(number), "seller_id": f"s{number % 10}", "class": "suspect", **more}
