"""sObject collections: up to 200 records a call, one result per record in the order asked.

Source: REST API Developer Guide, sObject Collections. Recorded: create, change and delete, a row's errors.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.salesforce import ids
from sandbox.salesforce.api.records import shown
from sandbox.salesforce.api.resources import known
from sandbox.salesforce.errors import ApiError, RowError, bad_request
from sandbox.salesforce.http import Answer, Call, Endpoint
from sandbox.salesforce.schema import SObject
from sandbox.salesforce.store import ID

MOST_ROWS, MOST_READ, MOST_OBJECTS = 200, 2000, 10
ROLLED_BACK = RowError(
    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "Record rolled back because not all records were valid and the request was using AllOrNone header",
)
Result = dict[str, Any]
Act = Callable[[Any], Result]


def create(call: Call) -> Answer:
    def one(record: Any) -> Result:
        return _done(call.dml.create(_object(call, record), record))

    return _each(call, *_records(call), one)


def update(call: Call) -> Answer:
    def one(record: Any) -> Result:
        record_id = _id(record)
        call.dml.update(_object(call, record), record_id, record)
        return _done(ids.normal(record_id) or record_id)

    return _each(call, *_records(call), one)


def upsert(call: Call, sobject: str, field: str) -> Answer:
    one = known(call, sobject)
    external = call.view.field(one, field)
    if external is None or not external.lookup:
        message = f"Provided external ID field does not exist or is not accessible: {field}"
        raise ApiError(404, "NOT_FOUND", message)

    def row(record: Any) -> Result:
        value = next((given for name, given in record.items() if name.lower() == external.name.lower()), None)
        if value in (None, "") and external.name != "Id":
            raise RowError("MISSING_ARGUMENT", f"{external.name} not specified", external.name)
        found = call.dml.find(one, external, value) if value else []
        if len(found) > 1:
            raise RowError("DUPLICATE_EXTERNAL_ID", f"{external.name}: more than one record found", external.name)
        rest = {name: given for name, given in record.items() if name.lower() != external.name.lower()}
        if found:
            call.dml.update(one, found[0][ID], rest)
            return _done(found[0][ID], created=False)
        return _done(call.dml.create(one, record), created=True)

    return _each(call, *_records(call), row)


def delete(call: Call) -> Answer:
    given = [one.strip() for one in call.params.get("ids", "").split(",") if one.strip()]
    _not_too_many(given, MOST_ROWS)

    def one(record_id: str) -> Result:
        sobject = call.org.schema.of_id(record_id)
        if sobject is None or ids.normal(record_id) is None:
            raise RowError("MALFORMED_ID", f"malformed id {record_id}")
        call.dml.delete(sobject, record_id)
        return _done(ids.normal(record_id) or record_id)

    return _each(call, given, call.params.get("allOrNone", "").lower() == "true", one)


def read(call: Call, sobject: str) -> Answer:
    """Records by id, in the order asked, with null for those that are not there."""
    one = known(call, sobject)
    if call.method == "GET":
        wanted, names = call.params.get("ids", "").split(","), call.params.get("fields", "")
    else:
        body = call.record()
        wanted, names = body.get("ids", []), ",".join(body.get("fields", []))
    _not_too_many(wanted, MOST_READ)
    if not names:
        raise bad_request("MISSING_ARGUMENT", "fields is a required parameter")
    found = [call.org.store[one.name].get(ids.normal(record_id) or "") for record_id in wanted]
    return Answer([None if row is None else shown(call, one, row, names) for row in found])


def _records(call: Call) -> tuple[list[Any], bool]:
    body = call.record()
    records = body.get("records")
    if not isinstance(records, list):
        raise bad_request("JSON_PARSER_ERROR", "records must be an array")
    _not_too_many(records, MOST_ROWS)
    kinds = {record.get("attributes", {}).get("type") for record in records if isinstance(record, dict)}
    if len(kinds) > MOST_OBJECTS:
        raise bad_request("LIMIT_EXCEEDED", "The request can't have more than 10 object types")
    return records, body.get("allOrNone") is True


def _not_too_many(records: list[Any], most: int) -> None:
    if len(records) > most:
        message = f"EXCEEDED_ID_LIMIT: record limit reached. cannot submit more than {most} records in this call"
        raise bad_request("EXCEEDED_ID_LIMIT", message)


def _object(call: Call, record: Any) -> SObject:
    kind = record.get("attributes", {}).get("type") if isinstance(record, dict) else None
    if not kind:
        raise bad_request("INVALID_INPUT", "Include a type attribute in the attributes of every record")
    one = call.view.sobject(kind)
    if one is None:
        raise RowError("INVALID_TYPE", f"sObject type '{kind}' is not supported.")
    return one


def _id(record: dict[str, Any]) -> str:
    record_id = next((value for name, value in record.items() if name.lower() == "id"), None)
    if not record_id:
        raise RowError("MISSING_ARGUMENT", "Id not specified in an update call")
    return str(record_id)


def _done(record_id: str, **more: bool) -> Result:
    return {"id": record_id, "success": True, "errors": [], **more}


def failed(error: RowError) -> Result:
    return {"success": False, "errors": [error.in_row()]}


def _each(call: Call, records: list[Any], all_or_none: bool, act: Act) -> Answer:
    """Do it to each; with `all_or_none` a single failure takes all back."""
    if not all_or_none:
        return Answer([_try(record, act) for record in records])
    with call.org.store.transaction() as rollback:
        results = [_try(record, act) for record in records]
        if any(not result["success"] for result in results):
            rollback()
            results = [failed(ROLLED_BACK) if result["success"] else result for result in results]
    return Answer(results)


def _try(record: Any, act: Act) -> Result:
    try:
        return act(record)
    except RowError as error:
        return failed(error)


ENDPOINTS = (
    Endpoint("POST", "/composite/sobjects", create),
    Endpoint("PATCH", "/composite/sobjects", update),
    Endpoint("DELETE", "/composite/sobjects", delete),
    Endpoint("PATCH", "/composite/sobjects/{sobject}/{field}", upsert),
    Endpoint("GET", "/composite/sobjects/{sobject}", read),
    Endpoint("POST", "/composite/sobjects/{sobject}", read),
)
