"""What the org works out by itself when a record is saved: names, stages, statuses, dates, histories.

Source: Object Reference, the standard objects' field descriptions; OpportunityHistory; OpportunityFieldHistory.
`before` completes the values about to be saved, `after` writes what follows from them elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Protocol

from sandbox.salesforce.errors import RowError
from sandbox.salesforce.store import ID, Row, Store, Table
from sandbox.salesforce.values import instant, stamp

Values = dict[str, Any]
TRACKED = ("StageName", "Amount", "CloseDate", "OwnerId")
SNAPSHOT = ("StageName", "Amount", "CloseDate", "Probability")
DATA_TYPES = {"StageName": "DynamicEnum", "Amount": "Currency", "CloseDate": "DateOnly", "Owner": "EntityId"}


class Saver(Protocol):
    """What the rules need of whoever saves."""

    store: Store

    def write(self, name: str, values: Mapping[str, Any], at: str, by: str) -> Row:
        """Add a record of an object as it is, without any rule."""
        ...


def stage(store: Store, name: str | None) -> Mapping[str, Any]:
    """What a stage means for an opportunity in it. An unknown one is open, as unrestricted picklists allow."""
    table = store["OpportunityStage"]
    at = table.sobject.at
    for row in table.having(at("ApiName"), [name]):
        return {
            "IsClosed": row[at("IsClosed")],
            "IsWon": row[at("IsWon")],
            "Probability": row[at("DefaultProbability")],
            "ForecastCategory": row[at("ForecastCategory")],
            "ForecastCategoryName": row[at("ForecastCategoryName")],
        }
    names = {"ForecastCategory": "Pipeline", "ForecastCategoryName": "Pipeline"}
    return {"IsClosed": False, "IsWon": False, "Probability": 0.0, **names}


def opportunity(store: Store, values: Values, changed: set[str], at: str) -> None:
    """Complete an opportunity's values after its stage, amount or close date."""
    if "StageName" in changed:
        meaning = stage(store, values["StageName"])
        keep = values.get("Probability") if "Probability" in changed else None
        values |= meaning
        values["LastStageChangeDate"] = at
        if keep is not None:
            values["Probability"] = keep
    amount, probability = values.get("Amount"), values.get("Probability")
    values["ExpectedRevenue"] = None if amount is None else round(amount * (probability or 0) / 100, 2)
    close = values.get("CloseDate")
    if close:
        year, quarter = int(close[:4]), (int(close[5:7]) - 1) // 3 + 1
        values |= {"FiscalYear": year, "FiscalQuarter": quarter, "Fiscal": f"{year} {quarter}"}


def full_name(store: Store, values: Values, changed: set[str], at: str) -> None:
    values["Name"] = " ".join(part for part in (values.get("FirstName"), values.get("LastName")) if part)


def task(store: Store, values: Values, changed: set[str], at: str) -> None:
    statuses = store["TaskStatus"]
    place = statuses.sobject.at
    found = statuses.having(place("ApiName"), [values.get("Status")])
    closed = bool(found and found[0][place("IsClosed")])
    if closed and not values.get("IsClosed"):
        values["CompletedDateTime"] = at
    if not closed:
        values["CompletedDateTime"] = None
    values["IsClosed"] = closed
    values["IsHighPriority"] = values.get("Priority") == "High"
    _account_of_activity(store, values)


