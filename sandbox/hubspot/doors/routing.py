"""Which address leads to which door: one table, each line under all the versions that HubSpot answers.

v3 and v4 are what the SDKs send; the date versions are 2026-03 and 2026-09 (https://developers.hubspot.com/docs,
"API versioning").
"""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.hubspot.call import Call
from sandbox.hubspot.doors import (
    account,
    associations,
    batches,
    flows,
    labels,
    objects,
    owners,
    pipelines,
    properties,
    schemas,
    searching,
)
from sandbox.hubspot.errors import Refused, invalid_json, too_long
from sandbox.hubspot.state import State

Door = Callable[[Call], Response]
LONGEST_ADDRESS = 16_000
DATES = ("2026-03", "2026-09")

OBJECTS = ("/crm/v3/objects", *(f"/crm/objects/{date}" for date in DATES))
OBJECTS_V4 = ("/crm/v4/objects", *(f"/crm/objects/{date}" for date in DATES))
ASSOCIATIONS = ("/crm/v4/associations", *(f"/crm/associations/{date}" for date in DATES))
PROPERTIES = ("/crm/v3/properties", *(f"/crm/properties/{date}" for date in DATES))
PIPELINES = ("/crm/v3/pipelines", *(f"/crm/pipelines/{date}" for date in DATES))
OWNERS = ("/crm/v3/owners", *(f"/crm/owners/{date}" for date in DATES))
SCHEMAS = (
    "/crm/v3/schemas",
    "/crm-object-schemas/v3/schemas",
    *(f"/crm-object-schemas/{date}/schemas" for date in DATES),
)
ACCOUNT = ("/account-info/v3", *(f"/account-info/{date}" for date in DATES))
AUTOMATION = ("/automation/v4",)
OAUTH = ("/oauth/v1", "/oauth/v3", *(f"/oauth/{date}" for date in DATES))

_PAIR, _ENDS = "/{from}/{to}", "/{from}/{id}/associations"

