"""Records a hundred at a time.

Batch create, update and archive were recorded; results come in another order than the inputs. The 207 of unknown
ids, and that a create reports row by row only when every input has an objectWriteTraceId, follow
https://developers.hubspot.com/docs/guides/api/crm/using-object-apis and bodies quoted in public threads.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from starlette.responses import Response

from sandbox.hubspot.call import Call
from sandbox.hubspot.doors.objects import archive, check_id_property
from sandbox.hubspot.errors import Refused, conflict, invalid, invalid_json
from sandbox.hubspot.object_types import ObjectType
from sandbox.hubspot.reading import check_history, stamps
from sandbox.hubspot.rowfaults import row_problem
from sandbox.hubspot.store import Record
from sandbox.hubspot.values import as_text
from sandbox.hubspot.wire import answer, flag, no_content, stamp
from sandbox.hubspot.writing import (
    Draft,
    check_unique,
    create,
    created_answer,
    draft,
    update,
    updated_answer,
    values_of,
)

Shown = dict[str, Any]


def batch_read(call: Call) -> Response:
    kind = call.reading()
    started = call.state.now()
    inputs, reading = call.inputs(), call.from_body(kind)
    check_history(reading.history, len(inputs))
    id_property = call.fields().get("idProperty")
    check_id_property(call, kind, id_property)
    archived = flag(call.query, "archived")
    found: dict[int, Record] = {}
    unknown = []
    for item in inputs:
        id = _id(item)
        record = call.state.find(kind, id, id_property)
        if record is None or (record.archived is not None) != archived:
            unknown.append(id)
        else:
            found[record.id] = record
    errors = [_not_found(kind, unknown)] if unknown else []
    return done(call, started, [reading.show(record) for record in found.values()], errors)


def batch_create(call: Call) -> Response:
    """All or nothing, unless every input carries an objectWriteTraceId."""
    kind = call.writing()
    started, inputs = call.state.now(), call.inputs()
    if inputs and all(item.get("objectWriteTraceId") is not None for item in inputs):
        results, errors = _row_by_row(inputs, lambda item: _created(call, draft(call.state, kind, item)))
        return done(call, started, results, errors, 201)
    drafts = [draft(call.state, kind, item) for item in inputs]
    _check_twins(call, kind, drafts)
    return done(call, started, [_created(call, made) for made in drafts], [], 201)


def batch_update(call: Call) -> Response:
    """A bad value refuses the whole batch; unknown ids are reported beside what was done."""
    kind = call.writing()
    started, inputs = call.state.now(), call.inputs()
    ids = [_id(item) for item in inputs]
    _check_repeated(ids)
    planned: list[tuple[Mapping[str, Any], Record, dict[str, str]]] = []
    unknown = []
    for item, id in zip(inputs, ids, strict=True):
        record = _target(call, kind, id, item.get("idProperty"))
        if record is None:
            unknown.append((id, item))
            continue
        values = values_of(call.state, kind, item.get("properties") or {})
        check_unique(call.state, kind, values, record)
        planned.append((item, record, values))
    errors = [_not_found(kind, [id], item) for id, item in unknown]
    results = []
    for item, record, values in planned:
        problem = row_problem(call.state.faults, kind, record.id)
        if problem:
            errors.append(_row_error(problem, item, str(record.id)))
        else:
            results.append(_updated(call, kind, record, values, item))
    return done(call, started, results, errors)


def batch_upsert(call: Call) -> Response:
    """Create or update by a unique property; each result says whether it is new."""
    kind = call.writing()
    started, inputs = call.state.now(), call.inputs()
    _check_repeated([_id(item) for item in inputs])
    results = []
    for item in inputs:
        id, name = _id(item), item.get("idProperty")
        check_id_property(call, kind, name)
        record = _target(call, kind, id, name)
        if record is not None:
            values = values_of(call.state, kind, item.get("properties") or {})
            check_unique(call.state, kind, values, record)
            results.append({**_updated(call, kind, record, values, item), "new": False})
            continue
        if not name:
            raise invalid(f"idProperty is required to upsert {id}.")
        made = draft(call.state, kind, {**item, "properties": {**(item.get("properties") or {}), name: id}})
        results.append({**_created(call, made), "new": True})
    return done(call, started, results, [])


def batch_archive(call: Call) -> Response:
    kind = call.writing()
    for item in call.inputs():
        archive(call, kind, _id(item))
    return no_content()


def done(call: Call, started: int, results: Sequence[Any], errors: Sequence[Shown], status: int = 200) -> Response:
    """The answer to a batch: results in an order of its own; 207 when there are errors beside them."""
    body: dict[str, Any] = {"status": "COMPLETE", "results": list(results)[::-1]}
    if errors:
        body |= {"numErrors": len(errors), "errors": list(errors)}
    body |= {"startedAt": stamp(started), "completedAt": stamp(call.state.now())}
    return answer(body, 207 if errors else status)


def _created(call: Call, made: Draft) -> Shown:
    record = create(call.state, made)
    shown = {"id": str(record.id), "properties": created_answer(call.state, made, record), **stamps(record)}
    return {**shown, "objectWriteTraceId": made.trace} if made.trace is not None else shown


def _updated(call: Call, kind: ObjectType, record: Record, values: dict[str, str], item: Mapping[str, Any]) -> Shown:
    update(call.state, kind, record, values)
    shown = {"id": str(record.id), "properties": updated_answer(call.state, kind, record, values), **stamps(record)}
    trace = item.get("objectWriteTraceId")
    return {**shown, "objectWriteTraceId": str(trace)} if trace is not None else shown


def _row_by_row(inputs: Sequence[Mapping[str, Any]], do: Callable[[Any], Shown]) -> tuple[list[Shown], list[Shown]]:
    results, errors = [], []
    for item in inputs:
        try:
            results.append(do(item))
        except Refused as refusal:
            errors.append(_row_error(refusal, item))
    return results, errors


def _row_error(refusal: Refused, item: Mapping[str, Any], id: str | None = None) -> Shown:
    body = refusal.body
    context = {**body.get("context", {})}
    if id is not None:
        context["ids"] = [id]
    if item.get("objectWriteTraceId") is not None:
        context["objectWriteTraceId"] = [str(item["objectWriteTraceId"])]
    error = {
        "status": "error",
        "category": body.get("category", "VALIDATION_ERROR"),
        "message": body.get("message", "Resource not found"),
        "context": context,
    }
    return {**error, "errors": body["errors"]} if "errors" in body else error


def _not_found(kind: ObjectType, ids: Sequence[str], item: Mapping[str, Any] | None = None) -> Shown:
    context = {"ids": list(ids)}
    if item and item.get("objectWriteTraceId") is not None:
        context["objectWriteTraceId"] = [str(item["objectWriteTraceId"])]
    return {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "message": f"Could not get some {kind.name.upper()} objects, they may be deleted or not exist. "
        "Check that ids are valid.",
        "context": context,
    }


def _target(call: Call, kind: ObjectType, id: str, id_property: str | None) -> Record | None:
    check_id_property(call, kind, id_property)
    record = call.state.find(kind, id, id_property)
    return record if record is not None and record.archived is None else None


def _id(item: Mapping[str, Any]) -> str:
    if item.get("id") is None:
        raise invalid_json("Cannot build SimplePublicObjectId, some of required attributes are not set [id]")
    return as_text(item["id"])


def _check_repeated(ids: Sequence[str]) -> None:
    repeated = sorted({id for id in ids if ids.count(id) > 1})
    if repeated:
        raise invalid(f"Duplicate IDs found in batch input: [{', '.join(repeated)}]. IDs must be unique")


def _check_twins(call: Call, kind: ObjectType, drafts: Sequence[Draft]) -> None:
    """Two new records with one unique value between them."""
    for name in call.state.tables[kind.plural].unique:
        values = [made.values[name].lower() for made in drafts if made.values.get(name)]
        if len(set(values)) < len(values):
            raise conflict(f"{kind.label} already exists. Two inputs of the batch have the same {name}.")
