"""Where things are in HubSpot's API, in the versions we know.

Source: developers.hubspot.com, "API versioning": date versions live 18 months; v4 ends on 30 March 2027 and v1–v4 are
unsupported from September 2027.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Paths:
    """The roots of the APIs that we use, in one version."""

    version: str
    objects: str
    associations: str
    linked: str
    types: str
    properties: str
    pipelines: str
    owners: str
    account: str
    token: str


NUMBERED = Paths(
    version="v3",
    objects="/crm/v3/objects",
    associations="/crm/v4/associations",
    linked="/crm/v4/objects",
    types="/crm/v3/associations",
    properties="/crm/v3/properties",
    pipelines="/crm/v3/pipelines",
    owners="/crm/v3/owners",
    account="/account-info/v3/details",
    token="/oauth/v1/token",  # noqa: S106 - a path
)
