"""A small Salesforce org in raw rows, and its canonical tables."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests.transforms.engines import Engine, Rows, rows_of
from transforms import salesforce
from transforms.settings import Settings

AS_OF = datetime(2026, 3, 15, tzinfo=UTC)
DEFAULTS = Settings()


def on(day: str, clock: str = "10:00:00") -> str:
    """An instant of 2026 as Salesforce writes it."""
    return f"2026-{day}T{clock}.000+0000"


def org(**streams: Rows) -> dict[str, Rows]:
    """Two sellers, one account with one contact, one open opportunity; streams given replace these."""
    stages = [("Qualify", "10", "false", "false"), ("Propose", "50", "false", "false")]
    stages += [("Won", "100", "true", "true"), ("Lost", "0", "true", "false")]
    base: dict[str, Rows] = {
        "user": [
            {"Id": "005A", "Name": "Ann", "Email": "ann@sell.example", "IsActive": "true"},
            {"Id": "005B", "Name": "Bo", "Email": "bo@sell.example", "IsActive": "true"},
        ],
        "account": [{"Id": "001A", "Name": "Buy BV", "CreatedDate": on("01-01")}],
        "contact": [contact("003A", "Kim", "kim@buy.example")],
        "opportunity_stage": [
            {
                "Id": f"01J{i}",
                "ApiName": name,
                "MasterLabel": name,
                "SortOrder": str(i),
                "DefaultProbability": chance,
                "IsClosed": closed,
                "IsWon": won,
                "IsActive": "true",
            }
            for i, (name, chance, closed, won) in enumerate(stages)
        ],
        "opportunity": [opportunity("006A")],
        "opportunity_contact_role": [role("00KA", "006A", "003A", "Decision Maker")],
    }
    return {**base, **streams}


def contact(id: str, name: str, email: str | None = None, account: str | None = "001A", **more: Any) -> dict[str, Any]:
    return {"Id": id, "AccountId": account, "Name": name, "Email": email, "CreatedDate": on("01-01"), **more}


def opportunity(id: str, **more: Any) -> dict[str, Any]:
    return {
        "Id": id,
        "AccountId": "001A",
        "OwnerId": "005B",
        "StageName": "Propose",
        "Name": "Deal",
        "Amount": "1500.0",
        "CloseDate": "2026-04-01",
        "IsClosed": "false",
        "IsWon": "false",
        "CreatedDate": on("02-01"),
        "SystemModstamp": on("02-05"),
        **more,
    }


def role(id: str, deal: str, person: str, word: str | None, since: str = "02-01", **more: Any) -> dict[str, Any]:
    return {"Id": id, "OpportunityId": deal, "ContactId": person, "Role": word, "CreatedDate": on(since), **more}


def history(id: str, stage: str, day: str, **more: Any) -> dict[str, Any]:
    return {"Id": id, "OpportunityId": "006A", "StageName": stage, "CreatedDate": on(day), **more}


def field_history(id: str, field: str, old: str | None, new: str | None, day: str) -> dict[str, Any]:
    moment = day if "T" in day else on(day)
    return {"Id": id, "OpportunityId": "006A", "Field": field, "OldValue": old, "NewValue": new, "CreatedDate": moment}


def task(id: str, day: str = "02-10", **more: Any) -> dict[str, Any]:
    return {
        "Id": id,
        "OwnerId": "005B",
        "IsClosed": "true",
        "TaskSubtype": "Task",
        "CompletedDateTime": on(day),
        "CreatedDate": on(day),
        "topics": "[]",
        **more,
    }


def email(id: str, sender: str, to: str, day: str = "02-12", incoming: bool = True, **more: Any) -> dict[str, Any]:
    return {
        "Id": id,
        "FromAddress": sender,
        "ToAddress": to,
        "Incoming": "true" if incoming else "false",
        "MessageDate": on(day),
        "CreatedDate": on(day),
        "Status": "1",
        "topics": "[]",
        **more,
    }


def canonical(engine: Engine, streams: dict[str, Rows], settings: Settings = DEFAULTS) -> dict[str, Rows]:
    """Every canonical table as plain rows."""
    raw = {name: engine.text(rows, ["Id"]) for name, rows in streams.items()}
    tables = salesforce.canonical(raw, settings, AS_OF, engine.keep)
    return {name: rows_of(frame) for name, frame in tables.items()}


def only(rows: Rows) -> dict[str, Any]:
    assert len(rows) == 1, rows
    return rows[0]
