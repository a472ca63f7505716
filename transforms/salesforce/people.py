"""Salesforce users, accounts, contacts and leads."""

from __future__ import annotations

import narwhals as nw

from readiness.engine import Keep
from readiness.schema import ACCOUNTS, LIFECYCLE, PEOPLE, SELLERS
from transforms.declare import Mapped, absent, origin
from transforms.frames import col, stacked
from transforms.internal import buyers_only
from transforms.parsing import Reader
from transforms.salesforce import streams
from transforms.settings import Settings
from transforms.words import lead_stage

SELLERS_FROM = Mapped(
    SELLERS,
    (
        origin("seller_id", "User.Id"),
        origin("name", "User.Name"),
        origin("email", "User.Email"),
        origin("is_active", "User.IsActive", col("IsActive").fill_null(True)),
        origin("team", "User.Department", lossy="a department stands for the sales team"),
        origin("manager_id", "User.ManagerId"),
        origin("time_zone", "User.TimeZoneSidKey"),
    ),
)
ACCOUNTS_FROM = Mapped(
    ACCOUNTS,
    (
        origin("account_id", "Account.Id"),
        origin("name", "Account.Name"),
        origin("created_at", "Account.CreatedDate"),
        origin("employees", "Account.NumberOfEmployees"),
        origin("annual_revenue", "Account.AnnualRevenue"),
    ),
)
CONTACTS_FROM = Mapped(
    PEOPLE,
    (
        origin("person_id", "Contact.Id", col("Id")),
        origin("account_id", "Contact.AccountId"),
        origin("name", "Contact.Name"),
        origin("email", "Contact.Email"),
        origin("title", "Contact.Title"),
        origin("kind", "Contact", nw.lit("contact")),
        absent("lifecycle", "a Contact has no lifecycle stage"),
        origin("source", "Contact.LeadSource"),
        origin("created_at", "Contact.CreatedDate"),
        origin("opted_out", "Contact.HasOptedOutOfEmail", col("HasOptedOutOfEmail").fill_null(False)),
        origin("seller_id", "Contact.OwnerId", col("OwnerId")),
    ),
    rows="one row per Contact",
)
LEADS_FROM = Mapped(
    PEOPLE,
    (
        origin("person_id", "Lead.Id", col("Id"), lossy="a converted lead is its Contact"),
        absent("account_id", "a Lead names a company, not an Account"),
        origin("name", "Lead.Name"),
        origin("email", "Lead.Email"),
        origin("title", "Lead.Title"),
        origin("kind", "Lead", nw.lit("lead")),
        origin("lifecycle", "Lead.Status", col("Status")),
        origin("source", "Lead.LeadSource"),
        origin("created_at", "Lead.CreatedDate"),
        origin("opted_out", "Lead.HasOptedOutOfEmail", col("HasOptedOutOfEmail").fill_null(False)),
        origin("seller_id", "Lead.OwnerId", col("OwnerId")),
    ),
    rows="one row per Lead that is not converted",
)
LIFECYCLE_FROM = Mapped(
    LIFECYCLE,
    (
        origin("person_id", "Lead.ConvertedContactId", col("person_id"), "the Lead's own Id until it is converted"),
        origin("stage", "Lead.Status", col("stage"), "read by its words; converted is sql"),
        origin(
            "entered_at", "Lead.CreatedDate", col("entered_at"), "ConvertedDate for sql; status changes are not kept"
        ),
    ),
)


def sellers(read: Reader) -> nw.LazyFrame:
    return SELLERS_FROM.of(read(streams.USER))


def accounts(read: Reader) -> nw.LazyFrame:
    return ACCOUNTS_FROM.of(read(streams.ACCOUNT))


def person_accounts(read: Reader) -> nw.LazyFrame:
    """account_id, person_id: accounts that are a person themselves (person accounts), with the contact inside."""
    return (
        read(streams.ACCOUNT)
        .filter(col("IsPersonAccount").fill_null(False) & ~col("PersonContactId").is_null())
        .select(account_id=col("Id"), person_id=col("PersonContactId"))
    )


def converted(read: Reader) -> nw.LazyFrame:
    """lead_id, person_id (the contact it became) and opportunity_id (null where none came of it)."""
    return (
        read(streams.LEAD)
        .filter(col("IsConverted").fill_null(False) & ~col("ConvertedContactId").is_null())
        .select(lead_id=col("Id"), person_id=col("ConvertedContactId"), opportunity_id=col("ConvertedOpportunityId"))
    )


def people(read: Reader, sellers: nw.LazyFrame, settings: Settings, keep: Keep) -> nw.LazyFrame:
    """Contacts, and leads that have not become one; colleagues of the seller are no buyers."""
    leads = read(streams.LEAD).filter(~(col("IsConverted").fill_null(False) & ~col("ConvertedContactId").is_null()))
    everyone = stacked([CONTACTS_FROM.of(read(streams.CONTACT)), LEADS_FROM.of(leads)])
    return keep("canonical_people", buyers_only(keep("all_people", everyone), sellers, settings))


def lifecycle(read: Reader) -> nw.LazyFrame:
    leads = read(streams.LEAD)
    person = nw.coalesce(col("ConvertedContactId"), col("Id"))
    status = nw.when(~col("IsConverted").fill_null(False)).then(lead_stage(col("Status"))).otherwise(nw.lit("lead"))
    began = leads.select(person_id=person, stage=nw.coalesce(status, nw.lit("lead")), entered_at=col("CreatedDate"))
    became = leads.filter(~col("ConvertedDate").is_null()).select(
        person_id=person, stage=nw.lit("sql"), entered_at=col("ConvertedDate")
    )
    return LIFECYCLE_FROM.of(stacked([began, became]).unique(subset=list(LIFECYCLE.key), keep="any"))
