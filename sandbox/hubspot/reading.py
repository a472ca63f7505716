"""How a record is shown: the properties asked for, their history, and its associations.

Recorded: properties come in alphabetical order, a property asked for but never set is null, the record's own stamps
come along always, an unknown name is passed over. That a page of history holds 50 records, and that inline
associations stop at 100 and then page on through the associations door, follows HubSpot's documentation.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sandbox.hubspot.errors import invalid, missing_scopes
from sandbox.hubspot.object_types import ObjectType, object_type
from sandbox.hubspot.state import Reader, State
from sandbox.hubspot.store import Record, Source, Version
from sandbox.hubspot.wire import stamp

MAX_HISTORY = 50
INLINE = 100


class Reading:
    """Which parts of records of one type a client wants to see."""

    def __init__(
        self,
        state: State,
        kind: ObjectType,
        properties: Sequence[str] = (),
        history: Sequence[str] = (),
        associations: Sequence[str] = (),
        base: str = "",
    ) -> None:
        self.state = state
        self.kind = kind
        self.base = base
        self.readers = self._readers(properties or kind.defaults)
        self.history = [name for name in history if state.definition(kind, name)]
        self.associated = [object_type(name) for name in associations]

    def show(self, record: Record) -> dict[str, Any]:
        """The record as JSON."""
        shown: dict[str, Any] = {
            "id": str(record.id),
            "properties": {name: read(record) for name, read in self.readers},
        }
        if self.history:
            shown["propertiesWithHistory"] = {name: self._versions(record, name) for name in self.history}
        shown |= stamps(record)
        if self.associated and (associations := self._associations(record)):
            shown["associations"] = associations
        return shown

    def _readers(self, names: Iterable[str]) -> list[tuple[str, Reader]]:
        known = {definition.name for name in names if (definition := self.state.definition(self.kind, name))}
        return [(name, self.state.reader(self.kind, name)) for name in sorted(known | set(self.kind.stamps))]

    def _versions(self, record: Record, name: str) -> list[dict[str, Any]]:
        versions = self.state.tables[self.kind.plural].versions(record, name)
        if not versions and (value := self.state.value(self.kind, record, name)) is not None:
            versions = [Version(record.updated, value, Source("CALCULATED"))]
        return [_version(version) for version in versions]

    def _associations(self, record: Record) -> dict[str, Any]:
        graph, plural = self.state.graph, self.kind.plural
        shown: dict[str, dict[str, Any]] = {}
        for other in self.associated:
            pair = (plural, other.plural)
            ids = graph.between(pair, record.id)
            if not ids:
                continue
            results = [
                {"id": str(id), "type": kind.name} for id in ids[:INLINE] for kind in graph.kinds(pair, record.id, id)
            ]
            shown[other.labels.lower()] = {"results": results}
            if len(ids) > INLINE:
                after = str(ids[INLINE])
                link = f"{self.base}/crm/v4/objects/{plural}/{record.id}/associations/{other.plural}?after={after}"
                shown[other.labels.lower()]["paging"] = {"next": {"after": after, "link": link}}
        return shown


def stamps(record: Record) -> dict[str, Any]:
    """createdAt, updatedAt and archived, as on every record."""
    shown: dict[str, Any] = {
        "createdAt": stamp(record.created),
        "updatedAt": stamp(record.updated),
        "archived": record.archived is not None,
    }
    if record.archived is not None:
        shown["archivedAt"] = stamp(record.archived)
    return shown


def check_history(history: Sequence[str], inputs: int) -> None:
    """Batches that ask for history hold 50 records at most."""
    if history and inputs > MAX_HISTORY:
        raise invalid(
            "The maximum number of inputs supported in a batch request for property histories is "
            f"{MAX_HISTORY}. Please reduce the number of items and try again"
        )


def check_associations(state: State, associations: Sequence[str]) -> None:
    """A client may not see through an association what it may not read."""
    refused = [scope for name in associations if (scope := object_type(name).read_scope) not in state.scopes]
    if refused:
        raise missing_scopes(refused)


def _version(version: Version) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "value": version.value,
        "timestamp": stamp(version.at),
        "sourceType": version.source.type,
    }
    if version.source.id:
        shown["sourceId"] = version.source.id
    if version.source.user_id:
        shown["updatedByUserId"] = version.source.user_id
    return shown
