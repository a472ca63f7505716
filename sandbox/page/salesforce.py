"""Deals as Salesforce shows them."""

from __future__ import annotations

import re
from typing import Any

from sandbox.page.inside import Inside, NotThere
from sandbox.page.model import Event, Field, Line, Listing, Member, Own, Record, Task, day, minute, money, ordered

API = "/services/data/v60.0"
PAGE = 50
OURS = "BR_"
LIST = "Id, Name, Account.Name, Owner.Name, StageName, Amount, CloseDate, IsClosed, IsWon"
MOST = 400
ID = re.compile(r"006[A-Za-z0-9]{12}(?:[A-Z0-5]{3})?")
ARROWS = {"Inbound": "in", "Outbound": "out"}


class Salesforce:
    """Reads the org through its own REST API."""

    def __init__(self, inside: Inside) -> None:
        self._inside = inside

    async def deals(self, page: int, text: str) -> Listing:
        """Open opportunities first, the next to close on top; `text` is looked for in the name."""
        ours = await self._ours("Opportunity")
        words = text.replace("\\", "\\\\").replace("'", "\\'").replace("%", "\\%").replace("_", "\\_")
        where = f"WHERE Name LIKE '%{words}%'" if words else ""
        columns = ", ".join([LIST, *ours])
        offset = min(page * PAGE, 2000)
        tail = f"{where} ORDER BY IsClosed, CloseDate DESC LIMIT {PAGE} OFFSET {offset}"
        rows = await self._select(columns, "Opportunity", tail)
        counted = await self._inside.get(f"{API}/query", q=_soql("COUNT()", "Opportunity", where))
        total = counted["totalSize"]
        more = page + 1 if offset + PAGE < min(total, 2000 + PAGE) else None
        return Listing([_line(row, ours) for row in rows], total, page, more)

    async def deal(self, record_id: str) -> Record:
        """One opportunity with all that hangs on it."""
        if not ID.fullmatch(record_id):
            raise NotThere(record_id)
        ours = await self._ours("Opportunity")
        columns = ", ".join([LIST, "CreatedDate, RecordTypeId", *ours])
        rows = await self._select(columns, "Opportunity", f"WHERE Id = '{record_id}'")
        if not rows:
            raise NotThere(record_id)
        row = rows[0]
        facts = [
            ("Account", _of(row, "Account")),
            ("Owner", _of(row, "Owner")),
            ("Amount", money(row["Amount"], None)),
            ("Close date", day(row["CloseDate"])),
            ("Created", day(row["CreatedDate"])),
        ]
        mails, shown_by = await self._mails(record_id)
        done, to_do = await self._tasks(record_id, shown_by)
        timeline = [*done, *mails, *await self._events(record_id)]
        timeline += [*await self._quotes(record_id), *await self._history(record_id)]
        return Record(
            _line(row, ours),
            facts,
            await self._stages(row["RecordTypeId"]),
            ordered(Field(_short(name), own.label, own.shown(row.get(name))) for name, own in ours.items()),
            await self._members(record_id),
            to_do,
            [event for _, event in sorted(timeline, key=lambda pair: pair[0], reverse=True)],
        )

    async def _ours(self, sobject: str) -> dict[str, Own]:
        described = await self._inside.get(f"{API}/sobjects/{sobject}/describe")
        return {
            one["name"]: Own(one["label"], {choice["value"]: choice["label"] for choice in one["picklistValues"]})
            for one in described["fields"]
            if one["name"].startswith(OURS)
        }

    async def _select(self, columns: str, sobject: str, tail: str) -> list[dict[str, Any]]:
        answer = await self._inside.get(f"{API}/query", q=_soql(columns, sobject, tail))
        records: list[dict[str, Any]] = answer["records"]
        return records

    async def _stages(self, record_type: str | None) -> list[str]:
        """Open stages in order: those in which opportunities of that record type are."""
        tail = "WHERE IsClosed = false"
        if record_type:
            tail += f" AND RecordTypeId = '{record_type}'"
        used = {
            row["StageName"] for row in await self._select("StageName", "Opportunity", f"{tail} GROUP BY StageName")
        }
        rows = await self._select("ApiName", "OpportunityStage", "WHERE IsClosed = false ORDER BY SortOrder")
        return [str(row["ApiName"]) for row in rows if row["ApiName"] in used]

    async def _members(self, record_id: str) -> list[Member]:
        ours = await self._ours("OpportunityContactRole")
        columns = ", ".join(["Contact.Name, Contact.Title, Contact.Email, Role, IsPrimary", *ours])
        rows = await self._select(columns, "OpportunityContactRole", f"WHERE OpportunityId = '{record_id}'")
        return [
            Member(
                _of(row, "Contact"),
                _of(row, "Contact", "Title"),
                f"{row['Role'] or ''}{' (primary)' if row['IsPrimary'] else ''}",
                _of(row, "Contact", "Email"),
                ordered(Field(_short(name), own.label, own.shown(row.get(name))) for name, own in ours.items()),
            )
            for row in rows
        ]

    async def _tasks(self, record_id: str, shown_by: set[str]) -> tuple[list[tuple[str, Event]], list[Task]]:
        """Completed tasks for the timeline, except those that an e-mail shows already; open ones are things to do."""
        ours = await self._ours("Task")
        columns = (
            "Id, Subject, Description, ActivityDate, IsClosed, TaskSubtype, Type, CallType, CompletedDateTime, Who.Name"
        )
        key = [name for name in ours if _short(name) == "key"]
        columns = ", ".join([columns, "CreatedDate", *key])
        rows = await self._select(
            columns, "Task", f"WHERE WhatId = '{record_id}' ORDER BY CreatedDate DESC LIMIT {MOST}"
        )
        done, to_do = [], []
        for row in rows:
            if row["Id"] in shown_by:
                continue
            is_ours = bool(key and row.get(key[0]))
            if row["IsClosed"] and not is_ours:
                at = str(row["CompletedDateTime"] or row["CreatedDate"])
                kind = str(row["TaskSubtype"] if row["TaskSubtype"] in ("Call", "Email") else row["Type"] or "Task")
                arrow = ARROWS.get(str(row["CallType"]), "out" if kind == "Email" else "none")
                done.append(
                    (at, Event(minute(at), kind, arrow, _of(row, "Who"), *_text(row, "Subject", "Description")))
                )
            else:
                subject, body = _text(row, "Subject", "Description")
                to_do.append(
                    Task(subject, body, day(row["ActivityDate"]), _of(row, "Who"), bool(row["IsClosed"]), is_ours)
                )
        return done, sorted(to_do, key=lambda task: (task.is_done, not task.is_ours))

    async def _events(self, record_id: str) -> list[tuple[str, Event]]:
        rows = await self._select(
            "Subject, Description, StartDateTime, Who.Name", "Event", f"WHERE WhatId = '{record_id}' LIMIT {MOST}"
        )
        return [
            (
                at := str(row["StartDateTime"]),
                Event(minute(at), "Meeting", "both", _of(row, "Who"), *_text(row, "Subject", "Description")),
            )
            for row in rows
        ]

    async def _mails(self, record_id: str) -> tuple[list[tuple[str, Event]], set[str]]:
        """E-mails, and the ids of the tasks that stand for them."""
        rows = await self._select(
            "Subject, TextBody, MessageDate, Incoming, FromAddress, ToAddress, ActivityId",
            "EmailMessage",
            f"WHERE RelatedToId = '{record_id}' ORDER BY MessageDate DESC LIMIT {MOST}",
        )
        found = []
        for row in rows:
            at, incoming = str(row["MessageDate"]), bool(row["Incoming"])
            who = str(row["FromAddress" if incoming else "ToAddress"] or "")
            found.append(
                (at, Event(minute(at), "E-mail", "in" if incoming else "out", who, *_text(row, "Subject", "TextBody")))
            )
        return found, {str(row["ActivityId"]) for row in rows if row["ActivityId"]}

    async def _quotes(self, record_id: str) -> list[tuple[str, Event]]:
        rows = await self._select(
            "Name, Status, GrandTotal, CreatedDate", "Quote", f"WHERE OpportunityId = '{record_id}'"
        )
        return [
            (
                at := str(row["CreatedDate"]),
                Event(
                    minute(at), "Quote", "out", "", f"{row['Name']}: {row['Status']}", money(row["GrandTotal"], None)
                ),
            )
            for row in rows
        ]

    async def _history(self, record_id: str) -> list[tuple[str, Event]]:
        rows = await self._select(
            "StageName, Amount, CloseDate, CreatedDate",
            "OpportunityHistory",
            f"WHERE OpportunityId = '{record_id}' ORDER BY CreatedDate LIMIT {MOST}",
        )
        found = []
        for row in rows:
            at, body = str(row["CreatedDate"]), f"{money(row['Amount'], None)}, closes {day(row['CloseDate'])}"
            found.append((at, Event(minute(at), "Record", "none", "", f"Stage: {row['StageName']}", body)))
        return found


def _soql(columns: str, sobject: str, tail: str) -> str:
    return " ".join(("SELECT", columns, "FROM", sobject, tail))


def _line(row: dict[str, Any], ours: dict[str, Own]) -> Line:
    state = "won" if row["IsWon"] else "lost" if row["IsClosed"] else "open"
    return Line(
        str(row["Id"]),
        str(row["Name"]),
        _of(row, "Account"),
        _of(row, "Owner"),
        str(row["StageName"]),
        money(row["Amount"], None),
        day(row["CloseDate"]),
        state,
        {_short(name): own.shown(row.get(name)) for name, own in ours.items()},
    )


def _short(name: str) -> str:
    return name.removeprefix(OURS).removesuffix("__c").lower()


def _of(row: dict[str, Any], parent: str, field: str = "Name") -> str:
    return str((row.get(parent) or {}).get(field) or "")


def _text(row: dict[str, Any], *fields: str) -> tuple[str, str]:
    subject, body = (str(row.get(field) or "") for field in fields)
    return subject, body
