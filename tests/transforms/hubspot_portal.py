"""A small HubSpot portal in raw rows, and its canonical tables."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests.transforms.engines import Engine, Rows, rows_of
from transforms import hubspot
from transforms.settings import Settings

AS_OF = datetime(2026, 3, 15, tzinfo=UTC)


def on(day: str, clock: str = "10:00:00.123") -> str:
    """An instant of 2026 as HubSpot writes it."""
    return f"2026-{day}T{clock}Z"


def portal(**streams: Rows) -> dict[str, Rows]:
    """One owner, one company with one contact, one open deal; streams given replace these."""
    stages = [("q", "0.2", "false"), ("p", "0.5", "false"), ("w", "1.0", "true"), ("l", "0.0", "true")]
    base: dict[str, Rows] = {
        "owners": [{"id": "1", "email": "ann@sell.example", "firstName": "Ann", "lastName": "A", "archived": "false"}],
        "companies": [{"id": "10", "name": "Buy BV", "createdate": on("01-01")}],
        "contacts": [contact("20", "kim@buy.example")],
        "deal_pipelines": [
            {
                "pipeline_id": "default",
                "pipeline_label": "Sales",
                "stage_id": stage,
                "stage_label": stage.upper(),
                "display_order": str(i),
                "probability": chance,
                "is_closed": closed,
            }
            for i, (stage, chance, closed) in enumerate(stages)
        ],
        "deals": [deal("30")],
        "associations": [
            link("deals", "30", "contacts", "20", "Decision maker"),
            link("deals", "30", "companies", "10"),
        ],
    }
    return {**base, **streams}


def contact(id: str, email: str | None = None, **more: Any) -> dict[str, Any]:
    return {"id": id, "firstname": "Kim", "lastname": id, "email": email, "createdate": on("01-02"), **more}


def deal(id: str, **more: Any) -> dict[str, Any]:
    return {
        "id": id,
        "dealname": "Deal",
        "amount": "1500",
        "closedate": "2026-04-01T00:00:00Z",
        "dealstage": "p",
        "pipeline": "default",
        "createdate": on("02-01"),
        "hubspot_owner_id": "1",
        "hs_lastmodifieddate": on("02-09"),
        **more,
    }


def link(left: str, left_id: str, right: str, right_id: str, label: str | None = None) -> dict[str, Any]:
    return {"from_type": left, "from_id": left_id, "to_type": right, "to_id": right_id, "label": label}


def was(object_type: str, object_id: str, name: str, value: str, moment: str) -> dict[str, Any]:
    return {"object_type": object_type, "object_id": object_id, "property": name, "value": value, "timestamp": moment}


def canonical(engine: Engine, streams: dict[str, Rows], settings: Settings | None = None) -> dict[str, Rows]:
    """Every canonical table as plain rows."""
    raw = {name: engine.text(rows, ["id"]) for name, rows in streams.items()}
    tables = hubspot.canonical(raw, settings or Settings(), AS_OF, engine.keep)
    return {name: rows_of(frame) for name, frame in tables.items()}
