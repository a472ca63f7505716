"""What was said and done, as Tasks, Events and EmailMessages.

Calls are completed tasks with a subtype; web visits, forms, documents and notes completed tasks with a type; meetings
events with a relation per person; e-mails EmailMessages with a relation per person, and a task when sent from here.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sandbox.company import Activity, Batch
from sandbox.salesforce import ids
from sandbox.salesforce.names import Names
from sandbox.salesforce.store import Store
from sandbox.salesforce.values import day, stamp

MARKERS = {"form": "Form submitted", "web": "Web visit", "call": "Call", "email": "E-mail", "meeting": "Meeting"}
TYPES = {"web": "Web", "form": "Form", "document": "Document"}
CALL_TYPES = {"inbound": "Inbound", "outbound": "Outbound", "mutual": "Internal"}
DISPOSITIONS = {"connected": "Connected", "no_answer": "No answer", "held": "Connected"}
MEETING_MINUTES = 60
SENT, READ = "3", "1"
LONGEST_SUBJECT, LONGEST_BODY = 255, 32_000


def texts(activity: Activity) -> tuple[str, str]:
    """Subject and body; where the company kept none, a marker with the topics in words stands for both."""
    if activity.subject or activity.body:
        return activity.subject[:LONGEST_SUBJECT], activity.body[:LONGEST_BODY]
    marker = MARKERS.get(activity.channel, "Note")
    if activity.channel == "document" and activity.direction == "outbound":
        marker = "Document sent"
    elif activity.channel == "document":
        marker = "Returned document" if "returned_document" in activity.topics else "Document received"
    topics = list(activity.topics)
    if activity.outcome in ("no_show", "cancelled") and activity.outcome not in topics:
        topics.append(activity.outcome)
    words = ", ".join(topic.replace("_", " ") for topic in topics)
    text = f"{marker}: {words}" if words else marker
    return text[:LONGEST_SUBJECT], text


class Activities:
    """Projects activities, and keeps LastActivityDate of what they are about."""

    def __init__(self, store: Store, names: Names) -> None:
        self._store = store
        self._names = names
        self._latest: dict[str, str] = {}
        self._by_channel: dict[str, Callable[[Activity, dict[str, Any], datetime], None]] = {
            "email": self._email,
            "meeting": self._meeting,
            "call": self._call,
        }

    def apply(self, batch: Batch) -> None:
        for activity in batch.activities:
            project = self._by_channel.get(activity.channel, self._other)
            project(activity, self._common(activity), batch.as_of)
        self._set_latest()

    def _common(self, activity: Activity) -> dict[str, Any]:
        """What tasks, events and e-mails share."""
        names = self._names
        who = next((found for one in activity.person_ids if (found := names.person(one))), None)
        lead = who is not None and who.startswith("00Q")
        what = None if lead else names.opportunity(activity.opportunity_id)
        if what is None and not lead and who is None:
            what = names.account(activity.account_id)
        account = names.account_of(what, who) or (None if lead else names.account(activity.account_id))
        subject, body = texts(activity)
        for record_id in (who, what, account):
            self._note(record_id, day(activity.occurred_at.date()))
        return {
            "WhoId": who,
            "WhatId": what,
            "AccountId": account,
            "OwnerId": names.user(activity.seller_id),
            "Subject": subject,
            "Description": body,
        }

    def _done(self, activity: Activity, common: dict[str, Any], completed: datetime) -> dict[str, Any]:
        return {
            **common,
            "Status": "Completed",
            "Priority": "Normal",
            "IsClosed": True,
            "ActivityDate": day(activity.occurred_at.date()),
            "CompletedDateTime": stamp(completed),
        }

    def _call(self, activity: Activity, common: dict[str, Any], as_of: datetime) -> None:
        seconds = activity.duration_seconds
        values = self._done(activity, common, activity.occurred_at + timedelta(seconds=seconds or 0))
        values |= {
            "TaskSubtype": "Call",
            "Type": "Call",
            "CallType": CALL_TYPES[activity.direction],
            "CallDurationInSeconds": seconds,
            "CallDisposition": DISPOSITIONS.get(activity.outcome or ""),
        }
        self._names.save("Task", ids.of("00T", activity.id), values, activity.recorded_at, as_of)

    def _other(self, activity: Activity, common: dict[str, Any], as_of: datetime) -> None:
        values = self._done(activity, common, activity.occurred_at)
        values |= {"TaskSubtype": "Task", "Type": TYPES.get(activity.channel, "Other")}
        self._names.save("Task", ids.of("00T", activity.id), values, activity.recorded_at, as_of)

    def _meeting(self, activity: Activity, common: dict[str, Any], as_of: datetime) -> None:
        minutes = round((activity.duration_seconds or MEETING_MINUTES * 60) / 60)
        start, end = activity.occurred_at, activity.occurred_at + timedelta(minutes=minutes)
        record_id = ids.of("00U", activity.id)
        values = {
            **common,
            "Type": "Meeting",
            "StartDateTime": stamp(start),
            "ActivityDateTime": stamp(start),
            "EndDateTime": stamp(end),
            "ActivityDate": day(start.date()),
            "EndDate": day(end.date()),
            "DurationInMinutes": minutes,
            "ShowAs": "Busy",
            "EventSubtype": "Event",
            "IsGroupEvent": len(activity.person_ids) > 1,
            "GroupEventType": "1" if len(activity.person_ids) > 1 else "0",
        }
        new = record_id not in self._store["Event"].rows
        self._names.save("Event", record_id, values, activity.recorded_at, as_of)
        if new:
            for number, person in enumerate(filter(None, map(self._names.person, activity.person_ids))):
                relation = {"EventId": record_id, "RelationId": person, "IsInvitee": True, "IsParent": number == 0}
                relation |= {"Status": "Accepted", "AccountId": common["AccountId"]}
                self._names.add("EventRelation", relation, activity.recorded_at)

    def _email(self, activity: Activity, common: dict[str, Any], as_of: datetime) -> None:
        record_id = ids.of("02s", activity.id)
        if record_id in self._store["EmailMessage"].rows:
            return
        inbound = activity.direction == "inbound"
        people = [one for one in map(self._names.person, activity.person_ids) if one]
        seller = self._address("User", common["OwnerId"]) if activity.seller_id else None
        theirs = [address for one in people if (address := self._address_of(one))]
        task = None if inbound else self._email_task(activity, common, as_of)
        values = {
            "ActivityId": task,
            "RelatedToId": common["WhatId"],
            "Subject": common["Subject"],
            "TextBody": common["Description"],
            "Incoming": inbound,
            "FromAddress": (theirs[0] if theirs else None) if inbound else seller,
            "ToAddress": seller if inbound else "; ".join(theirs) or None,
            "CcAddress": "; ".join(theirs[1:]) or None if inbound else None,
            "MessageDate": stamp(activity.occurred_at),
            "Status": READ if inbound else SENT,
            "ThreadIdentifier": activity.thread_id,
            "IsBounced": activity.outcome == "bounced",
            "IsClientManaged": True,
        }
        self._names.save("EmailMessage", record_id, values, activity.recorded_at, as_of)
        for number, person in enumerate(people):
            kind = "ToAddress" if not inbound else "FromAddress" if number == 0 else "CcAddress"
            relation = {"EmailMessageId": record_id, "RelationId": person, "RelationType": kind}
            relation |= {"RelationAddress": self._address_of(person)}
            relation |= {"RelationObjectType": "Lead" if person.startswith("00Q") else "Contact"}
            self._names.add("EmailMessageRelation", relation, activity.recorded_at)

    def _email_task(self, activity: Activity, common: dict[str, Any], as_of: datetime) -> str:
        """The task beside an e-mail sent from the org."""
        values = self._done(activity, common, activity.occurred_at)
        values |= {"TaskSubtype": "Email", "Type": "Email", "Description": None}
        record_id = ids.of("00T", activity.id)
        self._names.save("Task", record_id, values, activity.recorded_at, as_of)
        return record_id

    def _address_of(self, person: str) -> Any:
        return self._address("Lead" if person.startswith("00Q") else "Contact", person)

    def _address(self, name: str, record_id: str) -> Any:
        row = self._store[name].rows.get(record_id)
        return None if row is None else row[self._names.places(name)["Email"]]

    def _note(self, record_id: str | None, last: str) -> None:
        if record_id is not None and last > self._latest.get(record_id, ""):
            self._latest[record_id] = last

    def _set_latest(self) -> None:
        for record_id, last in self._latest.items():
            found = self._store.of_id(record_id)
            if found is not None:
                table, row = found
                place = table.sobject.at("LastActivityDate")
                table.put(row, place, max(last, row[place] or ""))
        self._latest.clear()
