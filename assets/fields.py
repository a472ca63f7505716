"""Our fields as the CRM should have them, in the connection's language."""

from __future__ import annotations

from assets.connection import Connection
from connectors.protocol import FieldSpec
from transforms.fields import FIELDS


def fields_of(connection: Connection) -> list[FieldSpec]:
    """Every field of ours, labelled and explained in the connection's language."""
    return [FieldSpec(**field.spec(connection.config.language)) for field in FIELDS]
