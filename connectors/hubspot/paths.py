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
    properties: str
    pipelines: str
    owners: str
    account: str
    token: str
    types: str = "/crm/v3/associations"
    """Names of association types: not in the date versions. Without it links are read by id, with their labels."""


NUMBERED = Paths(
    version="v3",
    objects="/crm/v3/objects",
    associations="/crm/v4/associations",
    linked="/crm/v4/objects",
    properties="/crm/v3/properties",
    pipelines="/crm/v3/pipelines",
    owners="/crm/v3/owners",
    account="/account-info/v3/details",
    token="/oauth/v1/token",  # noqa: S106 - a path
)


def dated(version: str) -> Paths:
    """The roots in a date version, such as 2026-09."""
    return Paths(
        version=version,
        objects=f"/crm/objects/{version}",
        associations=f"/crm/associations/{version}",
        linked=f"/crm/objects/{version}",
        properties=f"/crm/properties/{version}",
        pipelines=f"/crm/pipelines/{version}",
        owners=f"/crm/owners/{version}",
        account=f"/account-info/{version}/details",
        token=f"/oauth/{version}/token",
    )


KNOWN = (dated("2026-09"), dated("2026-03"), NUMBERED)
"""Newest first. A portal that does not answer one is asked the next."""
