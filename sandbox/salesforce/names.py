"""The org's ids for the company's, and how a projected record is saved: added, or changed where it differs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sandbox.salesforce import ids
from sandbox.salesforce.store import Row, Store
from sandbox.salesforce.values import instant, stamp


class Names:
    """Finds and saves records by the company's ids. Ids that many records point at are kept once."""

    def __init__(self, store: Store, serials: ids.Serials, api_user: str) -> None:
        self.store = store
        self.api_user = api_user
        self._serials = serials
        self._known: dict[tuple[str, str], str] = {}
        self._places = {
            name: {one.name: one.at for one in table.sobject.fields.values()} for name, table in store.tables.items()
        }

    def user(self, seller_id: str | None) -> str:
        """A seller's user; the integration user where there is no seller."""
        return self.api_user if seller_id is None else self._of("005", seller_id)

    def account(self, account_id: str | None) -> str | None:
        return None if account_id is None else self._of("001", account_id)

    def opportunity(self, opportunity_id: str | None) -> Any:
        return None if opportunity_id is None else self._of("006", opportunity_id)

    def person(self, person_id: str | None) -> str | None:
        """A contact, or a lead that did not become one; None for nobody known."""
        if person_id is None:
            return None
        contact, lead = self._of("003", person_id), self._of("00Q", person_id)
        if contact in self.store["Contact"].rows:
            return contact
        return lead if lead in self.store["Lead"].rows else None

    def account_of(self, what: str | None, who: str | None) -> Any:
        """The account of an opportunity, else of a contact."""
        for record_id, name in ((what, "Opportunity"), (who, "Contact")):
            row = self.store[name].rows.get(record_id or "")
            if row is not None and row[self.store.schema[name].at("AccountId")]:
                return row[self.store.schema[name].at("AccountId")]
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
        """
        table = self.store[name]
        places = self.places(name)
        row = table.rows.get(record_id)
        if row is None:
            moment = stamp(changed_at or created_at)
            row = self._blank(name, record_id, stamp(created_at), moment)
            for field, value in values.items():
                row[places[field]] = value
            if "OwnerId" in places and row[places["OwnerId"]] is None:
                row[places["OwnerId"]] = self.api_user
            table.add(row)
            return row
        changed = [field for field, value in values.items() if row[places[field]] != value]
        for field in changed:
            table.put(row, places[field], values[field])
        if changed:
            self.touch(name, row, stamp(changed_at or as_of))
        return row

    def add(self, name: str, values: Mapping[str, Any], created_at: datetime, by: str | None = None) -> Row:
        """Add a record with an id in order, such as a line of history."""
        places = self.places(name)
        moment = stamp(created_at)
        row = self._blank(name, self._serials.next(self.store.schema[name].prefix), moment, moment, by)
        for field, value in values.items():
            row[places[field]] = value
        self.store[name].add(row)
        return row

    def touch(self, name: str, row: Row, moment: str) -> None:
        table = self.store[name]
        for field in ("LastModifiedDate", "SystemModstamp"):
            if field in self.places(name):
                table.put(row, self.places(name)[field], moment)

    def places(self, name: str) -> dict[str, int]:
        """Where the fields of an object stand in its rows."""
        found = self._places[name.lower()]
        sobject = self.store.schema[name]
        if len(found) != len(sobject.fields):
            found |= {one.name: one.at for one in sobject.fields.values()}
        return found

    def _blank(self, name: str, record_id: str, created: str, changed: str, by: str | None = None) -> Row:
        row = self.store[name].blank()
        places = self.places(name)
        row[0] = record_id
        stamps = {"CreatedDate": created, "LastModifiedDate": changed, "SystemModstamp": changed}
        stamps |= dict.fromkeys(("CreatedById", "LastModifiedById"), by or self.api_user)
        for field, value in stamps.items():
            if field in places:
                row[places[field]] = value
        return row

    def _of(self, prefix: str, company_id: str) -> str:
        key = (prefix, company_id)
        if key not in self._known:
            self._known[key] = ids.of(prefix, company_id)
        return self._known[key]
