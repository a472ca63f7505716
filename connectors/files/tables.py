"""The canonical tables as files: their columns and the kind of each, as a folder may give them.

Kinds: text, number, count, flag, day (ISO 8601 date), time (ISO 8601, UTC where no zone is said), texts (a list, in CSV
as JSON). A `?` marks a table or column that may be left out.
"""

from __future__ import annotations

from dataclasses import dataclass

from connectors.protocol import Stream


@dataclass(frozen=True, slots=True)
class TableFile:
    """One table of the folder: `<name>.parquet` or `<name>.csv`."""

    stream: Stream
    kinds: dict[str, str]

    @property
    def name(self) -> str:
        return self.stream.name


def _table(name: str, key: str, columns: str) -> TableFile:
    kinds = dict(column.partition(":")[::2] for column in columns.split())
    stream = Stream(
        name.rstrip("?"),
        name.rstrip("?"),
        tuple(key.split()),
        tuple(column for column in kinds if not column.endswith("?")),
        tuple(column[:-1] for column in kinds if column.endswith("?")),
        optional=name.endswith("?"),
    )
    return TableFile(stream, {column.rstrip("?"): kind or "text" for column, kind in kinds.items()})


TABLES: tuple[TableFile, ...] = (
    _table(
        "accounts",
        "account_id",
        "account_id name created_at:time employees?:count annual_revenue?:number",
    ),
    _table(
        "sellers",
        "seller_id",
        "seller_id name email is_active:flag team? manager_id? time_zone?",
    ),
    _table(
        "people",
        "person_id",
        "person_id account_id name email title kind lifecycle source created_at:time opted_out:flag seller_id?",
    ),
    _table(
        "lifecycle?",
        "person_id stage entered_at",
        "person_id stage entered_at:time",
    ),
    _table(
        "stages",
        "pipeline_id stage_id",
        "pipeline_id stage_id label position:count probability:number is_closed:flag is_won:flag "
        "pipeline? phase?:count",
    ),
    _table(
        "opportunities",
        "opportunity_id",
        "opportunity_id account_id seller_id pipeline_id stage_id name amount:number currency "
        "close_date:day created_at:time closed_at:time outcome loss_reason",
    ),
    _table(
        "products?",
        "opportunity_id product",
        "opportunity_id product quantity:number amount:number",
    ),
    _table(
        "buying_group",
        "opportunity_id person_id joined_at",
        "opportunity_id person_id seat is_primary:flag joined_at:time left_at:time role_id?",
    ),
    _table(
        "interactions",
        "interaction_id person_id",
        "interaction_id opportunity_id person_id seller_id channel direction outcome topics:texts "
        "occurred_at:time recorded_at:time thread_id? author? campaign?",
    ),
    _table(
        "participants?",
        "interaction_id person_id",
        "interaction_id person_id role",
    ),
    _table(
        "changes",
        "opportunity_id field changed_at new_value",
        "opportunity_id field old_value new_value changed_at:time",
    ),
    _table(
        "quotes",
        "quote_id",
        "quote_id opportunity_id version:count status amount:number created_at:time sent_at:time "
        "viewed_at:time decided_at:time",
    ),
    _table(
        "promises",
        "promise_id",
        "promise_id opportunity_id person_id seller_id made_by what made_at:time due_at:time kept_at:time",
    ),
    _table(
        "tasks?",
        "task_id",
        "task_id opportunity_id person_id seller_id kind planned_at:time due_at:time done_at:time",
    ),
    _table(
        "cases?",
        "case_id",
        "case_id account_id person_id opened_at:time first_response_at:time closed_at:time priority "
        "satisfaction:number",
    ),
    _table(
        "labels?",
        "opportunity_id person_id given_at",
        "opportunity_id person_id phase:count shown_phase:count given_at:time",
    ),
)
