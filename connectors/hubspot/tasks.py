"""Tasks on the owner's list, known again by our key property on the task.

Association type ids are HubSpot's own: developers.hubspot.com, "Associations v4", association type id values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from connectors.batches import ROW_FAULTS, chunks, isolated
from connectors.hubspot.client import HubSpotDoor
from connectors.hubspot.links import Links
from connectors.hubspot.push import ROWS, refused
from connectors.hubspot.streams import native_name
from connectors.protocol import NewTask, OpenTask, Receipt, Rewording
from connectors.recovery import ROW_OUTCOMES, Refusal

KEY, ANSWER = native_name("key"), native_name("answer")
TO_DEAL, TO_CONTACT = 216, 204
PRIORITIES = {"high": "HIGH", "normal": "MEDIUM", "low": "LOW"}
WATCHED = ("hs_task_status", "hubspot_owner_id", "hs_timestamp", "hs_task_subject", "hs_task_body", ANSWER)
"""A task is untouched while each of these has had one value at most."""
READ = 50
_EXISTING = re.compile(r"Existing ID:\s*(\d+)")
_LOST = (None, 500, 502, 504)


def create_tasks(door: HubSpotDoor, tasks: Sequence[NewTask]) -> Iterator[Receipt]:
    """A receipt per task, by its key. A key that is there already counts as written."""
    for batch in chunks(tasks, ROWS):
        yield from isolated(batch, partial(_created, door), _refused)


def tasks_of(door: HubSpotDoor, links: Links, deal_ids: Sequence[str]) -> Iterator[OpenTask]:
    """Our tasks on these deals, by their links."""
    deals = {str(row["to_id"]): row["from_id"] for row in links.read("deals", deal_ids, "tasks")}
    for record in _read(door, list(deals)):
        properties = record["properties"]
        if properties.get(KEY):
            yield OpenTask(
                record["id"],
                properties[KEY],
                deals[record["id"]],
                properties.get("hubspot_owner_id") or None,
                is_done=properties.get("hs_task_status") == "COMPLETED",
                untouched=_untouched(record),
            )


def delete_tasks(door: HubSpotDoor, task_ids: Sequence[str]) -> Iterator[Receipt]:
    """Withdraw tasks; one that someone has touched since stays, and one that is no longer there is gone."""
    held = {record["id"]: record for record in _read(door, task_ids)}
    ours = []
    for task_id in task_ids:
        record = held.get(task_id)
        if record is None:
            yield Receipt(task_id, "gone", task_id, "no longer in the CRM")
        elif not record["properties"].get(KEY) or not _untouched(record):
            yield Receipt(task_id, "rejected", task_id, "someone has worked on it")
        else:
            ours.append(task_id)
    for batch in chunks(ours, ROWS):
        inputs = [{"id": task_id} for task_id in batch]
        door.json("POST", f"{door.paths.objects}/tasks/batch/archive", {"inputs": inputs})
        yield from (Receipt(task_id, "written", task_id) for task_id in batch)


def reword_tasks(door: HubSpotDoor, rewordings: Sequence[Rewording]) -> Iterator[Receipt]:
    """A receipt per task, by its id."""
    for batch in chunks(rewordings, ROWS):
        inputs = [
            {"id": one.task_id, "properties": {"hs_task_subject": one.subject, "hs_task_body": "", KEY: one.key}}
            for one in batch
        ]
        answer = door.json("POST", f"{door.paths.objects}/tasks/batch/update", {"inputs": inputs})
        written = {result["id"] for result in answer["results"]}
        for one in batch:
            yield Receipt(one.task_id, "written" if one.task_id in written else "gone", one.task_id)


def _created(door: HubSpotDoor, tasks: Sequence[NewTask]) -> list[Receipt]:
    path, body = f"{door.paths.objects}/tasks/batch/create", {"inputs": [_input(task) for task in tasks]}
    try:
        answer = door.send("POST", path, body, repeatable=False, own={*ROW_FAULTS, *_LOST}).data
    except Refusal as refusal:
        if refusal.status in _LOST:
            return [Receipt(task.key, "retry", None, "no answer: look for its key before sending") for task in tasks]
        raise
    made = {result["properties"].get(KEY): result["id"] for result in answer["results"]}
    errors = {
        str(trace): error
        for error in answer.get("errors") or ()
        for trace in (error.get("context") or {}).get("objectWriteTraceId") or ()
    }
    return [_receipt(task.key, made, errors) for task in tasks]


def _receipt(key: str, made: Mapping[str, str], errors: Mapping[str, Mapping[str, Any]]) -> Receipt:
    if key in made:
        return Receipt(key, "written", made[key])
    error = errors.get(key, {})
    message = str(error.get("message") or "not made")
    existing = _EXISTING.search(message)
    if existing:
        return Receipt(key, "written", existing[1], "was there already")
    category = str(error.get("category") or "UNKNOWN")
    return Receipt(key, ROW_OUTCOMES.get(category, "rejected"), None, f"{category}: {message}"[:500])


def _refused(task: NewTask, refusal: Refusal) -> Receipt:
    existing = _EXISTING.search(refusal.row) if refusal.status == 409 else None
    return Receipt(task.key, "written", existing[1], "was there already") if existing else refused(task.key, refusal)


def _input(task: NewTask) -> dict[str, Any]:
    targets = ((task.opportunity_id, TO_DEAL), (task.person_id, TO_CONTACT))
    return {
        "objectWriteTraceId": task.key,
        "properties": {
            "hs_timestamp": task.due.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "hs_task_subject": task.subject[:255],
            "hs_task_body": task.body,
            "hs_task_status": "NOT_STARTED",
            "hs_task_priority": PRIORITIES[task.priority],
            "hs_task_type": "TODO",
            "hubspot_owner_id": task.owner_id,
            KEY: task.key,
        },
        "associations": [
            {
                "to": {"id": target},
                "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}],
            }
            for target, type_id in targets
            if target
        ],
    }


def _read(door: HubSpotDoor, task_ids: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    for batch in chunks(task_ids, READ):
        body = {
            "inputs": [{"id": task_id} for task_id in batch],
            "properties": [KEY, *WATCHED],
            "propertiesWithHistory": list(WATCHED),
        }
        yield from door.json("POST", f"{door.paths.objects}/tasks/batch/read", body)["results"]


def _untouched(record: Mapping[str, Any]) -> bool:
    histories = (record.get("propertiesWithHistory") or {}).values()
    return record["properties"].get("hs_task_status") == "NOT_STARTED" and all(len(held) <= 1 for held in histories)
