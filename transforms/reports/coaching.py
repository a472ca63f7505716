"""The manager's week: which deals need help, where to go faster, what can be stopped, and whom to keep warm.

A deal stands in one part, under its most urgent cause. Parts are ordered by what is at stake, never by seller.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import narwhals as nw

from readiness.schema import COUNT, DAY, FLAG, NUMBER, TEXT, TIME, Column, Table
from transforms.book import rows
from transforms.frames import col
from transforms.labels import BANDS
from transforms.leads import is_of_use
from transforms.reports.book import Facts, Tables, by

COACHING = Table(
    "coaching",
    ("opportunity_id",),
    (
        Column("part", TEXT, "help | faster | stop | nurture"),
        Column("place", COUNT, "1, 2, 3 … within the part"),
        Column("opportunity_id", TEXT, "open opportunity; `lead:<person_id>` for a lead"),
        Column("deal", TEXT, "its name"),
        Column("account", TEXT, "the company"),
        Column("seller", TEXT, "the owner, to talk it over with"),
        Column("stage", TEXT, "the seller's stage"),
        Column("phase", TEXT, "the buyers' band, or unseen | silent"),
        Column("amount", NUMBER, "in `currency`"),
        Column("currency", TEXT, "ISO 4217"),
        Column("close_date", DAY, "as the CRM has it"),
        Column("at_stake", NUMBER, "amount x chance of winning, or x rank / 100 while no chance may be shown"),
        Column("cause", TEXT, "kind of alert, the most urgent one; `ghost` or `nurture` in the parts without"),
        Column("causes", COUNT, "alerts on the deal in all"),
        Column("what", TEXT, "the cause in a sentence, with its evidence; null where there is no alert"),
        Column("how", TEXT, "what would help; the next light touch in the part `nurture`; null where neither is known"),
        Column("person", TEXT, "the buyer concerned, else the least ready one; not always one to approach"),
        Column("since", TIME, "when the cause began"),
        Column("ours_lately", COUNT, "our contacts of the last 30 days"),
        Column("last_heard", TIME, "the buyers' last act; null: none ever"),
        Column("has_purchase_file", FLAG, "something of their purchasing or legal people, or a document, was seen"),
        Column("pushes", COUNT, "times the close date was moved to a later day"),
        Column("last_value", TIME, "in the part `nurture`: when we last sent something without asking for anything"),
    ),
)
FASTER = ("buyer_ahead",)
GHOST = "ghost"
GONE = timedelta(days=60)
EFFORT, PUSHES, NO_DECISION = 3, 2, 0.5
NOT_FOR_MANAGERS = ("promise_due",)
NURTURE = "nurture"
STALLED, NOT_YET = timedelta(days=30), 1
"""Nothing heard for a month, and not yet further than aware."""


def coaching(tables: Tables, scores: Tables, found: Sequence[Facts], as_of: datetime) -> list[dict[str, Any]]:
    """The rows of `COACHING`, every part in its order.

    Parameters
    ----------
    tables : canonical tables, `alerts`, `fields` and `leads`.
    scores : opportunity_readiness and forecast.
    found : `book.facts` at `as_of`.
    """
    names = _Names(tables, scores)
    causes: dict[str, list[Mapping[str, Any]]] = {}
    for alert in rows(tables["alerts"].filter(~col("opportunity_id").is_null()).sort("priority", "since", "key")):
        if alert["kind"] not in NOT_FOR_MANAGERS:
            causes.setdefault(alert["opportunity_id"], []).append(alert)
    valued = _last_value(tables, as_of)
    parts: dict[str, list[dict[str, Any]]] = {"help": [], "faster": [], "stop": []}
    warm: list[dict[str, Any]] = [_lead(r, names) for r in rows(tables["leads"].filter(col("is_nurture")))]
    for deal in found:
        alerts = causes.get(deal.opportunity_id, [])
        if deal.is_open and is_ghost(deal, names.forecasts.get(deal.opportunity_id, {}), as_of):
            parts["stop"].append(_row("stop", deal, GHOST, None, len(alerts), names))
        elif deal.is_open and alerts:
            part = "faster" if alerts[0]["kind"] in FASTER else "help"
            parts[part].append(_row(part, deal, alerts[0]["kind"], alerts[0], len(alerts), names))
        elif (
            names.may_tell(deal)
            and deal.is_open
            and is_stalled(deal, names.scores.get(deal.opportunity_id, {}), valued, as_of)
        ):
            row = _row(NURTURE, deal, NURTURE, None, 0, names)
            how = names.next_actions.get(deal.opportunity_id)
            warm.append({**row, "how": how, "last_value": valued.get(deal.opportunity_id)})
    return [*(row for part in parts.values() for row in _placed(part)), *_longest_waiting_first(warm)]


def is_stalled(deal: Facts, score: Mapping[str, Any], valued: Mapping[str, datetime], as_of: datetime) -> bool:
    """The buyers are not yet looking for anything, nothing was heard of them for a month, nor sent that is of use."""
    not_yet = score.get("state") != "unseen" and (score.get("phase") or 0) <= NOT_YET
    month = as_of - STALLED
    heard, sent = deal.last_theirs or deal.created_at, valued.get(deal.opportunity_id) or deal.created_at
    return bool(score) and not_yet and max(heard, sent) <= month


def _last_value(tables: Tables, as_of: datetime) -> dict[str, datetime]:
    """Opportunity -> when we last sent something that asks for nothing."""
    acts = tables["interactions"].filter(~col("opportunity_id").is_null() & is_of_use())
    past = acts.filter(col("occurred_at") <= nw.lit(as_of).cast(TIME))
    last = past.group_by("opportunity_id").agg(at=col("occurred_at").max())
    return {r["opportunity_id"]: r["at"] for r in rows(last)}


def _lead(lead: Mapping[str, Any], names: _Names) -> dict[str, Any]:
    """A lead to keep warm."""
    person = lead["person_id"]
    return {
        **dict.fromkeys(COACHING.names),
        "part": NURTURE,
        "opportunity_id": f"lead:{person}",
        "deal": names.people.get(person),
        "seller": names.sellers.get(lead["seller_id"]),
        "phase": BANDS[0],
        "at_stake": 0.0,
        "cause": NURTURE,
        "causes": 0,
        "how": names.next_actions.get(person),
        "since": lead["last_value_at"] or lead["last_inbound_at"] or lead["ready_at"],
        "last_heard": lead["last_inbound_at"],
        "last_value": lead["last_value_at"],
    }


def is_ghost(deal: Facts, forecast: Mapping[str, Any], as_of: datetime) -> bool:
    """Nobody has been heard of for two months, and something else says that no purchase is coming: no purchase file
    ever, a date that passed or was moved twice, effort that is not answered, or a proven forecast of no decision."""
    if as_of - (deal.last_theirs or deal.created_at) <= GONE:
        return False
    return (
        not deal.has_purchase_file
        or (deal.close_date is not None and deal.close_date < as_of.date())
        or deal.pushes >= PUSHES
        or deal.ours_lately >= EFFORT
        or (bool(forecast.get("calibrated")) and (forecast.get("p_no_decision") or 0.0) >= NO_DECISION)
    )


def _row(
    part: str, deal: Facts, cause: str, alert: Mapping[str, Any] | None, causes: int, names: _Names
) -> dict[str, Any]:
    evidence, _, rest = (alert or {"body": ""})["body"].partition("\n\n")
    score, forecast = names.scores.get(deal.opportunity_id, {}), names.forecasts.get(deal.opportunity_id, {})
    chance = forecast.get("p_win") if forecast.get("calibrated") else (forecast.get("rank") or 0.0) / 100
    concerned = alert["person_id"] if alert else None
    return {
        "part": part,
        "opportunity_id": deal.opportunity_id,
        "deal": deal.name,
        "account": names.accounts.get(deal.account_id),
        "seller": names.sellers.get(deal.seller_id),
        "stage": names.stages.get((deal.pipeline_id, deal.stage_id), deal.stage_id),
        "phase": names.phases.get(deal.opportunity_id),
        "amount": deal.amount,
        "currency": deal.currency,
        "close_date": deal.close_date,
        "at_stake": deal.amount * (chance or 0.0),
        "cause": cause,
        "causes": causes,
        "what": evidence or None,
        "how": rest.partition("\n\n")[0] or None,
        "person": names.people.get(concerned or score.get("least_ready_person_id")),
        "since": alert["since"] if alert else deal.last_theirs or deal.created_at,
        "ours_lately": deal.ours_lately,
        "last_heard": deal.last_theirs,
        "has_purchase_file": deal.has_purchase_file,
        "pushes": deal.pushes,
    }


def _placed(part: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    ordered = sorted(part, key=lambda row: (-row["at_stake"], -row["ours_lately"], row["opportunity_id"]))
    return [{**row, "place": place} for place, row in enumerate(ordered, 1)]


def _longest_waiting_first(warm: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """By the last thing of use or, without one, the last sign of life; whoever had neither comes first."""

    def waited(row: Mapping[str, Any]) -> tuple[str, str]:
        since = row["last_value"] or row["since"]
        return since.isoformat() if since else "", row["opportunity_id"]

    return [{**row, "place": place} for place, row in enumerate(sorted(warm, key=waited), 1)]


class _Names:
    """What ids stand for."""

    def __init__(self, tables: Tables, scores: Tables) -> None:
        self.accounts = {r["account_id"]: r["name"] for r in rows(tables["accounts"].select("account_id", "name"))}
        self.sellers = {r["seller_id"]: r["name"] for r in rows(tables["sellers"].select("seller_id", "name"))}
        self.people = {r["person_id"]: r["name"] for r in rows(tables["people"].select("person_id", "name"))}
        self.stages = {(r["pipeline_id"], r["stage_id"]): r["label"] for r in rows(tables["stages"])}
        phases = tables["fields"].filter((col("object") == "opportunity") & (col("field") == "phase"))
        self.phases = {r["record_id"]: r["value"] for r in rows(phases)}
        advised = tables["fields"].filter(
            col("object").is_in(["opportunity", "person"]) & (col("field") == "next_action") & ~col("value").is_null()
        )
        self.next_actions = {r["record_id"]: r["value"] for r in rows(advised)}
        columns = ("opportunity_id", "least_ready_person_id", "state", "phase")
        self.scores = by(rows(scores["opportunity_readiness"].select(*columns)), "opportunity_id")
        forecast = scores["forecast"].select("opportunity_id", "p_win", "p_no_decision", "rank", "calibrated")
        self.forecasts = by(rows(forecast), "opportunity_id")

    def may_tell(self, deal: Facts) -> bool:
        """Whether its phase is no secret: that of a hidden deal is empty in its fields."""
        return self.phases.get(deal.opportunity_id, "") is not None
