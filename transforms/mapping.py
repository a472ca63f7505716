"""`docs/mapping.md`: for each canonical column the CRM's object and field, what is lossy, and which features use it.

Written from the declarations that do the mapping: `python -m transforms.mapping`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from readiness.schema import CANONICAL, Table
from transforms import hubspot, salesforce
from transforms.declare import Mapped, Origin

PAGE = Path("docs/mapping.md")
ANY = datetime(2026, 1, 1, tzinfo=UTC)

MAPPINGS: Mapping[str, tuple[Mapped, ...]] = {
    "Salesforce": (
        salesforce.people.ACCOUNTS_FROM,
        salesforce.people.SELLERS_FROM,
        salesforce.people.CONTACTS_FROM,
        salesforce.people.LEADS_FROM,
        salesforce.people.LIFECYCLE_FROM,
        salesforce.deals.STAGES_FROM,
        salesforce.deals.opportunities_from(ANY),
        salesforce.deals.PRODUCTS_FROM,
        salesforce.BUYING_GROUP_FROM,
        salesforce.activity.INTERACTIONS_FROM,
        salesforce.activity.PARTICIPANTS_FROM,
        salesforce.deals.CHANGES_FROM,
        salesforce.deals.QUOTES_FROM,
        salesforce.service.PROMISES_FROM,
        salesforce.service.TASKS_FROM,
        salesforce.service.CASES_FROM,
        salesforce.service.LABELS_FROM,
    ),
    "HubSpot": (
        hubspot.people.ACCOUNTS_FROM,
        hubspot.people.SELLERS_FROM,
        hubspot.people.PEOPLE_FROM,
        hubspot.people.LIFECYCLE_FROM,
        hubspot.deals.STAGES_FROM,
        hubspot.deals.opportunities_from(ANY),
        hubspot.deals.PRODUCTS_FROM,
        hubspot.BUYING_GROUP_FROM,
        hubspot.activity.INTERACTIONS_FROM,
        hubspot.activity.PARTICIPANTS_FROM,
        hubspot.deals.CHANGES_FROM,
        hubspot.deals.QUOTES_FROM,
        hubspot.service.PROMISES_FROM,
        hubspot.service.TASKS_FROM,
        hubspot.service.CASES_FROM,
        hubspot.service.LABELS_FROM,
    ),
}

USED_BY: Mapping[str, str] = {
    "accounts": "F15 F45",
    "accounts.account_id": "F03 F15 F45",
    "sellers": "F27 F61 F62",
    "sellers.team": "F62",
    "people": "F07 F50 F51",
    "people.title": "",
    "people.source": "F58 F68",
    "people.opted_out": "F34",
    "people.lifecycle": "F50 F51",
    "people.seller_id": "F57 F61",
    "lifecycle": "F48 F50 F51 F52",
    "stages": "F06 F17 F55",
    "stages.probability": "F53",
    "opportunities": "F01 F11 F63",
    "opportunities.amount": "F15 F63",
    "opportunities.close_date": "F01",
    "opportunities.outcome": "F11 F63 F66",
    "opportunities.closed_at": "F13 F63 F66",
    "opportunities.loss_reason": "F11 F66",
    "opportunities.name": "F67",
    "products": "F47 F70",
    "buying_group": "F03 F07 F16 F56",
    "interactions": "F07 F08 F11 F23 F44",
    "interactions.topics": "F02 F05 F10 F26 F28 F30",
    "interactions.channel": "F33 F41 F64",
    "interactions.direction": "F33 F34 F44",
    "interactions.outcome": "F03 F27",
    "interactions.author": "F29",
    "interactions.thread_id": "F23",
    "interactions.campaign": "F36",
    "participants": "F16 F56",
    "changes": "F01 F06 F13 F27",
    "quotes": "F04 F20",
    "promises": "F20 F21 F22 F25 F69",
    "tasks": "F49 F59",
    "cases": "F37 F38 F39 F40",
    "labels": "F07 F55",
}
"""Which rows of the feature list use a table's columns; a column of its own where they differ."""


def page() -> str:
    """The whole document."""
    parts = [HEAD]
    for crm, mappings in MAPPINGS.items():
        parts.append(f"## {crm}\n")
        parts += [_section(mapped) for mapped in mappings]
    parts.append(FILES)
    parts += [_files_section(table) for table in CANONICAL]
    return "\n".join(parts)


HEAD = """# Where every column comes from

Generated from the code that maps (`python -m transforms.mapping`); do not edit.

A source is written object.field; what follows under *lossy* is what the CRM does not keep, or keeps otherwise. Times
are cut to the second, because Salesforce keeps no more. Names, titles and countries are shown and never scored.
"""
FILES = """## Files

A folder of Parquet or CSV files, one per table, with these columns as they are. Times are ISO 8601, UTC where no offset
is given; lists are JSON. A table or column marked ? may be left out and reads as empty. Rows that could not be read are
listed in the table `rejected`, with the reason.
"""


def _section(mapped: Mapped) -> str:
    optional = {c.name for c in mapped.table.columns if c.optional}
    rows = [_row(mapped.table, origin, optional) for origin in mapped.origins]
    about = f"{mapped.rows[0].upper()}{mapped.rows[1:]}.\n\n" if mapped.rows else ""
    heading = f"### {mapped.table.name}{' (leads)' if mapped.rows.startswith('one row per Lead') else ''}\n\n"
    return f"{heading}{about}| column | source | lossy | used by |\n|---|---|---|---|\n" + "\n".join(rows) + "\n"


def _row(table: Table, origin: Origin, optional: set[str]) -> str:
    mark = "?" if origin.column in optional else ""
    return f"| {origin.column}{mark} | {origin.source} | {origin.lossy} | {_used(table, origin.column)} |"


def _files_section(table: Table) -> str:
    mark = "?" if table.optional else ""
    rows = "\n".join(
        f"| {c.name}{'?' if c.optional else ''} | {c.about} | {_used(table, c.name)} |" for c in table.columns
    )
    return f"### {table.name}{mark}\n\n| column | what it holds | used by |\n|---|---|---|\n{rows}\n"


def _used(table: Table, column: str) -> str:
    return USED_BY.get(f"{table.name}.{column}", USED_BY[table.name])


def main() -> None:
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
