"""Who is meant: by id or e-mail address, or because the CRM has erased them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from assets.warehouse import Warehouse
from transforms.texts import name

RECORDS = {
    "salesforce": {"raw_contact": ('"Id"', '"Name"', '"Email"'), "raw_lead": ('"Id"', '"Name"', '"Email"')},
    "hubspot": {"raw_contacts": ("id", "concat_ws(' ', firstname, lastname)", "email")},
    "files": {"raw_people": ("person_id", "name", "email")},
}
"""Kind of CRM -> the raw tables of people, with the columns of id, name and e-mail address."""
SHORTEST = 4
"""A name of fewer letters would be found in words that have nothing to do with anybody."""


@dataclass(frozen=True, slots=True)
class Person:
    """One record of a person: a contact or a lead."""

    person_id: str
    name: str
    email: str

    @property
    def words(self) -> set[str]:
        """What names them in a text, as the CRM or we ourselves write it."""
        return {word for word in (self.name, name(self.name), self.email) if len(word) >= SHORTEST}


def find(store: Warehouse, crm: str, who: str) -> list[Person]:
    """The records with this id or, in any case, this e-mail address."""
    return _people(store, crm, "id = ? or lower(email) = lower(?)", [who, who])


def gone(store: Warehouse, crm: str) -> list[Person]:
    """Those that the CRM had and has no longer.

    One whose address somebody there has was merged and lives on. One who only shares a name with somebody there is
    gone, without that name, which the other still goes by.
    """
    address = "select lower(email) from ({people}) where not is_deleted and email <> ''"
    found = _people(store, crm, f"o.is_deleted and lower(email) not in ({address})", [])
    if not found:
        return []
    namesakes = _people(store, crm, "not o.is_deleted and list_contains(?, name)", [[one.name for one in found]])
    shared = {one.name for one in namesakes}
    return [replace(one, name="") if one.name in shared else one for one in found]


def _people(store: Warehouse, crm: str, condition: str, values: Sequence[object]) -> list[Person]:
    people = " union all ".join(
        f"select {record} as id, coalesce({called}, '') as name, coalesce({email}, '') as email,"
        f' _deleted as is_deleted from "{table}"'
        for table, (record, called, email) in RECORDS[crm].items()
        if store.has(table)
    )
    if not people:
        return []
    rows = store.query(
        f"select id, name, email from ({people}) o where {condition.replace('{people}', people)} order by id", values
    )
    return [Person(row["id"], row["name"], row["email"]) for row in rows]
