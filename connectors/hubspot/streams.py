"""What is read from HubSpot: the object type, properties, links and histories behind each raw table.

Property names are HubSpot's own. A `?` marks one that a portal may lack. Our own (`br_…`) are added as far as the
portal has them.
"""

from __future__ import annotations

from dataclasses import dataclass

from connectors.protocol import Stream

OURS = "br_"
STAMPS = ("id", "createdAt", "updatedAt", "archived")


@dataclass(frozen=True, slots=True)
class Source:
    """How a stream of records is read.

    Attributes
    ----------
    modified : the property that tells what is new.
    links : object types whose links to these records are read with them.
    history : properties whose earlier values are read with them.
    texts : the properties of subject and body, read for their topics and not stored.
    recent : the first sync takes only what changed since its start (of deals: and all that are open).
    """

    stream: Stream
    modified: str = "hs_lastmodifieddate"
    links: tuple[str, ...] = ()
    history: tuple[str, ...] = ()
    texts: tuple[str, str] | None = None
    recent: bool = True

    @property
    def type(self) -> str:
        return self.stream.source

    @property
    def required(self) -> tuple[str, ...]:
        """The properties without which nothing can be said."""
        return self.stream.fields[len(STAMPS) :]

    @property
    def properties(self) -> tuple[str, ...]:
        """The properties to ask for."""
        named = (*self.required, *self.stream.optional_fields, *(self.texts or ()))
        return tuple(name for name in named if name)


def _stream(type: str, properties: str, *, optional: bool = False) -> Stream:
    named = properties.split()
    required = tuple(name for name in named if not name.endswith("?"))
    return Stream(
        type,
        type,
        ("id",),
        (*STAMPS, *required),
        tuple(name[:-1] for name in named if name.endswith("?")),
        optional,
        ("updatedAt", "hs_lastmodifieddate", "lastmodifieddate"),
    )


OWNERS = Stream("owners", "owners", ("id",), ("id", "email", "firstName", "lastName", "userId", "teams", "archived"))
DEAL_PIPELINES = Stream(
    "deal_pipelines",
    "pipelines",
    ("pipeline_id", "stage_id"),
    (
        "pipeline_id",
        "pipeline_label",
        "stage_id",
        "stage_label",
        "display_order",
        "pipeline_order",
        "probability",
        "is_closed",
        "archived",
    ),
)
PROPERTY_HISTORY = Stream(
    "property_history",
    "properties",
    ("object_type", "object_id", "property", "timestamp", "value"),
    ("object_type", "object_id", "property", "value", "timestamp", "source_type"),
)
ASSOCIATIONS = Stream(
    "associations",
    "associations",
    ("from_type", "from_id", "to_type", "to_id", "label"),
    ("from_type", "from_id", "to_type", "to_id", "label"),
)

_PARTIES = ("contacts", "deals", "companies")

SOURCES: tuple[Source, ...] = (
    Source(
        _stream(
            "companies",
            "name domain createdate numberofemployees? annualrevenue? hs_lastmodifieddate hs_merged_object_ids?",
        ),
        recent=False,
    ),
    Source(
        _stream(
            "contacts",
            "email firstname lastname jobtitle? lifecyclestage hs_lead_status? hs_analytics_source? createdate "
            "hs_email_optout? hubspot_owner_id associatedcompanyid lastmodifieddate hs_merged_object_ids?",
        ),
        modified="lastmodifieddate",
        recent=False,
    ),
    Source(
        _stream(
            "leads",
            "hs_lead_name hs_pipeline_stage hs_lead_label? hubspot_owner_id hs_createdate hs_lastmodifieddate",
            optional=True,
        ),
        links=("contacts", "companies"),
    ),
    Source(
        _stream(
            "deals",
            "dealname amount deal_currency_code? closedate dealstage pipeline createdate hubspot_owner_id "
            "closed_lost_reason? hs_is_closed hs_is_closed_won hs_lastmodifieddate external_id? hs_merged_object_ids?",
        ),
        links=("contacts", "companies"),
        history=("dealstage", "closedate", "amount", "hubspot_owner_id"),
    ),
    Source(
        _stream(
            "emails",
            "hs_timestamp hs_email_direction hs_email_status? hs_email_thread_id? hs_email_from_email? "
            "hubspot_owner_id hs_createdate hs_lastmodifieddate",
        ),
        links=_PARTIES,
        texts=("hs_email_subject", "hs_email_text"),
    ),
    Source(
        _stream(
            "calls",
            "hs_timestamp hs_call_direction hs_call_disposition? hs_call_duration? hs_call_status? "
            "hubspot_owner_id hs_createdate hs_lastmodifieddate",
        ),
        links=_PARTIES,
        texts=("hs_call_title", "hs_call_body"),
    ),
    Source(
        _stream(
            "meetings",
            "hs_timestamp hs_meeting_start_time hs_meeting_end_time hs_meeting_outcome hubspot_owner_id "
            "hs_createdate hs_lastmodifieddate",
        ),
        links=_PARTIES,
        texts=("hs_meeting_title", "hs_meeting_body"),
    ),
    Source(
        _stream("notes", "hs_timestamp hubspot_owner_id hs_createdate hs_lastmodifieddate"),
        links=_PARTIES,
        texts=("", "hs_note_body"),
    ),
    Source(
        _stream(
            "tasks",
            "hs_timestamp hs_task_status hs_task_type hs_task_priority? hs_task_completion_date? hubspot_owner_id "
            "hs_createdate hs_lastmodifieddate",
        ),
        links=_PARTIES,
        texts=("hs_task_subject", "hs_task_body"),
    ),
    Source(
        _stream(
            "quotes",
            "hs_title hs_status hs_quote_amount hs_createdate hs_lastmodifieddate hs_esign_date?",
            optional=True,
        ),
        links=("deals",),
        history=("hs_status",),
    ),
    Source(
        _stream("line_items", "name quantity amount hs_lastmodifieddate", optional=True),
        links=("deals", "quotes"),
    ),
    Source(
        _stream(
            "tickets",
            "hs_pipeline_stage hs_ticket_priority createdate closed_date? hs_lastmodifieddate",
            optional=True,
        ),
        links=("contacts", "companies"),
    ),
)

TYPES = {"opportunity": "deals", "person": "contacts", "task": "tasks"}
"""The product's word for an object -> HubSpot's own. A contact's role on a deal is a label, which holds no fields."""


def native_name(name: str) -> str:
    """`win_chance` -> `br_win_chance`; a native name stays as it is."""
    return name if name.startswith(OURS) else f"{OURS}{name}"
