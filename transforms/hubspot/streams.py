"""The raw HubSpot rows that are read, property by property."""

from __future__ import annotations

from transforms.parsing import Stream

OWNERS = Stream("owners", "owner", key="id", text="id email firstName lastName userId teams", flag="archived")
COMPANIES = Stream(
    "companies",
    "company",
    key="id",
    text="id name domain",
    count="numberofemployees",
    number="annualrevenue",
    time="createdate",
)
CONTACTS = Stream(
    "contacts",
    "contact",
    key="id",
    text="id email firstname lastname jobtitle lifecyclestage hs_lead_status hs_analytics_source hubspot_owner_id"
    " associatedcompanyid",
    time="createdate!",
    flag="hs_email_optout",
)
LEADS = Stream(
    "leads",
    "lead",
    key="id",
    text="id hs_lead_name hs_pipeline_stage hs_lead_label hubspot_owner_id",
    time="hs_createdate",
)
PIPELINES = Stream(
    "deal_pipelines",
    "pipeline",
    key="pipeline_id stage_id",
    text="pipeline_id pipeline_label stage_id stage_label",
    count="display_order",
    number="probability",
    flag="is_closed",
)
DEALS = Stream(
    "deals",
    "deal",
    key="id",
    text="id dealname deal_currency_code dealstage pipeline hubspot_owner_id closed_lost_reason",
    number="amount",
    day="closedate",
    time="createdate! hs_lastmodifieddate",
    flag="hs_is_closed hs_is_closed_won",
)
PROPERTY_HISTORY = Stream(
    "property_history",
    "propertiesWithHistory",
    key="object_type object_id property timestamp",
    text="object_type object_id property value source_type",
    time="timestamp!",
    as_written="timestamp",
)
ASSOCIATIONS = Stream(
    "associations", "associations", key="from_type from_id to_type to_id", text="from_type from_id to_type to_id label"
)
EMAILS = Stream(
    "emails",
    "email",
    key="id",
    text="id hs_email_direction hs_email_status hs_email_thread_id hs_email_from_email hubspot_owner_id",
    time="hs_timestamp! hs_createdate createdAt",
    list="topics promises",
)
CALLS = Stream(
    "calls",
    "call",
    key="id",
    text="id hs_call_direction hs_call_disposition hs_call_status hubspot_owner_id",
    time="hs_timestamp! hs_createdate createdAt",
    list="topics promises",
)
MEETINGS = Stream(
    "meetings",
    "meeting",
    key="id",
    text="id hs_meeting_outcome hubspot_owner_id",
    time="hs_timestamp hs_meeting_start_time hs_createdate createdAt",
    list="topics promises",
)
NOTES = Stream(
    "notes",
    "note",
    key="id",
    text="id hubspot_owner_id",
    time="hs_timestamp! hs_createdate createdAt",
    list="topics promises",
)
TASKS = Stream(
    "tasks",
    "task",
    key="id",
    text="id hs_task_status hs_task_type hubspot_owner_id",
    time="hs_timestamp hs_task_completion_date hs_createdate createdAt",
    list="topics promises",
)
QUOTES = Stream(
    "quotes",
    "quote",
    key="id",
    text="id hs_title hs_status",
    number="hs_quote_amount",
    time="hs_createdate createdAt hs_lastmodifieddate hs_esign_date",
)
LINE_ITEMS = Stream("line_items", "line_item", key="id", text="id name", number="quantity amount")
TICKETS = Stream(
    "tickets", "ticket", key="id", text="id hs_pipeline_stage hs_ticket_priority", time="createdate! closed_date"
)

STREAMS = (
    OWNERS, COMPANIES, CONTACTS, LEADS, PIPELINES, DEALS, PROPERTY_HISTORY, ASSOCIATIONS, EMAILS, CALLS, MEETINGS,
    NOTES, TASKS, QUOTES, LINE_ITEMS, TICKETS,
)  # fmt: skip
