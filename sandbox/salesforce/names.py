"""The org's ids for the company's, and how a projected record is saved: added, or changed where it differs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sandbox.salesforce import ids
from sandbox.salesforce.setup import OPERATIONS
from sandbox.salesforce.store import ID, Row, Store, Table
from sandbox.salesforce.values import instant, stamp

CREATED, CHANGED, BY = 0, 1, 2
AUDIT = {
    "CreatedDate": CREATED,
    "CreatedById": BY,
    "LastModifiedDate": CHANGED,
    "LastModifiedById": BY,
    "SystemModstamp": CHANGED,
    "OwnerId": BY,
}


class Names:
    """Finds and saves records by the company's ids. Ids that many records point at are kept once."""

    def __init__(self, store: Store, serials: ids.Serials) -> None:
        self.store = store
        self._serials = serials
        self._known: dict[tuple[str, str], str] = {}
        self._sheets: dict[str, _Sheet] = {}
        self._contacts, self._leads = store["Contact"].rows, store["Lead"].rows

    def user(self, seller_id: str | None) -> str:
        """A seller's user; Sales Operations where there is no seller."""
        return OPERATIONS if seller_id is None else self._of("005", seller_id)

    def account(self, account_id: str | None) -> str | None:
        return None if account_id is None else self._of("001", account_id)

    def opportunity(self, opportunity_id: str | None) -> Any:
        return None if opportunity_id is None else self._of("006", opportunity_id)

    def person(self, person_id: str | None) -> str | None:
        """A contact, or a lead that did not become one; None for nobody known."""
        if person_id is None:
            return None
        contact = self._of("003", person_id)
        if contact in self._contacts:
            return contact
        lead = self._of("00Q", person_id)
        return lead if lead in self._leads else None

    def account_of(self, what: str | None, who: str | None) -> Any:
        """The account of an opportunity, else of a contact."""
        for record_id, name in ((what, "Opportunity"), (who, "Contact")):
            sheet = self._sheet(name)
            row = None if record_id is None else sheet.table.rows.get(record_id)
            if row is not None and row[sheet.places["AccountId"]]:
                return row[sheet.places["AccountId"]]
        return None

    def created(self, opportunity_id: str) -> datetime | None:
        table = self.store["Opportunity"]
        row = table.rows.get(opportunity_id)
        return None if row is None else instant(row[table.sobject.at("CreatedDate")])

    def save(
        self,
        name: str,
        record_id: str,
        values: Mapping[str, Any],
        created_at: datetime,
        as_of: datetime,
        changed_at: datetime | None = None,
    ) -> Row:
        """Add a record or change it; what it had already stays as it is, its stamps too.

        Parameters
        ----------
        changed_at : when it was last changed, if that is known; `as_of` for a change of one that was there.

        It is made by its owner where it has one, else by Sales Operations.
        """
        sheet = self._sheet(name)
        row = sheet.table.rows.get(record_id)
        if row is None:
            created = stamp(created_at)
            changed = created if changed_at is None else stamp(changed_at)
            return sheet.add(record_id, values, created, changed, values.get("OwnerId") or OPERATIONS)
        sheet.change(row, values, stamp(changed_at or as_of))
        return row

    def add(self, name: str, values: Mapping[str, Any], created_at: datetime, by: str = OPERATIONS) -> Row:
        """Add a record with an id in order, such as a line of history."""
        sheet, moment = self._sheet(name), stamp(created_at)
        return sheet.add(self._serials.next(sheet.table.sobject.prefix), values, moment, moment, by)

    def places(self, name: str) -> dict[str, int]:
        """Where the fields of an object stand in its rows."""
        return self._sheet(name).places

    def _sheet(self, name: str) -> _Sheet:
        sheet = self._sheets.get(name)
        if sheet is None or sheet.width != sheet.table.sobject.width:
            sheet = self._sheets[name] = _Sheet(self.store[name])
        return sheet

    def _of(self, prefix: str, company_id: str) -> str:
        key = (prefix, company_id)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = ids.of(prefix, company_id)
        return found


class _Sheet:
    """How to write the rows of one table."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.places = {one.name: one.at for one in table.sobject.fields.values()}
        self.width = table.sobject.width
        self._changed = [self.places[name] for name in ("LastModifiedDate", "SystemModstamp") if name in self.places]
        self._audit = [(self.places[name], AUDIT[name]) for name in AUDIT if name in self.places]

    def add(self, record_id: str, values: Mapping[str, Any], created: str, changed: str, by: str) -> Row:
        row, places = self.table.blank(), self.places
        row[ID] = record_id
        facts = (created, changed, by)
        for at, which in self._audit:
            row[at] = facts[which]
        for name, value in values.items():
            row[places[name]] = value
        self.table.add(row)
        return row

    def change(self, row: Row, values: Mapping[str, Any], moment: str) -> None:
        changed = [name for name, value in values.items() if row[self.places[name]] != value]
        for name in changed:
            self.table.put(row, self.places[name], values[name])
        if changed:
            for at in self._changed:
                self.table.put(row, at, moment)
