"""What the demo prints: deals as their sellers see them, and what changed in them."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from assets.connection import Connection
from assets.fields import fields_of
from assets.warehouse import Warehouse

CHANGES = ("phase", "readiness", "rank", "win_chance", "decision_date", "changed", "why")
DEALS = """
select o.opportunity_id as id, o.name, a.name as account, s.label as stage,
       count(t.key) as tasks, max(r.coverage) as coverage
from opportunities o
join opportunity_readiness r using (opportunity_id)
left join accounts a using (account_id)
left join stages s on s.pipeline_id = o.pipeline_id and s.stage_id = o.stage_id
left join task_plan t on t.opportunity_id = o.opportunity_id and t.action = 'open'
where o.outcome = 'open' and r.state = 'seen'
group by all
order by least(tasks, 2) desc, coverage desc, id
limit ?
"""
CHANGED = """
select record_id as id, o.name, a.name as account
from receipts r
join opportunities o on o.opportunity_id = r.record_id
left join accounts a using (account_id)
where r.seq = (select max(seq) from runs) and r.object = 'opportunity' and r.outcome = 'written'
  and o.outcome = 'open' and r.field in ('phase', 'readiness')
group by all
order by count(distinct field) desc, max(abs(try_cast(after as double) - try_cast(before as double))) desc, id
limit ?
"""


def deals(connection: Connection, how_many: int = 4) -> None:
    """A handful of deals: stage, phase, readiness, chance, why, what next, and the tasks that were opened."""
    store = Warehouse(connection.store)
    try:
        for deal in store.query(DEALS, [how_many]):
            _deal(deal, _values(store, deal["id"]), _tasks(store, deal["id"]), Labels(connection))
    finally:
        store.close()


def changes(connection: Connection, how_many: int = 3) -> None:
    """A handful of deals whose phase or readiness the last run moved, old and new."""
    store, labels = Warehouse(connection.store), Labels(connection)
    try:
        for deal in store.query(CHANGED, [how_many]):
            print(f"\n  {deal['name']} ({deal['account']})")
            receipts = store.query(
                "select field, before, after from receipts where seq = (select max(seq) from runs) and record_id = ?",
                [deal["id"]],
            )
            written = {row["field"]: row for row in receipts}
            for field in (field for field in CHANGES if field in written):
                before, after = (labels.shown(field, written[field][side]) for side in ("before", "after"))
                _line(labels.name(field), after if field in ("why", "changed") else f"{before} → {after}")
            _list("new task", _tasks(store, deal["id"]))
    finally:
        store.close()


class Labels:
    """Field names and choices as the connection's sellers read them."""

    def __init__(self, connection: Connection) -> None:
        specs = [spec for spec in fields_of(connection) if spec.object == "opportunity"]
        self._names = {spec.name: spec.label for spec in specs}
        self._choices = {spec.name: dict(spec.choices) for spec in specs}

    def name(self, field: str) -> str:
        return self._names[field]

    def shown(self, field: str, value: str | None) -> str:
        return "–" if value is None else self._choices[field].get(value, value)


def _deal(deal: Mapping[str, Any], values: Mapping[str, str | None], tasks: Sequence[str], labels: Labels) -> None:
    print(f"\n  {deal['name']} ({deal['account']})")
    _line("seller's stage", deal["stage"])
    for field in ("phase", "readiness", "win_chance", "rank", "why", "next_action"):
        if values.get(field) is not None:
            _line(labels.name(field), labels.shown(field, values[field]))
    _list("task", tasks)


def _values(store: Warehouse, opportunity_id: str) -> dict[str, str | None]:
    rows = store.query(
        "select field, value from fields where object = 'opportunity' and record_id = ?", [opportunity_id]
    )
    return {row["field"]: row["value"] for row in rows}


def _tasks(store: Warehouse, opportunity_id: str) -> list[str]:
    """Subjects of the tasks that the last run put on the owner's list."""
    rows = store.query(
        "select p.subject from task_plan p join task_intents i using (key)"
        " where p.action = 'open' and i.state = 'open' and p.opportunity_id = ? order by p.key",
        [opportunity_id],
    )
    return [row["subject"] for row in rows]


def _list(name: str, texts: Iterable[str]) -> None:
    for text in texts:
        _line(name, text)


def _line(name: str, text: str) -> None:
    lines = [line for part in text.splitlines() for line in textwrap.wrap(part, 86) or [""]]
    print(f"    {name:22}{lines[0] if lines else ''}")
    for line in lines[1:]:
        print(f"    {'':22}{line}")
