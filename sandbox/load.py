"""`--load DIR`: serve a folder of canonical tables as if it were the company behind the sandbox.

The folder holds one Parquet or CSV file per table, named after it. What a table or an optional column leaves out reads
as empty. Times are UTC where no zone is said; in CSV they are ISO 8601, lists are JSON, an empty cell is null. The
sandbox stands at the latest instant found in the folder. Promises and labels have no record of their own in a CRM.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sandbox import company
from sandbox.company import Activity, Batch, Person, Stage
from sandbox.read import LoadError, Row, read
from sandbox.tables import AHEAD, TABLES

MARKERS = {
    "form": "Form submitted",
    "web": "Web visit",
    "call": "Call",
    "email": "E-mail",
    "meeting": "Meeting",
}
LONGEST_FIRST_NAME = 40


class Folder:
    """A company whose past is in a folder of tables and whose future is empty.

    Raises
    ------
    LoadError : a file, column or value that can't be read, with its place.
    """

    def __init__(self, path: Path) -> None:
        if not path.is_dir():
            raise LoadError(f"{path}: no such folder")
        self._rows = {table.name: read(path, table) for table in TABLES}
        instants = [
            row[column]
            for table in TABLES
            for column in (name for name, kind in table.kinds.items() if kind == "time" and name not in AHEAD)
            for row in self._rows[table.name]
            if row[column]
        ]
        if not instants:
            raise LoadError(f"{path}: the tables hold no instant, so nothing says what time it is")
        self.as_of: datetime = max(instants).replace(microsecond=0)

    def past(self) -> Batch:
        """All that the folder holds."""
        rows, self._rows = self._rows, {}
        return Batch(
            as_of=self.as_of,
            sellers=[_seller(row) for row in rows["sellers"]],
            stages=[_stage(row) for row in rows["stages"]],
            accounts=[_account(row) for row in rows["accounts"]],
            people=[_person(row) for row in rows["people"]],
            opportunities=_owned_today([_opportunity(row) for row in rows["opportunities"]], rows["changes"]),
            roles=[_role(row) for row in rows["buying_group"]],
            activities=_activities(rows),
            changes=[_change(row) for row in rows["changes"]],
            quotes=[_quote(row) for row in rows["quotes"]],
            tasks=[_task(row) for row in rows["tasks"]],
            cases=[_case(row) for row in rows["cases"]],
            products=[_product(row) for row in rows["products"]],
            lifecycle=[
                company.LifecycleStage(**_taken(row, "person_id", "stage", "entered_at")) for row in rows["lifecycle"]
            ],
        )

    def advance(self, days: int) -> Batch:
        """Nothing happens any more."""
        self.as_of += timedelta(days=days)
        return Batch(self.as_of)

    def truth(self) -> dict[str, Any]:
        return {}


def _taken(row: Row, *columns: str, **renamed: str) -> dict[str, Any]:
    """Some of a row's columns, under the company's own names."""
    return {**{name: row[name] for name in columns}, **{name: row[column] for name, column in renamed.items()}}


def _seller(row: Row) -> company.Seller:
    taken = _taken(row, "email", "team", "manager_id", "time_zone", id="seller_id")
    return company.Seller(**taken, name=row["name"] or row["seller_id"], is_active=row["is_active"] is not False)


def _stage(row: Row) -> Stage:
    taken = _taken(row, "pipeline_id", "position", "probability", "is_closed", "is_won", id="stage_id")
    return Stage(**taken, pipeline=row["pipeline"] or row["pipeline_id"], label=row["label"] or row["stage_id"])


def _account(row: Row) -> company.Account:
    taken = _taken(row, "created_at", "employees", "annual_revenue", id="account_id")
    return company.Account(**taken, name=row["name"] or row["account_id"])


def _person(row: Row) -> Person:
    first, last = split_name(row["name"] or row["person_id"])
    taken = _taken(row, "account_id", "email", "title", "lifecycle", "source", "created_at", id="person_id")
    kind = "lead" if row["kind"] == "lead" else "contact"
    opted_out = bool(row["opted_out"])
    return Person(**taken, first_name=first, last_name=last, kind=kind, opted_out=opted_out, owner_id=row["seller_id"])


def split_name(name: str) -> tuple[str, str]:
    """First and last name such that a CRM, which joins them by a blank, shows the name as it was."""
    first, blank, last = name.partition(" ")
    if not blank or not last.strip() or not first or len(first) > LONGEST_FIRST_NAME:
        return "", name
    return first, last


def _opportunity(row: Row) -> company.Opportunity:
    columns = "account_id seller_id pipeline_id stage_id amount currency close_date created_at closed_at loss_reason"
    taken = _taken(row, *columns.split(), id="opportunity_id")
    return company.Opportunity(**taken, name=row["name"] or row["opportunity_id"])


def _owned_today(opportunities: list[company.Opportunity], changes: list[Row]) -> list[company.Opportunity]:
    """An org agrees with its own history: the owner is the one of the last change, where there is one."""
    of_sellers = sorted((row for row in changes if row["field"] == "seller"), key=lambda row: row["changed_at"])
    last = {row["opportunity_id"]: row["new_value"] for row in of_sellers}
    for opportunity in opportunities:
        opportunity.seller_id = last.get(opportunity.id, opportunity.seller_id)
    return opportunities


def _role(row: Row) -> company.Role:
    taken = _taken(row, "opportunity_id", "person_id", "joined_at", "left_at")
    return company.Role(**taken, seat=row["seat"] or "unknown", is_primary=bool(row["is_primary"]))


def _change(row: Row) -> company.Change:
    return company.Change(**_taken(row, "opportunity_id", "field", "old_value", "new_value", "changed_at"))


def _quote(row: Row) -> company.Quote:
    taken = _taken(row, "opportunity_id", "amount", "created_at", "sent_at", "viewed_at", "decided_at", id="quote_id")
    return company.Quote(**taken, version=row["version"] or 1, status=row["status"] or "draft")


def _task(row: Row) -> company.PlannedTask:
    taken = _taken(row, "opportunity_id", "person_id", "seller_id", "planned_at", "done_at", id="task_id")
    kind = row["kind"] or "todo"
    return company.PlannedTask(**taken, kind=kind, due_at=row["due_at"] or row["planned_at"], subject=kind, body="")


def _case(row: Row) -> company.Case:
    taken = _taken(row, "account_id", "person_id", "opened_at", "first_response_at", "closed_at", id="case_id")
    return company.Case(**taken, priority=row["priority"] or "Medium", subject=f"Case {row['case_id']}")


def _product(row: Row) -> company.ProductLine:
    taken = _taken(row, "opportunity_id", "product")
    return company.ProductLine(**taken, quantity=row["quantity"] or 1.0, amount=row["amount"] or 0.0)


def _activities(rows: dict[str, list[Row]]) -> list[Activity]:
    """One activity per interaction: several rows of one are its several buyers."""
    account_of = {row["opportunity_id"]: row["account_id"] for row in rows["opportunities"]}
    employer_of = {row["person_id"]: row["account_id"] for row in rows["people"]}
    found: dict[str, Activity] = {}
    for row in rows["interactions"]:
        person = row["person_id"]
        activity = found.get(row["interaction_id"])
        if activity is None:
            account = account_of.get(row["opportunity_id"]) or employer_of.get(person)
            found[row["interaction_id"]] = _activity(row, account)
        elif person and person not in activity.person_ids:
            activity.person_ids.append(person)
    return list(found.values())


def _activity(row: Row, account_id: str | None) -> Activity:
    columns = "opportunity_id seller_id channel direction outcome occurred_at thread_id"
    recorded = row["recorded_at"] or row["occurred_at"]
    length = int((recorded - row["occurred_at"]).total_seconds())
    text = worded(row["channel"], row["direction"], row["topics"] or [])
    return Activity(
        **_taken(row, *columns.split(), id="interaction_id"),
        account_id=account_id,
        person_ids=[row["person_id"]] if row["person_id"] else [],
        subject=text,
        body=text,
        topics=row["topics"] or [],
        recorded_at=recorded,
        duration_seconds=length if row["channel"] == "call" and length > 0 else None,
    )


def worded(channel: str, direction: str, topics: list[str]) -> str:
    """What a CRM holds of a contact whose text nobody kept: what it was, and its topics in words."""
    marker = MARKERS.get(channel, "Note")
    if channel == "document":
        received = "Returned document" if "returned_document" in topics else "Document received"
        marker = received if direction == "inbound" else "Document sent"
    about = ", ".join(topic.replace("_", " ") for topic in topics)
    return f"{marker}: {about}" if about else marker
