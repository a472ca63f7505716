"""HubSpot records as rows: the record itself, its links, and the earlier values of its properties."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from connectors.hubspot.streams import STAMPS, Source
from connectors.protocol import Annotate, Row

Record = Mapping[str, Any]


class RowMaker:
    """Makes the rows of one source."""

    def __init__(self, source: Source, annotate: Annotate) -> None:
        self._type = source.type
        self._names = (*source.stream.fields[len(STAMPS) :], *source.stream.optional_fields)
        self._subject, self._body = source.texts or ("", "")
        self._annotate = annotate if source.texts else None

    def of(self, record: Record) -> Row:
        """One record's row."""
        properties = record["properties"]
        row: Row = {
            "id": record["id"],
            "createdAt": record.get("createdAt"),
            "updatedAt": record.get("updatedAt"),
            "archived": "true" if record.get("archived") else "false",
        }
        for name in self._names:
            row[name] = properties.get(name) or None
        if self._annotate:
            row.update(self._annotate(properties.get(self._subject) or "", properties.get(self._body) or ""))
        return row

    def history_of(self, records: Iterable[Record]) -> list[Row]:
        """Earlier and present values of the properties that came with their history."""
        return [
            {
                "object_type": self._type,
                "object_id": record["id"],
                "property": name,
                "value": version.get("value") or None,
                "timestamp": version["timestamp"],
                "source_type": version.get("sourceType"),
            }
            for record in records
            for name, versions in (record.get("propertiesWithHistory") or {}).items()
            for version in versions
        ]


def link(from_type: str, from_id: str, to_type: str, to_id: str, label: str | None) -> Row:
    """One row of `associations`."""
    return {"from_type": from_type, "from_id": from_id, "to_type": to_type, "to_id": to_id, "label": label}


def merged_ids(records: Iterable[Record]) -> list[tuple[str, ...]]:
    """Keys of the records that were merged into these and live on under another id."""
    held = (record["properties"].get("hs_merged_object_ids") for record in records)
    return [(loser,) for ids in held if ids for loser in ids.split(";") if loser]
