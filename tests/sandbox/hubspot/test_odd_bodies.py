"""Bodies that no sensible client sends: always an answer of HubSpot's kind, never a broken server."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.hubspot.conftest import Served

ODD: tuple[Any, ...] = (
    None,
    [],
    {},
    "text",
    7,
    {"inputs": None},
    {"inputs": [None]},
    {"inputs": [[]]},
    {"inputs": [{}]},
    {"inputs": [{"id": None}]},
    {"inputs": [{"id": {}, "properties": []}]},
    {"inputs": [{"id": "1", "properties": "x"}]},
    {"inputs": [{"from": 1, "to": 2, "types": 3}]},
    {"inputs": [{"from": {"id": "1"}, "to": {"id": "1"}, "types": [{}]}]},
    {"inputs": [{"from": {"id": "1"}, "to": [], "type": None}]},
    {"inputs": [{"name": None}]},
    {"properties": []},
    {"properties": {"amount": {}}},
    {"properties": {"dealname": ["x"], "amount": None}},
    {"properties": {}, "associations": {}},
    {"properties": {"dealname": "x"}, "associations": [{}]},
    {"properties": {"dealname": "x"}, "associations": [{"to": 1, "types": [1]}]},
    {"filterGroups": {}},
    {"filterGroups": [1]},
    {"filterGroups": [{"filters": [1]}]},
    {"filterGroups": [{"filters": {}}]},
    {"filterGroups": [{"filters": [{"propertyName": "amount", "operator": "IN", "values": {}}]}]},
    {"filterGroups": [{"filters": [{"propertyName": "amount", "operator": "EQ", "value": {}}]}]},
    {"filterGroups": [{"filters": [{"propertyName": "hs_object_id", "operator": "IN", "values": ["inf"]}]}]},
    {"filterGroups": [{"filters": [{"propertyName": "hs_object_id", "operator": "EQ", "value": "nan"}]}]},
    {"sorts": {}},
    {"sorts": [1]},
    {"limit": "many"},
    {"after": -1},
    {"query": {}},
    {"name": 1, "label": []},
    {"name": "x", "label": "X", "type": [], "fieldType": {}, "groupName": {}},
    {
        "name": "x",
        "label": "X",
        "type": "enumeration",
        "fieldType": "select",
        "groupName": "dealinformation",
        "options": 3,
    },
    {"label": "X", "stages": [1]},
    {"label": "X", "stages": 1},
    {"label": "X", "metadata": 1, "displayOrder": "last"},
    {"label": {}, "inverseLabel": 1, "associationTypeId": {}},
    {"primaryObjectId": {}, "objectIdToMerge": []},
    {"objectId": {}, "idProperty": []},
)
DOORS = (
    ("POST", "/crm/v3/objects/deals"),
    ("PATCH", "/crm/v3/objects/deals/1"),
    ("PATCH", "/crm/v3/objects/deals/{deal}"),
    ("POST", "/crm/v3/objects/deals/search"),
    ("POST", "/crm/v3/objects/deals/merge"),
    ("POST", "/crm/v3/objects/contacts/gdpr-delete"),
    *(("POST", f"/crm/v3/objects/deals/batch/{verb}") for verb in ("read", "create", "update", "upsert", "archive")),
    *(("POST", f"/crm/v4/associations/deals/contacts/batch/{verb}") for verb in ("read", "create", "archive")),
    ("POST", "/crm/v4/associations/deals/contacts/batch/labels/archive"),
    ("POST", "/crm/v4/associations/deals/contacts/batch/associate/default"),
    ("POST", "/crm/v3/associations/deals/contacts/batch/create"),
    ("PUT", "/crm/v4/objects/deals/{deal}/associations/contacts/1"),
    ("POST", "/crm/v4/associations/deals/contacts/labels"),
    ("PUT", "/crm/v4/associations/deals/contacts/labels"),
    ("POST", "/crm/v3/properties/deals"),
    ("PATCH", "/crm/v3/properties/deals/amount"),
    *(("POST", f"/crm/v3/properties/deals/batch/{verb}") for verb in ("read", "create", "archive")),
    ("POST", "/crm/v3/properties/deals/groups"),
    ("PATCH", "/crm/v3/properties/deals/groups/dealinformation"),
    ("POST", "/crm/v3/pipelines/deals"),
    ("PATCH", "/crm/v3/pipelines/deals/default"),
    ("POST", "/crm/v3/pipelines/deals/default/stages"),
    ("POST", "/oauth/v1/token"),
    ("POST", "/oauth/v2/private-apps/get/access-token-info"),
)


@pytest.mark.parametrize(("method", "path"), DOORS)
def test_no_body_breaks_a_door(hub: Served, method: str, path: str) -> None:
    for body in ODD:
        answer = hub.call(method, path.format(deal=hub.id("deals", "o1")), body)
        assert answer.status_code < 500, (body, answer.text)
    for after in ("objects/deals?limit=10", "properties/deals", "properties/deals/groups", "pipelines/deals"):
        assert hub.call("GET", f"/crm/v3/{after}").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/crm/v3/objects/deals?limit=-1",
        "/crm/v3/objects/deals?limit=x&after=%00",
        "/crm/v3/objects/deals?associations=,,&properties=,",
        "/crm/v3/objects/deals?associations=moons",
        "/crm/v3/objects/deals/%20?idProperty=%20",
        "/crm/v3/objects/deals/9999999999999999999999",
        "/crm/v3/objects/notes?associations=notes",
        "/crm/v4/objects/deals/x/associations/contacts",
        "/crm/v4/objects/notes/1/associations/emails",
        "/crm/v4/associations/notes/emails/labels",
        "/crm/v3/owners?limit=none",
        "/crm/v3/pipelines/notes",
        "/crm/v3/properties/deals/groups/none",
        "/crm/v3/schemas/2-1",
    ],
)
def test_no_address_breaks_a_door(hub: Served, path: str) -> None:
    assert hub.call("GET", path).status_code < 500
