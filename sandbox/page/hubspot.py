"""Deals as HubSpot shows them."""

from __future__ import annotations

from typing import Any

from sandbox.page.inside import Inside, NotThere
from sandbox.page.model import (
    Event,
    Field,
    Line,
    Listing,
    Member,
    Own,
    Record,
    Task,
    day,
    minute,
    money,
    ordered,
    texts,
)

OBJECTS = "/crm/v3/objects"
PAGE = 50
OURS = "br_"
DEAL = (
    "dealname",
    "amount",
    "deal_currency_code",
    "closedate",
    "dealstage",
    "pipeline",
    "hubspot_owner_id",
    "createdate",
    "hs_is_closed",
    "hs_is_closed_won",
)
LINKED = "contacts,companies,emails,calls,meetings,notes,tasks,quotes"
BATCH = 100
ACTS = {
    "emails": ("E-mail", "hs_email_subject", "hs_email_text", "hs_email_direction"),
    "calls": ("Call", "hs_call_title", "hs_call_body", "hs_call_direction"),
    "meetings": ("Meeting", "hs_meeting_title", "hs_meeting_body", "hs_meeting_outcome"),
    "notes": ("Note", "hs_note_body", "hs_note_body", "hs_object_source"),
    "quotes": ("Quote", "hs_title", "hs_quote_amount", "hs_status"),
}
ARROWS = {"INCOMING_EMAIL": "in", "EMAIL": "out", "INBOUND": "in", "OUTBOUND": "out"}


