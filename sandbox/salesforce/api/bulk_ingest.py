"""Bulk API 2.0 ingest: a CSV of records to insert, update, upsert or delete, and what became of each.

Source: Bulk API 2.0 and Bulk API Developer Guide, Ingest Jobs: Create a Job; Upload Job Data; Get Job Successful,
Failed and Unprocessed Record Results; Prepare CSV Files (an empty cell leaves a field alone, `#N/A` clears it).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any

from sandbox.salesforce.api import jobs
from sandbox.salesforce.api.jobs import Job
from sandbox.salesforce.api.resources import known
from sandbox.salesforce.errors import RowError, bad_request
from sandbox.salesforce.http import CSV, Answer, Call, Endpoint
from sandbox.salesforce.schema import SObject
from sandbox.salesforce.store import ID

OPERATIONS = ("insert", "update", "upsert", "delete", "hardDelete")
LARGEST_UPLOAD = 150_000_000
LARGEST_CELL = 32_000
NULL = "#N/A"


def create(call: Call) -> Answer:
    body = call.record()
    operation, name = body.get("operation"), str(body.get("object", ""))
    if operation not in OPERATIONS:
        raise bad_request("INVALIDJOB", f"InvalidJob : Unsupported operation: {operation}")
    sobject = call.view.sobject(name)
    if sobject is None:
        raise bad_request("INVALIDJOB", f"InvalidJob : Unable to find object: {name}")
    if operation == "hardDelete":
        raise bad_request("FEATURENOTENABLED", "FeatureNotEnabled : hardDelete operation requires special permission")
    external = body.get("externalIdFieldName")
    if operation == "upsert":
        field = call.view.field(sobject, str(external))
        if field is None or not field.lookup:
            raise bad_request("INVALIDJOB", f"InvalidJob : External ID field not found: {external}")
    return Answer(jobs.new(call, "ingest", operation, sobject.name, "Open", body).shown())


def upload(call: Call, job_id: str) -> Answer:
    job = jobs.find(call, "ingest", job_id)
    if job.state != "Open" or job.upload is not None:
        raise bad_request("INVALIDJOBSTATE", "InvalidJobState : data was uploaded before, or the job is not open")
    if len(call.body) > LARGEST_UPLOAD:
        raise bad_request("FILE_SIZE_LIMIT_EXCEEDED", "The uploaded file is larger than 150 MB")
    job.upload = call.body
    return Answer(b"", 201, media="text/plain")


def change(call: Call, job_id: str) -> Answer:
    """UploadComplete starts the work, Aborted ends it."""
    job = jobs.find(call, "ingest", job_id)
    state = call.record().get("state")
    if state == "Aborted":
        jobs.abort(job)
    elif state != "UploadComplete":
        raise bad_request("INVALIDJOBSTATE", f"InvalidJobState : can't set the state to {state}")
    elif job.state != "Open":
        raise bad_request("INVALIDJOBSTATE", f"InvalidJobState : Closing already {job.state} Job not allowed")
    elif job.upload is None:
        raise bad_request("INVALIDJOBSTATE", "InvalidJobState : no data was uploaded")
    else:
        job.state = "UploadComplete"
        shown = job.shown()
        _work(call, job)
        return Answer(shown)
    return Answer(job.shown())


def _work(call: Call, job: Job) -> None:
    rows = _rows(job)
    if not job.error:
        sobject = known(call, job.sobject)
        stops_at = call.faults.load_stops_at(sobject.name)
        for place, row in enumerate(rows):
            if place == stops_at:
                job.error, job.unprocessed = "InternalServerError : the job was stopped", rows[place:]
                break
            try:
                record_id, created = _one(call, job, sobject, row)
            except RowError as error:
                job.failed.append(("", f"{error.code}:{error.message}:{' '.join([*error.fields, '--'])}", row))
            else:
                job.done.append((record_id, created, row))
        job.failed.sort(key=lambda failure: failure[1])
    job.upload = None
    job.start(job.rows)


def _rows(job: Job) -> list[dict[str, str]]:
    """The records of the upload; a CSV that can't be read fails the job."""
    try:
        text = (job.upload or b"").decode("utf-8-sig")
    except UnicodeDecodeError:
        job.error = "ClientInputError : the data is not valid UTF-8"
        return []
    csv.field_size_limit(10**9)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=jobs.DELIMITERS[job.delimiter])
    job.columns = list(reader.fieldnames or [])
    if not job.columns:
        job.error = "InvalidBatch : Field name not found : no header row"
        return []
    rows = list(reader)
    if any(None in row or None in row.values() for row in rows):
        job.error = "ClientInputError : the number of columns differs from the header's"
        return []
    ending = b"\r\n" if b"\r\n" in (job.upload or b"") else b"\n"
    if ending.decode() != jobs.LINE_ENDINGS[job.line_ending]:
        job.error = f"ClientInputError : LineEnding is invalid on user data. It is set to {job.line_ending}"
        return []
    return rows


