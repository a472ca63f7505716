"""Bulk API 2.0 queries: jobs whose results are fetched as CSV, page by page.

Source: Bulk API 2.0 and Bulk API Developer Guide, Query Jobs: Create a Query Job; Get Results for a Query Job;
SOQL Considerations (what a bulk query may not have).
"""

from __future__ import annotations

import base64
import binascii
import csv
import io
from collections.abc import Callable
from typing import Any

from sandbox.salesforce.api import jobs
from sandbox.salesforce.api.jobs import Job
from sandbox.salesforce.errors import bad_request
from sandbox.salesforce.http import CSV, Answer, Call, Endpoint
from sandbox.salesforce.soql import groups
from sandbox.salesforce.soql.run import Result, run
from sandbox.salesforce.soql.selection import Column
from sandbox.salesforce.soql.syntax import Children, Query, TypeOf, parse
from sandbox.salesforce.store import Row

PAGE = 50_000
WORDS = {True: "true", False: "false", None: ""}
FEWEST, MOST = 1, 1_000_000


def create(call: Call) -> Answer:
    body = call.record()
    operation, text = body.get("operation"), str(body.get("query", ""))
    if operation not in ("query", "queryAll"):
        raise bad_request("INVALIDJOB", f"InvalidJob : Unsupported operation: {operation}")
    _check(parse(text))
    result = run(text, call.view, f"{call.base}/sobjects/", deleted=operation == "queryAll")
    if any(column.field and column.field.type == "address" for column in result.columns):
        raise bad_request("API_ERROR", "Selecting compound data not supported in Bulk Query")
    job = jobs.new(call, "query", operation, result.sobject.name, "UploadComplete", body)
    job.result = result
    shown = job.shown()
    job.start(result.size)
    return Answer(shown)


def _check(query: Query) -> None:
    """What bulk queries may not have."""
    unsupported = (
        ("Aggregate Relationships", groups.aggregates(query)),
        ("Sub-queries", any(isinstance(item, Children) for item in query.selection)),
        ("TYPEOF", any(isinstance(item, TypeOf) for item in query.selection)),
        ("OFFSET", query.offset > 0),
    )
    for what, there in unsupported:
        if there:
            raise bad_request("API_ERROR", f"{what} not supported in Bulk Query V2 query")


def read(call: Call, job_id: str) -> Answer:
    return Answer(jobs.find(call, "query", job_id).with_figures())


def all_jobs(call: Call) -> Answer:
    return Answer(jobs.listed(call, "query"))


def change(call: Call, job_id: str) -> Answer:
    job = jobs.find(call, "query", job_id)
    if call.record().get("state") != "Aborted":
        raise bad_request("INVALIDJOBSTATE", "InvalidJobState : a query job can only be set to Aborted")
    jobs.abort(job)
    return Answer(job.shown())


def delete(call: Call, job_id: str) -> Answer:
    jobs.forget(call, jobs.find(call, "query", job_id))
    return Answer(status=204)


def results(call: Call, job_id: str) -> Answer:
    """One page of CSV; `Sforce-Locator` says where the next one is, `null` after the last."""
    job = jobs.find(call, "query", job_id)
    if job.state != "JobComplete" or job.result is None:
        raise bad_request("INVALIDJOBSTATE", f"InvalidJobState : the job is {job.state}, it has no results")
    start = _start(call.params.get("locator"))
    asked = call.params.get("maxRecords", str(PAGE))
    if not asked.isdigit() or not int(asked) >= FEWEST:
        raise bad_request("INVALIDJOB", "InvalidJob : maxRecords must be a positive number")
    end = start + min(int(asked), MOST)
    rows = job.result.rows[start:end]
    locator = str(end) if end < len(job.result.rows) else "null"
    headers = {"Sforce-Locator": _locator(locator), "Sforce-NumberOfRecords": str(len(rows))}
    return Answer(_csv(job, job.result, rows), headers=headers, media=CSV)


def _locator(offset: str) -> str:
    """An opaque word for an offset."""
    if offset == "null":
        return offset
    return base64.urlsafe_b64encode(f"r{offset}".encode()).decode().rstrip("=")


def _start(locator: str | None) -> int:
    if locator is None:
        return 0
    try:
        text = base64.urlsafe_b64decode(locator + "=" * (-len(locator) % 4)).decode()
        if not text.startswith("r"):
            raise ValueError(text)
        return int(text[1:])
    except (ValueError, binascii.Error):
        raise bad_request("INVALID_LOCATOR", "invalid locator") from None


def _csv(job: Job, result: Result, rows: list[Any]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(
        out,
        delimiter=jobs.DELIMITERS[job.delimiter],
        lineterminator=jobs.LINE_ENDINGS[job.line_ending],
        quoting=csv.QUOTE_ALL,
    )
    writer.writerow([column.name for column in result.columns])
    writer.writerows(map(_cells(result.columns), rows))
    return out.getvalue().encode()


def _cells(columns: list[Column]) -> Callable[[Row], list[Any]]:
    """A row's cells: nothing for null, `true` and `false`, numbers as they are."""
    flags = [at for at, column in enumerate(columns) if column.field and column.field.type == "boolean"]
    getters = [column.get for column in columns]

    def cells(row: Row) -> list[Any]:
        found = [get(row) for get in getters]
        for at in flags:
            found[at] = WORDS[found[at]]
        return found

    return cells


ENDPOINTS = (
    Endpoint("POST", "/jobs/query", create),
    Endpoint("GET", "/jobs/query", all_jobs),
    Endpoint("GET", "/jobs/query/{job_id}", read),
    Endpoint("PATCH", "/jobs/query/{job_id}", change),
    Endpoint("DELETE", "/jobs/query/{job_id}", delete),
    Endpoint("GET", "/jobs/query/{job_id}/results", results),
)
