"""Who is meant: by id or e-mail address, or because the CRM has erased them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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
    """Those that the CRM had and has no longer, but for those whose address or name somebody there has: merged ones."""
    living = "select 1 from ({people}) p where not p.is_deleted and"
    same = "(lower(p.email) = lower(o.email) or (p.name <> '' and lower(p.name) = lower(o.name)))"
    return _people(store, crm, f"o.is_deleted and not exists ({living} {same})", [])


def _people(store: Warehouse, crm: str, condition: str, values: Sequence[str]) -> list[Person]:
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
