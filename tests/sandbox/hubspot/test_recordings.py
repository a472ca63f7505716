"""The portal's answers beside real ones, recorded elsewhere: the same keys, the same kinds of value."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.sandbox.hubspot.conftest import Served

RECORDINGS = Path(__file__).parents[3].parent / "shared" / "recordings" / "hubspot.jsonl"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z")
Exchange = dict[str, Any]
DEFINING = (
    "label",
    "type",
    "fieldType",
    "calculated",
    "externalOptions",
    "hidden",
    "hasUniqueValue",
    "formField",
    "referencedObjectType",
    "modificationMetadata",
)


@pytest.fixture(scope="module")
def recorded() -> list[Exchange]:
    if not RECORDINGS.exists():
        pytest.skip(f"no recordings at {RECORDINGS}")
    return [json.loads(line) for line in RECORDINGS.read_text().splitlines()]


def one(recorded: list[Exchange], method: str, path: str, status: int) -> Exchange:
    """The first recorded exchange of this kind; `path` is a regular expression."""
    return next(r for r in recorded if (r["method"], r["status"]) == (method, status) and re.fullmatch(path, r["path"]))


def kind(value: Any) -> str:
    if isinstance(value, str):
        return "time" if TIME.fullmatch(value) else "number" if value.isdecimal() else "text"
    return type(value).__name__


def shape(value: Any, path: str = "") -> set[str]:
    """Every place in a JSON value with the kind of what stands there; the items of a list share one place."""
    if isinstance(value, dict):
        return {place for key, item in value.items() for place in shape(item, f"{path}.{key}")}
    if isinstance(value, list):
        return {place for item in value for place in shape(item, f"{path}[]")} or {f"{path}[]"}
    return {f"{path}: {kind(value)}"}


def without_properties(body: Any) -> Any:
    """The body with the names of the records' properties taken out: portals differ in those."""
    if isinstance(body, dict):
        return {
            key: sorted(kind(item) for item in value.values())[:0] if key == "properties" else without_properties(value)
            for key, value in body.items()
        }
    return [without_properties(item) for item in body] if isinstance(body, list) else body


def assert_like(ours: requests.Response, real: Exchange, *, optional: tuple[str, ...] = ()) -> None:
    assert ours.status_code == real["status"]
    assert ours.headers.get("content-type") == real["headers"].get("content-type")
    if isinstance(real["response_body"], str):
        assert ours.text.split() == real["response_body"].split()
        return

    def places(body: Any) -> set[str]:
        return {place for place in shape(without_properties(body)) if not any(name in place for name in optional)}

    assert places(ours.json()) == places(real["response_body"])


def created(hub: Served, email: str) -> str:
    return hub.call("POST", "/crm/v3/objects/contacts", {"properties": {"email": email}}).json()["id"]


READS: list[tuple[str, str, int, Callable[[Served], str]]] = [
    ("GET", r"/crm/v3/objects/contacts\?limit=1", 200, lambda hub: "/crm/v3/objects/contacts?limit=1"),
    (
        "GET",
        r"/crm/v3/objects/contacts\?limit=1&properties=.*",
        200,
        lambda hub: "/crm/v3/objects/contacts?limit=1&properties=email%2Cfirstname",
    ),
    ("GET", r"/crm/v3/objects/contacts/\d+", 200, lambda hub: f"/crm/v3/objects/contacts/{hub.id('contacts', 'p1')}"),
    (
        "GET",
        r"/crm/v3/objects/contacts/test@.*",
        200,
        lambda hub: "/crm/v3/objects/contacts/carla@pompen.example?idProperty=email",
    ),
    (
        "GET",
        r"/crm/v3/objects/contacts/non-.*",
        404,
        lambda hub: "/crm/v3/objects/contacts/no@one.tld?idProperty=email",
    ),
    ("GET", r"/crm/v3/objects/companies/\d+", 404, lambda hub: "/crm/v3/objects/companies/1"),
    ("GET", r"/crm/v3/objects/users/1.*", 403, lambda hub: "/crm/v3/objects/users/1?properties=hs_email"),
]


@pytest.mark.parametrize(("method", "path", "status", "ask"), READS)
def test_reads_look_like_the_recorded_ones(
    hub: Served, recorded: list[Exchange], method: str, path: str, status: int, ask: Callable[[Served], str]
) -> None:
    ours = hub.call(method, ask(hub))
    optional = ("requiredScopes", "requiredGranularScopes")
    assert_like(ours, one(recorded, method, path, status), optional=optional)
    if status == 404:
        assert ours.headers["X-HubSpot-NotFound"] == "true"


def test_property_values_come_as_recorded(hub: Served, recorded: list[Exchange]) -> None:
    real = one(recorded, "GET", r"/crm/v3/objects/contacts/\d+", 200)["response_body"]["properties"]
    ours = hub.get(f"/crm/v3/objects/contacts/{hub.id('contacts', 'p1')}")["properties"]
    assert list(ours) == list(real)
    assert [kind(value) for value in ours.values()] == [kind(value) for value in real.values()]


