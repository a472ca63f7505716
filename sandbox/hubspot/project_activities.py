"""Activities and planned tasks as HubSpot e-mails, calls, meetings, notes and tasks, with their associations.

Web visits, forms and documents are notes: HubSpot shows its own as events that no object API lists. An activity
moves the stamps of the records that it is put on, as `notes_last_updated` and its like change with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.company import Activity, Batch, PlannedTask
from sandbox.hubspot.wire import millis, stamp

if TYPE_CHECKING:
    from sandbox.hubspot.projection import Projection

Values = dict[str, str | None]
OBJECT = {"email": "emails", "call": "calls", "meeting": "meetings"}
CONNECTED, NO_ANSWER = "f240bbac-87c9-4f6e-bf70-924b57d47db7", "73a0d17f-1163-4015-bdd5-ec830791da20"
DISPOSITION = {"connected": CONNECTED, "held": CONNECTED, "no_answer": NO_ANSWER}
CALL_STATUS = {"no_answer": "NO_ANSWER", "cancelled": "CANCELED"}
MEETING_OUTCOME = {"held": "COMPLETED", "no_show": "NO_SHOW", "cancelled": "CANCELED"}
TASK_TYPE = {"call": "CALL", "email": "EMAIL", "meeting": "MEETING"}
MARKERS = {
    "form": "Form submitted",
    "web": "Web visit",
    "call": "Call",
    "email": "E-mail",
    "meeting": "Meeting",
    "other": "Note",
}
DEFAULT_MEETING_MS = 30 * 60 * 1000


class Activities:
    """The projection's part for activities."""

    def __init__(self, projection: Projection) -> None:
        self.projection = projection
        self._moved: dict[tuple[str, int], int] = {}
        self._particulars = {
            "emails": self._emails,
            "calls": self._calls,
            "meetings": self._meetings,
            "notes": self._notes,
        }

    def apply(self, batch: Batch) -> None:
        for activity in batch.activities:
            self._activity(activity)
        for task in batch.tasks:
            self._task(task)
        for (plural, id), at in self._moved.items():
            self.projection.touch(plural, self.projection.state.tables[plural].records[id], at)
        self._moved.clear()

    def _activity(self, activity: Activity) -> None:
        projection = self.projection
        plural = OBJECT.get(activity.channel, "notes")
        subject, body = _text(activity)
        values: Values = {
            "hs_timestamp": stamp(millis(activity.occurred_at)),
            "hubspot_owner_id": projection.owner(activity.seller_id),
            **self._particulars[plural](activity, subject, body),
        }
        source = projection.source(activity.seller_id)
        record, is_new = projection.put(plural, activity.id, activity.recorded_at, values, source)
        if is_new:
            at = millis(activity.recorded_at)
            self._put_on(plural, record.id, "deals", activity.opportunity_id, at)
            self._put_on(plural, record.id, "companies", activity.account_id, at)
            for person in dict.fromkeys(activity.person_ids):
                self._put_on(plural, record.id, "contacts", person, at)

    def _put_on(self, plural: str, id: int, other: str, key: str | None, at: int) -> None:
        """Associate a new activity with a record, and remember when that was."""
        there = self.projection.ids.get((other, key)) if key else None
        if there is None:
            return
        self.projection.state.graph.link_new((plural, other), id, there)
        self._moved[(other, there)] = max(at, self._moved.get((other, there), 0))

    def _emails(self, activity: Activity, subject: str, body: str) -> Values:
        buyer, seller = self._addresses(activity)
        incoming = activity.direction == "inbound"
        return {
            "hs_email_direction": "INCOMING_EMAIL" if incoming else "EMAIL",
            "hs_email_subject": subject,
            "hs_email_text": body,
            "hs_email_status": "BOUNCED" if activity.outcome == "bounced" else "SENT",
            "hs_email_from_email": buyer if incoming else seller,
            "hs_email_to_email": seller if incoming else buyer,
            "hs_email_thread_id": activity.thread_id,
        }

    def _addresses(self, activity: Activity) -> tuple[str | None, str | None]:
        contacts = self.projection.state.tables["contacts"]
        person = self.projection.ids.get(("contacts", activity.person_ids[0])) if activity.person_ids else None
        buyer = contacts.value(contacts.records[person], "email") if person is not None else None
        owner = self.projection.ids.get(("sellers", activity.seller_id or ""))
        return buyer, self.projection.state.owners[owner].email if owner is not None else None

    def _calls(self, activity: Activity, subject: str, body: str) -> Values:
        seconds = activity.duration_seconds
        return {
            "hs_call_title": subject,
            "hs_call_body": body,
            "hs_call_direction": {"inbound": "INBOUND", "outbound": "OUTBOUND"}.get(activity.direction),
            "hs_call_disposition": DISPOSITION.get(activity.outcome or ""),
            "hs_call_status": CALL_STATUS.get(activity.outcome or "", "COMPLETED"),
            "hs_call_duration": None if seconds is None else str(seconds * 1000),
        }

    def _meetings(self, activity: Activity, subject: str, body: str) -> Values:
        start = millis(activity.occurred_at)
        length = DEFAULT_MEETING_MS if activity.duration_seconds is None else activity.duration_seconds * 1000
        return {
            "hs_meeting_title": subject,
            "hs_meeting_body": body,
            "hs_meeting_start_time": stamp(start),
            "hs_meeting_end_time": stamp(start + length),
            "hs_meeting_outcome": MEETING_OUTCOME.get(activity.outcome or ""),
        }

    def _notes(self, activity: Activity, subject: str, body: str) -> Values:
        text = body if body.startswith(subject) else f"{subject}\n{body}".strip()
        return {"hs_note_body": text}

    def _task(self, task: PlannedTask) -> None:
        projection = self.projection
        values: Values = {
            "hs_timestamp": stamp(millis(task.due_at)),
            "hs_task_subject": task.subject,
            "hs_task_body": task.body,
            "hs_task_type": TASK_TYPE.get(task.kind, "TODO"),
            "hs_task_status": "NOT_STARTED",
            "hs_task_priority": "NONE",
            "hubspot_owner_id": projection.owner(task.seller_id),
        }
        if task.done_at:
            values |= {"hs_task_status": "COMPLETED", "hs_task_completion_date": stamp(millis(task.done_at))}
        source = projection.source(task.seller_id)
        record, is_new = projection.put("tasks", task.id, task.planned_at, values, source)
        if task.done_at:
            projection.touch("tasks", record, millis(task.done_at))
        if is_new:
            at = millis(task.planned_at)
            self._put_on("tasks", record.id, "deals", task.opportunity_id, at)
            self._put_on("tasks", record.id, "contacts", task.person_id, at)


def _text(activity: Activity) -> tuple[str, str]:
    """Subject and body; an activity that came without any text says what it was about in plain words."""
    if activity.subject or activity.body:
        return activity.subject, activity.body
    if activity.channel == "document":
        returned = "Returned document" if "returned_document" in activity.topics else "Document received"
        marker = "Document sent" if activity.direction == "outbound" else returned
    else:
        marker = MARKERS.get(activity.channel, "Note")
    topics = ", ".join(topic.replace("_", " ") for topic in activity.topics)
    text = f"{marker}: {topics}" if topics else marker
    return text, text
