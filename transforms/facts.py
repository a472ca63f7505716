"""What is known of each open opportunity and lead, gathered for whoever puts it into words.

The tables are narrowed by the engine; what is left of the open book fits in memory.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import narwhals as nw

from readiness.schema import TIME
from transforms.frames import col
from transforms.settings import Settings

RECENT = timedelta(days=180)
ASKS = ("question", "need", "pricing", "quote_request", "reference_request", "demo", "trial")
BUYERS_CHANNELS = ("email", "call", "meeting", "web", "form", "document")
DIRECT = ("email", "call", "meeting")
"""Channels on which two people talk."""


@dataclass(slots=True)
class Act:
    interaction_id: str
    person_id: str | None
    seller_id: str | None
    channel: str
    direction: str
    outcome: str | None
    topics: frozenset[str]
    at: datetime

    @property
    def is_by_buyer(self) -> bool:
        return self.direction != "outbound" and self.channel != "other" and self.outcome not in ("no_show", "cancelled")


@dataclass(slots=True)
class Member:
    """A person in a buying group, with the scores that the core gave."""

    person_id: str
    name: str
    seat: str
    role_id: str | None
    opted_out: bool
    phase: int
    passed: list[float]
    readiness: float
    confidence: str
    state: str
    last_inbound_at: datetime | None
    seen_through: dict[str, float]


@dataclass(slots=True)
class Reason:
    """A share of the explanation: acts of one kind by one person, or their silence."""

    person_id: str
    kind: str
    term: float
    count: int
    at: datetime | None


@dataclass(slots=True)
class Deal:
    """An open opportunity, or a lead as a group of one."""

    opportunity_id: str
    name: str
    account: str
    seller_id: str | None
    stage: str
    amount: float | None
    close_date: date | None
    created_at: datetime
    readiness: dict[str, Any]
    forecast: dict[str, Any]
    members: list[Member] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    reasons: list[Reason] = field(default_factory=list)
    quotes: list[dict[str, Any]] = field(default_factory=list)
    promises: list[dict[str, Any]] = field(default_factory=list)
    tasks: list[dict[str, Any]] = field(default_factory=list)
    pushes: list[tuple[datetime, str, str]] = field(default_factory=list)
    left: list[tuple[str, str, str, datetime]] = field(default_factory=list)

    @property
    def is_lead(self) -> bool:
        return self.opportunity_id.startswith("lead:")

    @property
    def state(self) -> str:
        return str(self.readiness["state"])

    @property
    def phase(self) -> int:
        return int(self.readiness["phase"])

    @property
    def gap(self) -> int:
        return int(self.readiness["phase_gap"] or 0)

    @property
    def passed(self) -> list[float]:
        return [float(self.readiness[f"c_{m}"]) for m in range(1, 7)]

    def member(self, person_id: str | None) -> Member | None:
        return next((m for m in self.members if m.person_id == person_id), None)

    def by_buyer(self) -> Iterator[Act]:
        return (act for act in self.acts if act.is_by_buyer)

    @property
    def last_inbound(self) -> Act | None:
        return max(self.by_buyer(), key=lambda act: act.at, default=None)

    @property
    def last_outbound(self) -> Act | None:
        return max((a for a in self.acts if a.direction == "outbound" and a.channel in DIRECT), key=lambda a: a.at, default=None)

    def since_last_inbound(self) -> list[Act]:
        """Our messages since the buyer last acted, oldest first."""
        last = self.last_inbound
        return [
            act
            for act in self.acts
            if act.direction == "outbound" and act.channel in DIRECT and (last is None or act.at > last.at)
        ]

    def unanswered_asks(self) -> list[Act]:
        """What the buyer asked and nobody has answered since, oldest first."""
        replies = [a.at for a in self.acts if a.direction in ("outbound", "mutual") and a.channel in DIRECT]
        last_reply = max(replies, default=None)
        return [
            act
            for act in self.by_buyer()
            if act.direction == "inbound" and act.topics.intersection(ASKS) and (last_reply is None or act.at > last_reply)
        ]

    def open_questions(self, as_of: datetime, days: int = 7) -> list[Act]:
        """What we asked more than `days` ago and the person asked has not answered, oldest first."""
        limit = as_of - timedelta(days=days)
        answered: dict[str | None, datetime] = {}
        for act in self.by_buyer():
            answered[act.person_id] = max(act.at, answered.get(act.person_id, act.at))
        return [
            act
            for act in self.acts
            if act.direction == "outbound"
            and "question" in act.topics
            and act.at <= limit
            and (act.person_id not in answered or answered[act.person_id] < act.at)
        ]

    def listening(self, as_of: datetime) -> float | None:
        """inbound / (inbound + outbound) over 90 days, each act once; None where there is neither."""
        since = as_of - timedelta(days=90)
        inbound = {a.interaction_id for a in self.by_buyer() if a.at > since and a.direction == "inbound"}
        outbound = {
            a.interaction_id for a in self.acts if a.at > since and a.direction == "outbound" and a.channel in DIRECT
        }
        total = len(inbound) + len(outbound)
        return len(inbound) / total if total else None

    def open_promises(self, made_by: str = "seller") -> list[dict[str, Any]]:
        return [p for p in self.promises if p["made_by"] == made_by and p["kept_at"] is None]


Tables = Mapping[str, nw.LazyFrame]


def deals(tables: Tables, scores: Tables, settings: Settings, as_of: datetime) -> list[Deal]:
    """The open book at `as_of`: every opportunity and lead that the core has scored, in order of id.

    Parameters
    ----------
    tables : canonical tables, signals and members.
    scores : people_readiness, opportunity_readiness, explanations and forecast.
    """
    book = {deal.opportunity_id: deal for deal in _scored(tables, scores)}
    if book:
        _add_members(book, tables, scores)
        _add_acts(book, tables, as_of)
        _add_reasons(book, scores)
        _add_paper(book, tables, as_of)
        _add_departures(book, tables)
    return [book[key] for key in sorted(book)]


def rows(frame: nw.LazyFrame) -> list[dict[str, Any]]:
    return list(frame.collect("pyarrow").rows(named=True))


def _scored(tables: Tables, scores: Tables) -> Iterator[Deal]:
    known = {r["opportunity_id"]: r for r in rows(tables["opportunities"].filter(col("outcome") == "open"))}
    accounts = {r["account_id"]: r["name"] for r in rows(tables["accounts"].select("account_id", "name"))}
    stages = {(r["pipeline_id"], r["stage_id"]): r["label"] for r in rows(tables["stages"])}
    leads = {f"lead:{r['person_id']}": r for r in rows(tables["people"].filter(col("kind") == "lead"))}
    forecasts = {r["opportunity_id"]: r for r in rows(scores["forecast"])}
    for score in rows(scores["opportunity_readiness"]):
        key = score["opportunity_id"]
        if key in known:
            r = known[key]
            stage = stages.get((r["pipeline_id"], r["stage_id"]), r["stage_id"] or "")
            account = accounts.get(r["account_id"]) or ""
            yield Deal(
                key, r["name"] or "", account, r["seller_id"], stage, r["amount"], r["close_date"], r["created_at"],
                score, forecasts.get(key, {}),
            )  # fmt: skip
        elif key in leads:
            r = leads[key]
            yield Deal(
                key, r["name"] or "", "", r.get("seller_id"), r["lifecycle"] or "", None, None, r["created_at"], score, {}
            )


def _add_members(book: Mapping[str, Deal], tables: Tables, scores: Tables) -> None:
    people = {r["person_id"]: r for r in rows(tables["people"].select("person_id", "name", "opted_out"))}
    roles = {
        (r["opportunity_id"], r["person_id"]): r["role_id"]
        for r in rows(tables["buying_group"].filter(col("left_at").is_null()))
    }
    seen = {(r["opportunity_id"], r["person_id"]): r for r in rows(tables["members"])}
    for r in rows(scores["people_readiness"]):
        deal = book.get(r["opportunity_id"])
        if deal is None:
            continue
        pair = (r["opportunity_id"], r["person_id"])
        person = people.get(r["person_id"], {})
        chances = [r[f"p_{k}"] for k in range(7)]
        deal.members.append(
            Member(
                person_id=r["person_id"],
                name=person.get("name") or "",
                seat=r["seat"],
                role_id=roles.get(pair),
                opted_out=bool(person.get("opted_out")),
                phase=int(r["phase"]),
                passed=[sum(chances[m:]) for m in range(1, 7)],
                readiness=r["readiness"],
                confidence=r["confidence"],
                state=r["state"],
                last_inbound_at=r["last_inbound_at"],
                seen_through={f: seen.get(pair, {}).get(f"obs_{f}", 1.0) for f in ("mail", "call", "meeting", "web")},
            )
        )
    for deal in book.values():
        deal.members.sort(key=lambda m: m.person_id)


def _add_acts(book: Mapping[str, Deal], tables: Tables, as_of: datetime) -> None:
    since = nw.lit(as_of - RECENT).cast(TIME)
    recent = tables["interactions"].filter((col("occurred_at") > since) & (col("occurred_at") <= nw.lit(as_of).cast(TIME)))
    open_now = tables["opportunities"].filter(col("outcome") == "open").select("opportunity_id")
    chosen = (
        "interaction_id", "opportunity_id", "person_id", "seller_id", "channel", "direction", "outcome", "topics",
        "occurred_at",
    )  # fmt: skip
    leads = tables["people"].filter(col("kind") == "lead").select("person_id")
    of_deals = rows(recent.join(open_now, on="opportunity_id").select(*chosen))
    of_leads = rows(recent.filter(col("opportunity_id").is_null()).join(leads, on="person_id").select(*chosen))
    for r in (*of_deals, *of_leads):
        deal = book.get(r["opportunity_id"] or f"lead:{r['person_id']}")
        if deal is not None:
            deal.acts.append(
                Act(
                    r["interaction_id"], r["person_id"], r["seller_id"], r["channel"], r["direction"], r["outcome"],
                    frozenset(r["topics"] or ()), r["occurred_at"],
                )  # fmt: skip
            )
    for deal in book.values():
        deal.acts.sort(key=lambda act: (act.at, act.interaction_id))


def _add_reasons(book: Mapping[str, Deal], scores: Tables) -> None:
    summed = (
        scores["explanations"]
        .filter(col("kind") != "prior")
        .group_by("opportunity_id", "person_id", "kind")
        .agg(term=col("term").sum(), at=col("occurred_at").max(), count=nw.len())
    )
    for r in rows(summed):
        deal = book.get(r["opportunity_id"])
        if deal is not None:
            deal.reasons.append(Reason(r["person_id"], r["kind"], float(r["term"]), int(r["count"]), r["at"]))


def _by_deal(book: Mapping[str, Deal], found: Iterable[dict[str, Any]]) -> Iterator[tuple[Deal, dict[str, Any]]]:
    for r in found:
        deal = book.get(r["opportunity_id"])
        if deal is not None:
            yield deal, r


def _add_paper(book: Mapping[str, Deal], tables: Tables, as_of: datetime) -> None:
    """Quotes, promises, planned work and moved close dates, in time order."""
    for deal, r in _by_deal(book, rows(tables["quotes"].sort("created_at", "quote_id"))):
        deal.quotes.append(r)
    for deal, r in _by_deal(book, rows(tables["promises"].sort("due_at", "promise_id"))):
        deal.promises.append(r)
    for deal, r in _by_deal(book, rows(tables["tasks"].sort("due_at", "task_id"))):
        deal.tasks.append(r)
    moved = tables["changes"].filter(
        (col("field") == "close_date")
        & ~col("old_value").is_null()
        & (col("new_value") > col("old_value"))
        & (col("changed_at") <= nw.lit(as_of).cast(TIME))
    )
    for deal, r in _by_deal(book, rows(moved.sort("changed_at", "new_value"))):
        deal.pushes.append((r["changed_at"], r["old_value"], r["new_value"]))


def _add_departures(book: Mapping[str, Deal], tables: Tables) -> None:
    """Who left each group: person_id, name, seat, when."""
    names = tables["people"].select("person_id", "name")
    gone = tables["buying_group"].filter(~col("left_at").is_null()).join(names, on="person_id", how="left")
    stayed: dict[str, set[str]] = defaultdict(set)
    for deal in book.values():
        stayed[deal.opportunity_id] = {m.person_id for m in deal.members}
    for deal, r in _by_deal(book, rows(gone.sort("left_at", "person_id"))):
        if r["person_id"] not in stayed[deal.opportunity_id]:
            deal.left.append((r["person_id"], r["name"] or "", r["seat"], r["left_at"]))
