"""Records one at a time: list, read, create, update, archive, merge, privacy deletion.

https://developers.hubspot.com/docs/guides/api/crm/using-object-apis. Lists, reads, creates and archives were recorded.
"""

from __future__ import annotations

from itertools import islice
from urllib.parse import urlencode

from starlette.responses import Response

from sandbox.hubspot.call import Call
from sandbox.hubspot.errors import invalid, invalid_json, not_found
from sandbox.hubspot.merging import erase, merge
from sandbox.hubspot.object_types import ObjectType
from sandbox.hubspot.reading import MAX_HISTORY, Reading, stamps
from sandbox.hubspot.rowfaults import strike
from sandbox.hubspot.store import Record
from sandbox.hubspot.values import as_text
from sandbox.hubspot.wire import answer, flag, no_content
from sandbox.hubspot.writing import (
    check_unique,
    create,
    created_answer,
    draft,
    update,
    updated_answer,
    values_of,
)

MAX_PAGE, DEFAULT_PAGE = 100, 10


def list_records(call: Call) -> Response:
    """A page of records in the order of their ids; `after` says with which id to go on."""
    kind = call.reading()
    reading = call.from_query(kind)
    limit = _limit(call, MAX_HISTORY if reading.history else MAX_PAGE)
    after = call.query.get("after") or "0"
    if not after.isdecimal():
        raise invalid(f"after must be a paging cursor of this endpoint, but was {after}.")
    table = call.state.tables[kind.plural]
    page = list(islice(table.live(int(after), archived=flag(call.query, "archived")), limit + 1))
    body: dict[str, object] = {"results": [reading.show(record) for record in page[:limit]]}
    if len(page) > limit:
        following = str(page[limit - 1].id + 1)
        body["paging"] = {"next": {"after": following, "link": next_link(call, following)}}
    return answer(body)


def read_record(call: Call) -> Response:
    kind = call.reading()
    record = wanted(call, kind)
    if (record.archived is not None) != flag(call.query, "archived"):
        raise not_found()
    return answer(call.from_query(kind).show(record))


def create_record(call: Call) -> Response:
    kind = call.writing()
    made = draft(call.state, kind, call.body)
    record = create(call.state, made)
    shown = {"id": str(record.id), "properties": created_answer(call.state, made, record), **stamps(record)}
    location = f"{call.base}{call.request.url.path.rstrip('/')}/{record.id}"
    return answer(shown, 201, {"Location": location})


def update_record(call: Call) -> Response:
    kind = call.writing()
    record = wanted(call, kind)
    if record.archived is not None:
        raise not_found()
    strike(call.state, kind, record.id)
    properties = call.fields().get("properties")
    if not properties:
        raise invalid("No properties found to update, please provide at least one.", context={"properties": ["{}"]})
    values = values_of(call.state, kind, properties)
    check_unique(call.state, kind, values, record)
    update(call.state, kind, record, values)
    shown = updated_answer(call.state, kind, record, values)
    return answer({"id": str(record.id), "properties": shown, **stamps(record)})


def archive_record(call: Call) -> Response:
    """204 whether or not there was such a record."""
    kind = call.writing()
    archive(call, kind, call.path["id"])
    return no_content()


def archive(call: Call, kind: ObjectType, id: str) -> None:
    """Put a record away: it keeps its values, loses its associations, and is read with `archived=true` only."""
    state = call.state
    record = state.find(kind, id)
    if record is None or record.archived is not None:
        return
    table, now = state.tables[kind.plural], state.now()
    table.journal.append((now, record.id, record.copy()))
    record.archived = record.updated = now
    table.touched(record)
    state.graph.forget(kind.plural, record.id)


def merge_records(call: Call) -> Response:
    kind = call.writing()
    fields = call.fields()
    ids = [as_text(fields.get(name)) for name in ("primaryObjectId", "objectIdToMerge")]
    if not all(ids):
        needs = "[primaryObjectId, objectIdToMerge]"
        raise invalid_json(f"Cannot build PublicMergeInput, some of required attributes are not set {needs}")
    winner, loser = (call.state.find(kind, id) for id in ids)
    if winner is None or loser is None or winner.archived is not None or loser.archived is not None:
        raise not_found()
    if winner is loser:
        raise invalid("An object can't be merged with itself.")
    merge(call.state, kind, winner, loser)
    return answer(Reading(call.state, kind).show(winner))


def gdpr_delete(call: Call) -> Response:
    """Contacts only: the record and all that it held is gone for good."""
    kind = call.writing()
    fields = call.fields()
    if kind.plural != "contacts":
        raise not_found()
    record = call.state.find(kind, as_text(fields.get("objectId")), fields.get("idProperty"))
    if record is None:
        raise not_found()
    erase(call.state, kind, record)
    return no_content()


def wanted(call: Call, kind: ObjectType) -> Record:
    """The record that the path names, by id or by the unique property in `idProperty`."""
    id_property = call.query.get("idProperty")
    check_id_property(call, kind, id_property)
    record = call.state.find(kind, call.path["id"], id_property)
    if record is None:
        raise not_found()
    return record


def check_id_property(call: Call, kind: ObjectType, name: str | None) -> None:
    """Only a property with unique values tells records apart."""
    if name and name != "hs_object_id" and name not in call.state.tables[kind.plural].unique:
        raise invalid(f"{name} is not a unique identifier property of {kind.name.upper()}.")


def next_link(call: Call, after: str) -> str:
    """The address of the next page: this one with all its parameters, and the cursor."""
    kept = [(key, value) for key, value in call.query.multi_items() if key != "after"]
    return f"{call.base}{call.request.url.path}?{urlencode([*kept, ('after', after)])}"


def _limit(call: Call, most: int) -> int:
    text = call.query.get("limit") or str(min(DEFAULT_PAGE, most))
    if not text.isdecimal() or not 0 < int(text) <= most:
        raise invalid(f"Invalid limit: {text}. The limit must be between 1 and {most}.")
    return int(text)
