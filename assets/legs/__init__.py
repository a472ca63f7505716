"""The way of the data through one connection, from CRM to CRM, in the order in which a deal passes."""

from __future__ import annotations

import dagster as dg

from assets.connection import Connection
from assets.legs import canonical, enriched, learning, raw, readiness, reports, signals, standing, writeback

LEGS = (raw, canonical, signals, learning, readiness, enriched, writeback, standing, reports)


def connection_assets(connection: Connection) -> list[dg.AssetsDefinition]:
    """All assets of the connection: key prefix and pool are its name, and so is the group that holds one per leg."""
    return [asset for leg in LEGS for asset in leg.assets_for(connection)]
