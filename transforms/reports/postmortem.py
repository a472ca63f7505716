"""What became of a closed deal and what it teaches (F66): its course, its buyers at the end, and the signs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from readiness.schema import COUNT, FLAG, NUMBER, TEXT, TEXTS, TIME, Column, Table
from transforms.book import rows
from transforms.frames import col
from transforms.labels import band
from transforms.reports.book import Facts, Tables, middle

POSTMORTEMS = Table(
    "postmortems",
    ("opportunity_id",),
    (
        Column("opportunity_id", TEXT, "closed opportunity"),
        Column("deal", TEXT, "its name"),
        Column("account", TEXT, "the company"),
        Column("seller", TEXT, "the owner"),
        Column("outcome", TEXT, "won | lost | no_decision"),
        Column("loss_reason", TEXT, "as the tenant words it"),
        Column("amount", NUMBER, "in `currency`"),
        Column("currency", TEXT, "ISO 4217"),
        Column("created_at", TIME, "opened"),
        Column("closed_at", TIME, "closed"),
        Column("days", NUMBER, "between the two"),
        Column("usual_days", NUMBER, "the median of won deals in its pipeline; null of fewer than five"),
        Column("phase", TEXT, "the buyers' band just before closing; null where they could not be seen"),
        Column("early_phase", TEXT, "the same 30 days after opening; null where it closed sooner"),
        Column("known_seats", COUNT, "people known in the group at closing"),
        Column("missing_decider", FLAG, "nobody known to decide"),
        Column("silent_days", NUMBER, "between the buyers' last act and closing; null: they never acted"),
        Column("theirs", COUNT, "acts of the buyers"),
        Column("ours", COUNT, "our contacts"),
        Column("quotes", COUNT, "quotes made"),
        Column("pushes", COUNT, "times the close date was moved to a later day"),
        Column("late_promises", COUNT, "our promises kept late or not at all"),
        Column("has_purchase_file", FLAG, "something of their purchasing or legal people, or a document, was seen"),
        Column("signs", TEXTS, "keys of what stood out, the weightiest first"),
    ),
)
YEARS = timedelta(days=730)
SILENT_DAYS, PUSHES, QUOTES = 30, 2, 3
SLOW = 1.5
"""Times the usual length."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The group's reading at one moment of a closed deal."""

    band: str | None
    known_seats: int
    missing_decider: bool


def postmortems(
    tables: Tables, past: Sequence[Mapping[str, Any]], found: Sequence[Facts], as_of: datetime
) -> list[dict[str, Any]]:
    """The rows of `POSTMORTEMS`: deals closed in the last two years, the latest first.

    Parameters
    ----------
    past : `phases` says what it has; moments "close" and "early".
    """
    accounts = {r["account_id"]: r["name"] for r in rows(tables["accounts"].select("account_id", "name"))}
    sellers = {r["seller_id"]: r["name"] for r in rows(tables["sellers"].select("seller_id", "name"))}
    readings = {(r["opportunity_id"], r["moment"]): _reading(r) for r in past if r["moment"] != "week"}
    usual, late = _usual(found), _late_promises(tables)
    made = []
    for deal in found:
        if deal.closed_at is None or deal.closed_at <= as_of - YEARS:
            continue
        at_close = readings.get((deal.opportunity_id, "close"), Reading(None, 0, True))
        early = readings.get((deal.opportunity_id, "early"))
        silent = None if deal.last_theirs is None else max((deal.closed_at - deal.last_theirs).days, 0)
        row = {
            "opportunity_id": deal.opportunity_id,
            "deal": deal.name,
            "account": accounts.get(deal.account_id),
            "seller": sellers.get(deal.seller_id),
            "outcome": deal.outcome,
            "loss_reason": deal.loss_reason,
            "amount": deal.amount,
            "currency": deal.currency,
            "created_at": deal.created_at,
            "closed_at": deal.closed_at,
            "days": deal.days,
            "usual_days": usual.get(deal.pipeline_id),
            "phase": at_close.band,
            "early_phase": early.band if early else None,
            "known_seats": at_close.known_seats,
            "missing_decider": at_close.missing_decider,
            "silent_days": silent,
            "theirs": deal.theirs,
            "ours": deal.ours,
            "quotes": deal.quotes,
            "pushes": deal.pushes,
            "late_promises": late.get(deal.opportunity_id, 0),
            "has_purchase_file": deal.has_purchase_file,
        }
        made.append({**row, "signs": [sign for sign, holds in SIGNS.items() if holds(row)]})
    return sorted(made, key=lambda row: (row["closed_at"], row["opportunity_id"]), reverse=True)


def _reading(r: Mapping[str, Any]) -> Reading:
    seen = None if r["state"] == "unseen" else band(int(r["phase"]))
    return Reading(seen, int(r["known_seats"] or 0), bool(r["missing_decider"]))


def _is_convinced(row: Mapping[str, Any]) -> bool:
    return row["phase"] in ("preferring", "ready")


def _is_won(row: Mapping[str, Any]) -> bool:
    return bool(row["outcome"] == "won")


def _is_seen(row: Mapping[str, Any]) -> bool:
    return row["phase"] is not None


SIGNS: Mapping[str, Callable[[Mapping[str, Any]], bool]] = {
    "unseen": lambda row: not _is_seen(row),
    "ready_when_won": lambda row: _is_won(row) and _is_convinced(row),
    "won_early": lambda row: _is_won(row) and _is_seen(row) and not _is_convinced(row),
    "lost_when_ready": lambda row: not _is_won(row) and _is_convinced(row),
    "never_preferred": lambda row: not _is_won(row) and _is_seen(row) and not _is_convinced(row),
    "no_purchase_file": lambda row: not _is_won(row) and not row["has_purchase_file"],
    "no_decider": lambda row: bool(row["missing_decider"]),
    "single": lambda row: row["known_seats"] == 1,
    "silent_end": lambda row: not _is_won(row) and (row["silent_days"] or 0) > SILENT_DAYS,
    "pushed": lambda row: row["pushes"] >= PUSHES,
    "many_quotes": lambda row: row["quotes"] >= QUOTES,
    "late_promises": lambda row: row["late_promises"] > 0,
    "slow": lambda row: bool(row["usual_days"]) and row["days"] > SLOW * row["usual_days"],
}
"""What to look at in the evaluation: of a won deal what it was won in spite of, of another what was missing."""


def _usual(found: Sequence[Facts]) -> dict[str | None, float]:
    spans: dict[str | None, list[float]] = {}
    for deal in found:
        if deal.outcome == "won" and deal.days is not None:
            spans.setdefault(deal.pipeline_id, []).append(deal.days)
    return {pipeline: middle(held) or 0.0 for pipeline, held in spans.items() if len(held) >= 5}


def _late_promises(tables: Tables) -> dict[str, int]:
    ours = tables["promises"].filter((col("made_by") == "seller") & ~col("due_at").is_null())
    late: dict[str, int] = {}
    closed = tables["opportunities"].filter(~col("closed_at").is_null()).select("opportunity_id", "closed_at")
    for r in rows(ours.join(closed, on="opportunity_id").select("opportunity_id", "due_at", "kept_at", "closed_at")):
        if r["due_at"] <= r["closed_at"] and (r["kept_at"] is None or r["kept_at"] > r["due_at"]):
            late[r["opportunity_id"]] = late.get(r["opportunity_id"], 0) + 1
    return late
