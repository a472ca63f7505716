"""Object schemas: those of the standard objects one by one (recorded for contacts); the portal has no custom ones."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from sandbox.hubspot.call import Call
from sandbox.hubspot.errors import refused
from sandbox.hubspot.object_types import BY_PLURAL, ObjectType
from sandbox.hubspot.wire import answer, stamp


def list_schemas(call: Call) -> Response:
    """Custom objects only, as the real one lists; there are none."""
    return answer({"results": []})


def read_schema(call: Call) -> Response:
    kind = call.reading()
    name = kind.name.upper()
    return answer(
        {
            "labels": {"singular": kind.label, "plural": kind.labels},
            "requiredProperties": list(kind.required),
            "searchableProperties": list(kind.searched),
            "primaryDisplayProperty": (kind.searched or ("hs_object_id",))[0],
            "secondaryDisplayProperties": list(kind.searched[1:4]),
            "archived": False,
            "restorable": True,
            "metaType": "HUBSPOT",
            "id": kind.id.partition("-")[2],
            "fullyQualifiedName": name,
            "createdAt": stamp(0),
            "updatedAt": stamp(0),
            "objectTypeId": kind.id,
            "properties": [d.shown() for d in call.state.properties[kind.plural] if d.archived_at is None],
            "associations": _associations(call, kind),
            "name": name,
        }
    )


def refuse_custom(call: Call) -> Response:
    """Custom objects are not part of the portal's subscription."""
    raise refused(403, "Your account does not have access to custom objects.", category="BANNED")


def _associations(call: Call, kind: ObjectType) -> list[dict[str, Any]]:
    return [
        {
            "fromObjectTypeId": kind.id,
            "toObjectTypeId": other.id,
            "name": association.name.upper(),
            "cardinality": "ONE_TO_MANY",
            "inverseCardinality": "ONE_TO_MANY",
            "id": str(association.id),
            "createdAt": None,
            "updatedAt": None,
        }
        for other in BY_PLURAL.values()
        for association in call.state.types.of((kind.plural, other.plural))
    ]