def event(store: Store, values: Values, changed: set[str], at: str) -> None:
    """Start, end and duration follow from each other, whichever was given."""
    if "ActivityDateTime" in changed and "StartDateTime" not in changed:
        values["StartDateTime"] = values.get("ActivityDateTime")
    start = values.get("StartDateTime") or values.get("ActivityDateTime")
    if start is None and values.get("ActivityDate"):
        start = stamp(instant(values["ActivityDate"]))
    if start is None:
        raise RowError("REQUIRED_FIELD_MISSING", "Required fields are missing: [ActivityDateTime]", "ActivityDateTime")
    moment = instant(start)
    if "DurationInMinutes" in changed or not values.get("EndDateTime"):
        if values.get("DurationInMinutes") is None:
            missing = "DurationInMinutes"
            raise RowError("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{missing}]", missing)
        values["EndDateTime"] = stamp(moment + timedelta(minutes=values["DurationInMinutes"]))
    minutes = (instant(values["EndDateTime"]) - moment).total_seconds() / 60
    if minutes < 0:
        message = "Event duration can not be negative"
        raise RowError("FIELD_INTEGRITY_EXCEPTION", message, "DurationInMinutes")
    values |= {"StartDateTime": start, "ActivityDateTime": start, "ActivityDate": start[:10]}
    values |= {"DurationInMinutes": round(minutes), "EndDate": values["EndDateTime"][:10]}
    _account_of_activity(store, values)


def _account_of_activity(store: Store, values: Values) -> None:
    """The account that an activity counts for: that of what it is about, else of whom."""
    if values.get("WhatId") and str(values.get("WhoId") or "").startswith("00Q"):
        message = "A lead cannot be associated with a record in Related To"
        raise RowError("FIELD_INTEGRITY_EXCEPTION", message, "WhatId")
    values["AccountId"] = None
    for reference in ("WhatId", "WhoId"):
        found = store.of_id(values.get(reference))
        if found is None:
            continue
        table, row = found
        place = 0 if table.sobject.name == "Account" else getattr(table.sobject.fields.get("accountid"), "at", None)
        if place is not None and row[place]:
            values["AccountId"] = row[place]
            return


def case(store: Store, values: Values, changed: set[str], at: str) -> None:
    closed = values.get("Status") == "Closed"
    if closed and not values.get("IsClosed"):
        values["ClosedDate"] = at
    if not closed:
        values["ClosedDate"] = None
    values["IsClosed"] = closed


def quote(store: Store, values: Values, changed: set[str], at: str) -> None:
    opportunities = store["Opportunity"]
    found = opportunities.get(values["OpportunityId"])
    values["AccountId"] = found[opportunities.sobject.at("AccountId")] if found else None
    values["GrandTotal"] = (values.get("TotalPrice") or 0.0) + (values.get("Tax") or 0.0)


def email_relation(store: Store, values: Values, changed: set[str], at: str) -> None:
    found = store.of_id(values.get("RelationId"))
    values["RelationObjectType"] = found[0].sobject.name if found else None


