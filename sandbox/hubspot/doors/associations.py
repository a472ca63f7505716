"""Associations, v4 and as far as clients use it v3: read, create, label, archive.

https://developers.hubspot.com/docs/api-reference/crm-associations-v4/guide: a batch reads 1,000 records and creates
2,000 associations. Not seen in a recording; bodies follow the API's specification.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from sandbox.hubspot.association_types import AssociationType, Pair, singular, unknown_association
from sandbox.hubspot.call import Call
from sandbox.hubspot.doors.batches import done
from sandbox.hubspot.doors.objects import next_link
from sandbox.hubspot.errors import invalid, invalid_json, not_found
from sandbox.hubspot.object_types import ObjectType
from sandbox.hubspot.reading import Reading
from sandbox.hubspot.store import Record
from sandbox.hubspot.values import as_text
from sandbox.hubspot.wire import answer, no_content
from sandbox.hubspot.writing import link

MAX_READ, MAX_CREATE, MAX_PAGE = 1_000, 2_000, 500
Shown = dict[str, Any]


def list_associations(call: Call) -> Response:
    """The records of one type that a record is associated with, with all labels."""
    pair, start, _ = call.pair()
    record = _live(call, start, call.path["id"])
    if record is None:
        raise not_found()
    limit = call.query.get("limit") or str(MAX_PAGE)
    if not limit.isdecimal() or not 0 < int(limit) <= MAX_PAGE:
        raise invalid(f"Invalid limit: {limit}. The limit must be between 1 and {MAX_PAGE}.")
    ids, after = _page(call, pair, record.id, call.query.get("after"), int(limit))
    body: Shown = {"results": [_labelled(call, pair, record.id, id) for id in ids]}
    if after:
        body["paging"] = {"next": {"after": after, "link": next_link(call, after)}}
    return answer(body)


def list_associations_v3(call: Call) -> Response:
    """v3 names the type of each association instead of its labels."""
    pair, start, _ = call.pair()
    record = _live(call, start, call.path["id"])
    if record is None:
        raise not_found()
    ids, after = _page(call, pair, record.id, call.query.get("after"), MAX_PAGE)
    body: Shown = {"results": [shown for end in ids for shown in _named_types(call, pair, record.id, end)]}
    if after:
        body["paging"] = {"next": {"after": after, "link": next_link(call, after)}}
    return answer(body)


def batch_read(call: Call) -> Response:
    return _read(call, lambda pair, start, end: [_labelled(call, pair, start, end)])


def batch_read_v3(call: Call) -> Response:
    return _read(call, lambda pair, start, end: _named_types(call, pair, start, end))


def associate(call: Call) -> Response:
    """PUT with a list of types: 201 and the labels that the pair has now."""
    pair, start, end = call.pair(write=True)
    one, other = _both(call, start, end, call.path["id"], call.path["to_id"])
    for kind in _kinds(call, pair, call.body):
        link(call.state, (start, one.id), (end, other.id), kind)
    return answer(_labels(call, pair, start, end, one.id, other.id), 201)


def associate_v3(call: Call) -> Response:
    """PUT with the type in the path, by name or id: 201 and the record."""
    pair, start, end = call.pair(write=True)
    one, other = _both(call, start, end, call.path["id"], call.path["to_id"])
    link(call.state, (start, one.id), (end, other.id), _named(call, pair, call.path["name"]))
    return answer(Reading(call.state, start, associations=[end.plural]).show(one), 201)


def associate_default(call: Call) -> Response:
    """PUT without a body: the plain association, shown in both directions."""
    pair, start, end = call.pair(write=True)
    began = call.state.now()
    one, other = _both(call, start, end, call.path["id"], call.path["to_id"])
    link(call.state, (start, one.id), (end, other.id))
    return done(call, began, _default(call, pair, one.id, other.id), [])


def batch_create(call: Call) -> Response:
    pair, start, end = call.pair(write=True)
    began = call.state.now()
    planned, results, errors = [], [], []
    for item in call.inputs(MAX_CREATE):
        ids = _ends(item)
        kinds = _kinds(call, pair, item.get("types"))
        records = _live(call, start, ids[0]), _live(call, end, ids[1])
        planned.append((ids, kinds, records))
    for ids, kinds, (one, other) in planned:
        if one is None or other is None:
            errors.append(_unknown(start if one is None else end, ids[0] if one is None else ids[1]))
            continue
        for kind in kinds:
            link(call.state, (start, one.id), (end, other.id), kind)
        results.append(_labels(call, pair, start, end, one.id, other.id))
    return done(call, began, results, errors, 201)


def batch_create_v3(call: Call) -> Response:
    """v3 gives the type of each association by name or id."""
    pair, start, end = call.pair(write=True)
    began = call.state.now()
    results, errors = [], []
    for item in call.inputs(MAX_CREATE):
        ids = _ends(item)
        kind = _named(call, pair, as_text(item.get("type")))
        one, other = _live(call, start, ids[0]), _live(call, end, ids[1])
        if one is None or other is None:
            errors.append(_unknown(start if one is None else end, ids[0] if one is None else ids[1]))
            continue
        link(call.state, (start, one.id), (end, other.id), kind)
        results.append({"from": {"id": ids[0]}, "to": {"id": ids[1]}, "type": kind.name})
    return done(call, began, results, errors, 201)


def batch_default(call: Call) -> Response:
    pair, start, end = call.pair(write=True)
    began = call.state.now()
    results, errors = [], []
    for item in call.inputs(MAX_CREATE):
        ids = _ends(item)
        one, other = _live(call, start, ids[0]), _live(call, end, ids[1])
        if one is None or other is None:
            errors.append(_unknown(start if one is None else end, ids[0] if one is None else ids[1]))
            continue
        link(call.state, (start, one.id), (end, other.id))
        results += _default(call, pair, one.id, other.id)
    return done(call, began, results, errors)


def dissociate(call: Call) -> Response:
    """DELETE ends the association with all its labels."""
    pair, start, end = call.pair(write=True)
    _end(call, pair, start, end, call.path["id"], call.path["to_id"])
    return no_content()


def batch_archive(call: Call) -> Response:
    """v4 gives a list of records for each; v3 one."""
    pair, start, end = call.pair(write=True)
    for item in call.inputs(MAX_CREATE):
        targets = item.get("to")
        for target in targets if isinstance(targets, list) else [targets]:
            _end(call, pair, start, end, *_ends({"from": item.get("from"), "to": target}))
    return no_content()


def batch_archive_labels(call: Call) -> Response:
    """Take labels off; when the plain type is named, the association ends."""
    pair, start, end = call.pair(write=True)
    for item in call.inputs(MAX_CREATE):
        one, other = (_live(call, kind, id) for kind, id in zip((start, end), _ends(item), strict=True))
        if one is None or other is None:
            continue
        for kind in _kinds(call, pair, item.get("types")):
            if kind is call.state.types.plain[pair]:
                call.state.graph.unlink(pair, one.id, other.id)
            else:
                call.state.graph.unlabel(pair, one.id, other.id, kind)
    return no_content()


def _read(call: Call, show: Any) -> Response:
    pair, start, _ = call.pair()
    began = call.state.now()
    results, errors = [], []
    for item in call.inputs(MAX_READ):
        id = as_text(item.get("id"))
        record = _live(call, start, id)
        if record is None:
            errors.append(_unknown(start, id))
            continue
        ids, after = _page(call, pair, record.id, item.get("after"), MAX_PAGE)
        if not ids:
            errors.append(_none_found(start, pair, id))
            continue
        entry: Shown = {"from": {"id": id}, "to": [shown for end in ids for shown in show(pair, record.id, end)]}
        if after:
            entry["paging"] = {"next": {"after": after}}
        results.append(entry)
    return done(call, began, results, errors)


def _page(call: Call, pair: Pair, id: int, after: Any, limit: int) -> tuple[Sequence[int], str | None]:
    """The ids after a cursor (the first id of the page), and the cursor of the next page."""
    ids = call.state.graph.between(pair, id)
    start = ids.index(int(after)) if as_text(after).isdecimal() and int(after) in ids else 0
    page = ids[start : start + limit]
    return page, str(ids[start + limit]) if start + limit < len(ids) else None


def _labelled(call: Call, pair: Pair, start: int, end: int) -> Shown:
    kinds = [kind.shown() for kind in call.state.graph.kinds(pair, start, end)]
    return {"toObjectId": str(end), "associationTypes": kinds}


def _named_types(call: Call, pair: Pair, start: int, end: int) -> list[Shown]:
    return [{"id": str(end), "type": kind.name} for kind in call.state.graph.kinds(pair, start, end)]


def _labels(call: Call, pair: Pair, start: ObjectType, end: ObjectType, one: int, other: int) -> Shown:
    labels = [kind.label for kind in call.state.graph.kinds(pair, one, other) if kind.label]
    return {
        "fromObjectTypeId": start.id,
        "fromObjectId": str(one),
        "toObjectTypeId": end.id,
        "toObjectId": str(other),
        "labels": labels,
    }


def _default(call: Call, pair: Pair, one: int, other: int) -> list[Shown]:
    shown = []
    for way, start, end in ((pair, one, other), (pair[::-1], other, one)):
        kind = call.state.types.plain[way]
        spec = {"associationCategory": kind.category, "associationTypeId": kind.id}
        shown.append({"from": {"id": str(start)}, "to": {"id": str(end)}, "associationSpec": spec})
    return shown


def _kinds(call: Call, pair: Pair, specs: Any) -> list[AssociationType]:
    if not isinstance(specs, list) or not specs:
        raise invalid_json("Cannot build PublicAssociationMultiPost, some of required attributes are not set [types]")
    kinds = []
    for spec in specs:
        try:
            category, id = spec["associationCategory"], int(spec["associationTypeId"])
        except (KeyError, TypeError, ValueError):
            needs = "[associationCategory, associationTypeId]"
            raise invalid_json(
                f"Cannot build AssociationSpec, some of required attributes are not set {needs}"
            ) from None
        kind = call.state.types.find(pair, category, id)
        if kind is None:
            raise unknown_association(id)
        kinds.append(kind)
    return kinds


def _named(call: Call, pair: Pair, name: str) -> AssociationType:
    for kind in call.state.types.of(pair):
        if name.lower() in (kind.name, str(kind.id)):
            return kind
    raise invalid(f"{name} is not a valid association type between {pair[0]} and {pair[1]}.")


def _ends(item: Mapping[str, Any]) -> tuple[str, str]:
    try:
        return as_text(item["from"]["id"]), as_text(item["to"]["id"])
    except (KeyError, TypeError):
        raise invalid_json(
            "Cannot build PublicAssociation, some of required attributes are not set [from, to]"
        ) from None


def _live(call: Call, kind: ObjectType, id: str) -> Record | None:
    record = call.state.find(kind, id)
    return record if record is not None and record.archived is None else None


def _both(call: Call, start: ObjectType, end: ObjectType, one: str, other: str) -> tuple[Record, Record]:
    first, second = _live(call, start, one), _live(call, end, other)
    if first is None or second is None:
        raise not_found()
    return first, second


def _end(call: Call, pair: Pair, start: ObjectType, end: ObjectType, one: str, other: str) -> None:
    first, second = _live(call, start, one), _live(call, end, other)
    if first is not None and second is not None:
        call.state.graph.unlink(pair, first.id, second.id)


def _unknown(kind: ObjectType, id: str) -> Shown:
    return {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "message": f"No {kind.name} with ID {id} exists.",
        "context": {"id": [id]},
    }


def _none_found(kind: ObjectType, pair: Pair, id: str) -> Shown:
    """A record without associations is an error entry, with its own sub-category (quoted in public threads)."""
    return {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
        "message": f"No {singular(pair[1])} is associated with {kind.name} {id}.",
        "context": {
            "fromObjectId": [id],
            "fromObjectType": [kind.name],
            "toObjectType": [singular(pair[1])],
        },
    }
