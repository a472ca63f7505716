"""Where in a store people are: rows that are about them, values that point to them, and texts that name them.

Conditions are SQL over the temporary table `persons` (id) and the functions `names_them` and `without_them` of a text.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from assets.warehouse import Warehouse
from transforms.fields import FIELDS

IDS = "(select id from persons)"
ROWS: dict[str, dict[str, str]] = {
    "salesforce": {
        "raw_contact": f'"Id" in {IDS}',
        "raw_lead": f'"Id" in {IDS}',
        "raw_opportunity_contact_role": f'"ContactId" in {IDS}',
        "raw_event_relation": f'"RelationId" in {IDS}',
        "raw_email_message_relation": f'"RelationId" in {IDS}',
    },
    "hubspot": {
        "raw_contacts": f"id in {IDS}",
        "raw_associations": f"(from_type = 'contacts' and from_id in {IDS})"
        f" or (to_type = 'contacts' and to_id in {IDS})",
        "raw_property_history": f"object_type = 'contacts' and object_id in {IDS}",
    },
    "files": {},
}
"""Raw rows that are about a person."""
VALUES: dict[str, dict[str, tuple[str, ...]]] = {
    "salesforce": {
        "raw_lead": ("ConvertedContactId",),
        "raw_task": ("WhoId",),
        "raw_event": ("WhoId",),
        "raw_case": ("ContactId",),
    },
    "hubspot": {},
    "files": {},
}
"""Columns of raw rows about something else that point to a person."""
ADDRESSES: dict[str, dict[str, tuple[str, ...]]] = {
    "salesforce": {"raw_email_message": ("FromAddress", "ToAddress")},
    "hubspot": {"raw_emails": ("hs_email_from_email",), "raw_leads": ("hs_lead_name",)},
    "files": {},
}
"""Columns in which a person's address or name may stand among others."""
ABOUT_SOMETHING_ELSE = ("interactions", "promises", "tasks", "cases", "quotes")
"""Tables whose `person_id` only points: the row stays, without it. Of any other table the row goes."""
TEXTS = {"receipts": ("before", "after"), "parked": ("value",), "fields": ("value",), "plan": ("old", "new")}
"""Our own texts, kept beside the CRM's; one that names a person gives way to a mark."""
SENTENCES = {"alerts": ("subject", "body"), "task_plan": ("subject", "body"), "rejected": ("reason",)}
"""Sentences that are made anew in every run: the row goes."""


@dataclass(frozen=True, slots=True)
class Place:
    """Rows of a table that hold something of the persons.

    Attributes
    ----------
    columns : the values that go; empty when it is the whole row.
    to : what stands in their place, as SQL.
    """

    table: str
    condition: str
    columns: tuple[str, ...] = ()
    to: str = "null"


def places(store: Warehouse, crm: str, mark: str) -> Iterator[Place]:
    """Every place that this store has; `mark` stands afterwards where a text of ours named somebody.

    The raw rows come last: the conditions before them look into these.
    """
    columns = {table: set(store.columns(table)) for table in store.tables("")}
    for place in (
        *_own_records(columns),
        *_texts(store, mark),
        *_pointers(columns),
        *(Place(t, f'"{c}" in {IDS}', (c,)) for t, held in VALUES[crm].items() for c in held),
        *(Place(t, _names(f'"{c}"'), (c,), f'without_them("{c}")') for t, held in ADDRESSES[crm].items() for c in held),
        *(Place(table, condition) for table, condition in ROWS[crm].items()),
    ):
        if place.table in columns and columns[place.table].issuperset(place.columns):
            yield place


def _own_records(columns: Mapping[str, Collection[str]]) -> Iterator[Place]:
    """What we wrote to the person's own record, and to their roles."""
    roles = []
    if "raw_opportunity_contact_role" in columns:
        roles.append(f'select "Id" from raw_opportunity_contact_role where "ContactId" in {IDS}')
    if "role_history" in columns:
        roles.append(f"select role_id from role_history where person_id in {IDS} and role_id is not null")
    record = f"object = 'person' and record_id in {IDS}"
    if roles:
        record += f" or object = 'group_role' and record_id in ({' union '.join(roles)})"
    for table in TEXTS:
        yield Place(table, record)


def _texts(store: Warehouse, mark: str) -> Iterator[Place]:
    for table, columns in (*TEXTS.items(), *_written_columns(store)):
        for column in columns:
            yield Place(table, _names(f'"{column}"'), (column,), f"'{mark}'")
    for table, columns in SENTENCES.items():
        for column in columns:
            yield Place(table, _names(f'"{column}"'))


def _pointers(columns: Mapping[str, Collection[str]]) -> Iterator[Place]:
    """Rows about the person, and rows about something else that point to them; a lead is a group of one."""
    for table, held in columns.items():
        if table == "task_intents":
            continue
        if "person_id" in held:
            points = table.removeprefix("raw_") in ABOUT_SOMETHING_ELSE
            yield Place(table, f"person_id in {IDS}", ("person_id",) if points else ())
        if "opportunity_id" in held:
            yield Place(table, "opportunity_id in (select 'lead:' || id from persons)")
    least = "least_ready_person_id"
    yield Place("opportunity_readiness", f"{least} in {IDS}", (least,))


def _names(column: str) -> str:
    return f"names_them({column})"


def _written_columns(store: Warehouse) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The raw tables' columns of our own text fields, whichever CRM's they are."""
    names = {f"br_{field.name}" for field in FIELDS if field.type in ("text", "long_text") and field.is_written}
    for table in store.tables("raw_"):
        ours = tuple(column for column in store.columns(table) if column.lower().removesuffix("__c") in names)
        if ours:
            yield table, ours
