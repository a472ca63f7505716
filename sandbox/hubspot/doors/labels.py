"""Association labels: list, create, rename, delete. https://developers.hubspot.com/docs/api-reference/crm-associations-schema-v4/guide"""

from __future__ import annotations

from starlette.responses import Response

from sandbox.hubspot.association_types import internal_name
from sandbox.hubspot.call import Call
from sandbox.hubspot.errors import invalid_json
from sandbox.hubspot.values import as_text
from sandbox.hubspot.wire import answer, no_content


def list_labels(call: Call) -> Response:
    pair, _, _ = call.pair()
    return answer({"results": [kind.shown() for kind in call.state.types.of(pair)]})


def list_types(call: Call) -> Response:
    """The v3 list: ids as text, with the names that v3 uses."""
    pair, _, _ = call.pair()
    return answer({"results": [{"id": str(kind.id), "name": kind.name} for kind in call.state.types.of(pair)]})


def create_label(call: Call) -> Response:
    """200 with the types of both directions (seen in a public thread)."""
    pair, _, _ = call.pair(write=True)
    fields = call.fields()
    label = as_text(fields.get("label"))
    if not label:
        raise invalid_json("Cannot build PublicAssociationDefinitionCreateRequest, attributes are not set [label]")
    name = as_text(fields.get("name")) or internal_name(label)
    made = call.state.types.define(pair, label, name, fields.get("inverseLabel"))
    return answer({"results": [kind.shown() for kind in made]})


def rename_label(call: Call) -> Response:
    pair, _, _ = call.pair(write=True)
    fields = call.fields()
    label, id = as_text(fields.get("label")), as_text(fields.get("associationTypeId"))
    if not label or not id.isdecimal():
        needs = "[associationTypeId, label]"
        raise invalid_json(f"Cannot build PublicAssociationDefinitionUpdateRequest, attributes are not set {needs}")
    call.state.types.rename(pair, int(id), label, fields.get("inverseLabel"))
    return no_content()


def delete_label(call: Call) -> Response:
    pair, _, _ = call.pair(write=True)
    kind = call.state.types.find(pair, "USER_DEFINED", int(call.path["type_id"]))
    if kind is not None:
        call.state.graph.drop_label(pair, kind)
        call.state.types.drop(pair, kind.id)
    return no_content()
