"""The canonical tables as the sandbox reads and writes them: each column's kind, and which must be there.

Kinds: text, number, count, flag, day, time, texts. A `?` marks what may be left out; it then reads as empty.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

ARROW: dict[str, pa.DataType] = {
    "text": pa.string(),
    "number": pa.float64(),
    "count": pa.int64(),
    "flag": pa.bool_(),
    "day": pa.date32(),
    "time": pa.timestamp("us", "UTC"),
    "texts": pa.list_(pa.string()),
}


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its columns with their kinds, the ones that must be there, the ones that may not be null.

    `optional`: the whole table may be left out.
    """

    name: str
    optional: bool
    kinds: dict[str, str]
    required: frozenset[str]
    filled: frozenset[str]

    @property
    def schema(self) -> pa.Schema:
        return pa.schema([(column, ARROW[kind]) for column, kind in self.kinds.items()])


def _table(name: str, filled: str, columns: str) -> Table:
    named = dict(column.partition(":")[::2] for column in columns.split())
    kinds = {column.rstrip("?"): kind or "text" for column, kind in named.items()}
    required = frozenset(column for column in named if not column.endswith("?"))
    return Table(name.rstrip("?"), name.endswith("?"), kinds, required, frozenset(filled.split()))


TABLES = (
    _table(
        "accounts",
        "account_id created_at",
        "account_id name created_at:time employees?:count annual_revenue?:number",
    ),
    _table(
        "sellers",
        "seller_id",
        "seller_id name email is_active:flag team? manager_id? time_zone?",
    ),
    _table(
        "people",
        "person_id created_at",
        "person_id account_id name email title kind lifecycle source created_at:time opted_out:flag seller_id?",
    ),
    _table(
        "lifecycle?",
        "person_id stage entered_at",
        "person_id stage entered_at:time",
    ),
    _table(
        "stages",
        "pipeline_id stage_id position is_closed is_won",
        "pipeline_id stage_id label position:count probability:number is_closed:flag is_won:flag pipeline?",
    ),
    _table(
        "opportunities",
        "opportunity_id pipeline_id stage_id created_at",
        "opportunity_id account_id seller_id pipeline_id stage_id name amount:number currency close_date:day "
        "created_at:time closed_at:time outcome loss_reason",
    ),
    _table(
        "products?",
        "opportunity_id product",
        "opportunity_id product quantity:number amount:number",
    ),
    _table(
        "buying_group",
        "opportunity_id person_id joined_at",
        "opportunity_id person_id seat is_primary:flag joined_at:time left_at:time",
    ),
    _table(
        "interactions",
        "interaction_id channel direction occurred_at",
        "interaction_id opportunity_id person_id seller_id channel direction outcome topics:texts occurred_at:time "
        "recorded_at:time thread_id? author? campaign?",
    ),
    _table(
        "changes",
        "opportunity_id field changed_at",
        "opportunity_id field old_value new_value changed_at:time",
    ),
    _table(
        "quotes",
        "quote_id opportunity_id created_at",
        "quote_id opportunity_id version:count status amount:number created_at:time sent_at:time viewed_at:time "
        "decided_at:time",
    ),
    _table(
        "promises",
        "promise_id opportunity_id made_at",
        "promise_id opportunity_id person_id seller_id made_by what made_at:time due_at:time kept_at:time",
    ),
    _table(
        "tasks?",
        "task_id planned_at",
        "task_id opportunity_id person_id seller_id kind planned_at:time due_at:time done_at:time",
    ),
    _table(
        "cases?",
        "case_id opened_at",
        "case_id account_id person_id opened_at:time first_response_at:time closed_at:time priority "
        "satisfaction:number",
    ),
)
AHEAD = {"due_at"}
"""Times that may lie ahead of the latest instant of what has happened."""
