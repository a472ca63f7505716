"""Writing records: what is checked before a value is kept, and what follows from it.

Sources: https://developers.hubspot.com/docs/guides/api/crm/objects/contacts (and siblings), the validation bodies
named in errors.py. Which properties a create or update answers with was recorded for contacts and companies.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from sandbox.hubspot.association_types import AssociationType, unknown_association
from sandbox.hubspot.computed import ENGAGEMENTS
from sandbox.hubspot.errors import Refused, conflict, invalid, invalid_json, invalid_properties
from sandbox.hubspot.object_types import BY_PLURAL, ObjectType
from sandbox.hubspot.pipelines import PIPELINE_PROPERTY, STAGE_PROPERTY
from sandbox.hubspot.rowfaults import strike
from sandbox.hubspot.state import APP, APP_ID, PORTAL_ID, State
from sandbox.hubspot.store import Record
from sandbox.hubspot.values import BadValue, as_text, checked
from sandbox.hubspot.wire import parse_time

FOLLOWING = {
    "contacts": ("hs_email_domain",),
    "deals": ("hs_is_closed", "hs_is_closed_won", "hs_deal_stage_probability", "hs_projected_amount"),
}
"""Computed properties that an update answers with when what they depend on was sent."""
DEPENDS = {"contacts": {"email"}, "deals": {"dealstage", "amount", "pipeline"}}
BORN = {
    "contacts": ("hs_all_contact_vids", "hs_email_domain", "hs_is_contact", "hs_is_unworked", "hs_pipeline"),
    "companies": ("hs_pipeline", "lifecyclestage", "website"),
    "deals": ("hs_is_closed", "hs_is_closed_won", "hs_deal_stage_probability", "pipeline"),
}
"""Properties that a create answers with besides those sent."""
SOURCES = ("hs_object_source", "hs_object_source_id", "hs_object_source_label")
BIRTH_VALUES = {
    "contacts": {"hs_pipeline": "contacts-lifecycle-pipeline"},
    "companies": {"hs_pipeline": "companies-lifecycle-pipeline", "lifecyclestage": "lead"},
}
CRM = ("contacts", "companies", "deals", "tickets")


@dataclass(slots=True)
class Draft:
    """A record to be made, checked: its values, and whom it shall be associated with."""

    kind: ObjectType
    values: dict[str, str]
    links: list[tuple[ObjectType, int, list[AssociationType]]] = field(default_factory=list)
    trace: str | None = None


def values_of(state: State, kind: ObjectType, properties: Any, *, creating: bool = False) -> dict[str, str]:
    """The properties of a write as they would be kept.

    Raises `Refused` 400 with every problem found: unknown, read-only or badly valued properties.
    """
    if not isinstance(properties, Mapping):
        raise invalid_json("Cannot build SimplePublicObjectInput, some of required attributes are not set [properties]")
    problems: list[tuple[str, str, str]] = []
    values: dict[str, str] = {}
    for name, value in properties.items():
        definition = state.definition(kind, name)
        if definition is None:
            problems.append((name, "PROPERTY_DOESNT_EXIST", f'Property "{name}" does not exist'))
        elif definition.read_only:
            message = f'"{definition.name}" is a read only property; its value cannot be set.'
            problems.append((name, "READ_ONLY_VALUE", message))
        else:
            try:
                values[definition.name] = checked(definition, value, state.choices(kind, definition))
            except BadValue as bad:
                problems.append((name, bad.code, bad.message))
    if problems:
        raise invalid_properties(problems)
    _check_stage(state, kind, values, creating=creating)
    return values


def draft(state: State, kind: ObjectType, body: Any) -> Draft:
    """Check what a client wants to make; raises `Refused`."""
    if not isinstance(body, Mapping):
        raise invalid_json("Cannot deserialize value of type `SimplePublicObjectInputForCreate`")
    strike(state, kind, None)
    values = values_of(state, kind, body.get("properties") or {}, creating=True)
    needed = [name for name in kind.required if not values.get(name)]
    if needed:
        raise invalid(
            f"Error creating {kind.name.upper()}. Some required properties were not set.",
            context={"properties": needed},
        )
    if kind.plural == "contacts" and not any(values.get(name) for name in kind.defaults):
        raise invalid("At least one of email, firstname or lastname must be set to create a contact.")
    check_unique(state, kind, values)
    links = [_link(state, kind, entry) for entry in body.get("associations") or []]
    if kind.plural == "leads" and not any(other.plural in ("contacts", "companies") for other, _, _ in links):
        raise invalid("Lead must be associated with a primary contact or a primary company.")
    trace = body.get("objectWriteTraceId")
    return Draft(kind, values, links, str(trace) if trace is not None else None)


def create(state: State, made: Draft) -> Record:
    """Make the record of a draft."""
    kind, now = made.kind, state.now()
    table = state.tables[kind.plural]
    record = Record(state.next_id(), parse_time(made.values.get(kind.created, "")) or now, APP)
    record.updated = now
    source = {"hs_object_source": APP.type, "hs_object_source_id": str(APP_ID), "hs_object_source_label": APP.type}
    values = {**source, **_born_with(state, kind, made.values), **made.values}
    for name, value in values.items():
        if value != "":
            table.put(record, name, value)
    table.add(record)
    table.journal.append((now, record.id, None))
    for other, id, kinds in made.links:
        for association in kinds:
            link(state, (kind, record.id), (other, id), association)
    return record


def update(state: State, kind: ObjectType, record: Record, values: Mapping[str, str]) -> None:
    """Keep checked values of an existing record; its stamp moves even if no value differs."""
    table, now = state.tables[kind.plural], state.now()
    table.journal.append((now, record.id, record.copy()))
    if record.history:
        record.history = {column: list(versions) for column, versions in record.history.items()}
    for name, value in values.items():
        table.change(record, name, value, now, APP)
    record.created = parse_time(values.get(kind.created, "")) or record.created
    record.updated = max(now, record.updated)
    table.touched(record)


def check_unique(state: State, kind: ObjectType, values: Mapping[str, str], record: Record | None = None) -> None:
    """Refuse a value that another record has of a property whose values are unique: 409 on e-mail and on create.

    Changing a custom one on an existing record is a 400 that names both records (quoted in public threads).
    """
    table = state.tables[kind.plural]
    for name in table.unique:
        holder = table.holder(name, values[name]) if values.get(name) else None
        if holder is None or holder is record:
            continue
        if record is None or name == "email":
            raise conflict(f"{kind.label} already exists. Existing ID: {holder.id}")
        coordinates = (
            f"PropertyValueCoordinates{{portalId={PORTAL_ID}, objectTypeId=ObjectTypeId{{legacyObjectType="
            f"{kind.name.upper()}}}, propertyName={name}, value={values[name]}}}"
        )
        raise invalid(f"Cannot set {coordinates} on {record.id}. {holder.id} already has that value.")


def link(
    state: State, start: tuple[ObjectType, int], end: tuple[ObjectType, int], kind: AssociationType | None = None
) -> None:
    """Associate two records; an activity moves the stamp of the record that it is put on.

    That other associations don't move it is unverified; clients that rely on it would lose late links.
    """
    (one, id), (other, other_id) = start, end
    new = state.graph.link((one.plural, other.plural), id, other_id, kind)
    if not new:
        return
    for near, far, far_id in ((one, other, other_id), (other, one, id)):
        if near.plural in ENGAGEMENTS and far.plural in CRM:
            record = state.tables[far.plural].records[far_id]
            record.updated = max(state.now(), record.updated)
            state.tables[far.plural].touched(record)


def created_answer(state: State, made: Draft, record: Record) -> dict[str, Any]:
    """The properties that a create answers with."""
    kind = made.kind
    return _answered(state, kind, record, {*made.values, *BORN.get(kind.plural, ()), *SOURCES, *kind.stamps})


def updated_answer(state: State, kind: ObjectType, record: Record, values: Mapping[str, str]) -> dict[str, Any]:
    """The properties that an update answers with: those sent, the stamp, and what follows from them."""
    names = {*values, kind.modified}
    if DEPENDS.get(kind.plural, set()) & names:
        names |= set(FOLLOWING[kind.plural])
    return {**dict.fromkeys(values, ""), **_answered(state, kind, record, names)}


def _answered(state: State, kind: ObjectType, record: Record, names: set[str]) -> dict[str, Any]:
    found = {name: state.value(kind, record, name) for name in sorted(names)}
    return {name: value for name, value in found.items() if value is not None}


def _born_with(state: State, kind: ObjectType, values: Mapping[str, str]) -> dict[str, str]:
    born = dict(BIRTH_VALUES.get(kind.plural, {}))
    if kind.plural == "companies" and values.get("domain"):
        born["website"] = values["domain"]
    pipelines = state.pipelines.get(kind.plural)
    if pipelines and not values.get(PIPELINE_PROPERTY[kind.plural]) and (default := pipelines.default()):
        born[PIPELINE_PROPERTY[kind.plural]] = default.id
        if kind.plural == "leads" and not values.get("hs_pipeline_stage"):
            born["hs_pipeline_stage"] = default.ordered()[0].id
    if kind.plural == "emails":
        born |= _addresses(values.get("hs_email_headers", ""))
    return born


def _addresses(headers: str) -> dict[str, str]:
    """From, to and cc of an e-mail as its headers give them (JSON, as the emails guide shows)."""
    try:
        parsed = orjson.loads(headers or b"{}")
        lists = {"to": parsed.get("to") or [], "cc": parsed.get("cc") or []}
        found = {
            f"hs_email_{role}_email": ";".join(entry["email"] for entry in entries) for role, entries in lists.items()
        }
        return {**found, "hs_email_from_email": (parsed.get("from") or {}).get("email", "")}
    except (orjson.JSONDecodeError, AttributeError, KeyError, TypeError):
        return {}


def _check_stage(state: State, kind: ObjectType, values: Mapping[str, str], *, creating: bool) -> None:
    """A stage must be of the pipeline that is sent with it, or of the default one when a record is made."""
    pipelines = state.pipelines.get(kind.plural)
    stage = values.get(STAGE_PROPERTY.get(kind.plural, ""))
    if pipelines is None or not stage:
        return
    default = pipelines.default()
    pipeline = values.get(PIPELINE_PROPERTY[kind.plural]) or (default.id if creating and default else None)
    if pipeline is not None and stage not in pipelines.by_id[pipeline].stages:
        name = STAGE_PROPERTY[kind.plural]
        raise invalid_properties([(name, "INVALID_OPTION", f"{stage} is not a stage of the pipeline {pipeline}.")])


def _link(state: State, kind: ObjectType, entry: Any) -> tuple[ObjectType, int, list[AssociationType]]:
    """One entry of `associations` in a create: {"to": {"id"}, "types": [{associationCategory, associationTypeId}]}.

    The type ids alone tell which object type is meant.
    """
    try:
        id, specs = as_text(entry["to"]["id"]), entry["types"]
        keys = [(spec["associationCategory"], int(spec["associationTypeId"])) for spec in specs]
    except (KeyError, TypeError, ValueError):
        needs = "[to, types]"
        raise invalid_json(
            f"Cannot build PublicAssociationsForObject, some of required attributes are not set {needs}"
        ) from None
    for other in BY_PLURAL.values():
        found = [state.types.find((kind.plural, other.plural), *key) for key in keys]
        kinds = [association for association in found if association is not None]
        record = state.find(other, id)
        if keys and len(kinds) == len(keys) and record is not None and record.archived is None:
            return other, record.id, kinds
    if not any(state.types.find((kind.plural, other), *key) for other in BY_PLURAL for key in keys):
        raise unknown_association(keys[0][1] if keys else 0)
    raise _nobody(id)


def _nobody(id: str) -> Refused:
    return invalid(f"One or more associations are invalid: no object with the id {id} exists.", context={"id": [id]})
