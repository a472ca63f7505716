"""Opportunities and what became of them: the company's changes as OpportunityHistory and OpportunityFieldHistory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sandbox.company import Batch, Change, Opportunity, Stage
from sandbox.salesforce import ids, rules
from sandbox.salesforce.names import Names
from sandbox.salesforce.schema import Choice, define
from sandbox.salesforce.store import Row, Store
from sandbox.salesforce.values import day, stamp

FIELDS = {"stage": "StageName", "close_date": "CloseDate", "amount": "Amount", "seller": "OwnerId"}
RATES = {"EUR": 1.0, "USD": 1.08, "GBP": 0.85, "CHF": 0.95, "SEK": 11.3, "NOK": 11.7, "DKK": 7.46, "PLN": 4.3}
CURRENCY_OBJECTS = ("Opportunity", "Quote", "Account")
Line = tuple[datetime, str, str, dict[str, Any]]
"""A line of history: when, by whom, of which object, with what in it."""


@dataclass(slots=True)
class _Save:
    """What one save of an opportunity changed: fields with their old and new values."""

    moment: datetime
    changed: dict[str, tuple[Any, Any]] = field(default_factory=dict)


class Opportunities:
    """Projects opportunities with their changes. Lines of history get their ids in the order of time.

    Attributes
    ----------
    stages : the stages of each pipeline, by the id of its record type.
    """

    def __init__(self, store: Store, names: Names) -> None:
        self._store = store
        self._names = names
        self.stages: dict[str, set[str]] = defaultdict(set)
        self._pipelines: dict[str, str] = {}
        self._meanings: dict[str, Any] = {}

    def know_stage(self, stage: Stage, as_of: datetime) -> None:
        """Note a stage and its pipeline, which is a record type once there is more than one."""
        self._pipelines[stage.pipeline_id] = stage.pipeline
        self.stages[ids.of("012", stage.pipeline_id)].add(stage.id)
        self._meanings.clear()
        if len(self._pipelines) > 1:
            for known, name in self._pipelines.items():
                values = {"Name": name, "DeveloperName": _developer_name(name), "SobjectType": "Opportunity"}
                self._names.save("RecordType", ids.of("012", known), {**values, "IsActive": True}, as_of, as_of)

    def pipeline_order(self, pipeline_id: str) -> int:
        return list(self._pipelines).index(pipeline_id)

    def apply(self, batch: Batch) -> None:
        changes: dict[str, list[Change]] = defaultdict(list)
        for change in sorted(batch.changes, key=lambda one: one.changed_at):
            if change.field in FIELDS:
                changes[change.opportunity_id].append(change)
        self._know_currencies(batch.opportunities, batch.as_of)
        lines: list[Line] = []
        for opportunity in batch.opportunities:
            lines.extend(self._project(opportunity, changes[opportunity.id], batch.as_of))
        for moment, by, name, values in sorted(lines, key=lambda line: line[0]):
            self._names.add(name, values, moment, by)

    def _project(self, opportunity: Opportunity, changes: list[Change], as_of: datetime) -> Iterator[Line]:
        """Save an opportunity; yields its new lines of history."""
        record_id = self._names.opportunity(opportunity.id)
        places = self._names.places("Opportunity")
        held = self._store["Opportunity"].rows.get(record_id)
        now = self._tracked(opportunity)
        if held is None:
            state = _initial(now, opportunity, changes, self._value)
            yield from self._snapshot(record_id, state, {}, opportunity.created_at)
            born = {"OpportunityId": record_id, "Field": "created"}
            yield opportunity.created_at, state["OwnerId"], "OpportunityFieldHistory", born
            changes = [one for one in changes if one.old_value is not None or one.changed_at > opportunity.created_at]
        else:
            state = {name: held[places[name]] for name in now}
        pushes, staged = 0, None
        for save in self._saves(changes, state):
            before = {name: old for name, (old, _) in save.changed.items()}
            if before.keys() - {"OwnerId"}:
                yield from self._snapshot(record_id, state, before, save.moment)
            for name, (old, new) in save.changed.items():
                for line in self._field_history(record_id, name, old, new):
                    yield save.moment, state["OwnerId"], "OpportunityFieldHistory", line
            if "CloseDate" in save.changed:
                pushes += _pushed(*save.changed["CloseDate"])
            if "StageName" in save.changed:
                staged = save.moment
        last = changes[-1].changed_at if changes else None
        self._save(opportunity, record_id, now, (last, staged, pushes, held), as_of)

    def _save(
        self,
        opportunity: Opportunity,
        record_id: str,
        now: dict[str, Any],
        moves: tuple[datetime | None, datetime | None, int, Row | None],
        as_of: datetime,
    ) -> None:
        last, staged, pushes, held = moves
        places = self._names.places("Opportunity")
        values: dict[str, Any] = {
            **now,
            "AccountId": self._names.account(opportunity.account_id),
            "Name": opportunity.name[:120],
            "Loss_Reason__c": opportunity.loss_reason,
            "External_Id__c": opportunity.id,
            "PushCount": pushes + ((held[places["PushCount"]] or 0) if held else 0),
        }
        if len(self._pipelines) > 1:
            values["RecordTypeId"] = ids.of("012", opportunity.pipeline_id)
        if opportunity.currency and "CurrencyIsoCode" in places:
            values["CurrencyIsoCode"] = opportunity.currency
        complete = dict(values)
        rules.opportunity(self._store, complete, {"StageName"}, "")
        complete["LastStageChangeDate"] = stamp(staged) if staged else held and held[places["LastStageChangeDate"]]
        self._names.save("Opportunity", record_id, complete, opportunity.created_at, as_of, changed_at=last)

    def _tracked(self, opportunity: Opportunity) -> dict[str, Any]:
        return {
            "StageName": opportunity.stage_id,
            "Amount": None if opportunity.amount is None else float(opportunity.amount),
            "CloseDate": day(opportunity.close_date or _far(opportunity)),
            "OwnerId": self._names.user(opportunity.seller_id),
        }

    def _value(self, name: str, text: str | None) -> Any:
        """A value of a change as the org keeps it."""
        if name == "OwnerId":
            return self._names.user(text)
        if text is None or name == "StageName":
            return text
        return float(text) if name == "Amount" else text[:10]

    def _saves(self, changes: list[Change], state: dict[str, Any]) -> Iterator[_Save]:
        """Changes of one instant are one save, unless they change the same field again; `state` follows along."""
        save: _Save | None = None
        for change in changes:
            name = FIELDS[change.field]
            if save is not None and (stamp(save.moment) != stamp(change.changed_at) or name in save.changed):
                yield save
                save = None
            save = save or _Save(change.changed_at)
            new = self._value(name, change.new_value)
            old = self._value(name, change.old_value) if change.old_value is not None else state[name]
            if name != "OwnerId" and change.old_value is None:
                old = None
            save.changed[name] = (old, new)
            state[name] = new
        if save is not None:
            yield save

    def _snapshot(
        self, record_id: str, state: dict[str, Any], before: dict[str, Any], moment: datetime
    ) -> Iterator[Line]:
        meaning = self._meaning(state["StageName"])
        amount, chance = state["Amount"], meaning["Probability"]
        values = {
            "OpportunityId": record_id,
            "StageName": state["StageName"],
            "Amount": amount,
            "CloseDate": state["CloseDate"],
            "Probability": chance,
            "ForecastCategory": meaning["ForecastCategory"],
            "ExpectedRevenue": None if amount is None else round(amount * (chance or 0) / 100, 2),
        }
        if before:
            values["PrevAmount"] = before.get("Amount", amount)
            values["PrevCloseDate"] = before.get("CloseDate", state["CloseDate"])
        yield moment, state["OwnerId"], "OpportunityHistory", values

    def _field_history(self, record_id: str, name: str, old: Any, new: Any) -> Iterator[dict[str, Any]]:
        shown = "Owner" if name == "OwnerId" else name
        line = {"OpportunityId": record_id, "Field": shown, "DataType": rules.DATA_TYPES[shown]}
        if name == "OwnerId":
            names = {"DataType": "Text", "OldValue": self._name_of(old), "NewValue": self._name_of(new)}
            yield {**line, **names}
        yield {**line, "OldValue": old, "NewValue": new}

    def _name_of(self, user_id: str) -> Any:
        users = self._store["User"]
        row = users.rows.get(user_id)
        return None if row is None else row[users.sobject.at("Name")]

    def _meaning(self, stage: str) -> Any:
        if stage not in self._meanings:
            self._meanings[stage] = rules.stage(self._store, stage)
        return self._meanings[stage]

    def _know_currencies(self, opportunities: list[Opportunity], as_of: datetime) -> None:
        """An org with currencies has CurrencyIsoCode on its records; the most usual one is the corporate one."""
        counts: dict[str, int] = defaultdict(int)
        for opportunity in opportunities:
            if opportunity.currency:
                counts[opportunity.currency] += 1
        known = self._store["CurrencyType"].rows
        corporate = max(counts, key=lambda one: counts[one], default="")
        for code in counts:
            record_id = ids.of("01L", code)
            if record_id in known:
                continue
            first = not known
            rate = RATES.get(code, 1.0) / RATES.get(corporate, 1.0)
            values = {"IsoCode": code, "ConversionRate": round(rate, 6), "DecimalPlaces": 2, "IsActive": True}
            values["IsCorporate"] = code == corporate and not any(
                row[self._store.schema["CurrencyType"].at("IsCorporate")] for row in known.values()
            )
            self._names.save("CurrencyType", record_id, values, as_of, as_of)
            if first:
                self._add_currency_fields()
            for name in CURRENCY_OBJECTS:
                self._store.schema[name]["CurrencyIsoCode"].choices.append(Choice(code, code))

    def _add_currency_fields(self) -> None:
        for name in CURRENCY_OBJECTS:
            table = self._store[name]
            added = table.sobject.add(define("CurrencyIsoCode", "picklist 255 restricted noperm"))
            table.widen(added)


def _initial(now: dict[str, Any], opportunity: Opportunity, changes: list[Change], value: Any) -> dict[str, Any]:
    """The tracked values at creation: those set then, else what the first change came from, else those of now."""
    state = dict(now)
    first: dict[str, Change] = {}
    for change in changes:
        first.setdefault(FIELDS[change.field], change)
    for name, change in first.items():
        at_creation = change.old_value is None and change.changed_at <= opportunity.created_at
        text = change.new_value if at_creation else change.old_value
        if text is not None or name == "Amount":
            state[name] = value(name, text)
    return state


def _pushed(old: Any, new: Any) -> int:
    """Salesforce counts a push when the close date moves to a later month."""
    return int(bool(old and new and new[:7] > old[:7]))


def _far(opportunity: Opportunity) -> Any:
    """Salesforce wants a close date of everything: without one, the day it closed, else 90 days from its creation."""
    if opportunity.closed_at is not None:
        return opportunity.closed_at.astimezone(UTC).date()
    return datetime.fromtimestamp(opportunity.created_at.timestamp() + 90 * 86_400, UTC).date()


def forecast_category(stage: Stage, chance: float) -> str:
    if stage.is_won:
        return "Closed"
    if stage.is_closed:
        return "Omitted"
    return "Commit" if chance >= 80 else "Best Case" if chance >= 50 else "Pipeline"


def _developer_name(label: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in label)
