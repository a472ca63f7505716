"""What is read from Salesforce: the object, fields and habits behind each raw table.

Field names are those of the Salesforce Object Reference. A `?` marks a field that an edition may lack or a profile may
hide. Our own fields (`BR_…__c`) are added as far as the org has them.
"""

from __future__ import annotations

from dataclasses import dataclass

from connectors.protocol import Stream

OURS = "BR_"


@dataclass(frozen=True, slots=True)
class Source:
    """How a stream is read.

    Attributes
    ----------
    stamp : the field that tells what is new; None reads the whole object each time.
    binned : deleted rows stay visible for a while, with IsDeleted.
    where : a condition that always holds.
    texts : the fields of subject and body, read for their topics and not stored.
    first : which rows the first sync takes of those before its start; None: all, "": none, else a condition.
    written : we write to this object ourselves.
    keeps : these records are looked for once a day, in case they were deleted for good.
    """

    stream: Stream
    stamp: str | None = "SystemModstamp"
    binned: bool = True
    where: str = ""
    texts: tuple[str, str] | None = None
    first: str | None = None
    written: bool = False
    keeps: bool = False

    @property
    def object(self) -> str:
        return self.stream.source


def _stream(name: str, object: str, fields: str, *, optional: bool = False) -> Stream:
    named = fields.split()
    return Stream(
        name,
        object,
        ("Id",),
        tuple(field for field in named if not field.endswith("?")),
        tuple(field[:-1] for field in named if field.endswith("?")),
        optional,
        ("SystemModstamp",),
    )


SOURCES: tuple[Source, ...] = (
    Source(
        _stream(
            "user",
            "User",
            "Id Name Email IsActive ManagerId TimeZoneSidKey Department? UserRoleId? SystemModstamp",
        ),
        binned=False,
    ),
    Source(
        _stream("record_type", "RecordType", "Id DeveloperName Name SobjectType IsActive"),
        stamp=None,
        binned=False,
        where="SobjectType = 'Opportunity'",
    ),
    Source(
        _stream(
            "opportunity_stage",
            "OpportunityStage",
            "Id MasterLabel ApiName SortOrder DefaultProbability IsClosed IsWon IsActive",
        ),
        stamp=None,
        binned=False,
    ),
    Source(
        _stream(
            "account",
            "Account",
            "Id Name CreatedDate NumberOfEmployees? AnnualRevenue? IsPersonAccount? PersonContactId? SystemModstamp "
            "IsDeleted",
        ),
        keeps=True,
    ),
    Source(
        _stream(
            "contact",
            "Contact",
            "Id AccountId Name Email Title? LeadSource? HasOptedOutOfEmail? OwnerId CreatedDate SystemModstamp "
            "IsDeleted",
        ),
        written=True,
        keeps=True,
    ),
    Source(
        _stream(
            "lead",
            "Lead",
            "Id Name Company Email Title? Status LeadSource? HasOptedOutOfEmail? OwnerId IsConverted "
            "ConvertedContactId ConvertedOpportunityId ConvertedDate CreatedDate SystemModstamp IsDeleted",
            optional=True,
        ),
        first="",
        written=True,
        keeps=True,
    ),
    Source(
        _stream(
            "opportunity",
            "Opportunity",
            "Id AccountId OwnerId RecordTypeId? StageName Name Amount CurrencyIsoCode? CloseDate IsClosed IsWon "
            "CreatedDate SystemModstamp IsDeleted Loss_Reason__c? External_Id__c?",
        ),
        first="IsClosed = false",
        written=True,
        keeps=True,
    ),
    Source(
        _stream("opportunity_history", "OpportunityHistory", "Id OpportunityId StageName Amount CloseDate CreatedDate"),
        stamp="CreatedDate",
        binned=False,
        first="",
    ),
    Source(
        _stream(
            "opportunity_field_history",
            "OpportunityFieldHistory",
            "Id OpportunityId Field OldValue NewValue CreatedDate",
            optional=True,
        ),
        stamp="CreatedDate",
        binned=False,
        first="",
    ),
    Source(
        _stream(
            "opportunity_contact_role",
            "OpportunityContactRole",
            "Id OpportunityId ContactId Role IsPrimary CreatedDate SystemModstamp IsDeleted",
        ),
        written=True,
    ),
    Source(
        _stream(
            "opportunity_line_item",
            "OpportunityLineItem",
            "Id OpportunityId Name Quantity TotalPrice SystemModstamp IsDeleted",
            optional=True,
        ),
        first="",
    ),
    Source(
        _stream(
            "quote",
            "Quote",
            "Id OpportunityId Name Status GrandTotal CreatedDate SystemModstamp IsDeleted",
            optional=True,
        ),
        first="",
    ),
    Source(
        _stream("quote_history", "QuoteHistory", "Id QuoteId Field OldValue NewValue CreatedDate", optional=True),
        stamp="CreatedDate",
        binned=False,
        first="",
    ),
    Source(
        _stream(
            "task",
            "Task",
            "Id WhatId WhoId OwnerId AccountId Status IsClosed Type? TaskSubtype? CallType? CallDurationInSeconds? "
            "CallDisposition? ActivityDate CompletedDateTime? CreatedDate CreatedById SystemModstamp IsDeleted",
        ),
        texts=("Subject", "Description"),
        first="",
        written=True,
    ),
    Source(
        _stream(
            "event",
            "Event",
            "Id WhatId WhoId OwnerId AccountId StartDateTime EndDateTime Type? EventSubtype? CreatedDate "
            "SystemModstamp IsDeleted",
        ),
        texts=("Subject", "Description"),
        first="",
    ),
    Source(
        _stream(
            "event_relation",
            "EventRelation",
            "Id EventId RelationId Status IsWhat SystemModstamp IsDeleted",
            optional=True,
        ),
        first="",
    ),
    Source(
        _stream(
            "email_message",
            "EmailMessage",
            "Id RelatedToId ParentId ActivityId? Incoming FromAddress ToAddress MessageDate Status IsBounced? "
            "ThreadIdentifier? CreatedDate CreatedById SystemModstamp IsDeleted",
            optional=True,
        ),
        texts=("Subject", "TextBody"),
        first="",
    ),
    Source(
        _stream(
            "email_message_relation",
            "EmailMessageRelation",
            "Id EmailMessageId RelationId RelationType RelationObjectType CreatedDate SystemModstamp",
            optional=True,
        ),
        binned=False,
        first="",
    ),
    Source(
        _stream(
            "case",
            "Case",
            "Id AccountId ContactId CreatedDate ClosedDate Priority Status IsClosed SystemModstamp IsDeleted",
            optional=True,
        ),
        first="",
    ),
)

OBJECTS = {
    "opportunity": ("Opportunity",),
    "person": ("Contact", "Lead"),
    "group_role": ("OpportunityContactRole",),
    "task": ("Task",),
}
"""The product's word for an object -> Salesforce's own."""


def native_name(name: str) -> str:
    """`win_chance` -> `BR_Win_Chance__c`; a native name stays as it is."""
    if name.startswith(OURS):
        return name
    return f"{OURS}{'_'.join(part.capitalize() for part in name.split('_'))}__c"
