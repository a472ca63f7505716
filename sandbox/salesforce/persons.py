"""Person accounts: an account that is a person, with that person's contact inside. An org has them once it switches
them on.

Source: Object Reference, Account › Person Account Fields; Salesforce Help, "Person Accounts": an account that is made
with a last name is a person; its contact comes with it and shows the same name and address.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.salesforce.rules import Saver
from sandbox.salesforce.schema import define
from sandbox.salesforce.store import ID, Row, Store

FIELDS = {
    "IsPersonAccount": "boolean readonly noperm",
    "PersonContactId": "ref Contact readonly noperm rel=PersonContact",
    "FirstName": "string 40 noperm",
    "LastName": "string 80 noperm",
    "PersonEmail": "email 80 noperm",
}
MIRRORED = {"FirstName": "FirstName", "LastName": "LastName", "Name": "Name", "PersonEmail": "Email"}
"""A person account's field -> its contact's."""


def switch_on(store: Store) -> None:
    """Give the org person accounts; it has none yet."""
    for name, line in FIELDS.items():
        store["Account"].widen(store["Account"].sobject.add(define(name, line)))
    store["Contact"].widen(store["Contact"].sobject.add(define("IsPersonAccount", FIELDS["IsPersonAccount"])))


def named(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of an account that is to be made; a person's with its whole name."""
    if not values.get("LastName"):
        return dict(values)
    name = " ".join(part for part in (values.get("FirstName"), values["LastName"]) if part)
    return {**values, "Name": name, "IsPersonAccount": True}


def saved(saver: Saver, row: Row, at: str, by: str) -> None:
    """The contact of a person account goes with it."""
    accounts, contacts = saver.store["Account"], saver.store["Contact"]
    person = accounts.sobject.fields.get("personcontactid")
    if person is None or not row[accounts.sobject.at("IsPersonAccount")]:
        return
    values = {theirs: row[accounts.sobject.at(ours)] for ours, theirs in MIRRORED.items()}
    contact = contacts.get(row[person.at] or "")
    if contact is None:
        made = {**values, "AccountId": row[ID], "IsPersonAccount": True, "OwnerId": row[accounts.sobject.at("OwnerId")]}
        accounts.put(row, person.at, saver.write("Contact", made, at, by)[ID])
        return
    for name, value in {**values, "SystemModstamp": at}.items():
        contacts.put(contact, contacts.sobject.at(name), value)