class HubSpot:
    """Reads the portal through its own CRM API."""

    def __init__(self, inside: Inside) -> None:
        self._inside = inside

    async def deals(self, page: int, text: str) -> Listing:
        """Open deals first, the latest to close on top; `text` is looked for in the name."""
        ours = await self._ours("deals")
        owners, stages = await self._owners(), await self._stages()
        search: dict[str, Any] = {
            "properties": [*DEAL, *ours],
            "limit": PAGE,
            "after": str(page * PAGE),
            "sorts": [{"propertyName": "closedate", "direction": "DESCENDING"}],
        }
        if text:
            search["query"] = text
        answer = await self._inside.post(f"{OBJECTS}/deals/search", search)
        lines = [_line(row, owners, stages, ours) for row in answer["results"]]
        more = page + 1 if answer.get("paging") else None
        return Listing(lines, answer["total"], page, more)

    async def deal(self, record_id: str) -> Record:
        """One deal with all that is associated with it."""
        if not record_id.isdigit():
            raise NotThere(record_id)
        ours = await self._ours("deals")
        owners, stages = await self._owners(), await self._stages()
        properties = ",".join([*DEAL, *ours])
        row = await self._inside.get(f"{OBJECTS}/deals/{record_id}", properties=properties, associations=LINKED)
        linked = {
            kind.split(" ")[0]: list(dict.fromkeys(one["id"] for one in found["results"]))
            for kind, found in (row.get("associations") or {}).items()
        }
        companies = await self._read("companies", linked.get("companies", []), ["name"])
        line = _line(row, owners, stages, ours)
        line.account = ", ".join(one["name"] for one in companies)
        values = texts(row["properties"])
        facts = [
            ("Company", line.account),
            ("Owner", line.owner),
            ("Amount", line.amount),
            ("Close date", line.close_date),
            ("Created", day(values.get("createdate"))),
        ]
        timeline = [event for kind in ACTS for event in await self._acts(kind, linked.get(kind, []))]
        return Record(
            line,
            facts,
            [label for label, pipeline, closed in stages.values() if pipeline == values.get("pipeline") and not closed],
            ordered(_field(name, own, values.get(name)) for name, own in ours.items()),
            await self._members(linked.get("contacts", [])),
            await self._tasks(linked.get("tasks", [])),
            [event for _, event in sorted(timeline, key=lambda pair: pair[0], reverse=True)],
        )

    async def _ours(self, kind: str) -> dict[str, Own]:
        properties = (await self._inside.get(f"/crm/v3/properties/{kind}"))["results"]
        return {
            one["name"]: Own(one["label"], {option["value"]: option["label"] for option in one.get("options") or ()})
            for one in properties
            if one["name"].startswith(OURS)
        }

    async def _owners(self) -> dict[str, str]:
        found = (await self._inside.get("/crm/v3/owners", limit="500"))["results"]
        return {one["id"]: f"{one['firstName'] or ''} {one['lastName'] or ''}".strip() for one in found}

    async def _stages(self) -> dict[str, tuple[str, str, bool]]:
        """Stage id -> its label, its pipeline, whether it is closed."""
        pipelines = (await self._inside.get("/crm/v3/pipelines/deals"))["results"]
        return {
            stage["id"]: (stage["label"], pipeline["id"], stage["metadata"].get("isClosed") == "true")
            for pipeline in pipelines
            for stage in sorted(pipeline["stages"], key=lambda stage: stage["displayOrder"])
        }

    async def _read(self, kind: str, record_ids: list[str], properties: list[str]) -> list[dict[str, str]]:
        found: list[dict[str, str]] = []
        for at in range(0, len(record_ids), BATCH):
            inputs = [{"id": record_id} for record_id in record_ids[at : at + BATCH]]
            body = {"inputs": inputs, "properties": properties}
            answer = await self._inside.post(f"{OBJECTS}/{kind}/batch/read", body)
            found += [texts(one["properties"]) for one in answer["results"]]
        return found

    async def _members(self, record_ids: list[str]) -> list[Member]:
        ours = await self._ours("contacts")
        rows = await self._read("contacts", record_ids, ["firstname", "lastname", "jobtitle", "email", *ours])
        return [
            Member(
                f"{row.get('firstname', '')} {row.get('lastname', '')}".strip(),
                row.get("jobtitle", ""),
                "",
                row.get("email", ""),
                ordered(
                    Field(name.removeprefix(OURS), own.label, own.shown(row.get(name))) for name, own in ours.items()
                ),
            )
            for row in rows
        ]

    async def _tasks(self, record_ids: list[str]) -> list[Task]:
        asked = ["hs_task_subject", "hs_task_body", "hs_timestamp", "hs_task_status", *await self._ours("tasks")]
        rows = await self._read("tasks", record_ids, asked)
        tasks = [
            Task(
                row.get("hs_task_subject", ""),
                row.get("hs_task_body", ""),
                day(row.get("hs_timestamp")),
                "",
                row.get("hs_task_status") == "COMPLETED",
                bool(row.get("br_key")),
            )
            for row in rows
        ]
        return sorted(tasks, key=lambda task: (task.is_done, not task.is_ours))

    async def _acts(self, kind: str, record_ids: list[str]) -> list[tuple[str, Event]]:
        name, subject, body, direction = ACTS[kind]
        rows = await self._read(kind, record_ids, ["hs_timestamp", "hs_createdate", subject, body, direction])
        found = []
        for row in rows:
            at = row.get("hs_timestamp") or row.get("hs_createdate", "")
            arrow = "both" if kind == "meetings" else ARROWS.get(row.get(direction, ""), "none")
            text = "" if subject == body else row.get(body, "")
            found.append((at, Event(minute(at), name, arrow, "", row.get(subject, ""), text)))
        return found


def _field(name: str, own: Own, value: str | None) -> Field:
    return Field(name.removeprefix(OURS), own.label, own.shown(value))


def _line(
    row: dict[str, Any], owners: dict[str, str], stages: dict[str, tuple[str, str, bool]], ours: dict[str, Own]
) -> Line:
    values = texts(row["properties"])
    won, closed = values.get("hs_is_closed_won") == "true", values.get("hs_is_closed") == "true"
    stage = values.get("dealstage", "")
    return Line(
        str(row["id"]),
        values.get("dealname", ""),
        "",
        owners.get(values.get("hubspot_owner_id", ""), ""),
        stages[stage][0] if stage in stages else stage,
        money(values.get("amount"), values.get("deal_currency_code")),
        day(values.get("closedate")),
        "won" if won else "lost" if closed else "open",
        {name.removeprefix(OURS): own.shown(values.get(name)) for name, own in ours.items()},
    )
