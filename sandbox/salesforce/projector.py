"""Shows the company's batches as records of the org: who and what first, then what happened.

Ids follow from the company's ids, so that a record that comes again changes the one that is there. Records carry the
instants at which their users would have saved them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from sandbox.company import Account, Batch, Case, Person, PlannedTask, ProductLine, Quote, Role, Seller, Stage
from sandbox.salesforce import activities, ids, opportunities
from sandbox.salesforce.names import Names
from sandbox.salesforce.schema import Choice
from sandbox.salesforce.setup import OPERATIONS, STANDARD, user_values
from sandbox.salesforce.store import ID, Row, Store
from sandbox.salesforce.values import day, stamp

Thing = TypeVar("Thing")
MANY = 1000
ROLES = {
    "decider": "Decision Maker",
    "champion": "Influencer",
    "procurement": "Procurement",
    "technical": "Evaluator",
    "user": "Business User",
    "unknown": "Other",
}
QUOTE_DECISIONS = {"accepted": "Accepted", "declined": "Denied", "cancelled": "Rejected"}
TASK_TYPES = {"call": "Call", "email": "Email", "meeting": "Meeting"}


class Projector:
    """Keeps one org in step with the company."""

    def __init__(self, store: Store, serials: ids.Serials) -> None:
        self._store = store
        self._names = Names(store, serials)
        self._opportunities = opportunities.Opportunities(store, self._names)
        self._activities = activities.Activities(store, self._names)

    def apply(self, batch: Batch) -> None:
        if len(batch.activities) + len(batch.changes) > MANY:
            for table in self._store.tables.values():
                table.forget_orders()
        as_of = batch.as_of
        _each(batch.sellers, self._seller, as_of)
        _each(batch.sellers, self._manager, as_of)
        self._stages(batch.stages, as_of)
        _each(batch.accounts, self._account, as_of)
        _each(batch.people, self._person, as_of)
        self._opportunities.apply(batch)
        _each(batch.roles, self._role, as_of)
        _each(batch.quotes, self._quote, as_of)
        self._activities.apply(batch)
        _each(batch.tasks, self._task, as_of)
        _each(batch.cases, self._case, as_of)
        _each(batch.products, self._product, as_of)

    def stages_of(self, record_type: str) -> set[str]:
        """The stages of the pipeline that a record type stands for."""
        return self._opportunities.stages.get(record_type, set())

    def _seller(self, seller: Seller, as_of: datetime) -> None:
        values = dict(user_values(seller.name, seller.email or f"{seller.id}@sandbox.example", STANDARD))
        values |= {"IsActive": seller.is_active, "Department": seller.team}
        if seller.time_zone:
            values["TimeZoneSidKey"] = seller.time_zone
        if seller.team:
            values["UserRoleId"] = self._role_of_team(seller.team, as_of)
        self._names.save("User", self._names.user(seller.id), values, as_of, as_of)

    def _role_of_team(self, team: str, as_of: datetime) -> str:
        record_id = ids.of("00E", team)
        values = {"Name": team, "DeveloperName": team.replace(" ", "_")}
        self._names.save("UserRole", record_id, values, as_of, as_of)
        return record_id

    def _manager(self, seller: Seller, as_of: datetime) -> None:
        if seller.manager_id:
            values = {"ManagerId": self._names.user(seller.manager_id)}
            self._names.save("User", self._names.user(seller.id), values, as_of, as_of)

    def _stages(self, stages: list[Stage], as_of: datetime) -> None:
        for stage in stages:
            self._opportunities.know_stage(stage, as_of)
            chance = 0.0 if stage.probability is None else round(stage.probability * 100, 1)
            category = opportunities.forecast_category(stage, chance)
            values = {
                "MasterLabel": stage.label, "ApiName": stage.id, "IsActive": True, "DefaultProbability": chance,
                "SortOrder": self._opportunities.pipeline_order(stage.pipeline_id) * 100 + stage.position,
                "IsClosed": stage.is_closed, "IsWon": stage.is_won,
                "ForecastCategory": category.replace(" ", "").replace("Commit", "Forecast"),
                "ForecastCategoryName": category,
            }  # fmt: skip
            self._names.save("OpportunityStage", ids.of("01J", stage.id), values, as_of, as_of)
        choices = [Choice(str(values[0]), str(values[1])) for values in self._stage_names()]
        for name in ("Opportunity", "OpportunityHistory"):
            self._store.schema[name]["StageName"].choices = choices

    def _stage_names(self) -> list[tuple[Any, Any]]:
        table = self._store["OpportunityStage"]
        at = table.sobject.at
        rows = sorted(table.rows.values(), key=lambda row: row[at("SortOrder")])
        return [(row[at("ApiName")], row[at("MasterLabel")]) for row in rows]

    def _account(self, account: Account, as_of: datetime) -> None:
        values = {
            "Name": account.name,
            "Website": account.domain,
            "NumberOfEmployees": account.employees,
            "AnnualRevenue": account.annual_revenue,
            "External_Id__c": account.id,
        }
        self._names.save("Account", ids.of("001", account.id), values, account.created_at, as_of)

    def _person(self, person: Person, as_of: datetime) -> None:
        name = " ".join(part for part in (person.first_name, person.last_name) if part)
        values: dict[str, Any] = {
            "FirstName": person.first_name or None,
            "LastName": person.last_name,
            "Name": name,
            "Email": person.email,
            "Title": person.title,
            "LeadSource": person.source,
            "HasOptedOutOfEmail": person.opted_out,
            "External_Id__c": person.id,
        }
        if person.owner_id:
            values["OwnerId"] = self._names.user(person.owner_id)
        if person.kind == "lead":
            values |= {"Company": person.company or "Unknown", "Status": person.lifecycle or "Open - Not Contacted"}
            self._names.save("Lead", ids.of("00Q", person.id), values, person.created_at, as_of)
            return
        values["AccountId"] = self._names.account(person.account_id)
        lead_id = ids.of("00Q", person.id)
        created = as_of if lead_id in self._store["Lead"].rows else person.created_at
        contact = self._names.save("Contact", ids.of("003", person.id), values, created, as_of)
        if self._store["Lead"].get(lead_id) is not None:
            self._convert(lead_id, contact, as_of)

    def _convert(self, lead_id: str, contact: Row, as_of: datetime) -> None:
        """A lead became a contact: it says so, and what was done with it is the contact's."""
        account = contact[self._store.schema["Contact"].at("AccountId")]
        values = {
            "IsConverted": True, "Status": "Closed - Converted", "ConvertedDate": day(as_of.date()),
            "ConvertedContactId": contact[ID], "ConvertedAccountId": account,
        }  # fmt: skip
        self._names.save("Lead", lead_id, values, as_of, as_of)
        for name in ("Task", "Event"):
            table = self._store[name]
            for row in table.having(table.sobject.at("WhoId"), [lead_id]):
                self._names.save(name, row[ID], {"WhoId": contact[ID], "AccountId": account}, as_of, as_of)

    def _role(self, role: Role, as_of: datetime) -> None:
        """A contact role. One that was left is gone without a trace; a lead can't have one."""
        contact = self._names.person(role.person_id)
        record_id = ids.of("00K", f"{role.opportunity_id}|{role.person_id}|{role.joined_at.isoformat()}")
        table = self._store["OpportunityContactRole"]
        if role.left_at is not None and role.left_at <= as_of:
            if record_id in table.rows:
                table.remove(table.rows[record_id])
            return
        if contact is None or not contact.startswith("003"):
            return
        values = {
            "OpportunityId": self._names.opportunity(role.opportunity_id),
            "ContactId": contact,
            "Role": ROLES.get(role.seat, "Other"),
            "IsPrimary": role.is_primary,
        }
        self._names.save("OpportunityContactRole", record_id, values, role.joined_at, as_of)

    def _quote(self, quote: Quote, as_of: datetime) -> None:
        opportunity_id = self._names.opportunity(quote.opportunity_id)
        steps: list[tuple[str, datetime]] = [("Draft", quote.created_at)]
        for status, moment in (("Presented", quote.sent_at), ("In Review", quote.viewed_at)):
            if moment is not None:
                steps.append((status, moment))
        if quote.decided_at is not None:
            steps.append((QUOTE_DECISIONS.get(quote.status, "Rejected"), quote.decided_at))
        steps.sort(key=lambda step: step[1])
        record_id = ids.of("0Q0", quote.id)
        held = self._store["Quote"].rows.get(record_id)
        at = self._store.schema["Quote"].at
        parent = self._store["Opportunity"].rows.get(opportunity_id)
        amount = quote.amount
        values: dict[str, Any] = {
            "Name": f"Quote {quote.version}", "OpportunityId": opportunity_id, "Status": steps[-1][0],
            "Subtotal": amount, "TotalPrice": amount, "GrandTotal": amount, "OwnerId": OPERATIONS,
            "QuoteNumber": held[at("QuoteNumber")] if held else f"{len(self._store['Quote']) + 1:08d}",
        }  # fmt: skip
        if parent is not None:
            values["AccountId"] = parent[self._store.schema["Opportunity"].at("AccountId")]
            values["OwnerId"] = parent[self._store.schema["Opportunity"].at("OwnerId")]
        before = held[at("Status")] if held else None
        self._quote_history(record_id, steps, before)
        self._names.save("Quote", record_id, values, quote.created_at, as_of, changed_at=steps[-1][1])

    def _quote_history(self, record_id: str, steps: list[tuple[str, datetime]], held: str | None) -> None:
        """The steps that the org has not seen yet."""
        statuses = [status for status, _ in steps]
        if held is None:
            self._history(record_id, "created", None, None, steps[0][1])
        first = statuses.index(held) + 1 if held in statuses else 1
        for (old, _), (new, moment) in zip(steps[first - 1 :], steps[first:], strict=False):
            self._history(record_id, "Status", old, new, moment)

    def _history(self, quote_id: str, field: str, old: str | None, new: str | None, moment: datetime) -> None:
        values = {"QuoteId": quote_id, "Field": field, "DataType": "DynamicEnum", "OldValue": old, "NewValue": new}
        self._names.add("QuoteHistory", values, moment)

    def _task(self, task: PlannedTask, as_of: datetime) -> None:
        who = self._names.person(task.person_id)
        what = None if (who or "").startswith("00Q") else self._names.opportunity(task.opportunity_id)
        done = task.done_at is not None
        values: dict[str, Any] = {
            "WhoId": who, "WhatId": what, "OwnerId": self._names.user(task.seller_id), "Subject": task.subject[:255],
            "Description": task.body or None, "ActivityDate": day(task.due_at.date()), "Priority": "Normal",
            "Status": "Completed" if done else "Not Started", "IsClosed": done, "TaskSubtype": "Task",
            "Type": TASK_TYPES.get(task.kind), "CompletedDateTime": stamp(task.done_at) if task.done_at else None,
            "AccountId": self._names.account_of(what, who),
        }  # fmt: skip
        record_id = ids.of("00T", f"task|{task.id}")
        self._names.save("Task", record_id, values, task.planned_at, as_of, changed_at=task.done_at)

    def _case(self, case: Case, as_of: datetime) -> None:
        contact = self._names.person(case.person_id)
        record_id = ids.of("500", case.id)
        held = self._store["Case"].rows.get(record_id)
        status = "Closed" if case.closed_at else "Working" if case.first_response_at else "New"
        values: dict[str, Any] = {
            "AccountId": self._names.account(case.account_id), "Subject": case.subject, "Priority": case.priority,
            "ContactId": contact if (contact or "").startswith("003") else None, "Origin": "Email", "Status": status,
            "IsClosed": case.closed_at is not None, "ClosedDate": stamp(case.closed_at) if case.closed_at else None,
            "OwnerId": OPERATIONS,
            "CaseNumber": held[self._store.schema["Case"].at("CaseNumber")] if held else self._case_number(),
        }  # fmt: skip
        moved = case.closed_at or case.first_response_at
        self._names.save("Case", record_id, values, case.opened_at, as_of, changed_at=moved)

    def _case_number(self) -> str:
        return f"{len(self._store['Case']) + 1001:08d}"

    def _product(self, line: ProductLine, as_of: datetime) -> None:
        product, entry = ids.of("01t", line.product), ids.of("01u", line.product)
        price = round(line.amount / line.quantity, 2) if line.quantity else line.amount
        if product not in self._store["Product2"].rows:
            book = next(iter(self._store["Pricebook2"].rows))
            self._names.save("Product2", product, {"Name": line.product, "IsActive": True}, as_of, as_of)
            values: Mapping[str, Any] = {
                "Name": line.product, "Pricebook2Id": book, "Product2Id": product, "UnitPrice": price, "IsActive": True
            }  # fmt: skip
            self._names.save("PricebookEntry", entry, values, as_of, as_of)
        opportunity_id = self._names.opportunity(line.opportunity_id)
        created = self._names.created(opportunity_id) or as_of
        item = {
            "OpportunityId": opportunity_id, "Product2Id": product, "PricebookEntryId": entry, "Name": line.product,
            "Quantity": line.quantity, "UnitPrice": price, "TotalPrice": line.amount,
        }  # fmt: skip
        record_id = ids.of("00k", f"{line.opportunity_id}|{line.product}")
        self._names.save("OpportunityLineItem", record_id, item, created, as_of)
        deals = self._store["Opportunity"]
        if opportunity_id in deals.rows:
            deals.put(deals.rows[opportunity_id], deals.sobject.at("HasOpportunityLineItem"), True)


def _each(things: Iterable[Thing], project: Callable[[Thing, datetime], None], as_of: datetime) -> None:
    for one in things:
        project(one, as_of)
