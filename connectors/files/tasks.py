"""Tasks beside a folder of tables: rows of `enriched/tasks.csv`, whose `done` and `answer` are the seller's to fill."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from connectors.files.enriched import EnrichedFile
from connectors.protocol import NewTask, OpenTask, Receipt, Rewording


def create_tasks(folder: Path, tasks: Sequence[NewTask]) -> Iterator[Receipt]:
    """A receipt per task; a key that is there already counts as written."""
    file = _file(folder)
    records = file.read()
    for task in tasks:
        records.setdefault(
            task.key,
            {
                "opportunity_id": task.opportunity_id or "",
                "person_id": task.person_id or "",
                "owner_id": task.owner_id,
                "subject": task.subject,
                "body": task.body,
                "due": task.due.isoformat(),
                "priority": task.priority,
                "done": "",
                "answer": "",
            },
        )
    file.write(records)
    for task in tasks:
        yield Receipt(task.key, "written", task.key)


def tasks_of(folder: Path, opportunity_ids: Sequence[str]) -> Iterator[OpenTask]:
    """Our tasks on these opportunities; untouched while `done` and `answer` are empty."""
    wanted = set(opportunity_ids)
    for key, record in _file(folder).read().items():
        if record["opportunity_id"] in wanted:
            untouched = not record["done"] and not record["answer"]
            yield OpenTask(key, key, record["opportunity_id"], record["owner_id"], bool(record["done"]), untouched)


def delete_tasks(folder: Path, task_ids: Sequence[str]) -> Iterator[Receipt]:
    """Take untouched tasks off the list."""
    file = _file(folder)
    records = file.read()
    for task_id in task_ids:
        record = records.get(task_id)
        if record is None:
            yield Receipt(task_id, "gone", task_id, "no longer in the file")
        elif record["done"] or record["answer"]:
            yield Receipt(task_id, "rejected", task_id, "someone has worked on it")
        else:
            del records[task_id]
            yield Receipt(task_id, "written", task_id)
    file.write(records)


def reword_tasks(folder: Path, rewordings: Sequence[Rewording]) -> Iterator[Receipt]:
    """A receipt per task, by its id, which is its key."""
    file = _file(folder)
    records = file.read()
    for one in rewordings:
        record = records.pop(one.task_id, None)
        if record is None:
            yield Receipt(one.task_id, "gone", one.task_id, "no longer in the file")
        else:
            records[one.key] = {**record, "person_id": "", "subject": one.subject, "body": ""}
            yield Receipt(one.task_id, "written", one.key)
    file.write(records)


def _file(folder: Path) -> EnrichedFile:
    return EnrichedFile(folder, "tasks", key="key")
