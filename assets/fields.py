"""Our fields as the CRM should have them, in the connection's language."""

from __future__ import annotations

from transforms.fields import FIELDS

from assets.connection import Connection
from connectors.protocol import FieldSpec


def fields_of(connection: Connection) -> list[FieldSpec]:
    """Every field of ours, labelled and explained in the connection's language."""
    return [field.spec(connection.config.language) for field in FIELDS]
