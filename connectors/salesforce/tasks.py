"""Tasks on the owner's list, known again by our key field on the task."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from connectors.batches import chunks, isolated
from connectors.protocol import NewTask, OpenTask, Receipt, Rewording
from connectors.recovery import Refusal, explained
from connectors.salesforce.client import SalesforceDoor
from connectors.salesforce.push import NOT_A_ROW, ROWS, outcome_of, reason_of, refused
from connectors.salesforce.streams import native_name

KEY = native_name("key")
PRIORITIES = {"high": "High", "normal": "Normal", "low": "Low"}
STATUS = "Not Started"
IDS_IN_A_QUERY = 300
_EXISTING = re.compile(r"id:\s*(\w{15,18})")
_LOST = (None, 500, 502, 504)


def create_tasks(door: SalesforceDoor, tasks: Sequence[NewTask]) -> Iterator[Receipt]:
    """A receipt per task, by its key. A key that is there already counts as written."""
    for batch in chunks(tasks, ROWS):
        yield from isolated(batch, partial(_created, door), lambda task, why: refused(task.key, why))


def tasks_of(door: SalesforceDoor, opportunity_ids: Sequence[str], user: str) -> Iterator[OpenTask]:
    """Our tasks on these opportunities; untouched while open and last changed by ourselves."""
    for chunk in chunks(opportunity_ids, IDS_IN_A_QUERY):
        for record in _found(door, f"WhatId IN ({_quoted(chunk)})"):
            yield OpenTask(
                record["Id"],
                record[KEY],
                record["WhatId"],
                record["OwnerId"],
                is_done=bool(record["IsClosed"]),
                untouched=not record["IsClosed"] and record["LastModifiedById"] == user,
            )


def delete_tasks(door: SalesforceDoor, task_ids: Sequence[str], user: str) -> Iterator[Receipt]:
    """Withdraw tasks; one that someone has touched since stays, and one that is no longer there is gone."""
    for chunk in chunks(task_ids, ROWS):
        held = {record["Id"]: record for record in _found(door, f"Id IN ({_quoted(chunk)})")}
        ours = []
        for task_id in chunk:
            record = held.get(task_id)
            if record is None:
                yield Receipt(task_id, "gone", task_id, "no longer in the CRM")
            elif record["IsClosed"] or record["LastModifiedById"] != user:
                yield Receipt(task_id, "rejected", task_id, "someone has worked on it")
            else:
                ours.append(task_id)
        if ours:
            params = {"ids": ",".join(ours), "allOrNone": "false"}
            results = door.json("DELETE", "composite/sobjects", None, params)
            for task_id, result in zip(ours, results, strict=True):
                errors = result["errors"]
                outcome = "written" if result["success"] else outcome_of(errors)
                yield Receipt(task_id, outcome, task_id, reason_of(errors) or None)


def reword_tasks(door: SalesforceDoor, rewordings: Sequence[Rewording]) -> Iterator[Receipt]:
    """A receipt per task, by its id."""
    for batch in chunks(rewordings, ROWS):
        records = [
            {
                "attributes": {"type": "Task"},
                "Id": one.task_id,
                "Subject": one.subject,
                "Description": None,
                "WhoId": None,
                KEY: one.key,
            }
            for one in batch
        ]
        results = door.json("PATCH", "composite/sobjects", {"allOrNone": False, "records": records})
        for one, result in zip(batch, results, strict=True):
            errors = result["errors"]
            outcome = "written" if result["success"] else outcome_of(errors)
            yield Receipt(one.task_id, outcome, one.task_id, reason_of(errors) or None)


def _created(door: SalesforceDoor, tasks: Sequence[NewTask]) -> list[Receipt]:
    body = {"allOrNone": False, "records": [_record(task) for task in tasks]}
    try:
        results = door.send("POST", "composite/sobjects", body, repeatable=False, own={400, *_LOST}).data
    except Refusal as refusal:
        if refusal.status in _LOST:
            return [Receipt(task.key, "retry", None, "no answer: look for its key before sending") for task in tasks]
        if refusal.code in NOT_A_ROW:
            raise explained(refusal, "Task") from None
        raise
    return [_receipt(task.key, result) for task, result in zip(tasks, results, strict=True)]


def _record(task: NewTask) -> dict[str, Any]:
    lead = (task.person_id or "").startswith("00Q")
    return {
        "attributes": {"type": "Task"},
        "Subject": task.subject[:255],
        "Description": task.body[:32000],
        "WhatId": None if lead else task.opportunity_id,
        "WhoId": task.person_id,
        "OwnerId": task.owner_id,
        "ActivityDate": f"{task.due:%Y-%m-%d}",
        "Priority": PRIORITIES[task.priority],
        "Status": STATUS,
        KEY: task.key,
    }


def _receipt(key: str, result: dict[str, Any]) -> Receipt:
    if result["success"]:
        return Receipt(key, "written", result["id"])
    errors = result["errors"]
    if errors and errors[0].get("statusCode") == "DUPLICATE_VALUE" and KEY in str(errors[0].get("message")):
        existing = _EXISTING.search(errors[0]["message"])
        return Receipt(key, "written", long_id(existing[1]) if existing else None, "was there already")
    return Receipt(key, outcome_of(errors), None, reason_of(errors))


def _found(door: SalesforceDoor, where: str) -> Iterator[dict[str, Any]]:
    fields = f"Id, {KEY}, WhatId, OwnerId, IsClosed, LastModifiedById"
    soql = f"SELECT {fields} FROM Task WHERE {where} AND {KEY} != null"  # noqa: S608 - ids are quoted
    answer = door.json("GET", "query", None, {"q": soql})
    while True:
        yield from answer["records"]
        if not answer.get("nextRecordsUrl"):
            return
        answer = door.json("GET", answer["nextRecordsUrl"])


def _quoted(ids: Sequence[str]) -> str:
    """Ids as SOQL strings; anything but letters and digits is left out of them."""
    return ", ".join(f"'{re.sub(r'[^0-9A-Za-z]', '', record_id)}'" for record_id in ids)


def long_id(record_id: str) -> str:
    """The 18-character form of a record id: three characters tell which letters of the 15 are capitals.

    Source: Salesforce Object Reference, "ID Field Type".
    """
    if len(record_id) == 18:
        return record_id
    parts = (record_id[start : start + 5] for start in (0, 5, 10))
    places = (sum(1 << place for place, letter in enumerate(part) if letter.isupper()) for part in parts)
    return record_id + "".join("ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"[place] for place in places)
