"""Salesforce's raw rows -> the canonical tables."""

from __future__ import annotations

from datetime import datetime

import narwhals as nw

from readiness.engine import Keep, in_place
from readiness.schema import BUYING_GROUP, TEXT
from transforms import history, roles
from transforms.attribution import attributed
from transforms.declare import Mapped, origin
from transforms.frames import Raw, col, nothing, shaped, stacked
from transforms.parsing import Reader
from transforms.promises import ledger
from transforms.salesforce import activity, deals, people, service, streams
from transforms.settings import Settings
from transforms.words import seat
from transforms.workdays import workdays

BUYING_GROUP_FROM = Mapped(
    BUYING_GROUP,
    (
        origin("opportunity_id", "OpportunityContactRole.OpportunityId", col("opportunity_id")),
        origin(
            "person_id",
            "OpportunityContactRole.ContactId",
            col("person_id"),
            "and Account.PersonContactId of a person account, which needs no role to buy",
        ),
        origin("seat", "OpportunityContactRole.Role", col("seat"), "read by its words"),
        origin("is_primary", "OpportunityContactRole.IsPrimary", col("is_primary")),
        origin("joined_at", "OpportunityContactRole.CreatedDate", col("joined_at")),
        origin("left_at", "OpportunityContactRole", col("left_at"), "the first snapshot without the role"),
        origin("role_id", "OpportunityContactRole.Id", col("role_id"), "of several roles of one person the first"),
    ),
    rows="the plugin's own snapshots; Salesforce keeps no history of contact roles",
)


def current_roles(raw: Raw, settings: Settings, keep: Keep = in_place) -> nw.LazyFrame:
    """The contact roles as they stand in the raw rows (`roles.CURRENT_ROLES`)."""
    return _current_roles(Reader(raw, keep), settings)


def _current_roles(read: Reader, settings: Settings) -> nw.LazyFrame:
    held = (
        read(streams.CONTACT_ROLE)
        .select(
            opportunity_id=col("OpportunityId"),
            person_id=col("ContactId"),
            seat=seat(col("Role"), settings),
            is_primary=col("IsPrimary"),
            since=col("CreatedDate"),
            is_exact=nw.lit(True),
            role_id=col("Id"),
        )
        .select(*roles.CURRENT_ROLES.names)
    )
    return roles.one_per_person(stacked([held, _alone(read, held)]))


def _alone(read: Reader, held: nw.LazyFrame) -> nw.LazyFrame:
    """Whoever buys for themselves needs no role: the person of a person account decides on its opportunities."""
    pair = ["opportunity_id", "person_id"]
    return (
        read(streams.OPPORTUNITY)
        .select(opportunity_id=col("Id"), account_id=col("AccountId"), since=col("CreatedDate"))
        .join(people.person_accounts(read), on="account_id")
        .join(held.select(*pair), on=pair, how="anti")
        .select(
            *pair,
            "since",
            seat=nw.lit("decider"),
            is_primary=nw.lit(True),
            is_exact=nw.lit(True),
            role_id=nothing(TEXT),
        )
        .select(*roles.CURRENT_ROLES.names)
    )


def canonical(raw: Raw, settings: Settings, as_of: datetime, keep: Keep = in_place) -> dict[str, nw.LazyFrame]:
    """The canonical tables of a Salesforce org, and `rejected` with what could not be read.

    Parameters
    ----------
    raw : stream name -> rows as text; `role_history` (`roles.ROLE_HISTORY`) with the snapshots so far, if any.
    as_of : the run's instant; later events are planned, not past.

    Raises
    ------
    ValueError : where `raw` is empty.
    """
    read = Reader(raw, keep)
    sellers = keep("canonical_sellers", people.sellers(read))
    persons = people.people(read, sellers, settings, keep)
    rows = deals.numbered(read, settings, keep)
    stages = deals.stages(read, rows, settings, keep)
    changes = deals.changes(read, rows, stages, settings, keep)
    closings = keep("closings", history.closings(changes, stages, rows))
    opportunities = deals.opportunities_table(rows, closings, settings, as_of, keep)
    group = _buying_group(raw, read, settings, as_of, opportunities, persons, keep)
    converted = keep("converted_leads", people.converted(read))
    acts = activity.acts(read, settings, as_of, keep)
    on_acts = activity.act_people(read, settings, persons, converted, keep)
    led_to = converted.filter(~col("opportunity_id").is_null()).select("person_id", "opportunity_id")
    actors = on_acts.filter(col("is_actor") == 1).select("interaction_id", "person_id")
    interactions = attributed(acts, actors, persons, opportunities, group, keep, led_to)
    tasks = service.tasks(read, rows, keep, settings)
    happened = keep("canonical_interactions", activity.INTERACTIONS_FROM.of(interactions))
    quotes = deals.quotes(read, rows, keep)
    calendar = workdays(settings.country, settings.time_zone, as_of)
    promises = ledger(service.said(read), happened, tasks, quotes, calendar, as_of, keep)
    return {
        "accounts": keep("canonical_accounts", people.accounts(read)),
        "sellers": sellers,
        "people": persons,
        "lifecycle": keep("canonical_lifecycle", people.lifecycle(read)),
        "stages": stages,
        "opportunities": opportunities,
        "products": keep("canonical_products", deals.products(read, rows)),
        "buying_group": group,
        "interactions": happened,
        "participants": keep("canonical_participants", activity.participants(on_acts, persons, acts)),
        "changes": changes,
        "quotes": quotes,
        "promises": keep("canonical_promises", service.PROMISES_FROM.of(promises)),
        "tasks": tasks,
        "cases": keep("canonical_cases", service.cases(read)),
        "labels": keep("canonical_labels", service.labels(read, _seller_views(raw, read, settings), settings)),
        "rejected": keep("canonical_rejected", read.rejected_rows()),
    }


def _buying_group(
    raw: Raw,
    read: Reader,
    settings: Settings,
    as_of: datetime,
    opportunities: nw.LazyFrame,
    persons: nw.LazyFrame,
    keep: Keep,
) -> nw.LazyFrame:
    past = raw.get("role_history")
    held = (
        past if past is not None else roles.snapshot(None, keep("current_roles", _current_roles(read, settings)), as_of)
    )
    there = (
        shaped(held, BUYING_GROUP)
        .join(opportunities.select("opportunity_id"), on="opportunity_id")
        .join(persons.select("person_id"), on="person_id")
    )
    return keep("canonical_buying_group", BUYING_GROUP_FROM.of(there))


def _seller_views(raw: Raw, read: Reader, settings: Settings) -> nw.LazyFrame:
    """opportunity_id, seller_view, phase, SystemModstamp: our own fields as the org holds them now."""
    stamps = read(streams.OPPORTUNITY).select("Id", "SystemModstamp")
    names = {name: settings.native.get(("opportunity", name), native) for name, native in OWN_FIELDS.items()}
    rows = raw["opportunity"]
    there = rows.collect_schema().names()
    own = rows.select(
        "Id", *((col(n) if n in there else nw.lit(None, dtype=nw.String())).alias(name) for name, n in names.items())
    )
    return own.join(stamps, on="Id").select("seller_view", "phase", "SystemModstamp", opportunity_id=col("Id"))


OWN_FIELDS = {"seller_view": "BR_Seller_View__c", "phase": "BR_Phase__c"}
