"""A batch as canonical tables: to hand the market to something that reads a folder instead of a CRM."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet

from sandbox.company import Activity, Batch, Opportunity
from sandbox.market.pipelines import NO_DECISION_REASONS
from sandbox.tables import TABLES

NOBODY: tuple[str | None, ...] = (None,)


def tables(batch: Batch) -> dict[str, pa.Table]:
    """The canonical tables of a batch that holds a whole past, as Arrow tables under their names."""
    won = {stage.id for stage in batch.stages if stage.is_won}
    rows: dict[str, Iterable[dict[str, Any]]] = {
        "accounts": _renamed(batch.accounts, account_id="id"),
        "sellers": _renamed(batch.sellers, seller_id="id"),
        "people": (
            {**row, "name": f"{row['first_name']} {row['last_name']}".strip()}
            for row in _renamed(batch.people, person_id="id", seller_id="owner_id")
        ),
        "lifecycle": _renamed(batch.lifecycle),
        "stages": _renamed(batch.stages, stage_id="id"),
        "opportunities": (
            {**_columns(one), "opportunity_id": one.id, "outcome": _outcome(one, won)} for one in batch.opportunities
        ),
        "products": _renamed(batch.products),
        "buying_group": _renamed(batch.roles),
        "interactions": (row for activity in batch.activities for row in _interactions(activity)),
        "changes": _renamed(batch.changes),
        "quotes": _renamed(batch.quotes, quote_id="id"),
        "promises": (),
        "tasks": _renamed(batch.tasks, task_id="id"),
        "cases": ({**row, "satisfaction": None} for row in _renamed(batch.cases, case_id="id")),
    }
    return {table.name: _arrow(table.schema, rows[table.name]) for table in TABLES}


def write(batch: Batch, folder: Path) -> None:
    """Write the tables of a batch into a folder, one Parquet file each."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables(batch).items():
        pa.parquet.write_table(table, folder / f"{name}.parquet", compression="zstd")


def _columns(record: Any) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record.__slots__}


def _renamed(records: Iterable[Any], **names: str) -> Iterable[dict[str, Any]]:
    for record in records:
        row = _columns(record)
        yield {**row, **{column: row[name] for column, name in names.items()}}


def _outcome(opportunity: Opportunity, won: set[str]) -> str:
    if opportunity.closed_at is None:
        return "open"
    if opportunity.stage_id in won:
        return "won"
    return "no_decision" if opportunity.loss_reason in NO_DECISION_REASONS else "lost"


def _interactions(activity: Activity) -> Iterable[dict[str, Any]]:
    """One row per buyer concerned; who wrote it down decides what it weighs."""
    author = "buyer" if activity.direction == "inbound" and activity.channel != "call" else "seller"
    row = {**_columns(activity), "interaction_id": activity.id, "author": author, "campaign": None}
    return ({**row, "person_id": person} for person in (activity.person_ids or NOBODY))


def _arrow(schema: pa.Schema, rows: Iterable[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist([{name: row.get(name) for name in schema.names} for row in rows], schema)
