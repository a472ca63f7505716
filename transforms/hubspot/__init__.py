"""HubSpot's raw rows -> the canonical tables."""

from __future__ import annotations

from datetime import datetime

import narwhals as nw

from readiness.engine import Keep, in_place
from readiness.schema import BUYING_GROUP, TEXT
from transforms import history, roles
from transforms.attribution import attributed
from transforms.declare import Mapped, absent, origin
from transforms.frames import Raw, col, nothing, shaped
from transforms.hubspot import activity, deals, people, service, streams
from transforms.hubspot.links import links
from transforms.parsing import Reader
from transforms.promises import ledger
from transforms.settings import Settings
from transforms.words import seat
from transforms.workdays import workdays

BUYING_GROUP_FROM = Mapped(
    BUYING_GROUP,
    (
        origin("opportunity_id", "associations.from_id", col("opportunity_id"), "deal to contact"),
        origin("person_id", "associations.to_id", col("person_id")),
        origin("seat", "associations.label", col("seat"), "read by its words"),
        origin("is_primary", "associations.label", col("is_primary"), "only where a label says so"),
        origin(
            "joined_at",
            "associations",
            col("joined_at"),
            "at the first look the later of the deal's and the contact's creation: HubSpot does not date associations",
        ),
        origin("left_at", "associations", col("left_at"), "the first snapshot without it"),
        absent("role_id", "an association is no record that could carry fields"),
    ),
    rows="the plugin's own snapshots; HubSpot keeps no history of associations",
)
OWN_FIELDS = {"seller_view": "br_seller_view", "phase": "br_phase"}


def current_roles(raw: Raw, settings: Settings, keep: Keep = in_place) -> nw.LazyFrame:
    """The deal-contact associations as they stand in the raw rows (`roles.CURRENT_ROLES`)."""
    return _current_roles(Reader(raw, keep), settings)


def _current_roles(read: Reader, settings: Settings) -> nw.LazyFrame:
    held = (
        links(read, "deals", "contacts")
        .join(read(streams.DEALS).select(left_id=col("id"), opened=col("createdate")), on="left_id")
        .join(read(streams.CONTACTS).select(right_id=col("id"), made=col("createdate")), on="right_id")
        .select(
            opportunity_id=col("left_id"),
            person_id=col("right_id"),
            seat=seat(col("label"), settings),
            is_primary=col("label").str.to_lowercase().str.contains("primary|hoofdcontact").fill_null(False),
            since=nw.max_horizontal(col("opened"), col("made")),
            is_exact=nw.lit(False),
            role_id=nothing(),
        )
    )
    return roles.one_per_person(held)


def canonical(raw: Raw, settings: Settings, as_of: datetime, keep: Keep = in_place) -> dict[str, nw.LazyFrame]:
    """The canonical tables of a HubSpot portal, and `rejected` with what could not be read.

    Parameters
    ----------
    raw : stream name -> rows as text; `role_history` (`roles.ROLE_HISTORY`) with the snapshots so far, if any.
    as_of : the run's instant; later meetings are planned, not past.
    """
    read = Reader(raw, keep)
    sellers = keep("canonical_sellers", people.sellers(read))
    persons = people.people(read, sellers, settings, keep)
    stages = deals.stages(read, settings, keep)
    rows = deals.wanted(read, stages, settings, keep)
    changes = deals.changes(read, rows, stages, settings, keep)
    closings = keep("closings", history.closings(changes, stages, rows))
    opportunities = deals.opportunities(rows, closings, settings, as_of, keep)
    group = _buying_group(raw, read, settings, as_of, opportunities, persons, keep)
    spans = (
        read(streams.DEALS)
        .select(opportunity_id=col("id"))
        .join(opportunities.select("opportunity_id", "created_at", "closed_at"), on="opportunity_id", how="left")
    )
    acts = activity.acts(read, keep("deal_spans", spans), as_of, keep)
    on_acts = activity.act_people(read, persons, keep)
    actors = on_acts.filter(col("is_actor") == 1).select("interaction_id", "person_id")
    interactions = attributed(acts, actors, persons, opportunities, group, keep)
    tasks = service.tasks(read, rows, settings, keep)
    happened = keep("canonical_interactions", activity.INTERACTIONS_FROM.of(interactions))
    quotes = deals.quotes(read, rows, keep)
    calendar = workdays(settings.country, settings.time_zone, as_of)
    promises = ledger(service.said(read), happened, tasks, quotes, calendar, as_of, keep)
    return {
        "accounts": keep("canonical_accounts", people.accounts(read)),
        "sellers": sellers,
        "people": persons,
        "lifecycle": keep("canonical_lifecycle", people.lifecycle(read, persons)),
        "stages": stages,
        "opportunities": opportunities,
        "products": keep("canonical_products", deals.products(read, rows)),
        "buying_group": group,
        "interactions": happened,
        "participants": keep("canonical_participants", activity.participants(on_acts, acts)),
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
    """opportunity_id, seller_view, phase, changed_at: our own properties as the portal holds them now."""
    names = {name: settings.native.get(("opportunity", name), native) for name, native in OWN_FIELDS.items()}
    rows = raw["deals"]
    there = rows.collect_schema().names()
    own = rows.select(
        "id", *((col(n).cast(TEXT) if n in there else nothing()).alias(name) for name, n in names.items())
    )
    stamps = read(streams.DEALS).select("id", changed_at=col("hs_lastmodifieddate"))
    return own.join(stamps, on="id").select("seller_view", "phase", "changed_at", opportunity_id=col("id"))
