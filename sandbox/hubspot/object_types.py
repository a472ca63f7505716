"""The object types of the portal and all the names by which a path may call them.

Ids are those of https://developers.hubspot.com/docs/guides/crm/understanding-the-crm (Object type IDs). The default
properties of contacts and companies were recorded, those of the others follow each object's API guide.
"""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.hubspot.errors import Refused, missing_scopes, unknown_type


@dataclass(frozen=True, slots=True)
class ObjectType:
    """One type of record.

    Attributes
    ----------
    name : the singular, as paths, errors and association names spell it (in capitals there).
    plural : the word used in paths by the SDKs, and the key of inline associations.
    id : the object type id, `0-3`.
    defaults : the properties that a read returns when none is asked for, besides the record's own stamps.
    required : the properties without which none can be made; engagements also need a time.
    searched : the properties that a free-text `query` looks into.
    """

    name: str
    plural: str
    id: str
    label: str
    labels: str
    defaults: tuple[str, ...]
    searched: tuple[str, ...]
    required: tuple[str, ...] = ()
    created: str = "hs_createdate"
    modified: str = "hs_lastmodifieddate"
    scope: str = ""

    @property
    def read_scope(self) -> str:
        return f"crm.objects.{self.scope or self.plural}.read"

    @property
    def write_scope(self) -> str:
        return f"crm.objects.{self.scope or self.plural}.write"

    @property
    def stamps(self) -> tuple[str, str, str]:
        """What every read returns, asked for or not."""
        return self.created, "hs_object_id", self.modified


_TIMED = ("hs_timestamp",)

TYPES: tuple[ObjectType, ...] = (
    ObjectType(
        "contact",
        "contacts",
        "0-1",
        "Contact",
        "Contacts",
        ("email", "firstname", "lastname"),
        ("firstname", "lastname", "email", "phone", "hs_additional_emails", "company"),
        created="createdate",
        modified="lastmodifieddate",
    ),
    ObjectType(
        "company",
        "companies",
        "0-2",
        "Company",
        "Companies",
        ("domain", "name"),
        ("name", "domain", "website", "phone"),
        created="createdate",
    ),
    ObjectType(
        "deal",
        "deals",
        "0-3",
        "Deal",
        "Deals",
        ("amount", "closedate", "dealname", "dealstage", "pipeline"),
        ("dealname", "description"),
        created="createdate",
    ),
    ObjectType(
        "ticket",
        "tickets",
        "0-5",
        "Ticket",
        "Tickets",
        ("content", "hs_pipeline", "hs_pipeline_stage", "hs_ticket_category", "hs_ticket_priority", "subject"),
        ("subject", "content"),
        ("subject", "hs_pipeline_stage"),
        created="createdate",
        scope="tickets",
    ),
    ObjectType(
        "product",
        "products",
        "0-7",
        "Product",
        "Products",
        ("description", "name", "price"),
        ("name", "description", "hs_sku"),
        created="createdate",
    ),
    ObjectType(
        "line_item",
        "line_items",
        "0-8",
        "Line item",
        "Line items",
        ("amount", "hs_product_id", "name", "quantity"),
        ("name", "description"),
        created="createdate",
    ),
    ObjectType(
        "quote",
        "quotes",
        "0-14",
        "Quote",
        "Quotes",
        (),
        ("hs_title",),
        ("hs_title", "hs_expiration_date"),
    ),
    ObjectType("task", "tasks", "0-27", "Task", "Tasks", (), ("hs_task_subject", "hs_task_body"), _TIMED),
    ObjectType("note", "notes", "0-46", "Note", "Notes", (), ("hs_note_body",), _TIMED),
    ObjectType(
        "meeting", "meetings", "0-47", "Meeting", "Meetings", (), ("hs_meeting_title", "hs_meeting_body"), _TIMED
    ),
    ObjectType("call", "calls", "0-48", "Call", "Calls", (), ("hs_call_title", "hs_call_body"), _TIMED),
    ObjectType("email", "emails", "0-49", "Email", "Emails", (), ("hs_email_subject", "hs_email_text"), _TIMED),
    ObjectType("lead", "leads", "0-136", "Lead", "Leads", (), ("hs_lead_name",), ("hs_lead_name",)),
)

BY_PLURAL = {kind.plural: kind for kind in TYPES}
_NAMES = {name: kind for kind in TYPES for name in (kind.name, kind.plural, kind.id, kind.name.replace("_", ""))}
_NAMES |= {"line_item": BY_PLURAL["line_items"], "lineitems": BY_PLURAL["line_items"]}
UNGRANTED = {
    "users": "crm.objects.users.read",
    "communications": "crm.objects.contacts.read",
    "postal_mail": "crm.objects.contacts.read",
    "invoices": "crm.objects.invoices.read",
    "orders": "crm.objects.orders.read",
    "carts": "crm.objects.carts.read",
    "subscriptions": "crm.objects.subscriptions.read",
    "commerce_payments": "crm.objects.commercepayments.read",
    "goal_targets": "crm.objects.goals.read",
    "feedback_submissions": "crm.objects.feedback_submissions.read",
    "appointments": "crm.objects.appointments.read",
    "listings": "crm.objects.listings.read",
    "services": "crm.objects.services.read",
    "courses": "crm.objects.courses.read",
    "taxes": "crm.objects.line_items.read",
    "discounts": "crm.objects.line_items.read",
    "fees": "crm.objects.line_items.read",
}
"""Types of the real service for which the portal's app holds no scope: asking for them is a 403, as recorded."""


def object_type(text: str) -> ObjectType:
    """The type that a path names, in any case, as singular, plural or id.

    Raises `Refused`: 403 for a type whose scope the app doesn't hold, 400 for a word that is no type.
    """
    kind = _NAMES.get(text.lower())
    if kind is None:
        raise _unreachable(text)
    return kind


def _unreachable(text: str) -> Refused:
    scope = UNGRANTED.get(text.lower())
    return missing_scopes([scope]) if scope else unknown_type(text)
