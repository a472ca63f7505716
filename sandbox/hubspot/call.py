"""One request at a door of the portal, with what its handler asks of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import QueryParams
from starlette.requests import Request

from sandbox.hubspot.association_types import Pair
from sandbox.hubspot.errors import invalid, invalid_json
from sandbox.hubspot.object_types import ObjectType, object_type
from sandbox.hubspot.reading import Reading, check_associations
from sandbox.hubspot.state import State
from sandbox.hubspot.values import as_text
from sandbox.hubspot.wire import listed, unique

MAX_BATCH = 100
DAILY_CALLS = 625_000


@dataclass(frozen=True, slots=True)
class Call:
    """A request whose token was accepted and whose body was read."""

    state: State
    request: Request
    body: Any = None

    @property
    def path(self) -> Mapping[str, str]:
        return self.request.path_params

    @property
    def query(self) -> QueryParams:
        return self.request.query_params

    @property
    def base(self) -> str:
        """Scheme, host and port that the client used, without a slash at the end."""
        return str(self.request.base_url).rstrip("/")

    def reading(self, parameter: str = "type") -> ObjectType:
        """The object type in the path, if the app may read it."""
        kind = object_type(self.path[parameter])
        self.state.need(kind.read_scope)
        return kind

    def writing(self, parameter: str = "type") -> ObjectType:
        """The object type in the path, if the app may write it."""
        kind = object_type(self.path[parameter])
        self.state.need(kind.write_scope)
        return kind

    def pair(self, *, write: bool = False) -> tuple[Pair, ObjectType, ObjectType]:
        """The two object types of an associations door, if they can be associated at all."""
        start, end = (self.writing("from"), self.writing("to")) if write else (self.reading("from"), self.reading("to"))
        pair = (start.plural, end.plural)
        if pair not in self.state.types.plain:
            raise invalid(f"No association types exist between {start.name.upper()} and {end.name.upper()}.")
        return pair, start, end

    def fields(self) -> Mapping[str, Any]:
        """The JSON object in the body."""
        if not isinstance(self.body, Mapping):
            raise invalid_json("Cannot deserialize value from Array or empty input")
        return self.body

    def inputs(self, most: int = MAX_BATCH) -> list[Any]:
        """`inputs` of a batch."""
        inputs = self.fields().get("inputs")
        if not isinstance(inputs, list):
            raise invalid_json("Cannot build BatchInput, some of required attributes are not set [inputs]")
        if len(inputs) > most:
            raise invalid(
                f"The maximum number of inputs supported in a batch is {most}. "
                "Please reduce the number of items and try again"
            )
        if not all(isinstance(item, Mapping) for item in inputs):
            raise invalid_json("Cannot deserialize value of `inputs` from text")
        return inputs

    def from_query(self, kind: ObjectType) -> Reading:
        """What a list or read asks to see."""
        associations = listed(self.query, "associations")
        check_associations(self.state, associations)
        history = listed(self.query, "propertiesWithHistory")
        return Reading(self.state, kind, listed(self.query, "properties"), history, associations, self.base)

    def from_body(self, kind: ObjectType) -> Reading:
        """What a batch read or search asks to see."""
        fields = self.fields()
        properties, history = self._names(fields, "properties"), self._names(fields, "propertiesWithHistory")
        return Reading(self.state, kind, properties, history)

    def usage(self) -> tuple[int, int]:
        """(calls of today, calls allowed a day), by the server's own count; nothing is counted without a server."""
        limits = getattr(self.request.app.state, "limits", None)
        if limits is None:
            return 0, DAILY_CALLS
        quota = limits.daily["hubspot"]
        return quota.used, quota.limit

    def _names(self, fields: Mapping[str, Any], key: str) -> Sequence[str]:
        names = fields.get(key) or []
        if not isinstance(names, list):
            raise invalid_json(f"Cannot deserialize value of `{key}` from text")
        return unique(as_text(name) for name in names)