def test_creates_look_like_the_recorded_ones(hub: Served, recorded: list[Exchange]) -> None:
    real = one(recorded, "POST", "/crm/v3/objects/companies", 201)
    ours = hub.call("POST", "/crm/v3/objects/companies", real["request_body"])
    assert_like(ours, real)
    assert set(ours.json()["properties"]) == set(real["response_body"]["properties"])
    assert ours.headers["location"].endswith(f"/crm/v3/objects/companies/{ours.json()['id']}")


def test_batches_look_like_the_recorded_ones(hub: Served, recorded: list[Exchange]) -> None:
    real = one(recorded, "POST", "/crm/v3/objects/CONTACT/batch/create", 201)
    ours = hub.call("POST", "/crm/v3/objects/CONTACT/batch/create", real["request_body"])
    assert_like(ours, real)
    answered = set(ours.json()["results"][0]["properties"])
    assert answered >= set(real["response_body"]["results"][0]["properties"])
    id = ours.json()["results"][0]["id"]
    real = one(recorded, "POST", "/crm/v3/objects/CONTACT/batch/update", 200)
    sent = {"email": "user1@example.com", "firstname": "John", "lastname": "Doe"}
    ours = hub.call("POST", "/crm/v3/objects/CONTACT/batch/update", {"inputs": [{"id": id, "properties": sent}]})
    assert_like(ours, real)
    extra = set(real["response_body"]["results"][0]["properties"]) - set(
        real["request_body"]["inputs"][0]["properties"]
    )
    assert set(ours.json()["results"][0]["properties"]) == set(sent) | extra
    real = one(recorded, "POST", "/crm/v3/objects/CONTACT/batch/archive", 204)
    ours = hub.call("POST", "/crm/v3/objects/CONTACT/batch/archive", {"inputs": [{"id": id}]})
    assert_like(ours, real)


def test_searches_look_like_the_recorded_ones(hub: Served, recorded: list[Exchange]) -> None:
    real = next(r for r in recorded if r["path"].endswith("/search") and "paging" in str(r["response_body"]))
    ours = hub.call("POST", "/crm/v3/objects/contacts/search", {"limit": 2, "sorts": []})
    assert_like(ours, real)


def test_updates_to_empty_texts_are_answered_as_recorded(hub: Served, recorded: list[Exchange]) -> None:
    id = created(hub, "empty@x.example")
    answer = hub.call("PATCH", f"/crm/v3/objects/contacts/{id}", {"properties": {"firstname": ""}}).json()
    assert answer["properties"]["firstname"] == ""


def test_contact_properties_are_defined_as_recorded(hub: Served, recorded: list[Exchange]) -> None:
    """Every recorded definition that the portal has too: kind, rights, options; and no key that was never seen."""
    real = {p["name"]: p for p in one(recorded, "GET", "/crm/v3/properties/contacts", 200)["response_body"]["results"]}
    ours = {p["name"]: p for p in hub.get("/crm/v3/properties/contacts")["results"]}
    common = set(real) & set(ours)
    assert len(common) > 60
    seen = {key for definition in real.values() for key in definition}
    always = set.intersection(*(set(definition) for definition in real.values()))
    for name in sorted(common):
        assert always <= set(ours[name]) <= seen | {"createdUserId", "updatedUserId"}, name
        for key in DEFINING:
            assert ours[name].get(key) == real[name].get(key), f"{name}.{key}"
        known = {option["value"] for option in ours[name]["options"]}
        assert known >= {option["value"] for option in real[name]["options"]}, name


def test_a_schema_has_the_recorded_parts(hub: Served, recorded: list[Exchange]) -> None:
    real = one(recorded, "GET", "/crm/v3/schemas/CONTACT", 200)["response_body"]
    ours = hub.get("/crm/v3/schemas/CONTACT")
    assert set(real) <= set(ours)
    assert set(ours["associations"][0]) == set(real["associations"][0])
    types = {"0-2", "0-3", "0-5", "0-14", "0-27", "0-46", "0-47", "0-48", "0-49"}
    known = {(a["toObjectTypeId"], a["id"], a["name"]) for a in real["associations"] if a["toObjectTypeId"] in types}
    given = {(a["toObjectTypeId"], a["id"], a["name"]) for a in ours["associations"]}
    assert len(known) >= 9
    assert known <= given


def test_both_kinds_of_403_have_the_recorded_parts(fresh: Served, recorded: list[Exchange]) -> None:
    fresh.portal.state.scopes -= {"crm.objects.contacts.read", "crm.schemas.contacts.read"}
    rights = one(recorded, "GET", "/crm/v3/properties/contacts", 403)
    assert_like(fresh.call("GET", "/crm/v3/properties/contacts"), rights)
    scopes = one(recorded, "GET", "/crm/v3/objects/contacts/1", 403)
    optional = ("requiredScopes", "requiredGranularScopes")
    assert_like(fresh.call("GET", "/crm/v3/objects/contacts/1"), scopes, optional=optional)
