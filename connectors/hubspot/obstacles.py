"""What a portal's set-up may do to our reads and writes: the app's scopes, our properties as somebody changed them.

Source: developers.hubspot.com, "Private apps", access token info; "OAuth", access tokens; "Scopes".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from connectors.hubspot.client import HubSpotDoor
from connectors.hubspot.streams import OURS
from connectors.protocol import FieldDescription, Obstacle
from connectors.recovery import Refusal

READ = (
    "crm.objects.contacts.read",
    "crm.objects.companies.read",
    "crm.objects.deals.read",
    "crm.objects.owners.read",
)
WRITE = ("crm.objects.contacts.write", "crm.objects.deals.write")
CHANGE_SCHEMA = ("crm.schemas.contacts.write", "crm.schemas.deals.write")


def obstacles(door: HubSpotDoor, held: Mapping[str, Mapping[str, FieldDescription]]) -> Iterator[Obstacle]:
    """`held` has the properties by object type."""
    yield from _scopes(door)
    for type, fields in held.items():
        locked = [name for name, field in fields.items() if name.startswith(OURS) and not field.updateable]
        if locked:
            remedy = "Settings › Properties: let the app edit them again."
            yield Obstacle("properties", f"{type}: {', '.join(sorted(locked))} can't be written", remedy, "writing")
    yield Obstacle(
        "workflows",
        "HubSpot shows them only to apps that may change them, so they were not looked at",
        f"See under Automation › Workflows that none enrols on, and sets, a property {OURS}…: it would loop with us.",
    )


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
