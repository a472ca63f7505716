"""Properties that HubSpot works out itself, read from the record's values, history and associations.

Names and meanings: https://knowledge.hubspot.com/properties/hubspots-default-deal-properties (and its siblings for
contacts, companies, tickets and activities). Stage dates come from the stage's history, as `hs_v2_…` do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from html import escape
from typing import TYPE_CHECKING

from sandbox.hubspot.pipelines import STAGE_PROPERTY, Stage
from sandbox.hubspot.wire import parse_time, stamp

if TYPE_CHECKING:
    from sandbox.hubspot.state import State
    from sandbox.hubspot.store import Record

Computed = Callable[["State", "Record"], str | None]

CONTACTING = ("calls", "emails", "meetings")
ENGAGEMENTS = (*CONTACTING, "notes", "tasks")
_STAGE_DATE = re.compile(r"hs_(?:v2_)?(date_entered|date_exited|latest_time_in|cumulative_time_in)_(.+)")
_TAGS = re.compile(r"<[^>]*>")


def computed(plural: str, name: str) -> Computed | None:
    """How the property is worked out; None for one that is simply stored."""
    found = _COMPUTED.get((plural, name)) or _COMPUTED.get(("", name))
    if found:
        return found
    match = _STAGE_DATE.fullmatch(name)
    stage_property = {**STAGE_PROPERTY, "contacts": "lifecyclestage", "companies": "lifecyclestage"}.get(plural)
    if match is None or stage_property is None:
        return None
    return partial(_stage_date, plural, stage_property, match[1], match[2])


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _merged(state: State, record: Record) -> str | None:
    return ";".join(str(id) for id in record.merged) or None


def _stage_date(plural: str, stage_property: str, what: str, stage: str, state: State, record: Record) -> str | None:
    """When the stage was entered or left for the last time, or the ms spent in it."""
    versions = state.tables[plural].versions(record, stage_property)[::-1]
    ends = [version.at for version in versions[1:]] + [None]
    stays = [(version.at, end) for version, end in zip(versions, ends, strict=False) if version.value == stage]
    if not stays:
        return None
    entered, left = stays[-1]
    if what == "date_entered":
        return stamp(entered)
    if what == "date_exited":
        return stamp(left) if left is not None else None
    now = state.now()
    spent = [(end or now) - start for start, end in stays]
    return str(spent[-1] if what == "latest_time_in" else sum(spent))


def _deal_stage(state: State, record: Record) -> Stage | None:
    return state.pipelines["deals"].stage(state.tables["deals"].value(record, "dealstage"))


def _deal_flag(ask: Callable[[Stage], bool], state: State, record: Record) -> str:
    stage = _deal_stage(state, record)
    return _flag(stage is not None and ask(stage))


def _probability(state: State, record: Record) -> str | None:
    stage = _deal_stage(state, record)
    return stage.probability if stage else None


def _stated_amount(state: State, record: Record) -> str | None:
    return state.tables["deals"].value(record, "amount")


def _amount(state: State, record: Record) -> float | None:
    text = _stated_amount(state, record)
    return float(text) if text else None


def _number(value: float | None) -> str | None:
    return None if value is None else str(int(value)) if value == int(value) else str(value)


def _projected(state: State, record: Record) -> str | None:
    amount, probability = _amount(state, record), _probability(state, record)
    return None if amount is None else _number(amount * float(probability or 0))


def _closed_amount(state: State, record: Record) -> str | None:
    stage = _deal_stage(state, record)
    return _number(_amount(state, record) or 0) if stage and stage.is_won else "0"


def _closed_won_date(state: State, record: Record) -> str | None:
    stage = _deal_stage(state, record)
    return state.tables["deals"].value(record, "closedate") if stage and stage.is_won else None


def _days_to_close(state: State, record: Record) -> str | None:
    closed = parse_time(state.tables["deals"].value(record, "closedate") or "")
    return None if closed is None else str(max(0, closed - record.created) // 86_400_000)


def _ticket_closed(state: State, record: Record) -> str:
    stage = state.pipelines["tickets"].stage(state.tables["tickets"].value(record, "hs_pipeline_stage"))
    return _flag(stage is not None and stage.is_closed)


def _lead_open(state: State, record: Record) -> str:
    stage = state.tables["leads"].value(record, "hs_pipeline_stage")
    return _flag(stage not in ("qualified-stage-id", "unqualified-stage-id"))


def _count(plural: str, other: str, state: State, record: Record) -> str | None:
    return str(len(state.graph.between((plural, other), record.id)))


def _primary(plural: str, other: str, state: State, record: Record) -> str | None:
    pair = (plural, other)
    primary = state.types.primary.get(pair)
    for id in state.graph.between(pair, record.id):
        if primary in state.graph.kinds(pair, record.id, id):
            return str(id)
    return None


def _lead_email(state: State, record: Record) -> str | None:
    id = _primary("leads", "contacts", state, record)
    contacts = state.tables["contacts"]
    return contacts.value(contacts.records[int(id)], "email") if id else None


def _activity_times(plural: str, kinds: tuple[str, ...], state: State, record: Record) -> Iterator[int]:
    for kind in kinds:
        table = state.tables[kind]
        for id in state.graph.between((plural, kind), record.id):
            at = parse_time(table.value(table.records[id], "hs_timestamp") or "")
            if at is not None:
                yield at


def _latest(plural: str, kinds: tuple[str, ...], state: State, record: Record) -> str | None:
    now = state.now()
    past = [at for at in _activity_times(plural, kinds, state, record) if at <= now]
    return stamp(max(past)) if past else None


def _next(plural: str, state: State, record: Record) -> str | None:
    now = state.now()
    coming = [at for at in _activity_times(plural, ("meetings", "tasks"), state, record) if at > now]
    return stamp(min(coming)) if coming else None


def _how_many(plural: str, kinds: tuple[str, ...], state: State, record: Record) -> str:
    return str(sum(len(state.graph.between((plural, kind), record.id)) for kind in kinds))


def _email_domain(state: State, record: Record) -> str | None:
    return (state.tables["contacts"].value(record, "email") or "").partition("@")[2] or None


def _own_id(state: State, record: Record) -> str | None:
    return ";".join(str(id) for id in (record.id, *record.merged))


def _unworked(state: State, record: Record) -> str:
    return _flag(_how_many("contacts", CONTACTING, state, record) == "0")


def _owners(state: State, record: Record) -> str | None:
    for table in state.tables.values():
        if table.records.get(record.id) is record:
            return table.value(record, "hubspot_owner_id")
    return None


def _preview(plural: str, body: str, state: State, record: Record) -> str | None:
    text = state.tables[plural].value(record, body)
    return _TAGS.sub("", text)[:512] if text else None


def _email_html(state: State, record: Record) -> str | None:
    """The text of an e-mail as a page, where it came without one."""
    table = state.tables["emails"]
    text = table.value(record, "hs_email_text")
    return table.value(record, "hs_email_html") or (f"<p>{escape(text)}</p>" if text else None)


def _task_done(state: State, record: Record) -> str:
    return "1" if state.tables["tasks"].value(record, "hs_task_status") == "COMPLETED" else "0"


def _line_amount(state: State, record: Record) -> str | None:
    table = state.tables["line_items"]
    stated = table.value(record, "amount")
    if stated:
        return stated
    price, quantity = table.value(record, "price"), table.value(record, "quantity")
    return _number(float(price) * float(quantity or 1)) if price else None


_COMPUTED: dict[tuple[str, str], Computed] = {
    ("", "hs_merged_object_ids"): _merged,
    ("", "hs_all_owner_ids"): _owners,
    ("contacts", "hs_email_domain"): _email_domain,
    ("contacts", "hs_is_contact"): lambda state, record: "true",
    ("contacts", "hs_is_unworked"): _unworked,
    ("contacts", "hs_all_contact_vids"): _own_id,
    ("contacts", "num_associated_deals"): partial(_count, "contacts", "deals"),
    ("contacts", "associatedcompanyid"): partial(_primary, "contacts", "companies"),
    ("companies", "num_associated_contacts"): partial(_count, "companies", "contacts"),
    ("companies", "num_associated_deals"): partial(_count, "companies", "deals"),
    ("deals", "num_associated_contacts"): partial(_count, "deals", "contacts"),
    ("deals", "hs_is_closed"): partial(_deal_flag, lambda stage: stage.is_closed),
    ("deals", "hs_is_closed_won"): partial(_deal_flag, lambda stage: stage.is_won),
    ("deals", "hs_is_closed_lost"): partial(_deal_flag, lambda stage: stage.is_closed and not stage.is_won),
    ("deals", "hs_deal_stage_probability"): _probability,
    ("deals", "hs_projected_amount"): _projected,
    ("deals", "hs_closed_amount"): _closed_amount,
    ("deals", "hs_closed_won_date"): _closed_won_date,
    ("deals", "amount_in_home_currency"): _stated_amount,
    ("deals", "days_to_close"): _days_to_close,
    ("tickets", "hs_is_closed"): _ticket_closed,
    ("leads", "hs_lead_is_open"): _lead_open,
    ("leads", "hs_primary_contact_id"): partial(_primary, "leads", "contacts"),
    ("leads", "hs_primary_company_id"): partial(_primary, "leads", "companies"),
    ("leads", "hs_contact_email"): _lead_email,
    ("emails", "hs_email_html"): _email_html,
    ("tasks", "hs_task_is_completed"): _task_done,
    ("line_items", "amount"): _line_amount,
}
for _plural, _body in (
    ("emails", "hs_email_text"),
    ("calls", "hs_call_body"),
    ("meetings", "hs_meeting_body"),
    ("notes", "hs_note_body"),
    ("tasks", "hs_task_body"),
):
    _COMPUTED[(_plural, "hs_body_preview")] = partial(_preview, _plural, _body)
for _plural in ("contacts", "companies", "deals", "tickets"):
    _COMPUTED[(_plural, "notes_last_updated")] = partial(_latest, _plural, ENGAGEMENTS)
    _COMPUTED[(_plural, "notes_last_contacted")] = partial(_latest, _plural, CONTACTING)
    _COMPUTED[(_plural, "hs_last_sales_activity_timestamp")] = partial(_latest, _plural, CONTACTING)
    _COMPUTED[(_plural, "notes_next_activity_date")] = partial(_next, _plural)
    _COMPUTED[(_plural, "num_notes")] = partial(_how_many, _plural, ENGAGEMENTS)
    _COMPUTED[(_plural, "num_contacted_notes")] = partial(_how_many, _plural, CONTACTING)
