"""`forget` and `export`: one person, named by somebody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from assets.connection import Connection
from assets.erasure.crm import marked, reword_tasks
from assets.erasure.erase import MARK, erase, named
from assets.erasure.person import Person, find
from assets.erasure.places import places
from assets.errors import Refused
from assets.held import held
from assets.push import push
from assets.reports.files import withdraw
from assets.session import Session, session
from assets.warehouse import Warehouse, run_lock
from assets.warehouse.compact import compact
from connectors.errors import ConnectorError


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What came of it, in counts. `waits` says why texts in the CRM still name them, empty where none does."""

    records: int
    rows: int
    texts_cleared: int
    tasks_reworded: int
    waits: str = ""


def forget(connection: Connection, who: str) -> Forgotten:
    """Erase a person from the store, and from the texts and tasks that we wrote to the CRM.

    Raises
    ------
    Refused : nobody of that id or address is held.
    """
    _refuse_without_store(connection)
    with session(connection, str(uuid4())) as opened:
        people = _known(opened.store, connection, who)
        rows = erase(opened.store, connection.config.crm, people)
        withdraw(opened)
        texts, tasks, waits = _cleared(opened)
    with run_lock(connection.folder, "forgetting"):
        compact(connection.store)
    return Forgotten(len(people), rows, texts, tasks, waits)


def _cleared(opened: Session) -> tuple[int, int, str]:
    if opened.connection.config.mode == "observe":
        return 0, 0, "mode observe writes nothing: what was written before still names them"
    try:
        with opened.store.scratch():
            changes = marked(held(opened))
        return push(opened, changes)["rows_written"], reword_tasks(opened), ""
    except ConnectorError as fault:
        return 0, 0, f"the next sync clears them in the CRM, which couldn't be reached now: {fault.message}"


def export(connection: Connection, who: str) -> dict[str, Any]:
    """Everything that the store holds of a person: `person`, and per table the rows that are about or name them.

    Raises
    ------
    Refused : nobody of that id or address is held.
    """
    _refuse_without_store(connection)
    with run_lock(connection.folder, "an export"):
        store = Warehouse(connection.store)
        try:
            people = _known(store, connection, who)
            tables: dict[str, list[dict[str, Any]]] = {}
            with named(store, people):
                by_table: dict[str, list[str]] = {}
                for place in places(store, connection.config.crm, MARK):
                    by_table.setdefault(place.table, []).append(f"({place.condition})")
                by_table["task_intents"] = ["person_id in (select id from persons)"]
                for table, conditions in sorted(by_table.items()):
                    rows = store.query(f'select * from "{table}" where {" or ".join(conditions)}')
                    if rows:
                        tables[table] = [{k: v for k, v in row.items() if not k.startswith("_")} for row in rows]
        finally:
            store.close()
    shown = [{"id": person.person_id, "name": person.name, "email": person.email} for person in people]
    return {"connection": connection.name, "person": shown, "tables": tables}


def _refuse_without_store(connection: Connection) -> None:
    if not connection.store.exists():
        raise Refused(f"{connection.name}: nothing has been pulled yet, so nobody is held.")


def _known(store: Warehouse, connection: Connection, who: str) -> list[Person]:
    people = find(store, connection.config.crm, who)
    if not people:
        raise Refused(f'{connection.name}: nobody with the id or e-mail address "{who}" is held.')
    return people
