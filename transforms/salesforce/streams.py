"""The raw Salesforce rows that are read, field by field."""

from __future__ import annotations

from transforms.parsing import Stream

USER = Stream("user", "User", text="Id Name Email ManagerId TimeZoneSidKey Department", flag="IsActive")
ACCOUNT = Stream(
    "account",
    "Account",
    text="Id Name PersonContactId",
    count="NumberOfEmployees",
    number="AnnualRevenue",
    time="CreatedDate",
    flag="IsPersonAccount",
)
CONTACT = Stream(
    "contact",
    "Contact",
    text="Id AccountId Name Email Title LeadSource OwnerId",
    time="CreatedDate!",
    flag="HasOptedOutOfEmail",
)
LEAD = Stream(
    "lead",
    "Lead",
    text="Id Name Company Email Title Status LeadSource OwnerId ConvertedContactId ConvertedOpportunityId",
    time="CreatedDate! ConvertedDate",
    flag="HasOptedOutOfEmail IsConverted",
)
RECORD_TYPE = Stream("record_type", "RecordType", text="Id DeveloperName Name SobjectType")
STAGE = Stream(
    "opportunity_stage",
    "OpportunityStage",
    text="Id MasterLabel ApiName",
    count="SortOrder",
    number="DefaultProbability",
    flag="IsClosed IsWon IsActive",
)
OPPORTUNITY = Stream(
    "opportunity",
    "Opportunity",
    text="Id AccountId OwnerId RecordTypeId StageName Name CurrencyIsoCode Loss_Reason__c",
    number="Amount",
    day="CloseDate",
    time="CreatedDate! SystemModstamp",
    flag="IsClosed IsWon",
)
OPPORTUNITY_HISTORY = Stream(
    "opportunity_history",
    "OpportunityHistory",
    text="Id OpportunityId! StageName",
    number="Amount",
    day="CloseDate",
    time="CreatedDate!",
)
FIELD_HISTORY = Stream(
    "opportunity_field_history",
    "OpportunityFieldHistory",
    text="Id OpportunityId! Field OldValue NewValue",
    time="CreatedDate!",
)
CONTACT_ROLE = Stream(
    "opportunity_contact_role",
    "OpportunityContactRole",
    text="Id OpportunityId! ContactId! Role",
    time="CreatedDate!",
    flag="IsPrimary",
)
LINE_ITEM = Stream(
    "opportunity_line_item", "OpportunityLineItem", text="Id OpportunityId! Name", number="Quantity TotalPrice"
)
QUOTE = Stream(
    "quote", "Quote", text="Id OpportunityId! Name Status", number="GrandTotal", time="CreatedDate! SystemModstamp"
)
QUOTE_HISTORY = Stream("quote_history", "QuoteHistory", text="Id QuoteId! Field OldValue NewValue", time="CreatedDate!")
TASK = Stream(
    "task",
    "Task",
    text="Id WhatId WhoId OwnerId AccountId Status Type TaskSubtype CallType CallDisposition CreatedById",
    count="CallDurationInSeconds",
    day="ActivityDate",
    time="CompletedDateTime CreatedDate!",
    flag="IsClosed",
    list="topics promises",
)
EVENT = Stream(
    "event",
    "Event",
    text="Id WhatId WhoId OwnerId AccountId Type EventSubtype",
    time="StartDateTime! EndDateTime CreatedDate!",
    list="topics promises",
)
EVENT_RELATION = Stream("event_relation", "EventRelation", text="Id EventId! RelationId! Status", flag="IsWhat")
EMAIL = Stream(
    "email_message",
    "EmailMessage",
    text="Id RelatedToId ParentId ActivityId FromAddress ToAddress Status ThreadIdentifier CreatedById",
    time="MessageDate! CreatedDate!",
    flag="Incoming IsBounced",
    list="topics promises",
)
EMAIL_RELATION = Stream(
    "email_message_relation",
    "EmailMessageRelation",
    text="Id EmailMessageId! RelationId! RelationType RelationObjectType",
)
CASE = Stream(
    "case", "Case", text="Id AccountId ContactId Priority Status", time="CreatedDate! ClosedDate", flag="IsClosed"
)

STREAMS = (
    USER, ACCOUNT, CONTACT, LEAD, RECORD_TYPE, STAGE, OPPORTUNITY, OPPORTUNITY_HISTORY, FIELD_HISTORY, CONTACT_ROLE,
    LINE_ITEM, QUOTE, QUOTE_HISTORY, TASK, EVENT, EVENT_RELATION, EMAIL, EMAIL_RELATION, CASE,
)  # fmt: skip
