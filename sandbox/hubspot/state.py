"""All that the portal holds, with the questions that every door asks of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sandbox.clock import Clock
from sandbox.faults import Faults
from sandbox.hubspot.association_types import AssociationTypes
from sandbox.hubspot.associations import Graph
from sandbox.hubspot.computed import computed
from sandbox.hubspot.errors import missing_scopes
from sandbox.hubspot.object_types import TYPES, ObjectType
from sandbox.hubspot.owners import Owner
from sandbox.hubspot.pipelines import PIPELINE_PROPERTY, STAGE_PROPERTY, Pipelines
from sandbox.hubspot.properties import Property, PropertySet
from sandbox.hubspot.rowfaults import is_hidden
from sandbox.hubspot.store import Record, Source, Table
from sandbox.hubspot.tokens import Tokens
from sandbox.hubspot.wire import millis, stamp

if TYPE_CHECKING:
    from sandbox.hubspot.search import Searcher

PORTAL_ID = 147258369
APP_ID = 4169410
USER_ID = 70112233
FIRST_ID = 40_100_000_000
APP = Source("INTEGRATION", str(APP_ID))
SCOPES = frozenset(
    {scope for kind in TYPES for scope in (kind.read_scope, kind.write_scope)}
    | {f"crm.schemas.{plural}.{right}" for plural in ("contacts", "companies", "deals") for right in ("read", "write")}
    | {"crm.objects.owners.read", "oauth", "account-info.security.read"}
)

Reader = Callable[[Record], str | None]


class State:
    """The portal's records and set-up.

    Attributes
    ----------
    scopes : what the private app was granted; take one out to see the portal refuse.
    flows : workflows by id, as the automation API shows them whole; an app sees them with the scope automation.
    currency : the company currency.
    faults : the row faults that the control plane asked for; None where there is no control plane.
    served : the last instant (ms) at which somebody looked; what is applied later can't have been modified before.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        now = self.now()
        self.tables = {kind.plural: Table(kind) for kind in TYPES}
        self.properties = {kind.plural: PropertySet(kind) for kind in TYPES}
        self.types = AssociationTypes()
        self.graph = Graph(self.types)
        self.pipelines = {plural: Pipelines(plural, now) for plural in PIPELINE_PROPERTY}
        self.owners: dict[int, Owner] = {}
        self.scopes = set(SCOPES)
        self.flows: dict[str, dict[str, Any]] = {}
        self.currency = "EUR"
        self.tokens = Tokens()
        self.searchers: dict[str, Searcher] = {}
        self.served = 0
        self.faults: Faults | None = None
        self._last_id = FIRST_ID
        self.tables["contacts"].index_unique("email")

    def now(self) -> int:
        """The sandbox's present instant, in ms."""
        return millis(self.clock.now())

    def next_id(self) -> int:
        """Ids only grow, with gaps, as real ones do."""
        self._last_id += 7
        return self._last_id

    def need(self, scope: str) -> None:
        """Raise the 403 of a missing scope."""
        if scope not in self.scopes:
            raise missing_scopes([scope])

    def definition(self, kind: ObjectType, name: str) -> Property | None:
        """The property of that name, unless there is none or a fault hides it from the app."""
        found = self.properties[kind.plural].get(name)
        return None if found and self.faults and is_hidden(self.faults, kind.plural, found.name) else found

    def reader(self, kind: ObjectType, name: str) -> Reader:
        """A function that reads one property of a record, wherever its value comes from."""
        if name == "hs_object_id":
            return lambda record: str(record.id)
        if name in (kind.created, "hs_createdate"):
            return lambda record: stamp(record.created)
        if name in (kind.modified, "hs_lastmodifieddate"):
            return lambda record: stamp(record.updated)
        worked_out = computed(kind.plural, name)
        if worked_out:
            return lambda record: worked_out(self, record)
        table = self.tables[kind.plural]
        return lambda record: table.value(record, name)

    def value(self, kind: ObjectType, record: Record, name: str) -> str | None:
        return self.reader(kind, name)(record)

    def choices(self, kind: ObjectType, definition: Property) -> set[str] | None:
        """What an enumeration takes whose options are not its own: owners, pipelines, stages; None for any other."""
        if definition.referenced == "OWNER":
            return {str(owner.id) for owner in self.owners.values()}
        pipelines = self.pipelines.get(kind.plural)
        if pipelines and definition.name == PIPELINE_PROPERTY[kind.plural]:
            return {pipeline.id for pipeline in pipelines}
        if pipelines and definition.name == STAGE_PROPERTY[kind.plural]:
            return {stage.id for pipeline in pipelines for stage in pipeline.ordered()}
        return None

    def find(self, kind: ObjectType, id: str, id_property: str | None = None) -> Record | None:
        """The record that a client means: by id (a merged one's winner) or by a unique property; archived ones too."""
        table = self.tables[kind.plural]
        if id_property and id_property != "hs_object_id":
            return table.holder(id_property, id)
        return table.resolve(int(id)) if id.isdecimal() and len(id) < 19 else None
