"""Bulk API 2.0: what query and ingest jobs share.

No recording covers it; it rests on the Bulk API 2.0 and Bulk API Developer Guide: Query; Ingest; Job States; Results.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sandbox.salesforce.errors import ApiError, bad_request
from sandbox.salesforce.http import Call
from sandbox.salesforce.soql.run import Result
from sandbox.salesforce.values import stamp

DELIMITERS = {"COMMA": ",", "TAB": "\t", "SEMICOLON": ";", "PIPE": "|", "CARET": "^", "BACKQUOTE": "`"}
LINE_ENDINGS = {"LF": "\n", "CRLF": "\r\n"}
KEPT_DAYS = 7
SECONDS, ROWS_PER_SECOND = 0.2, 500_000
"""How long a job takes: something, and longer with more rows."""


@dataclass(slots=True)
class Job:
    """One job.

    Attributes
    ----------
    state : Open, UploadComplete, InProgress, Aborted, JobComplete or Failed; see `settle`.
    ready_at : when it will be done, by the process's own clock.
    """

    id: str
    kind: str
    operation: str
    sobject: str
    by: str
    version: float
    created: str
    delimiter: str
    line_ending: str
    state: str
    changed: str
    query: str = ""
    external_id: str | None = None
    result: Result | None = None
    error: str | None = None
    ready_at: float = 0.0
    upload: bytes | None = None
    done: list[tuple[str, bool, dict[str, str]]] = field(default_factory=list)
    failed: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    unprocessed: list[dict[str, str]] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return self.result.size if self.result else len(self.done) + len(self.failed)

    def start(self, rows: int) -> None:
        self.state = "InProgress"
        self.ready_at = time.monotonic() + SECONDS + rows / ROWS_PER_SECOND

    def settle(self) -> None:
        """A job in progress ends when its time has come."""
        if self.state == "InProgress" and time.monotonic() >= self.ready_at:
            self.state = "Failed" if self.error else "JobComplete"

    def shown(self) -> dict[str, Any]:
        self.settle()
        columns = {"columnDelimiter": self.delimiter, "lineEnding": self.line_ending}
        info: dict[str, Any] = {
            "id": self.id,
            "operation": self.operation,
            "object": self.sobject,
            "createdById": self.by,
            "createdDate": self.created,
            "systemModstamp": self.changed,
            "state": self.state,
            "concurrencyMode": "Parallel",
            "contentType": "CSV",
            "apiVersion": self.version,
            **columns,
        }
        if self.kind == "ingest":
            info |= {"jobType": "V2Ingest", "externalIdFieldName": self.external_id}
            info |= {"contentUrl": f"services/data/v{self.version}/jobs/ingest/{self.id}/batches"}
        else:
            info["jobType"] = "V2Query"
        return info

    def with_figures(self) -> dict[str, Any]:
        """As the job's own address shows it: with what was done."""
        info = self.shown()
        over = self.state in ("JobComplete", "Failed")
        rows = self.rows if over else 0
        info |= {"retries": 0, "totalProcessingTime": rows // 50, "numberRecordsProcessed": rows}
        if self.kind == "ingest":
            info |= {"numberRecordsFailed": len(self.failed) if over else 0, "apiActiveProcessingTime": rows // 60}
            info["apexProcessingTime"] = 0
        if self.error and over:
            info["errorMessage"] = self.error
        return info


def new(call: Call, kind: str, operation: str, sobject: str, state: str, body: dict[str, Any]) -> Job:
    """A job as a client asked for it, kept by the org."""
    delimiter, ending = body.get("columnDelimiter", "COMMA"), body.get("lineEnding", "LF")
    if delimiter not in DELIMITERS or ending not in LINE_ENDINGS:
        raise bad_request("INVALIDJOB", "InvalidJob : Invalid columnDelimiter or lineEnding")
    if body.get("contentType", "CSV") != "CSV":
        raise bad_request("INVALIDJOB", f"InvalidJob : Unsupported contentType: {body['contentType']}")
    now = stamp(call.view.now)
    oldest = stamp(call.view.now - timedelta(days=KEPT_DAYS))
    for old in [one for one in call.org.jobs.values() if one.created < oldest]:
        del call.org.jobs[old.id]
    identity = call.org.serials.next("750")
    job = Job(
        identity, kind, operation, sobject, call.user_id, call.number, now, delimiter, ending, state, now,
        query=str(body.get("query", "")), external_id=body.get("externalIdFieldName"),
    )  # fmt: skip
    call.org.jobs[identity] = job
    return job


def find(call: Call, kind: str, job_id: str) -> Job:
    job = next((one for one in call.org.jobs.values() if one.id[:15] == job_id[:15] and one.kind == kind), None)
    if job is None:
        raise ApiError(404, "NOT_FOUND", "The requested resource does not exist")
    job.settle()
    return job


def listed(call: Call, kind: str) -> dict[str, Any]:
    return {
        "done": True,
        "nextRecordsUrl": None,
        "records": [job.shown() for job in call.org.jobs.values() if job.kind == kind],
    }


def forget(call: Call, job: Job) -> None:
    if job.state not in ("UploadComplete", "JobComplete", "Aborted", "Failed"):
        raise bad_request("INVALIDJOBSTATE", f"InvalidJobState : can't delete a job in state {job.state}")
    del call.org.jobs[job.id]


def abort(job: Job) -> None:
    if job.state in ("JobComplete", "Failed", "Aborted"):
        raise bad_request("INVALIDJOBSTATE", f"InvalidJobState : Aborting already {job.state} Job not allowed")
    job.state = "Aborted"
