"""Writing much at once by Bulk API 2.0: a CSV of our values goes in, what became of each row comes out.

Source: Bulk API 2.0 and Bulk API Developer Guide, "Upload Job Data" (an upload holds 150 MB after base64 encoding, so
100 MB of CSV), "Prepare CSV Files" (an empty cell leaves a field alone, `#N/A` clears it), "Get Job Failed Record
Results" (in any order; a job that is complete may hold rows that failed).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from connectors.door import whole
from connectors.errors import TryLater
from connectors.paging import paged
from connectors.protocol import Receipt
from connectors.recovery import ROW_OUTCOMES, Refusal
from connectors.salesforce.client import SalesforceDoor
from connectors.salesforce.jobs import AT_WORK, MOST_READS, awaited
from connectors.text import as_text

ROWS = 5000
"""So many rows and more are loaded: a load takes four calls or five, collections one for a thousand rows."""
CALLS = 6
UPLOAD_BYTES = 100_000_000
NOTHING = "#N/A"
ID, ERROR = "Id", "sf__Error"
Record = Mapping[str, Any]


def loaded(door: SalesforceDoor, object: str, records: Sequence[Record]) -> Iterator[Receipt]:
    """Receipts of the records that the org has worked at; what it could not load at all is left to the caller.

    `records` hold `Id` and native values.
    """
    order = {"object": object, "operation": "update", "contentType": "CSV", "lineEnding": "LF"}
    try:
        for number, (part, text) in enumerate(_files(records)):
            job = door.send("POST", "jobs/ingest", order, own={400, 404, 405}).data
            for path in _left_behind(door, job) if number == 0 else ():
                awaited(door, path)
            path = f"jobs/ingest/{job['id']}"
            yield from _outcomes(door, path, part, _done(door, path, text))
    except Refusal:
        return


def _left_behind(door: SalesforceDoor, ours: Record) -> list[str]:
    """Loads of the same object at which the org still works for a run that was killed: they hold older values."""

    def fetch(url: str) -> tuple[Any, str | None]:
        params = {"jobType": "V2Ingest"} if url == "jobs/ingest" else None
        answer = door.send("GET", url, None, params, own={400, 404, 405}).data
        return answer, answer.get("nextRecordsUrl")

    same = ("object", "createdById")
    jobs = [job for answer, _ in paged(fetch, "jobs/ingest") for job in answer["records"] if job["state"] in AT_WORK]
    return [f"jobs/ingest/{job['id']}" for job in jobs if all(job[name] == ours[name] for name in same)]


def _files(records: Sequence[Record]) -> Iterator[tuple[list[Record], bytes]]:
    """The records in parts that may be uploaded, with their CSV."""
    names = sorted({name for record in records for name in record} - {ID})
    header = ",".join([ID, *names]).encode() + b"\n"
    part: list[Record] = []
    lines, size = [header], len(header)
    for record in records:
        line = _line([_cell(record, name) for name in (ID, *names)])
        if part and size + len(line) > UPLOAD_BYTES:
            yield part, b"".join(lines)
            part, lines, size = [], [header], len(header)
        part.append(record)
        lines.append(line)
        size += len(line)
    yield part, b"".join(lines)


def _cell(record: Record, name: str) -> str:
    if name not in record:
        return ""
    text = as_text(record[name])
    return NOTHING if text is None else text


def _line(cells: Sequence[str]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerow(cells)
    return out.getvalue().encode()


def _done(door: SalesforceDoor, path: str, text: bytes) -> Mapping[str, Any]:
    """Upload, let the org begin, and wait; the job at its end. A step that was done before is answered by 400."""
    for method, address, body in (("PUT", f"{path}/batches", text), ("PATCH", path, {"state": "UploadComplete"})):
        with suppress(Refusal):
            door.send(method, address, body, own={400})
    try:
        return awaited(door, path)
    except TryLater:
        with suppress(Refusal):
            door.send("PATCH", path, {"state": "Aborted"}, own={400, 404})
        raise


def _outcomes(door: SalesforceDoor, path: str, part: Sequence[Record], job: Mapping[str, Any]) -> Iterator[Receipt]:
    """A receipt for each record that the org got to; the rest of a job that failed or was aborted has none."""
    processed, failed = int(job.get("numberRecordsProcessed") or 0), int(job.get("numberRecordsFailed") or 0)
    errors = {row[ID]: row[ERROR] for row in _results(door, f"{path}/failedResults", failed)} if failed else {}
    yield from (_refused(record_id, error) for record_id, error in errors.items())
    done = [record[ID] for record in part if record[ID] not in errors]
    if processed != len(part):
        done = [row[ID] for row in _results(door, f"{path}/successfulResults", processed - failed)]
    yield from (Receipt(record_id, "written", record_id) for record_id in done)


def _results(door: SalesforceDoor, path: str, expected: int) -> list[dict[str, str]]:
    """The rows of one list of results, asked for again when it breaks off."""
    for _ in range(MOST_READS if expected else 0):
        with suppress(Refusal, csv.Error, UnicodeDecodeError), door.stream(path) as response:
            rows = list(csv.DictReader(io.StringIO(whole(response).decode(), newline=""), strict=True))
            if len(rows) == expected:
                return rows
    if expected:
        raise TryLater("The results of a bulk load keep breaking off.", "The next run compares with the CRM again.")
    return []


def _refused(record_id: str, error: str) -> Receipt:
    """The receipt of a failed row: its error reads `CODE:message:fields --`."""
    code, _, rest = error.partition(":")
    message = rest.rpartition(":")[0] or rest
    return Receipt(record_id, ROW_OUTCOMES.get(code, "rejected"), record_id, f"{code}: {message}"[:500])