def field_permission(store: Store, values: Values, changed: set[str], at: str) -> None:
    name = str(values.get("Field"))
    sobject = store.schema.get(str(values.get("SobjectType")))
    known = sobject.fields.get(name.partition(".")[2].lower()) if sobject else None
    if known is None or not known.permissionable or name.split(".")[0].lower() != str(values["SobjectType"]).lower():
        message = f"Field Name: bad value for restricted picklist field: {name}"
        raise RowError("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, "Field")
    if values.get("PermissionsEdit") and not values.get("PermissionsRead"):
        message = "Permission Edit depends on permission(s): Read"
        raise RowError("FIELD_INTEGRITY_EXCEPTION", message, "PermissionsEdit")


def permission_set(store: Store, values: Values, changed: set[str], at: str) -> None:
    values |= {"IsCustom": True, "IsOwnedByProfile": False, "Type": values.get("Type") or "Regular"}


BEFORE: dict[str, Callable[[Store, Values, set[str], str], None]] = {
    "Opportunity": opportunity,
    "Contact": full_name,
    "Lead": full_name,
    "User": full_name,
    "Task": task,
    "Event": event,
    "Case": case,
    "Quote": quote,
    "EmailMessageRelation": email_relation,
    "FieldPermissions": field_permission,
    "PermissionSet": permission_set,
}


def after(saver: Saver, table: Table, row: Row, old: Values, at: str, by: str, *, created: bool) -> None:
    """What follows elsewhere; `old` has the values before the change of the fields that changed."""
    name = table.sobject.name
    if name == "Opportunity":
        opportunity_history(saver, row, old, at, by, created=created)
    elif name == "Quote":
        quote_history(saver, row, old, at, by, created=created)
    elif name in ("Task", "Event"):
        activity_date(saver.store, table, row)
    elif name == "OpportunityLineItem":
        has_products(saver.store, row[table.sobject.at("OpportunityId")])


def opportunity_history(saver: Saver, row: Row, old: Values, at: str, by: str, *, created: bool) -> None:
    """A snapshot when stage, amount, close date or chance changed, and a row per tracked field that changed."""
    opportunities = saver.store["Opportunity"].sobject
    now = {name: row[opportunities.at(name)] for name in (*SNAPSHOT, "ExpectedRevenue", "ForecastCategory")}
    if created or any(name in old for name in SNAPSHOT):
        snapshot = {"OpportunityId": row[ID], **now, "SystemModstamp": at}
        snapshot["PrevAmount"] = old.get("Amount", now["Amount"]) if not created else None
        snapshot["PrevCloseDate"] = old.get("CloseDate", now["CloseDate"]) if not created else None
        saver.write("OpportunityHistory", snapshot, at, by)
    if created:
        saver.write("OpportunityFieldHistory", {"OpportunityId": row[ID], "Field": "created"}, at, by)
        return
    for name in TRACKED:
        if name in old:
            new = row[opportunities.at(name)]
            field_history(saver, "Opportunity", row[ID], name, old[name], new, at, by)


def quote_history(saver: Saver, row: Row, old: Values, at: str, by: str, *, created: bool) -> None:
    if created:
        saver.write("QuoteHistory", {"QuoteId": row[ID], "Field": "created"}, at, by)
    elif "Status" in old:
        new = row[saver.store["Quote"].sobject.at("Status")]
        field_history(saver, "Quote", row[ID], "Status", old["Status"], new, at, by)


def field_history(saver: Saver, name: str, parent: str, field: str, old: Any, new: Any, at: str, by: str) -> None:
    """One change of one field. An owner's makes two rows: one with the names, one with the ids."""
    history = f"{name}FieldHistory" if name == "Opportunity" else f"{name}History"
    shown = "Owner" if field == "OwnerId" else field
    row = {f"{name}Id": parent, "Field": shown, "DataType": DATA_TYPES.get(shown, "Text")}
    if field == "OwnerId":
        users = saver.store["User"]
        place = users.sobject.at("Name")
        names = [users.rows[one][place] if one in users.rows else None for one in (old, new)]
        saver.write(history, {**row, "DataType": "Text", "OldValue": names[0], "NewValue": names[1]}, at, by)
    saver.write(history, {**row, "OldValue": old, "NewValue": new}, at, by)


def activity_date(store: Store, table: Table, row: Row) -> None:
    """LastActivityDate of what an activity is about and of whom: the latest of closed tasks and of events."""
    for reference in ("WhatId", "WhoId", "AccountId"):
        record_id = row[table.sobject.at(reference)]
        found = store.of_id(record_id)
        if found is None or "lastactivitydate" not in found[0].sobject.fields:
            continue
        days = [
            one[activities.sobject.at("ActivityDate")] or one[activities.sobject.at("LastModifiedDate")][:10]
            for activities in (store["Task"], store["Event"])
            for one in activities.having(activities.sobject.at(reference), [record_id])
            if not activities.is_deleted(one)
            and (activities.sobject.name == "Event" or one[activities.sobject.at("IsClosed")])
        ]
        parents, parent = found
        parents.put(parent, parents.sobject.at("LastActivityDate"), max(days, default=None))


def has_products(store: Store, opportunity_id: str) -> None:
    opportunities, items = store["Opportunity"], store["OpportunityLineItem"]
    row = opportunities.get(opportunity_id)
    if row is not None:
        found = items.having(items.sobject.at("OpportunityId"), [opportunity_id])
        there = any(not items.is_deleted(one) for one in found)
        opportunities.put(row, opportunities.sobject.at("HasOpportunityLineItem"), there)
