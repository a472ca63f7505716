"""What a portal's set-up may do to our reads and writes: the app's scopes, our properties as somebody changed them.

Source: developers.hubspot.com, "Private apps", access token info; "OAuth", access tokens; "Scopes"; "Workflows v4",
whose flows are listed without their actions and read one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import orjson

from connectors.hubspot.client import ANY_REFUSAL, HubSpotDoor
from connectors.hubspot.streams import OURS
from connectors.paging import paged
from connectors.protocol import FieldDescription, Obstacle
from connectors.recovery import Refusal

READ = (
    "crm.objects.contacts.read",
    "crm.objects.companies.read",
    "crm.objects.deals.read",
    "crm.objects.owners.read",
)
WRITE = ("crm.objects.contacts.write", "crm.objects.deals.write")
WORKFLOWS, MOST_WORKFLOWS = "/automation/v4/flows", 50
WATCHED = ("0-1", "0-3")
"""Workflows of contacts and of deals."""
CHANGE_SCHEMA = ("crm.schemas.contacts.write", "crm.schemas.deals.write")


def obstacles(door: HubSpotDoor, held: Mapping[str, Mapping[str, FieldDescription]]) -> Iterator[Obstacle]:
    """`held` has the properties by object type."""
    yield from _scopes(door)
    for type, fields in held.items():
        locked = [name for name, field in fields.items() if name.startswith(OURS) and not field.updateable]
        if locked:
            remedy = "Settings › Properties: let the app edit them again."
            yield Obstacle("properties", f"{type}: {', '.join(sorted(locked))} can't be written", remedy, "writing")
    yield from _workflows(door)


def _workflows(door: HubSpotDoor) -> Iterator[Obstacle]:
    """Workflows that are on and name a property of ours; HubSpot shows them to apps with the scope automation alone."""
    try:
        flows = [
            flow
            for answer, _ in paged(partial(_listed, door), "")
            for flow in answer["results"]
            if flow["isEnabled"] and flow.get("objectTypeId") in WATCHED
        ]
        for flow in flows[:MOST_WORKFLOWS]:
            whole = door.send("GET", f"{WORKFLOWS}/{flow['id']}", own=ANY_REFUSAL).data
            if OURS in orjson.dumps(whole).decode():
                remedy = f"See that it does not set a property {OURS}… nor start at each of our writes: it would loop."
                yield Obstacle("workflows", f"{flow.get('name') or flow['id']} names properties of ours", remedy)
    except Refusal as refusal:
        yield Obstacle(
            "workflows",
            f"not readable: scope automation ({refusal.code})",
            f"Grant the scope, or see under Automation › Workflows that none enrols on, and sets, a property {OURS}….",
        )
        return
    if len(flows) > MOST_WORKFLOWS:
        found = f"only {MOST_WORKFLOWS} of {len(flows)} that are on were looked at"
        yield Obstacle("workflows", found, "See the others by hand.")


def _listed(door: HubSpotDoor, after: str) -> tuple[Any, str | None]:
    params = {"limit": "100"} | ({"after": after} if after else {})
    answer = door.send("GET", WORKFLOWS, None, params, own=ANY_REFUSAL).data
    return answer, ((answer.get("paging") or {}).get("next") or {}).get("after")


def _scopes(door: HubSpotDoor) -> Iterator[Obstacle]:
    try:
        granted = door.scopes()
    except Refusal as refusal:
        yield Obstacle("scopes", f"HubSpot doesn't say which the app has ({refusal.code})", "")
        return
    for wanted, stops in ((READ, "reading"), (WRITE, "writing"), (CHANGE_SCHEMA, "")):
        lacking = [scope for scope in wanted if scope not in granted]
        if lacking:
            remedy = f"Add the scope to the app: {stops or 'provision, whose app `provision_auth` may name,'} needs it."
            yield Obstacle("scopes", f"the app lacks {', '.join(lacking)}", remedy, stops)