def _one(call: Call, job: Job, sobject: SObject, row: dict[str, str]) -> tuple[str, bool]:
    """Do what is asked with one record; its id, and whether it is new."""
    given = _given(row)
    record_id = next((str(value) for name, value in given.items() if name.lower() == "id"), "")
    if job.operation == "insert":
        return call.dml.create(sobject, given), True
    if job.operation == "upsert":
        external = sobject[str(job.external_id)]
        value = next((one for name, one in given.items() if name.lower() == external.name.lower()), None)
        if value is None:
            raise RowError("MISSING_ARGUMENT", f"{external.name} not specified", external.name)
        found = call.dml.find(sobject, external, value)
        if len(found) > 1:
            raise RowError("DUPLICATE_EXTERNAL_ID", f"{external.name}: more than one record found", external.name)
        if not found:
            return call.dml.create(sobject, given), True
        call.dml.update(sobject, found[0][ID], {name: one for name, one in given.items() if one is not value})
        return str(found[0][ID]), False
    if not record_id:
        raise RowError("MISSING_ARGUMENT", "Id not specified")
    if job.operation == "delete":
        call.dml.delete(sobject, record_id)
    else:
        call.dml.update(sobject, record_id, given)
    return record_id, False


def _given(row: dict[str, str]) -> dict[str, Any]:
    """The fields of a row: empty cells are left alone, `#N/A` is null, `Account.External_Id__c` names a parent."""
    given: dict[str, Any] = {}
    for name, value in row.items():
        if len(value) > LARGEST_CELL:
            raise RowError("STRING_TOO_LONG", f"{name}: more than {LARGEST_CELL} characters", name)
        if value == "":
            continue
        parent, dot, key = name.partition(".")
        if dot:
            given[parent] = {key: value}
        else:
            given[name] = None if value == NULL else value
    return given


def read(call: Call, job_id: str) -> Answer:
    return Answer(jobs.find(call, "ingest", job_id).with_figures())


def all_jobs(call: Call) -> Answer:
    return Answer(jobs.listed(call, "ingest"))


def delete(call: Call, job_id: str) -> Answer:
    jobs.forget(call, jobs.find(call, "ingest", job_id))
    return Answer(status=204)


def successful(call: Call, job_id: str) -> Answer:
    job = jobs.find(call, "ingest", job_id)
    rows = [[record_id, "true" if created else "false", *row.values()] for record_id, created, row in job.done]
    return _csv(job, ["sf__Id", "sf__Created"], rows)


def failed(call: Call, job_id: str) -> Answer:
    job = jobs.find(call, "ingest", job_id)
    rows = [[record_id, error, *row.values()] for record_id, error, row in job.failed]
    return _csv(job, ["sf__Id", "sf__Error"], rows)


def unprocessed(call: Call, job_id: str) -> Answer:
    job = jobs.find(call, "ingest", job_id)
    return _csv(job, [], [list(row.values()) for row in job.unprocessed])


def _csv(job: Job, first: list[str], rows: Iterable[list[str]]) -> Answer:
    if job.state not in ("JobComplete", "Failed", "Aborted"):
        raise bad_request("INVALIDJOBSTATE", f"InvalidJobState : the job is {job.state}, it has no results")
    out = io.StringIO()
    ending = jobs.LINE_ENDINGS[job.line_ending]
    writer = csv.writer(out, delimiter=jobs.DELIMITERS[job.delimiter], lineterminator=ending, quoting=csv.QUOTE_ALL)
    writer.writerow([*first, *job.columns])
    writer.writerows(rows)
    return Answer(out.getvalue().encode(), media=CSV)


ENDPOINTS = (
    Endpoint("POST", "/jobs/ingest", create),
    Endpoint("GET", "/jobs/ingest", all_jobs),
    Endpoint("GET", "/jobs/ingest/{job_id}", read),
    Endpoint("PATCH", "/jobs/ingest/{job_id}", change),
    Endpoint("DELETE", "/jobs/ingest/{job_id}", delete),
    Endpoint("PUT", "/jobs/ingest/{job_id}/batches", upload),
    Endpoint("GET", "/jobs/ingest/{job_id}/successfulResults", successful),
    Endpoint("GET", "/jobs/ingest/{job_id}/failedResults", failed),
    Endpoint("GET", "/jobs/ingest/{job_id}/unprocessedrecords", unprocessed),
)
