"""SELECT as a function from a record to what an answer shows of it, as JSON or as the cells of a CSV row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from sandbox.salesforce.schema import Field, SObject
from sandbox.salesforce.soql import functions
from sandbox.salesforce.soql.paths import Getter, Resolver, of_field
from sandbox.salesforce.soql.syntax import Call, Children, Chosen, Path, Query, TypeOf, malformed
from sandbox.salesforce.store import ID, Row, Store

Render = Callable[[Row], dict[str, Any]]
ChildRender = Callable[[Query, SObject], tuple[str, Getter]]
MOST_WITH_ALL_FIELDS = 200


@dataclass(slots=True)
class Column:
    """One thing selected: its name in the answer, how to get it from a row, and the field behind it."""

    name: str
    get: Getter
    field: Field | None


@dataclass(slots=True)
class _Node:
    """What is shown of a record, and of its parents."""

    sobject: SObject | None
    shown: list[tuple[str, Getter]] = field(default_factory=list)
    parents: dict[str, tuple[Field, _Node]] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)


class Selection:
    """The SELECT list of one query.

    Attributes
    ----------
    columns : the fields selected, with their whole path as name, for CSV and for `columns=true`.
    """

    def __init__(self, query: Query, resolver: Resolver, children: ChildRender, base: str) -> None:
        self._resolver = resolver
        self._base = base
        self._root = _Node(resolver.sobject)
        self.columns: list[Column] = []
        for item in query.selection:
            if isinstance(item, Children):
                name, get = children(item.query, resolver.sobject)
                self._show(self._root, name, get)
            elif isinstance(item, TypeOf):
                self._type_of(item)
            else:
                self._chosen(item, query)

    def render(self) -> Render:
        """A function that shows a record with its `attributes`."""
        return self._rendered(self._root)

    def _chosen(self, item: Chosen, query: Query) -> None:
        what = item.what
        if isinstance(what, Call) and what.name.lower() == "fields":
            self._all_fields(what, query)
        elif isinstance(what, Call):
            get, kind = functions.compiled(what, self._resolver)
            inner = what.arguments[0]
            name = item.alias or (inner.parts[-1] if isinstance(inner, Path) else "expr0")
            self._column(self._root, name, get, kind)
        else:
            self._path(what)

    def _path(self, path: Path) -> None:
        resolver = self._resolver
        target = resolver.target(path)
        node = self._root
        for hop in target.hops:
            name = str(hop.relationship)
            if name not in node.parents:
                parent = None if hop.polymorphic else resolver.view.sobject(hop.refers_to[0])
                node.parents[name] = (hop, _Node(parent))
                node.order.append(name)
            node = node.parents[name][1]
        if node.sobject is not None:
            get = of_field(node.sobject, target.field)
        else:
            get = _of_polymorphic(resolver.view.store, target.field.name)
        self._show(node, target.field.name, get)
        names = [*(str(hop.relationship) for hop in target.hops), target.field.name]
        self.columns.append(Column(".".join(names), resolver.getter(target), target.field))

    def _all_fields(self, call: Call, query: Query) -> None:
        which = call.arguments[0].text.upper() if call.arguments and isinstance(call.arguments[0], Path) else ""
        if which not in ("ALL", "STANDARD", "CUSTOM"):
            raise self._resolver.refuse(call, "MALFORMED_QUERY", "FIELDS() takes ALL, STANDARD or CUSTOM")
        if which != "STANDARD" and (query.limit is None or query.limit > MOST_WITH_ALL_FIELDS):
            raise malformed("The SOQL FIELDS function must have a LIMIT of at most 200")
        for one in self._resolver.view.fields(self._resolver.sobject):
            if which == "ALL" or one.custom == (which == "CUSTOM"):
                self._column(self._root, one.name, of_field(self._resolver.sobject, one), one)

    def _type_of(self, item: TypeOf) -> None:
        resolver = self._resolver
        hop = resolver.target(Path((*item.path.parts, "Id"), item.path.at)).hops[-1]
        shown = {}
        for name, paths in item.whens:
            sobject = resolver.view.sobject(name)
            if sobject is None or name.lower() not in [one.lower() for one in hop.refers_to]:
                raise resolver.refuse(item.path, "INVALID_FIELD", f"{name} is not a type of {item.path.text}")
            inner = Resolver(resolver.view, sobject, resolver.text, None)
            shown[sobject.name] = [(target.field.name, inner.getter(target)) for target in map(inner.target, paths)]
        otherwise = [(path.parts[-1], _of_polymorphic(resolver.view.store, path.parts[-1])) for path in item.otherwise]
        store, base = resolver.view.store, self._base

        def get(row: Row) -> dict[str, Any] | None:
            found = store.of_id(row[hop.at])
            if found is None:
                return None
            table, parent = found
            name = table.sobject.name
            fields = {"attributes": {"type": name, "url": f"{base}{name}/{parent[ID]}"}}
            if name in shown:
                return fields | {field: take(parent) for field, take in shown[name]}
            return fields | {field: take(parent) for field, take in otherwise}

        self._show(self._root, str(hop.relationship), get)

    def _column(self, node: _Node, name: str, get: Getter, kind: Field | None) -> None:
        self._show(node, name, get)
        self.columns.append(Column(name, get, kind))

    def _show(self, node: _Node, name: str, get: Getter) -> None:
        if name in node.order:
            raise malformed(f"duplicate field selected: {name}")
        node.order.append(name)
        node.shown.append((name, get))

    def _rendered(self, node: _Node) -> Render:
        shown = dict(node.shown)
        parts = [(name, shown[name] if name in shown else self._parent(*node.parents[name])) for name in node.order]
        names = tuple(node.order)
        attributes = self._attributes(node)
        if len(parts) > 1 and all(isinstance(get, itemgetter) for _, get in parts):
            places = itemgetter(*(get.__reduce__()[1][0] for _, get in parts))

            def flat(row: Row) -> dict[str, Any]:
                made: dict[str, Any] = {"attributes": attributes(row)}
                made.update(zip(names, places(row), strict=True))
                return made

            return flat

        def nested(row: Row) -> dict[str, Any]:
            made: dict[str, Any] = {"attributes": attributes(row)}
            for name, get in parts:
                made[name] = get(row)
            return made

        return nested

    def _attributes(self, node: _Node) -> Callable[[Row], dict[str, str]]:
        if node.sobject is not None:
            name = node.sobject.name
            address = f"{self._base}{name}/"
            return lambda row: {"type": name, "url": address + row[ID]}
        schema, base = self._resolver.view.store.schema, self._base

        def any_of(row: Row) -> dict[str, str]:
            sobject = schema.of_id(row[ID])
            return {"type": "Name", "url": f"{base}{sobject.name if sobject else 'Name'}/{row[ID]}"}

        return any_of

    def _parent(self, hop: Field, node: _Node) -> Getter:
        render, store, at = self._rendered(node), self._resolver.view.store, hop.at
        if hop.polymorphic:

            def any_parent(row: Row) -> dict[str, Any] | None:
                found = store.of_id(row[at])
                return None if found is None else render(found[1])

            return any_parent
        rows = store[hop.refers_to[0]].rows

        def parent(row: Row) -> dict[str, Any] | None:
            found = rows.get(row[at])
            return None if found is None else render(found)

        return parent


def _of_polymorphic(store: Store, name: str) -> Getter:
    """A field of a record of any object: null where that object doesn't have it."""

    def get(row: Row) -> Any:
        sobject = store.schema.of_id(row[ID])
        if sobject is None:
            return None
        if name == "Type":
            return sobject.name
        known = sobject.name_field if name == "Name" else sobject.fields.get(name.lower())
        return None if known is None else row[known.at]

    return get
