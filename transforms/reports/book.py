"""One row per opportunity with what the reports ask of it: its end, its price, the effort, what the buyer did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from statistics import median
from typing import Any

import narwhals as nw

from readiness.schema import TIME
from transforms.alerts import PURCHASE_FILE
from transforms.book import rows
from transforms.facts import DIRECT
from transforms.frames import col, either

Tables = Mapping[str, nw.LazyFrame]


@dataclass(slots=True)
class Facts:
    """An opportunity as the reports see it. Counts are of contacts, each once, whoever took part.

    Attributes
    ----------
    ours : contacts that took a colleague's time: outbound, or held together.
    theirs : acts of the buyer, or held together.
    has_purchase_file : something of the buyer's purchasing or legal people, or a document of theirs, was ever seen.
    has_marketing : a campaign, web visit or form is linked to it.
    quotes, pushes : quotes made, and moves of the close date to a later day.
    """

    opportunity_id: str
    account_id: str | None
    seller_id: str | None
    pipeline_id: str | None
    stage_id: str | None
    name: str
    amount: float
    currency: str | None
    close_date: date | None
    created_at: datetime
    closed_at: datetime | None
    outcome: str
    loss_reason: str | None
    ours: int = 0
    ours_lately: int = 0
    theirs: int = 0
    last_theirs: datetime | None = None
    has_purchase_file: bool = False
    has_marketing: bool = False
    quotes: int = 0
    first_quote_at: datetime | None = None
    pushes: int = 0

    @property
    def is_open(self) -> bool:
        return self.outcome == "open"

    @property
    def days(self) -> float | None:
        """From opening to closing; None while open."""
        if self.closed_at is None:
            return None
        return max((self.closed_at - self.created_at).total_seconds() / 86400, 0.0)


def facts(tables: Tables, as_of: datetime) -> list[Facts]:
    """Every opportunity known at `as_of`, in order of id.

    Parameters
    ----------
    tables : canonical tables.
    """
    now = nw.lit(as_of).cast(TIME)
    columns = [c for c in Facts.__dataclass_fields__ if c in tables["opportunities"].collect_schema().names()]
    found: dict[str, Facts] = {}
    for r in rows(tables["opportunities"].filter(col("created_at") <= now).select(*columns)):
        if r["closed_at"] is not None and r["closed_at"] > as_of:
            r = {**r, "closed_at": None, "outcome": "open"}
        found[r["opportunity_id"]] = Facts(**{**r, "name": r["name"] or "", "amount": r["amount"] or 0.0})
    _add_contacts(found, tables, as_of)
    _add_quotes(found, tables, as_of)
    _add_pushes(found, tables, now)
    return [found[key] for key in sorted(found)]


def _add_contacts(found: Mapping[str, Facts], tables: Tables, as_of: datetime) -> None:
    now = nw.lit(as_of).cast(TIME)
    took_place = ~col("outcome").is_in(["cancelled"]) | col("outcome").is_null()
    acts = tables["interactions"].filter(~col("opportunity_id").is_null() & (col("occurred_at") <= now) & took_place)
    topics = [col("topics").list.contains(topic) for topic in PURCHASE_FILE]
    inbound = col("direction") == "inbound"
    joint = (col("direction") == "mutual") & (col("outcome") != "no_show").fill_null(True)
    theirs = either(inbound, joint)
    talked = either(col("direction") == "outbound", col("direction") == "mutual") & col("channel").is_in([*DIRECT])
    month = nw.lit(as_of).cast(TIME).dt.offset_by("-30d")
    flagged = acts.with_columns(
        is_ours=_one(talked),
        is_late_ours=_one(talked & (col("occurred_at") > month)),
        is_theirs=_one(theirs),
        their_time=nw.when(theirs).then(col("occurred_at")),
        is_purchase=_one(theirs & either(*topics, (col("channel") == "document") & inbound)),
        is_marketing=_one(either(~col("campaign").is_null(), col("channel").is_in(["web", "form"]))),
    )
    once = flagged.group_by("opportunity_id", "interaction_id").agg(
        *(col(name).max() for name in ("is_ours", "is_late_ours", "is_theirs", "is_purchase", "is_marketing")),
        col("their_time").max(),
    )
    summed = once.group_by("opportunity_id").agg(
        *(col(name).sum() for name in ("is_ours", "is_late_ours", "is_theirs")),
        *(col(name).max() for name in ("is_purchase", "is_marketing", "their_time")),
    )
    for r in rows(summed):
        deal = found.get(r["opportunity_id"])
        if deal is not None:
            deal.ours, deal.ours_lately, deal.theirs = (
                int(r[name]) for name in ("is_ours", "is_late_ours", "is_theirs")
            )
            deal.last_theirs = r["their_time"]
            deal.has_purchase_file, deal.has_marketing = r["is_purchase"] > 0, r["is_marketing"] > 0


def _add_quotes(found: Mapping[str, Facts], tables: Tables, as_of: datetime) -> None:
    for r in rows(tables["quotes"].select("opportunity_id", "created_at", "sent_at")):
        deal = found.get(r["opportunity_id"])
        if deal is None or r["created_at"] > as_of:
            continue
        deal.quotes += 1
        if r["sent_at"] is not None and r["sent_at"] <= as_of:
            deal.first_quote_at = min(r["sent_at"], deal.first_quote_at or r["sent_at"])


def _add_pushes(found: Mapping[str, Facts], tables: Tables, now: nw.Expr) -> None:
    later = (col("field") == "close_date") & (col("new_value") > col("old_value")) & (col("changed_at") <= now)
    for r in rows(tables["changes"].filter(later).group_by("opportunity_id").agg(pushes=nw.len())):
        deal = found.get(r["opportunity_id"])
        if deal is not None:
            deal.pushes = int(r["pushes"])


def _one(flag: nw.Expr) -> nw.Expr:
    return nw.when(flag).then(nw.lit(1.0)).otherwise(nw.lit(0.0))


def main_currency(deals: Sequence[Facts]) -> str:
    """The currency that most deals are in; amounts in others are left out of sums."""
    counts: dict[str, int] = {}
    for deal in deals:
        if deal.currency:
            counts[deal.currency] = counts.get(deal.currency, 0) + 1
    return max(sorted(counts), key=lambda currency: counts[currency], default="EUR")


def middle(values: Sequence[float]) -> float | None:
    """The median; None of nothing."""
    return float(median(values)) if values else None


def share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def by(rows_: Sequence[Mapping[str, Any]], *key: str) -> dict[Any, Mapping[str, Any]]:
    """Rows by the value, or values, of these columns."""
    return {r[key[0]] if len(key) == 1 else tuple(r[k] for k in key): r for r in rows_}
