"""`query`, `queryAll` and their further pages.

Source: REST API Developer Guide, Query; QueryAll; Execute a SOQL Query › Query Options Header. `columns=true`: Tooling
API Developer Guide, REST Resources › query. Recorded: pages without a next one, aggregates, parents.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from sandbox.salesforce.access import UserView
from sandbox.salesforce.errors import bad_request
from sandbox.salesforce.http import Answer, Call, Endpoint
from sandbox.salesforce.soql.run import Result, run
from sandbox.salesforce.values import TEXT_TYPES

LARGEST_PAGE, SMALLEST_PAGE = 2000, 200
KEPT_CURSORS = 50
APEX_TYPES = {
    "id": "Id", "reference": "Id", "boolean": "Boolean", "int": "Integer", "double": "Double", "currency": "Decimal",
    "percent": "Decimal", "date": "Date", "datetime": "Datetime",
}  # fmt: skip


@dataclass(slots=True)
class Cursor:
    """A result that is being paged through; `tooling` tells under which address its pages are."""

    result: Result
    size: int
    tooling: bool


class Cursors:
    """Results that have more pages, by locator; the oldest are forgotten."""

    def __init__(self) -> None:
        self._open: OrderedDict[str, Cursor] = OrderedDict()

    def keep(self, locator: str, cursor: Cursor) -> None:
        self._open[locator] = cursor
        while len(self._open) > KEPT_CURSORS:
            self._open.popitem(last=False)

    def get(self, locator: str) -> Cursor:
        cursor = self._open.get(locator)
        if cursor is None:
            raise bad_request("INVALID_QUERY_LOCATOR", "invalid query locator")
        return cursor


def query(call: Call) -> Answer:
    return _query(call, call.view, tooling=False)


def query_all(call: Call) -> Answer:
    return _query(call, call.view, tooling=False, deleted=True)


def tooling_query(call: Call) -> Answer:
    return _query(call, call.tooling_view, tooling=True)


def _query(call: Call, view: UserView, *, tooling: bool, deleted: bool = False) -> Answer:
    if "explain" in call.params:
        return explain(call, view)
    text = call.params.get("q", "")
    prefix = "/tooling" if tooling else ""
    result = run(text, view, f"{call.base}{prefix}/sobjects/", deleted=deleted)
    if tooling:
        _check_metadata(result)
    if call.params.get("columns", "").lower() == "true":
        return Answer(columns(result))
    return Answer(page(call, "", Cursor(result, page_size(call), tooling), 0))


def more(call: Call, locator: str) -> Answer:
    """A further page: the locator's id and the offset, such as `01g…-2000`."""
    identity, _, offset = locator.rpartition("-")
    if not offset.isdigit():
        raise bad_request("INVALID_QUERY_LOCATOR", "invalid query locator")
    return Answer(page(call, identity, call.org.cursors.get(identity), int(offset)))


def page(call: Call, locator: str, cursor: Cursor, start: int) -> dict[str, Any]:
    result = cursor.result
    end = start + cursor.size
    rows = result.rows[start:end]
    done = end >= len(result.rows)
    answer: dict[str, Any] = {"totalSize": result.size, "done": done}
    if not done:
        if not locator:
            locator = call.org.serials.next("01g")
            call.org.cursors.keep(locator, cursor)
        prefix = "/tooling" if cursor.tooling else ""
        answer["nextRecordsUrl"] = f"{call.base}{prefix}/query/{locator}-{end}"
    answer["records"] = list(map(result.show, rows))
    if cursor.tooling:
        answer |= {"size": len(rows), "entityTypeName": result.sobject.name, "queryLocator": None}
    return answer


def page_size(call: Call) -> int:
    """What `Sforce-Query-Options: batchSize=…` advises, within its bounds."""
    found = re.search(r"batchSize\s*=\s*(\d+)", call.headers.get("sforce-query-options", ""))
    return min(LARGEST_PAGE, max(SMALLEST_PAGE, int(found.group(1)))) if found else LARGEST_PAGE


def columns(result: Result) -> dict[str, Any]:
    """What a query selects, without its rows."""
    return {
        "columnMetadata": [
            {
                "aggregate": False,
                "apexType": APEX_TYPES.get(one.field.type, "String") if one.field else "String",
                "booleanType": one.field is not None and one.field.type == "boolean",
                "columnName": one.name.rpartition(".")[2],
                "custom": one.field is not None and one.field.custom,
                "displayName": one.name,
                "foreignKeyName": one.field.relationship if one.field else None,
                "insertable": one.field is not None and one.field.createable,
                "joinColumns": [],
                "numberType": one.field is not None and one.field.type in ("int", "double", "currency", "percent"),
                "textType": one.field is None or one.field.type in TEXT_TYPES,
                "updatable": one.field is not None and one.field.updateable,
            }
            for one in result.columns
        ],
        "entityName": result.sobject.name,
        "groupBy": result.query.groups is not None,
        "idSelected": any(one.name == "Id" for one in result.columns),
        "keyPrefix": result.sobject.prefix,
    }


def explain(call: Call, view: UserView) -> Answer:
    """What a query would cost. Source: REST API Developer Guide, Get Feedback on Query Performance."""
    text = call.params["explain"]
    result = run(text, view, "")
    size, every = result.size, len(view.store[result.sobject.name])
    indexed = result.query.where is not None and size < every / 10
    plan = {
        "cardinality": size,
        "fields": [],
        "leadingOperationType": "Index" if indexed else "TableScan",
        "notes": [],
        "relativeCost": round(size / every * (0.5 if indexed else 2.5), 3) if every else 0.0,
        "sobjectCardinality": every,
        "sobjectType": result.sobject.name,
    }
    return Answer({"plans": [plan], "sourceQuery": text})


def _check_metadata(result: Result) -> None:
    """Metadata and FullName are given for one record at a time."""
    asked = {one.name for one in result.columns}
    if asked & {"Metadata", "FullName"} and result.size > 1:
        raise bad_request(
            "MALFORMED_QUERY",
            "When retrieving results with Metadata or FullName fields, the query qualifications must specify no more "
            f"than one row for retrieval. Result size: {result.size}",
        )


ENDPOINTS = (
    Endpoint("GET", "/query", query),
    Endpoint("GET", "/queryAll", query_all),
    Endpoint("GET", "/query/{locator}", more),
    Endpoint("GET", "/queryAll/{locator}", more),
    Endpoint("GET", "/tooling/query", tooling_query),
    Endpoint("GET", "/tooling/query/{locator}", more),
)
