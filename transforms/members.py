"""Who is or was in each buying group, and how much of the owner's contact with it the CRM would show.

A group is everybody with a contact role, until they left it, and everybody who acted on the opportunity without one.
A lead without an opportunity is a group of one, `lead:<person_id>`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import narwhals as nw

from readiness.engine import Keep, in_place
from readiness.schema import MEMBERS, NUMBER, TIME
from transforms.frames import col, latest, nothing, stacked

FAMILIES = {
    "mail": ("email",),
    "call": ("call",),
    "meeting": ("meeting",),
    "web": ("web", "form", "document"),
}
WINDOW = timedelta(days=90)
LEAST, MOST = 0.2, 1.0
PAIR = ["opportunity_id", "person_id"]
SPAN = (*PAIR, "seat", "joined_at", "left_at")


def members(tables: Mapping[str, nw.LazyFrame], as_of: datetime, keep: Keep = in_place) -> nw.LazyFrame:
    """One row per person and group (`schema.MEMBERS`) at `as_of`.

    Parameters
    ----------
    tables : the canonical tables.
    """
    now = nw.lit(as_of).cast(TIME)
    acted = keep("acting", _acting(tables, now))
    held = keep("seated", _seated(tables, now))
    everyone = stacked([_since_first_act(held, acted), _seatless(acted, held), _leads(tables, now)])
    owned = keep("members_owned", everyone.join(_owners(tables), on="opportunity_id", how="left"))
    captured = keep("captured", capture(tables, as_of, keep))
    return keep(
        "members",
        owned.join(captured, on="seller_id", how="left")
        .with_columns(**{f"obs_{f}": col(f"obs_{f}").fill_null(MOST) for f in FAMILIES})
        .select(*(col(c.name).cast(c.dtype).alias(c.name) for c in MEMBERS.columns)),
    )


def _seated(tables: Mapping[str, nw.LazyFrame], now: nw.Expr) -> nw.LazyFrame:
    """Everybody with a contact role by now, and when they left it; the last role of one who came back."""
    return latest(tables["buying_group"].filter(col("joined_at") <= now), PAIR, ["joined_at", "seat"]).select(*SPAN)


def _acting(tables: Mapping[str, nw.LazyFrame], now: nw.Expr) -> nw.LazyFrame:
    """opportunity_id, person_id, acted_at: the first act of each buyer on an opportunity."""
    return (
        tables["interactions"]
        .filter(
            ~col("opportunity_id").is_null()
            & ~col("person_id").is_null()
            & (col("direction") != "outbound")
            & (col("channel") != "other")
            & (col("occurred_at") <= now)
        )
        .group_by(*PAIR)
        .agg(acted_at=col("occurred_at").min())
    )


def _since_first_act(held: nw.LazyFrame, acted: nw.LazyFrame) -> nw.LazyFrame:
    """Those with a role, from their first act on where that was before somebody gave them the role."""
    return (
        held.join(acted, on=PAIR, how="left")
        .with_columns(joined_at=nw.min_horizontal(col("joined_at"), nw.coalesce(col("acted_at"), col("joined_at"))))
        .select(*SPAN)
    )


def _seatless(acted: nw.LazyFrame, held: nw.LazyFrame) -> nw.LazyFrame:
    """Those who acted and never had a role."""
    return acted.join(held.select(*PAIR), on=PAIR, how="anti").select(
        *PAIR, nw.lit("unknown").alias("seat"), joined_at=col("acted_at"), left_at=nothing(TIME)
    )


def _leads(tables: Mapping[str, nw.LazyFrame], now: nw.Expr) -> nw.LazyFrame:
    """Leads that stand in no group."""
    busy = tables["buying_group"].select("person_id").unique()
    return (
        tables["people"]
        .filter((col("kind") == "lead") & (col("created_at") <= now))
        .join(busy, on="person_id", how="anti")
        .select(
            nw.concat_str([nw.lit("lead:"), col("person_id")]).alias("opportunity_id"),
            "person_id",
            nw.lit("unknown").alias("seat"),
            joined_at=col("created_at"),
            left_at=nothing(TIME),
        )
    )


def _owners(tables: Mapping[str, nw.LazyFrame]) -> nw.LazyFrame:
    """opportunity_id (or lead group) -> seller_id."""
    leads = tables["people"].filter(col("kind") == "lead")
    return stacked(
        [
            tables["opportunities"].select("opportunity_id", "seller_id"),
            leads.select(nw.concat_str([nw.lit("lead:"), col("person_id")]).alias("opportunity_id"), "seller_id"),
        ]
    )


def capture(tables: Mapping[str, nw.LazyFrame], as_of: datetime, keep: Keep = in_place) -> nw.LazyFrame:
    """Per owner and channel family, the share of contact that the CRM captures: seller_id, obs_mail … obs_web (0.2-1).

    Acts on the owner's open opportunities in the last 90 days per open opportunity, over the median of the team's
    owners who have any. Where nobody of the team has an act of a family recorded, silence there shows nothing: 0.2.
    """
    now = nw.lit(as_of).cast(TIME)
    since = nw.lit(as_of - WINDOW).cast(TIME)
    opened = tables["opportunities"].filter(
        (col("created_at") <= now)
        & (col("closed_at").is_null() | (col("closed_at") > now))
        & ~col("seller_id").is_null()
    )
    book = keep("open_book", opened.select("opportunity_id", "seller_id"))
    counts = book.group_by("seller_id").agg(deals=nw.len().cast(NUMBER))
    once = (
        tables["interactions"]
        .filter((col("occurred_at") <= now) & (col("occurred_at") > since))
        .select("interaction_id", "opportunity_id", "channel")
        .unique(subset=["interaction_id", "opportunity_id"], keep="any")
        .join(book, on="opportunity_id")
    )
    seen = once.group_by("seller_id").agg(
        *(
            nw.when(col("channel").is_in(list(channels))).then(1.0).otherwise(0.0).sum().alias(f"n_{family}")
            for family, channels in FAMILIES.items()
        )
    )
    team = tables["sellers"].select("seller_id", team=col("team").fill_null(""))
    rates = keep(
        "capture_rates",
        counts.join(seen, on="seller_id", how="left")
        .join(team, on="seller_id", how="left")
        .select(
            "seller_id",
            col("team").fill_null("").alias("team"),
            *((col(f"n_{f}").fill_null(0.0) / col("deals")).alias(f"rate_{f}") for f in FAMILIES),
        ),
    )
    medians = rates.group_by("team").agg(*(col(f"rate_{f}").median().alias(f"median_{f}") for f in FAMILIES))
    compared = rates.join(medians, on="team")
    return compared.select("seller_id", *(_share(f).alias(f"obs_{f}") for f in FAMILIES))


def _share(family: str) -> nw.Expr:
    usual = col(f"median_{family}")
    ratio = nw.when(usual > 0).then(col(f"rate_{family}") / usual)
    lone = nw.when(col(f"rate_{family}") > 0).then(nw.lit(MOST)).otherwise(nw.lit(LEAST))
    return nw.coalesce(ratio, lone).clip(LEAST, MOST)
