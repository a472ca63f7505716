"""Whether what we did suited whom we did it to: the kind of each act of ours, beside the phase of the person (F08).

Kinds and the phases in which each fits stand in `rules/kinds.yaml`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files

import narwhals as nw
import yaml

from readiness.schema import COUNT, FLAG, TEXT, TIME, Column, Table
from transforms.frames import col, either, nothing, stacked

ACTION_FIT = Table(
    "action_fit",
    ("interaction_id", "person_id"),
    (
        Column("interaction_id", TEXT, "an act of ours; a quote has `quote:<id>`"),
        Column("opportunity_id", TEXT, "open opportunity"),
        Column("person_id", TEXT, "at whom it was aimed"),
        Column("seller_id", TEXT, "who did it"),
        Column("kind", TEXT, "discovery | value | answer | chase | closing | quote"),
        Column("phase", COUNT, "0-6: the person's phase as it reads now"),
        Column("fits", FLAG, "whether that kind fits that phase"),
        Column("occurred_at", TIME, "when it happened"),
    ),
)
RECENT = timedelta(days=30)
"""Acts so old at most are judged: the phase is today's."""
FORCING_FROM = 5
"""Conviction: an ask for the decision, or a discount for it, before this phase forces it (F42)."""
_BY_TOPIC = (("closing", "closing"), ("chase", "chase"), ("question", "discovery"))


@dataclass(frozen=True, slots=True)
class Kind:
    """A row of kinds.yaml; `fits` is the first and last phase."""

    fits: tuple[int, int]
    pushes: bool
    why: str

    def suits(self, phase: int) -> bool:
        return self.fits[0] <= phase <= self.fits[1]


@cache
def kinds() -> Mapping[str, Kind]:
    """Kind of act -> what it is for."""
    text = files("transforms").joinpath("rules", "kinds.yaml").read_text(encoding="utf-8")
    return {name: Kind(tuple(row["fits"]), row["pushes"], row["why"]) for name, row in yaml.safe_load(text).items()}


def action_fit(tables: Mapping[str, nw.LazyFrame], scores: Mapping[str, nw.LazyFrame], as_of: datetime) -> nw.LazyFrame:
    """Our acts of the last 30 days toward people on open opportunities (`ACTION_FIT`).

    Parameters
    ----------
    tables : canonical tables (interactions, quotes, buying_group).
    scores : people_readiness.
    """
    since, now = nw.lit(as_of - RECENT).cast(TIME), nw.lit(as_of).cast(TIME)
    phases = scores["people_readiness"].select("opportunity_id", "person_id", "phase")
    acts = tables["interactions"].filter(
        (col("direction") == "outbound") & col("channel").is_in(["email", "call"]) & ~col("opportunity_id").is_null()
    )
    kind: nw.Expr = nw.lit("value")
    for topic, named in reversed(_BY_TOPIC):
        kind = nw.when(either(col("topics").list.contains(topic))).then(nw.lit(named)).otherwise(kind)
    shared = ("interaction_id", "opportunity_id", "person_id", "seller_id", "kind", "occurred_at")
    made = acts.filter(~either(col("outcome").is_in(["no_answer", "bounced"]))).with_columns(kind=kind)
    primary = tables["buying_group"].filter(either(col("is_primary")) & col("left_at").is_null())
    quotes = tables["quotes"].filter(~col("sent_at").is_null()).join(primary, on="opportunity_id")
    sent = quotes.with_columns(
        interaction_id=nw.concat_str([nw.lit("quote:"), col("quote_id")]),
        seller_id=nothing(),
        kind=nw.lit("quote"),
        occurred_at=col("sent_at"),
    )
    both = stacked([made.select(*shared), sent.select(*shared)])
    recent = both.filter((col("occurred_at") > since) & (col("occurred_at") <= now))
    placed = recent.join(phases, on=["opportunity_id", "person_id"]).with_columns(fits=_fits())
    return placed.select(*(col(c.name).cast(c.dtype).alias(c.name) for c in ACTION_FIT.columns))


def _fits() -> nw.Expr:
    found: nw.Expr = nw.lit(True)
    for name, kind in kinds().items():
        inside = (col("phase") >= kind.fits[0]) & (col("phase") <= kind.fits[1])
        found = nw.when(col("kind") == name).then(inside).otherwise(found)
    return found