DOORS: tuple[tuple[tuple[str, ...], str, str, Door], ...] = (
    (OBJECTS_V4, f"{_ENDS}/default/{{to}}/{{to_id}}", "PUT", associations.associate_default),
    (OBJECTS_V4, f"{_ENDS}/{{to}}/{{to_id}}", "PUT", associations.associate),
    (OBJECTS_V4, f"{_ENDS}/{{to}}/{{to_id}}", "DELETE", associations.dissociate),
    (OBJECTS_V4, f"{_ENDS}/{{to}}", "GET", associations.list_associations),
    (("/crm/v3/objects",), f"{_ENDS}/{{to}}", "GET", associations.list_associations_v3),
    (("/crm/v3/objects",), f"{_ENDS}/{{to}}/{{to_id}}/{{name}}", "PUT", associations.associate_v3),
    (("/crm/v3/objects",), f"{_ENDS}/{{to}}/{{to_id}}/{{name}}", "DELETE", associations.dissociate),
    (OBJECTS, "/{type}/batch/read", "POST", batches.batch_read),
    (OBJECTS, "/{type}/batch/create", "POST", batches.batch_create),
    (OBJECTS, "/{type}/batch/update", "POST", batches.batch_update),
    (OBJECTS, "/{type}/batch/upsert", "POST", batches.batch_upsert),
    (OBJECTS, "/{type}/batch/archive", "POST", batches.batch_archive),
    (OBJECTS, "/{type}/search", "POST", searching.search_records),
    (OBJECTS, "/{type}/merge", "POST", objects.merge_records),
    (OBJECTS, "/{type}/gdpr-delete", "POST", objects.gdpr_delete),
    (OBJECTS, "/{type}", "GET", objects.list_records),
    (OBJECTS, "/{type}", "POST", objects.create_record),
    (OBJECTS, "/{type}/{id}", "GET", objects.read_record),
    (OBJECTS, "/{type}/{id}", "PATCH", objects.update_record),
    (OBJECTS, "/{type}/{id}", "DELETE", objects.archive_record),
    (ASSOCIATIONS, f"{_PAIR}/batch/read", "POST", associations.batch_read),
    (ASSOCIATIONS, f"{_PAIR}/batch/create", "POST", associations.batch_create),
    (ASSOCIATIONS, f"{_PAIR}/batch/associate/default", "POST", associations.batch_default),
    (ASSOCIATIONS, f"{_PAIR}/batch/archive", "POST", associations.batch_archive),
    (ASSOCIATIONS, f"{_PAIR}/batch/labels/archive", "POST", associations.batch_archive_labels),
    (ASSOCIATIONS, f"{_PAIR}/labels", "GET", labels.list_labels),
    (ASSOCIATIONS, f"{_PAIR}/labels", "POST", labels.create_label),
    (ASSOCIATIONS, f"{_PAIR}/labels", "PUT", labels.rename_label),
    (ASSOCIATIONS, f"{_PAIR}/labels/{{type_id:int}}", "DELETE", labels.delete_label),
    (("/crm/v3/associations",), f"{_PAIR}/batch/read", "POST", associations.batch_read_v3),
    (("/crm/v3/associations",), f"{_PAIR}/batch/create", "POST", associations.batch_create_v3),
    (("/crm/v3/associations",), f"{_PAIR}/batch/archive", "POST", associations.batch_archive),
    (("/crm/v3/associations",), f"{_PAIR}/types", "GET", labels.list_types),
    (PROPERTIES, "/{type}/batch/read", "POST", properties.batch_read),
    (PROPERTIES, "/{type}/batch/create", "POST", properties.batch_create),
    (PROPERTIES, "/{type}/batch/archive", "POST", properties.batch_archive),
    (PROPERTIES, "/{type}/groups", "GET", properties.list_groups),
    (PROPERTIES, "/{type}/groups", "POST", properties.create_group),
    (PROPERTIES, "/{type}/groups/{name}", "GET", properties.read_group),
    (PROPERTIES, "/{type}/groups/{name}", "PATCH", properties.update_group),
    (PROPERTIES, "/{type}/groups/{name}", "DELETE", properties.archive_group),
    (PROPERTIES, "/{type}", "GET", properties.list_properties),
    (PROPERTIES, "/{type}", "POST", properties.create_property),
    (PROPERTIES, "/{type}/{name}", "GET", properties.read_property),
    (PROPERTIES, "/{type}/{name}", "PATCH", properties.update_property),
    (PROPERTIES, "/{type}/{name}", "DELETE", properties.archive_property),
    (PIPELINES, "/{type}", "GET", pipelines.list_pipelines),
    (PIPELINES, "/{type}", "POST", pipelines.create_pipeline),
    (PIPELINES, "/{type}/{pipeline}", "GET", pipelines.read_pipeline),
    (PIPELINES, "/{type}/{pipeline}", "PATCH", pipelines.change_pipeline),
    (PIPELINES, "/{type}/{pipeline}", "PUT", pipelines.change_pipeline),
    (PIPELINES, "/{type}/{pipeline}", "DELETE", pipelines.delete_pipeline),
    (PIPELINES, "/{type}/{pipeline}/stages", "GET", pipelines.list_stages),
    (PIPELINES, "/{type}/{pipeline}/stages", "POST", pipelines.create_stage),
    (PIPELINES, "/{type}/{pipeline}/stages/{stage}", "GET", pipelines.read_stage),
    (PIPELINES, "/{type}/{pipeline}/stages/{stage}", "PATCH", pipelines.change_stage),
    (PIPELINES, "/{type}/{pipeline}/stages/{stage}", "PUT", pipelines.change_stage),
    (PIPELINES, "/{type}/{pipeline}/stages/{stage}", "DELETE", pipelines.delete_stage),
    (OWNERS, "", "GET", owners.list_owners),
    (OWNERS, "/", "GET", owners.list_owners),
    (OWNERS, "/{id}", "GET", owners.read_owner),
    (SCHEMAS, "", "GET", schemas.list_schemas),
    (SCHEMAS, "", "POST", schemas.refuse_custom),
    (SCHEMAS, "/{type}", "GET", schemas.read_schema),
    (AUTOMATION, "/flows", "GET", flows.list_flows),
    (AUTOMATION, "/flows/{id}", "GET", flows.read_flow),
    (ACCOUNT, "/details", "GET", account.details),
    (ACCOUNT, "/api-usage/daily", "GET", account.daily_usage),
    (ACCOUNT, "/api-usage/daily/private-apps", "GET", account.daily_usage),
)
OPEN_DOORS: tuple[tuple[tuple[str, ...], str, str, Door], ...] = (
    (OAUTH, "/token", "POST", account.token),
    (OAUTH, "/access-tokens/{token}", "GET", account.access_token),
    (("/oauth/v2",), "/private-apps/get/access-token-info", "POST", account.private_app),
)


def routes(state: State) -> list[Route]:
    """All routes of the portal, the more particular ones first."""
    made = []
    for doors, needs_token in ((DOORS, True), (OPEN_DOORS, False)):
        for bases, path, method, door in doors:
            endpoint = _endpoint(state, door, needs_token=needs_token)
            made += [Route(f"{base}{path}", endpoint, methods=[method]) for base in bases]
    return made


def _endpoint(state: State, door: Door, *, needs_token: bool) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        state.faults = getattr(request.app.state, "faults", None)
        try:
            _check_length(request)
            if needs_token:
                state.tokens.check(request, state.now())
            raw = await request.body()
            body = _parsed(raw) if needs_token else raw
            answered = door(Call(state, request, body))
        except Refused as refusal:
            answered = refusal.response()
        state.served = state.now()
        answered.headers.setdefault("X-HubSpot-Correlation-Id", str(uuid.uuid4()))
        return answered

    return endpoint


def _check_length(request: Request) -> None:
    """Addresses beyond 16 kB never reach the service (reported by peers' users; the page is the gateway's)."""
    if len(request.url.path) + len(request.url.query) > LONGEST_ADDRESS:
        raise too_long()


def _parsed(raw: bytes) -> object:
    if not raw:
        return None
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise invalid_json(f"Unexpected character ({error.msg})", error.pos + 1) from None
