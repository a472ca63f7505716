"""Properties and property groups. Lists were recorded; https://developers.hubspot.com/docs/guides/api/crm/properties."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from sandbox.hubspot.call import Call
from sandbox.hubspot.doors.batches import done
from sandbox.hubspot.errors import conflict, invalid, invalid_json, missing, refused
from sandbox.hubspot.object_types import ObjectType, object_type
from sandbox.hubspot.properties import Group, Property, custom, option, order_of
from sandbox.hubspot.state import PORTAL_ID, USER_ID
from sandbox.hubspot.values import as_text
from sandbox.hubspot.wire import answer, flag, no_content, stamp

FIELD_TYPES = {
    "string": {"text", "textarea", "html", "phonenumber", "file", "calculation_equation"},
    "number": {"number", "calculation_equation"},
    "date": {"date"},
    "datetime": {"date"},
    "enumeration": {"select", "radio", "checkbox", "booleancheckbox", "calculation_equation"},
    "bool": {"booleancheckbox", "calculation_equation"},
    "phone_number": {"phonenumber"},
}
NEEDED = ("name", "label", "type", "fieldType", "groupName")
CHANGEABLE: dict[str, tuple[str, type]] = {
    "label": ("label", str),
    "description": ("description", str),
    "displayOrder": ("display_order", int),
    "hidden": ("hidden", bool),
    "formField": ("form_field", bool),
    "groupName": ("group", str),
    "type": ("type", str),
    "fieldType": ("field_type", str),
}
"""What of a definition may be changed: the attribute behind it, and of which type it is."""
MAX_OPTIONS = 5_000


def list_properties(call: Call) -> Response:
    kind = _readable(call)
    archived = flag(call.query, "archived")
    known = sorted(call.state.properties[kind.plural], key=lambda definition: definition.name)
    shown = [
        definition.shown()
        for definition in known
        if (definition.archived_at is not None) == archived
        and (archived or call.state.definition(kind, definition.name))
    ]
    return answer({"results": shown})


def read_property(call: Call) -> Response:
    kind = _readable(call)
    return answer(_wanted(call, kind, call.path["name"]).shown())


def create_property(call: Call) -> Response:
    kind = _writable(call)
    made = _make(call, kind, call.fields())
    location = f"{call.base}{call.request.url.path.rstrip('/')}/{made.name}"
    return answer(made.shown(), 201, {"Location": location})


def update_property(call: Call) -> Response:
    kind = _writable(call)
    definition = _wanted(call, kind, call.path["name"])
    fields = call.fields()
    _check_types(fields)
    if definition.standard and set(fields) - {"options", "label", "description", "displayOrder", "formField"}:
        raise invalid(f"Property {definition.name} is defined by HubSpot; its definition is read only.")
    options = _options(fields) if "options" in fields else None
    group = fields.get("groupName") or definition.group
    if group not in call.state.properties[kind.plural].groups:
        raise invalid(f"Property group {group} does not exist.")
    _check_kind(fields.get("type") or definition.type, fields.get("fieldType") or definition.field_type)
    for name, (attribute, _) in CHANGEABLE.items():
        if fields.get(name) is not None:
            setattr(definition, attribute, fields[name])
    if options is not None:
        definition.options = options
    definition.updated = stamp(call.state.now())
    return answer(definition.shown())


def archive_property(call: Call) -> Response:
    kind = _writable(call)
    _archive(call, kind, call.path["name"])
    return no_content()


def batch_read(call: Call) -> Response:
    kind = _readable(call)
    began = call.state.now()
    wanted = [as_text(item.get("name")) for item in call.inputs()]
    found = {name: call.state.definition(kind, name) for name in wanted}
    unknown = [name for name, definition in found.items() if definition is None]
    error = {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "message": f"Some properties don't exist: {', '.join(unknown)}.",
        "context": {"name": unknown},
    }
    return done(call, began, [d.shown() for d in found.values() if d], [error] if unknown else [])


def batch_create(call: Call) -> Response:
    """All or nothing."""
    kind = _writable(call)
    began, inputs = call.state.now(), call.inputs()
    for item in inputs:
        _check(call, kind, item)
    return done(call, began, [_make(call, kind, item).shown() for item in inputs], [], 201)


def batch_archive(call: Call) -> Response:
    kind = _writable(call)
    for item in call.inputs():
        _archive(call, kind, as_text(item.get("name")))
    return no_content()


def list_groups(call: Call) -> Response:
    kind = _readable(call)
    groups = call.state.properties[kind.plural].groups.values()
    return answer({"results": [group.shown() for group in groups]})


def read_group(call: Call) -> Response:
    return answer(_group(call, _readable(call)).shown())


def create_group(call: Call) -> Response:
    kind = _writable(call)
    fields = call.fields()
    name, label = as_text(fields.get("name")), as_text(fields.get("label"))
    if not name or not label:
        raise invalid_json("Cannot build PropertyGroupCreate, some of required attributes are not set [name, label]")
    groups = call.state.properties[kind.plural].groups
    if name in groups:
        raise conflict(f"Property group '{name}' already exists")
    _check_name(name)
    _check_types(fields)
    groups[name] = Group(name, label, order_of(fields))
    location = f"{call.base}{call.request.url.path.rstrip('/')}/{name}"
    return answer(groups[name].shown(), 201, {"Location": location})


def update_group(call: Call) -> Response:
    group = _group(call, _writable(call))
    fields = call.fields()
    group.label = as_text(fields.get("label")) or group.label
    _check_types(fields)
    group.display_order = order_of(fields, group.display_order)
    return answer(group.shown())


def archive_group(call: Call) -> Response:
    kind = _writable(call)
    group = _group(call, kind)
    live = [d for d in call.state.properties[kind.plural] if d.group == group.name and d.archived_at is None]
    if live:
        raise invalid(f"Property group {group.name} still has {len(live)} properties.")
    del call.state.properties[kind.plural].groups[group.name]
    return no_content()


def _make(call: Call, kind: ObjectType, fields: Mapping[str, Any]) -> Property:
    _check(call, kind, fields)
    made = custom({**fields, "options": _options(fields)}, call.state.now(), str(USER_ID))
    call.state.properties[kind.plural].add(made)
    if made.unique:
        call.state.tables[kind.plural].index_unique(made.name)
    return made


def _check(call: Call, kind: ObjectType, fields: Mapping[str, Any]) -> None:
    needed = [name for name in NEEDED if not fields.get(name)]
    if needed:
        raise invalid_json(f"Cannot build PropertyCreate, some of required attributes are not set {needed}")
    _check_types(fields)
    name = as_text(fields["name"])
    _check_name(name)
    held = call.state.properties[kind.plural].by_name.get(name)
    if held is not None:
        if held.archived_at is None:
            raise conflict(f"A property named '{name}' already exists.")
        raise conflict(f"A property named '{name}' was archived and can be restored in the property settings.")
    if fields["groupName"] not in call.state.properties[kind.plural].groups:
        raise invalid(f"Property group {fields['groupName']} does not exist.")
    _check_kind(fields["type"], fields["fieldType"])
    _options(fields)


def _check_types(fields: Mapping[str, Any]) -> None:
    for name, (_, wanted) in CHANGEABLE.items():
        if fields.get(name) is not None and not isinstance(fields[name], wanted):
            raise invalid_json(f"Cannot deserialize value of `{name}`")


def _check_name(name: str) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,99}", name):
        raise invalid(
            f"Property name '{name}' is invalid: names begin with a letter and hold lower-case letters, "
            "digits and underscores, 100 at most."
        )


def _check_kind(type_: Any, field_type: Any) -> None:
    if type_ not in FIELD_TYPES:
        listed = ", ".join(sorted(FIELD_TYPES))
        raise invalid_json(f'Enum type must be one of: [{listed}], but was "{type_}"')
    if field_type not in FIELD_TYPES[type_]:
        raise invalid(f"The field type {field_type} is not valid for properties of type {type_}.")


def _options(fields: Mapping[str, Any]) -> list[dict[str, Any]]:
    options = fields.get("options") or []
    try:
        made = [
            option(
                str(item["value"]),
                str(item["label"]),
                item.get("displayOrder", index),
                description=item.get("description") or "",
                hidden=bool(item.get("hidden")),
            )
            for index, item in enumerate(options)
        ]
    except (KeyError, TypeError):
        raise invalid_json("Cannot build OptionInput, some of required attributes are not set [label, value]") from None
    values = [item["value"] for item in made]
    labels = [item["label"] for item in made]
    if len(set(values)) < len(values) or len(set(labels)) < len(labels):
        raise invalid("Property option values and labels must be unique.")
    if len(made) > MAX_OPTIONS:
        raise invalid(f"A property can't have more than {MAX_OPTIONS} options.")
    return made


def _archive(call: Call, kind: ObjectType, name: str) -> None:
    definition = call.state.properties[kind.plural].get(name)
    if definition is None:
        return
    if definition.standard:
        raise invalid(f"Property {name} is defined by HubSpot and can't be archived.")
    definition.archived_at = stamp(call.state.now())
    call.state.tables[kind.plural].unique.pop(name, None)


def _wanted(call: Call, kind: ObjectType, name: str) -> Property:
    definition = call.state.definition(kind, name)
    if definition is None:
        raise missing(f"Property {name} does not exist.")
    return definition


def _group(call: Call, kind: ObjectType) -> Group:
    group = call.state.properties[kind.plural].groups.get(call.path["name"])
    if group is None:
        raise missing(f"Property group {call.path['name']} does not exist.")
    return group


def _readable(call: Call) -> ObjectType:
    kind = object_type(call.path["type"])
    _check_rights(call, kind, (kind.read_scope, f"crm.schemas.{kind.plural}.read"), "view", "read")
    return kind


def _writable(call: Call) -> ObjectType:
    kind = object_type(call.path["type"])
    schema = f"crm.schemas.{kind.plural}.write"
    scope = schema if kind.plural in ("contacts", "companies", "deals") else kind.write_scope
    _check_rights(call, kind, (scope,), "edit", "write")
    return kind


def _check_rights(call: Call, kind: ObjectType, scopes: Sequence[str], what: str, right: str) -> None:
    """The other kind of 403 (recorded): no category, the object type in its inner name."""
    if not any(scope in call.state.scopes for scope in scopes):
        raise refused(
            403,
            f"You do not have permissions to {what} object type ObjectTypeId{{legacyObjectType={kind.name.upper()}}} "
            f"in portal {PORTAL_ID} (requires one of [{kind.plural}-{right}])",
        )
