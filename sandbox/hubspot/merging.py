"""Merging two records, and erasing one for good.

https://knowledge.hubspot.com/records/merge-records: the winner keeps its values and takes those that it lacks, the
associations and activities of both stay, the loser's id goes on leading to the winner. Not seen in a recording.
"""

from __future__ import annotations

from sandbox.hubspot.object_types import ObjectType
from sandbox.hubspot.state import State
from sandbox.hubspot.store import Record, Source

MERGE = Source("MERGE_OBJECTS", "MergeObjects")


def merge(state: State, kind: ObjectType, winner: Record, loser: Record) -> None:
    """Put `loser` into `winner`."""
    table, now = state.tables[kind.plural], state.now()
    for record in (winner, loser):
        table.journal.append((now, record.id, record.copy()))
    address = table.value(loser, "email")
    values = {name: value for name in list(table.columns) if (value := table.value(loser, name))}
    for name in table.unique:
        table.put(loser, name, None)
    for name, value in values.items():
        if not table.value(winner, name):
            table.change(winner, name, value, now, MERGE)
    if kind.plural == "contacts" and address and address != table.value(winner, "email"):
        held = table.value(winner, "hs_additional_emails")
        table.change(winner, "hs_additional_emails", f"{held};{address}" if held else address, now, MERGE)
        table.unique["email"][address.lower()] = winner.id
    state.graph.move(kind.plural, loser.id, winner.id)
    winner.merged = (*winner.merged, *loser.merged, loser.id)
    winner.created = min(winner.created, loser.created)
    winner.updated = now
    table.winners[loser.id] = winner.id
    for record in (winner, loser):
        table.touched(record)


def erase(state: State, kind: ObjectType, record: Record) -> None:
    """Forget a record, its history, its associations and the ids that were merged into it."""
    table = state.tables[kind.plural]
    state.graph.forget(kind.plural, record.id)
    for id in (record.id, *record.merged):
        table.winners.pop(id, None)
        if id in table.records:
            table.remove(id)
