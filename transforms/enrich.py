"""Scores -> the values of our fields, worded for the seller: per opportunity, person and contact role."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import narwhals as nw
import pyarrow as pa

from readiness.schema import TEXT, TIME, Column, Table
from transforms import reasons, wording
from transforms.actions import for_person, next_action
from transforms.book import Tables, rows
from transforms.facts import Deal, Member
from transforms.fields import FIELDS
from transforms.hidden import veiled
from transforms.settings import Settings
from transforms.steps import steady_band, steady_day, stepped
from transforms.texts import Texts, name, shortened

VALUES = Table(
    "fields",
    ("object", "record_id", "field"),
    (
        Column("object", TEXT, "opportunity | person | group_role"),
        Column("record_id", TEXT, "the CRM's id of the record"),
        Column("field", TEXT, "our short name of the field"),
        Column("value", TEXT, "what should stand there; null for nothing"),
    ),
)
LENGTHS = {(field.object, field.name): field.length for field in FIELDS if field.type in ("text", "long_text")}
WRITTEN = {
    object: [f.name for f in FIELDS if f.object == object and f.is_written]
    for object in ("opportunity", "person", "group_role")
}
NEWS = ("phase", "readiness", "win_chance", "decision_date", "flags", "coverage", "least_ready")
"""Fields whose change is told in `changed`."""
PASSING = ("next_action", "call_line", "flags", "win_chance", "rank", "slip_risk", "decision_date")
"""Fields that make no sense on a closed opportunity."""

Held = Mapping[tuple[str, str], Mapping[str, str | None]]
"""(object, record id) -> field -> what the CRM has."""


def fields(
    tables: Tables, book: Sequence[Deal], settings: Settings, as_of: datetime, held: nw.LazyFrame | None = None
) -> nw.DataFrame[pa.Table]:
    """What should stand in our fields (`VALUES`): open opportunities, their people and roles, and leads.

    Parameters
    ----------
    tables : the canonical tables.
    book : the open book of the same instant, of `book.deals`; of those that `hidden.veil` marked no phase is told.
    held : object, record_id, field, value: what the CRM has; numbers hold still against it, and "what changed"
        speaks of it.
    """
    texts = Texts(settings.language, settings.locale, settings.time_zone)
    before = _held(held)
    readings = {
        (deal.opportunity_id, member.person_id): read(deal, member, texts, as_of)
        for deal in book
        for member in deal.members
    }
    found: list[dict[str, object]] = []
    for deal in book:
        if deal.is_lead:
            continue
        shown = veiled if deal.is_veiled else dict
        values = shown(opportunity_values(deal, texts, as_of, before.get(("opportunity", deal.opportunity_id), {})))
        found += _listed("opportunity", deal.opportunity_id, values)
        for member in deal.members:
            if member.role_id:
                reading = readings[deal.opportunity_id, member.person_id]
                role = shown(person_values(reading, texts, before.get(("group_role", member.role_id), {})))
                found += _listed("group_role", member.role_id, role)
    for person_id, opportunity_id, others in _one_deal_each(book):
        reading = readings[opportunity_id, person_id]
        shown = veiled if reading.deal.is_veiled else dict
        values = shown(person_values(reading, texts, before.get(("person", person_id), {}), others))
        status = {"lead_status": wording.lead_status(reading.deal, texts)}
        found += _listed("person", person_id, {**values, **_fitting("person", status)})
    found += _closed(tables, before)
    return eager(found, VALUES)


def opportunity_values(
    deal: Deal, texts: Texts, as_of: datetime, held: Mapping[str, str | None]
) -> dict[str, str | None]:
    """Field -> value for one open opportunity."""
    forecast, score = deal.forecast, deal.readiness
    is_unseen = deal.state == "unseen"
    today = as_of.astimezone(ZoneInfo(texts.time_zone)).date()
    calibrated = bool(forecast.get("calibrated"))
    chance = None if not calibrated or forecast.get("p_win") is None else 100 * float(forecast["p_win"])
    slip = None if forecast.get("slip_risk") is None or deal.close_date is None else 100 * float(forecast["slip_risk"])
    listening = deal.listening(as_of)
    values: dict[str, str | None] = {
        "phase": _shown_phase(deal.state, deal.phase, deal.passed, held.get("phase")),
        "readiness": None if is_unseen else stepped(float(score["readiness"]), held.get("readiness")),
        "phase_gap": wording.gap(deal, texts),
        "win_chance": stepped(chance, held.get("win_chance")),
        "rank": wording.rank(forecast.get("rank"), texts, held.get("rank")),
        "decision_date": steady_day(forecast.get("decision_date"), held.get("decision_date"), today)
        if calibrated
        else None,
        "slip_risk": stepped(slip, held.get("slip_risk"), 10) if calibrated else None,
        "confidence": None if is_unseen else score["confidence"],
        "why": reasons.why(deal, texts, as_of).shown(held.get("why")),
        "next_action": next_action(deal, texts, as_of),
        "call_line": wording.call_line(deal, texts, as_of),
        "flags": wording.flags(deal, texts, as_of),
        "least_ready": wording.least_ready(deal, texts),
        "coverage": wording.coverage(deal, texts),
        "listening_ratio": None if listening is None else stepped(100 * listening, held.get("listening_ratio"), 10),
        "promises_open": str(len(deal.open_promises())),
        "promises_overdue": str(sum(bool(p["due_at"]) and p["due_at"] < as_of for p in deal.open_promises())),
        "updated_at": f"{as_of.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
    }
    values["changed"] = _news(values, held, texts, as_of)
    return _fitting("opportunity", values)


@dataclass(frozen=True, slots=True)
class Reading:
    """One person on one deal: the deal as it concerns them, and what does not depend on what the CRM holds."""

    deal: Deal
    member: Member
    why: reasons.Why
    next_action: str | None
    preferred_channel: str | None


def read(deal: Deal, member: Member, texts: Texts, as_of: datetime) -> Reading:
    own = for_person(deal, member)
    return Reading(
        own, member, reasons.why(own, texts, as_of), next_action(own, texts, as_of), wording.preferred(own, texts)
    )


def person_values(
    reading: Reading, texts: Texts, held: Mapping[str, str | None], others: int = 0
) -> dict[str, str | None]:
    """Field -> value for one person on one deal; `others` counts further open deals that they are on."""
    member = reading.member
    is_unseen = member.state == "unseen"
    why = reading.why.shown(None if others else held.get("why"))
    if others:
        why = f"{texts('person.on_deal', deal=name(reading.deal.name))}\n{why}"
    values = {
        "phase": _shown_phase(member.state, member.phase, member.passed, held.get("phase")),
        "readiness": None if is_unseen else stepped(member.readiness, held.get("readiness")),
        "confidence": None if is_unseen else member.confidence,
        "why": why,
        "next_action": reading.next_action,
        "preferred_channel": reading.preferred_channel,
    }
    return _fitting("person", values)


def _shown_phase(state: str, phase: int, passed: list[float], held: str | None) -> str:
    return state if state in ("unseen", "silent") else steady_band(phase, passed, held)


def _news(
    values: Mapping[str, str | None], held: Mapping[str, str | None], texts: Texts, as_of: datetime
) -> str | None:
    """What is new against what the CRM has; the last news stays while there is none."""
    if not any(held.get(field) for field in ("phase", "why")):
        return texts("news.first", day=texts.day(as_of))
    told = [
        _told(field, held.get(field), values.get(field), texts)
        for field in NEWS
        if _differs(held.get(field), values.get(field))
    ]
    if not told:
        return held.get("changed")
    return f"{texts.day(as_of)}: {'; '.join(told)}"


def _differs(before: str | None, now: str | None) -> bool:
    numbers = [float(v) if v and v.replace(".", "", 1).isdigit() else v or None for v in (before, now)]
    return numbers[0] != numbers[1]


def _told(field: str, before: str | None, now: str | None, texts: Texts) -> str:
    def shown(value: str | None) -> str:
        if not value:
            return texts("news.nothing")
        if field == "phase":
            return texts(f"choice.phase.{value}") if value in ("unseen", "silent") else texts(f"band.{value}")
        if field == "decision_date":
            return texts.day(datetime.fromisoformat(value[:10]).date())
        return value.removesuffix(".0") if field in ("readiness", "win_chance") else value

    label = texts(f"field.opportunity.{field}.label")
    if field in ("flags", "coverage", "least_ready"):
        return f"{label}: {shown(now)}"
    return f"{label}: {shown(before)} → {shown(now)}"


def _one_deal_each(book: Iterable[Deal]) -> Iterable[tuple[str, str, int]]:
    """person_id, the opportunity on which they last acted, and on how many others they are."""
    on: dict[str, list[tuple[datetime, str]]] = {}
    for deal in book:
        for member in deal.members:
            last = member.last_inbound_at or datetime.min.replace(tzinfo=UTC)
            on.setdefault(member.person_id, []).append((last, deal.opportunity_id))
    for person_id in sorted(on):
        yield person_id, max(on[person_id])[1], len(on[person_id]) - 1


def _closed(tables: Tables, before: Held) -> list[dict[str, object]]:
    """Advice on what is closed by now is taken away; the last reading stays."""
    held = {record for object, record in before if object == "opportunity"}
    if not held:
        return []
    closed = {r["opportunity_id"] for r in rows(tables["opportunities"].filter(nw.col("outcome") != "open"))}
    return [
        entry for record in sorted(held & closed) for entry in _listed("opportunity", record, dict.fromkeys(PASSING))
    ]


def _held(held: nw.LazyFrame | None) -> Held:
    found: dict[tuple[str, str], dict[str, str | None]] = {}
    if held is not None:
        values = held.select("object", "record_id", "field", "value").collect("polars").rows()
        for object, record_id, field, value in values:
            found.setdefault((object, record_id), {})[field] = value
    return found


def _fitting(object: str, values: Mapping[str, str | None]) -> dict[str, str | None]:
    return {
        field: shortened(value, LENGTHS[object, field]) if value and (object, field) in LENGTHS else value
        for field, value in values.items()
    }


def _listed(object: str, record_id: str, values: Mapping[str, str | None]) -> list[dict[str, object]]:
    return [{"object": object, "record_id": record_id, "field": f, "value": v} for f, v in values.items()]


def eager(found: Iterable[Mapping[str, object]], table: Table) -> nw.DataFrame[pa.Table]:
    """Rows made in Python as a small Arrow table."""
    listed = list(found)
    types = {TEXT: pa.string(), TIME: pa.timestamp("us", "UTC")}
    columns = {c.name: pa.array([row.get(c.name) for row in listed], type=types[c.dtype]) for c in table.columns}
    return nw.from_native(pa.table(columns), eager_only=True)
