"""Creating, changing and deleting records, one at a time, as a user of the org.

Every refusal is a `RowError` with the status code of the real API. Source of codes and wording: SOAP API Developer
Guide, Core Data Types Used in API Calls › StatusCode; recorded answers where there are any.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.salesforce import ids, persons, rules
from sandbox.salesforce.access import UserView
from sandbox.salesforce.errors import RowError
from sandbox.salesforce.rowfaults import RowFaults
from sandbox.salesforce.schema import Field, SObject
from sandbox.salesforce.store import ID, Row, Store, Table
from sandbox.salesforce.values import incoming, stamp

NO_ACCESS = "insufficient access rights on object id"
UNIQUE_PAIRS = {
    "FieldPermissions": ("ParentId", "Field"),
    "ObjectPermissions": ("ParentId", "SobjectType"),
    "PermissionSetAssignment": ("PermissionSetId", "AssigneeId"),
    "PermissionSet": ("Name",),
}


class Dml:
    """Writes of one request.

    Parameters
    ----------
    by : id of the user who writes.
    """

    def __init__(self, store: Store, serials: ids.Serials, view: UserView, by: str, faults: RowFaults) -> None:
        self.store = store
        self._serials = serials
        self._view = view
        self._by = by
        self._faults = faults
        self._at = stamp(view.now)

    def create(self, sobject: SObject, given: Mapping[str, Any]) -> str:
        """Add a record; returns its id."""
        self._may(sobject, "PermissionsCreate", "create")
        values = self._values(sobject, given, creating=True)
        for one in sobject.fields.values():
            if one.at > ID and one.name not in values and one.createable and one.default is not None:
                values[one.name] = one.default
        if "ownerid" in sobject.fields and values.get("OwnerId") is None:
            values["OwnerId"] = self._by
        if sobject.name == "Account":
            values = persons.named(values)
        self._require(sobject, values)
        self._faults.strike(sobject.name, "", values)
        self._check(sobject, values, None)
        values = self._completed(sobject, values, set(values))
        row = self.write(sobject.name, values, self._at, self._by)
        self._followed(sobject, row, {}, created=True)
        return str(row[ID])

    def update(self, sobject: SObject, record_id: str, given: Mapping[str, Any]) -> None:
        """Change a record."""
        row = self._there(sobject, record_id)
        self._may(sobject, "PermissionsEdit", "update")
        values = self._values(sobject, given, creating=False)
        self._require(sobject, values, only_given=True)
        self._faults.strike(sobject.name, row[ID], values)
        self._check(sobject, values, row)
        held = {one.name: row[one.at] for one in sobject.fields.values() if one.at >= 0}
        completed = self._completed(sobject, {**held, **values}, set(values))
        old = self._put(self.store[sobject.name], row, completed)
        self._followed(sobject, row, old, created=False)

    def delete(self, sobject: SObject, record_id: str) -> None:
        """Delete a record, and with it what cannot stand without it."""
        row = self._there(sobject, record_id)
        self._may(sobject, "PermissionsDelete", "delete")
        if not sobject.deletable:
            raise RowError("INSUFFICIENT_ACCESS_OR_READONLY", f"entity type {sobject.name} does not support delete")
        self._faults.strike(sobject.name, row[ID], None)
        table = self.store[sobject.name]
        self._remove(table, row, into_bin=sobject.binned)
        if sobject.name in ("Task", "Event"):
            rules.activity_date(self.store, table, row)
        elif sobject.name == "OpportunityLineItem":
            rules.has_products(self.store, row[sobject.at("OpportunityId")])

    def undelete(self, sobject: SObject, record_id: str) -> None:
        """Take a record out of the recycle bin, with what went there with it."""
        table = self.store[sobject.name]
        row = table.rows.get(record_id)
        if row is None or not table.is_deleted(row):
            raise RowError("UNDELETE_FAILED", "Entity is not in the recycle bin")
        moment = row[sobject.at("SystemModstamp")]
        self._mark(table, row, deleted=False)
        for child, one, _ in self._dependents(sobject, record_id):
            stamped = child.fields.get("systemmodstamp")
            if self.store[child.name].is_deleted(one) and (stamped is None or one[stamped.at] == moment):
                self._mark(self.store[child.name], one, deleted=False)

    def merge(self, sobject: SObject, master_id: str, loser_id: str) -> None:
        """Merge one record into another: what hung on the loser hangs on the master, the loser is in the bin."""
        table = self.store[sobject.name]
        self._there(sobject, master_id)
        loser = self._there(sobject, loser_id)
        for child, row, reference in list(self._dependents(sobject, loser_id)):
            other = self.store[child.name]
            other.put(row, reference.at, master_id)
            self._touch(other, row)
        table.put(loser, sobject.at("MasterRecordId"), master_id)
        self._mark(table, loser, deleted=True)

    def write(self, name: str, values: Mapping[str, Any], at: str, by: str) -> Row:
        """Add a record as it is, with a new id and the instant and user of its creation."""
        table = self.store[name]
        return add_row(table, {"Id": self._serials.next(table.sobject.prefix), **values}, at, by)

    def find(self, sobject: SObject, one: Field, value: Any) -> list[Row]:
        """Records that have a value of an external id or another unique field, not those in the bin."""
        if one.name == "Id":
            row = self.store[sobject.name].get(ids.normal(str(value)) or "")
            return [row] if row else []
        table = self.store[sobject.name]
        wanted = incoming(one, value)
        if wanted is None:
            return []
        return [row for row in table.having(one.at, [wanted]) if not table.is_deleted(row)]

    def _followed(self, sobject: SObject, row: Row, old: dict[str, Any], *, created: bool) -> None:
        rules.after(self, self.store[sobject.name], row, old, self._at, self._by, created=created)
        if sobject.name == "Account":
            persons.saved(self, row, self._at, self._by)

    def _there(self, sobject: SObject, record_id: str) -> Row:
        wanted = ids.normal(record_id)
        if wanted is None or wanted[:3] != sobject.prefix:
            raise RowError("MALFORMED_ID", f"{sobject.name} ID: id value of incorrect type: {record_id}", "Id")
        table = self.store[sobject.name]
        row = table.rows.get(wanted)
        if row is None:
            raise RowError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
        if table.is_deleted(row):
            raise RowError("ENTITY_IS_DELETED", "entity is deleted")
        return row

    def _may(self, sobject: SObject, flag: str, what: str) -> None:
        if not sobject.writable:
            message = f"entity type {sobject.name} does not support {what}"
            raise RowError("INVALID_TYPE_FOR_OPERATION", message)
        if not self._view.rights.allows(sobject, flag):
            raise RowError("INSUFFICIENT_ACCESS_OR_READONLY", NO_ACCESS)

    def _values(self, sobject: SObject, given: Mapping[str, Any], *, creating: bool) -> dict[str, Any]:
        values: dict[str, Any] = {}
        refused = []
        for name, value in given.items():
            if name.lower() in ("attributes", "id"):
                continue
            if isinstance(value, dict):
                values |= self._by_external_id(sobject, name, value)
                continue
            one = self._view.field(sobject, name)
            if one is None:
                raise RowError("INVALID_FIELD", f"No such column '{name}' on sobject of type {sobject.name}")
            may = one.createable if creating else one.updateable
            if not may or not self._view.may_write(sobject, one):
                refused.append(one.name)
                continue
            values[one.name] = incoming(one, value)
        if refused:
            names = ", ".join(refused)
            raise RowError(
                "INVALID_FIELD_FOR_INSERT_UPDATE",
                f"Unable to create/update fields: {names}. Please check the security settings of this field and "
                "verify that it is read/write for your profile or permission set.",
                *refused,
            )
        return values

    def _by_external_id(self, sobject: SObject, name: str, value: Mapping[str, Any]) -> dict[str, Any]:
        """A parent named by its external id: `"Account": {"External_Id__c": "A-1"}`."""
        one = next(
            (one for one in self._view.fields(sobject) if (one.relationship or "").lower() == name.lower()), None
        )
        keys = {key: wanted for key, wanted in value.items() if key != "attributes"}
        if one is None or len(keys) != 1:
            raise RowError("INVALID_FIELD", f"No such column '{name}' on sobject of type {sobject.name}")
        kind = value.get("attributes", {}).get("type") or one.refers_to[0]
        parent = self._view.sobject(kind)
        (key, wanted), *_ = keys.items()
        external = self._view.field(parent, key) if parent else None
        if parent is None or external is None or not external.lookup:
            raise RowError("INVALID_FIELD", f"{key} is not an External ID or indexed field for {kind}")
        found = self.find(parent, external, wanted)
        if len(found) != 1:
            message = f"Foreign key external ID: {wanted} not found for field {key} in entity {kind}"
            raise RowError("INVALID_FIELD", message)
        return {one.name: found[0][ID]}

    def _require(self, sobject: SObject, values: Mapping[str, Any], *, only_given: bool = False) -> None:
        missing = [
            one.name
            for one in sobject.fields.values()
            if not one.nillable
            and (one.createable or one.updateable)
            and one.type != "boolean"
            and (one.name in values or not only_given)
            and values.get(one.name) is None
        ]
        if missing:
            message = f"Required fields are missing: [{', '.join(missing)}]"
            raise RowError("REQUIRED_FIELD_MISSING", message, *missing)

    def _check(self, sobject: SObject, values: Mapping[str, Any], row: Row | None) -> None:
        """Whether what the values refer to is there, and what must be unique is."""
        for name, value in values.items():
            one = sobject[name]
            if one.type == "reference" and value is not None:
                self._check_reference(sobject, one, value, row)
            if one.unique and value is not None:
                others = [other for other in self.find(sobject, one, value) if other is not row]
                if others:
                    raise _duplicate(one.name, others[0])
        pair = UNIQUE_PAIRS.get(sobject.name)
        if pair and row is None:
            table = self.store[sobject.name]
            first, *rest = pair
            for other in table.having(sobject.at(first), [values.get(first)]):
                if all(other[sobject.at(name)] == values.get(name) for name in rest):
                    raise _duplicate(", ".join(pair), other)

    def _check_reference(self, sobject: SObject, one: Field, value: str, row: Row | None) -> None:
        target = self.store.schema.of_id(value)
        if target is None or target.name not in one.refers_to:
            message = f"{one.label}: id value of incorrect type: {value}"
            raise RowError("FIELD_INTEGRITY_EXCEPTION", message, one.name)
        table = self.store[target.name]
        found = table.rows.get(value)
        if found is None:
            raise RowError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", one.name)
        if table.is_deleted(found):
            raise RowError("ENTITY_IS_DELETED", "entity is deleted", one.name)
        kept = row is not None and row[one.at] == value
        if one.is_owner and target.name == "User" and not kept and not found[target.at("IsActive")]:
            message = f"operation performed with inactive user [{value}] as owner of {sobject.label.lower()}"
            raise RowError("INACTIVE_OWNER_OR_USER", message, "OwnerId")

    def _completed(self, sobject: SObject, values: dict[str, Any], changed: set[str]) -> dict[str, Any]:
        rule = rules.BEFORE.get(sobject.name)
        if rule is not None:
            rule(self.store, values, changed, self._at)
        for one in sobject.fields.values():
            if one.auto_number and values.get(one.name) is None:
                values[one.name] = f"{len(self.store[sobject.name]) + 1:08d}"
        return values

    def _put(self, table: Table, row: Row, values: Mapping[str, Any]) -> dict[str, Any]:
        """Set values; returns the old ones of those that changed."""
        old = {}
        for name, value in values.items():
            place = table.sobject.at(name)
            if row[place] != value:
                old[name] = row[place]
                table.put(row, place, value)
        self._touch(table, row)
        return old

    def _touch(self, table: Table, row: Row) -> None:
        for name, value in (
            ("LastModifiedDate", self._at),
            ("LastModifiedById", self._by),
            ("SystemModstamp", self._at),
        ):
            one = table.sobject.fields.get(name.lower())
            if one is not None:
                table.put(row, one.at, value)

    def _mark(self, table: Table, row: Row, *, deleted: bool) -> None:
        table.put(row, table.sobject.at("IsDeleted"), deleted)
        self._touch(table, row)

    def _remove(self, table: Table, row: Row, *, into_bin: bool) -> None:
        for child, one, reference in list(self._dependents(table.sobject, row[ID])):
            children = self.store[child.name]
            if not children.is_deleted(one) and reference.cascade:
                self._remove(children, one, into_bin=into_bin and "isdeleted" in child.fields)
        if into_bin:
            self._mark(table, row, deleted=True)
        else:
            table.remove(row)

    def _dependents(self, sobject: SObject, record_id: str) -> Iterator[tuple[SObject, Row, Field]]:
        for child, reference in self.store.schema.dependents(sobject):
            for row in self.store[child.name].having(reference.at, [record_id]):
                yield child, row, reference


def add_row(table: Table, values: Mapping[str, Any], at: str, by: str) -> Row:
    """Put a record into a table: these values, and who made it when."""
    row = table.blank()
    fields = table.sobject.fields
    for name, value in (
        ("createddate", at),
        ("createdbyid", by),
        ("lastmodifieddate", at),
        ("lastmodifiedbyid", by),
        ("systemmodstamp", at),
    ):
        if name in fields:
            row[fields[name].at] = value
    for name, value in values.items():
        row[fields[name.lower()].at] = value
    table.add(row)
    return row


def _duplicate(name: str, other: Row) -> RowError:
    message = f"duplicate value found: {name} duplicates value on record with id: {other[ID][:15]}"
    return RowError("DUPLICATE_VALUE", message)
