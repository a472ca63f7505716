"""Playing one cell: a run under the fault, one that recovers, one that finds all settled; then what must hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from assets.connection import Connection
from assets.errors import ReadinessError
from connectors.errors import ConnectorError
from tests.assets.way import connect_to, stored
from tests.faults.cells import LOADS, WELL, Cell
from tests.faults.scene import Intention, Scene, in_loads, rows_of

SETTLED = {"rows_written": 0, "rows_rejected": 0, "tasks_opened": 0, "tasks_closed": 0}


def play(cell: Cell, scene: Scene) -> list[str]:
    """What does not hold of this cell; nothing when it is green."""
    connection = scene.connection(filled=cell.step != "first pull")
    wanted = scene.intention()
    withdrawn = []
    if cell.step == "withdraw tasks":
        scene.run(connection, wanted)
        withdrawn = wanted.keys
        wanted = Intention(wanted.number, wanted.opportunities, ())
    if cell.event == "deleted":
        wanted = Intention(wanted.number, scene.opportunities, scene.owners)
    if cell.posted:
        scene.post(cell)
    try:
        with in_loads(cell.step in LOADS):
            said = _said(cell, scene, connection, wanted, withdrawn)
    finally:
        scene.heal()
    problems = list(_told(cell, connection, said))
    if cell.event == "deleted":
        wanted = Intention(wanted.number, wanted.opportunities[:-1], wanted.owners[:-1])
    if said or cell.receipt or cell.step == "write tasks" or _left_for_later(connection):
        scene.run(connection, wanted, withdrawn=withdrawn)
    settled = scene.run(connection, wanted, withdrawn=withdrawn)
    left = {name: settled[name] for name in SETTLED if settled[name]}
    if left:
        problems.append(f"not settled: {left}")
    return [*problems, *_held(cell, scene, connection, wanted, withdrawn)]


def _said(cell: Cell, scene: Scene, connection: Connection, wanted: Intention, withdrawn: list[str]) -> str:
    """The message with which the faulty run ended; "" where it ended well."""
    try:
        scene.run(connection, wanted, cell.event, cell.step, withdrawn)
    except (ReadinessError, ConnectorError) as stopped:
        return str(stopped)
    except Exception as crash:
        return f"a traceback: {crash!r}"
    return WELL


def _left_for_later(connection: Connection) -> bool:
    """Whether a record had been changed unseen, as by the cell before while the search lagged: the next run writes."""
    with stored(connection) as store:
        return bool(store.query("select 1 from receipts where outcome = 'changed' limit 1"))


def _told(cell: Cell, connection: Connection, said: str) -> Iterator[str]:
    """Whether the run's state tells the admin what happened."""
    if bool(cell.ends) != bool(said) or cell.ends not in said:
        yield f"should have ended with {cell.ends!r}, said {said!r}"
    if cell.receipt:
        with stored(connection) as store:
            reasons = store.query(
                "select reason from receipts where outcome <> 'written' union all select reason from task_intents"
            )
        if not any(cell.receipt.lower() in (row["reason"] or "").lower() for row in reasons):
            yield f"no receipt says {cell.receipt!r}"


def _held(cell: Cell, scene: Scene, connection: Connection, wanted: Intention, withdrawn: list[str]) -> Iterator[str]:
    """Whether store and CRM say the same, and nothing was lost, doubled or done twice."""
    here, mirror = scene.here(connection), scene.there(connection)
    for table, rows in rows_of(mirror).items():
        lost, extra = rows - here[table], here[table] - rows
        for row in [row for row in extra if scene.deleted & {value for _, value in row}]:
            del extra[row]  # the history of a deleted record stays, as it may be undeleted
        if lost or extra:
            yield f"{table}: {lost.total()} rows lost, {extra.total()} too many {list(lost)[:1]} {list(extra)[:1]}"
    with stored(connection) as store:
        twice = store.query(
            "select record_id from receipts where outcome = 'written' and after = ?"
            " group by record_id, field having count(*) > 1",
            [wanted.why],
        )
    if twice:
        yield f"{len(twice)} values written twice"
    wrong = [one for one in wanted.opportunities if scene.why(mirror, one) != wanted.why]
    if wrong:
        yield f"{len(wrong)} values never written"
    with connect_to(connection) as connector:
        keys = Counter(task.key for task in connector.tasks_of(wanted.opportunities))
    for key in [*wanted.keys, *withdrawn]:
        if keys[key] != (0 if key in withdrawn else 1):
            yield f"{keys[key]} tasks of {key}"
