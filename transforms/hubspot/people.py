"""HubSpot owners, companies, contacts and leads."""

from __future__ import annotations

import narwhals as nw

from readiness.engine import Keep
from readiness.schema import ACCOUNTS, LIFECYCLE, PEOPLE, SELLERS
from transforms.declare import Mapped, absent, origin
from transforms.frames import col, latest, one_of, stacked
from transforms.hubspot import streams
from transforms.hubspot.links import links, one_link
from transforms.internal import buyers_only
from transforms.parsing import Reader
from transforms.settings import Settings
from transforms.words import lead_stage

LIFECYCLE_STAGES = {
    "subscriber": "suspect",
    "lead": "lead",
    "marketingqualifiedlead": "mql",
    "salesqualifiedlead": "sql",
    "opportunity": "sql",
    "customer": "customer",
    "evangelist": "customer",
    "other": "other",
}


def full_name(first: str, last: str) -> nw.Expr:
    return nw.concat_str([col(first), col(last)], separator=" ", ignore_nulls=True)


SELLERS_FROM = Mapped(
    SELLERS,
    (
        origin("seller_id", "owner.id"),
        origin("name", "owner.firstName", full_name("firstName", "lastName"), "with lastName"),
        origin("email", "owner.email"),
        origin("is_active", "owner.archived", ~col("archived").fill_null(False)),
        origin("team", "owner.teams", col("team"), "the first team named"),
        absent("manager_id", "HubSpot owners have no manager"),
        absent("time_zone", "HubSpot owners have no time zone; the connection's is used"),
    ),
)
ACCOUNTS_FROM = Mapped(
    ACCOUNTS,
    (
        origin("account_id", "company.id"),
        origin("name", "company.name"),
        origin("created_at", "company.createdate"),
        origin("employees", "company.numberofemployees"),
        origin("annual_revenue", "company.annualrevenue"),
    ),
)
PEOPLE_FROM = Mapped(
    PEOPLE,
    (
        origin("person_id", "contact.id"),
        origin("account_id", "contact.associatedcompanyid", col("company_id"), "else the associated company"),
        origin("name", "contact.firstname", full_name("firstname", "lastname"), "with lastname"),
        origin("email", "contact.email"),
        origin("title", "contact.jobtitle"),
        origin("kind", "contact.lifecyclestage", col("kind"), "a lead: no deal yet, and a lead object or stage"),
        origin("lifecycle", "contact.lifecyclestage", nw.coalesce(col("lifecyclestage"), col("hs_lead_status"))),
        origin("source", "contact.hs_analytics_source"),
        origin("created_at", "contact.createdate", col("createdate")),
        origin("opted_out", "contact.hs_email_optout", col("hs_email_optout").fill_null(False)),
        origin("seller_id", "contact.hubspot_owner_id"),
    ),
)
LIFECYCLE_FROM = Mapped(
    LIFECYCLE,
    (
        origin("person_id", "contact.id", col("person_id")),
        origin("stage", "contact.lifecyclestage", col("stage"), "own stages are read by their words"),
        origin("entered_at", "propertiesWithHistory.timestamp", col("entered_at"), "without history: createdate"),
    ),
)


def sellers(read: Reader) -> nw.LazyFrame:
    named = col("teams").str.contains(r'"name"\s*:\s*"')
    team = nw.when(named).then(col("teams").str.replace_all(r'^.*?"name"\s*:\s*"', "").str.replace_all(r'".*$', ""))
    return SELLERS_FROM.of(read(streams.OWNERS).with_columns(team=team))


def accounts(read: Reader) -> nw.LazyFrame:
    return ACCOUNTS_FROM.of(read(streams.COMPANIES))


def people(read: Reader, sellers: nw.LazyFrame, settings: Settings, keep: Keep) -> nw.LazyFrame:
    company = one_link(read, "contacts", "companies").select(id=col("left_id"), linked_company=col("right_id"))
    with_deal = links(read, "contacts", "deals").select(id=col("left_id"), has_deal=nw.lit(1)).unique()
    lead = (
        links(read, "leads", "contacts")
        .join(read(streams.LEADS).select(left_id=col("id")), on="left_id")
        .select(id=col("right_id"), has_lead=nw.lit(1))
        .unique()
    )
    stage = lead_stage(col("lifecyclestage"))
    early = stage.is_in(["suspect", "prospect", "lead", "mql", "sql"]).fill_null(False)
    is_lead = col("has_deal").is_null() & (~col("has_lead").is_null() | early)
    rows = (
        read(streams.CONTACTS)
        .join(company, on="id", how="left")
        .join(with_deal, on="id", how="left")
        .join(lead, on="id", how="left")
        .with_columns(
            company_id=nw.coalesce(col("associatedcompanyid"), col("linked_company")),
            kind=nw.when(is_lead).then(nw.lit("lead")).otherwise(nw.lit("contact")),
        )
    )
    everyone = keep("all_people", PEOPLE_FROM.of(rows))
    return keep("canonical_people", buyers_only(everyone, sellers, settings))


def lifecycle(read: Reader, people: nw.LazyFrame) -> nw.LazyFrame:
    def stage(text: nw.Expr) -> nw.Expr:
        return nw.coalesce(one_of(text.str.to_lowercase(), LIFECYCLE_STAGES), lead_stage(text))

    moved = (
        read(streams.PROPERTY_HISTORY)
        .filter((col("object_type") == "contacts") & (col("property") == "lifecyclestage") & ~col("value").is_null())
        .select(person_id=col("object_id"), stage=stage(col("value")), entered_at=col("timestamp"))
    )
    known = moved.select("person_id").unique()
    still = (
        people.filter(~col("lifecycle").is_null())
        .join(known, on="person_id", how="anti")
        .select("person_id", stage=stage(col("lifecycle")), entered_at=col("created_at"))
    )
    rows = stacked([moved.join(people.select("person_id"), on="person_id"), still])
    return LIFECYCLE_FROM.of(latest(rows, list(LIFECYCLE.key), ["stage"]))
