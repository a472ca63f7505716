"""What is known of one open opportunity or lead, for whoever puts it into words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

ASKS = ("question", "need", "pricing", "quote_request", "reference_request", "demo", "trial")
BUYERS_CHANNELS = ("email", "call", "meeting", "web", "form", "document")
USUAL = 30.0
"""Days of silence that are unusual where no rhythm is known."""
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


@dataclass
class Deal:
    """An open opportunity, or a lead as a group of one. What follows from its acts is worked out once.

    `lead`: for a lead its row of `leads.LEADS`. `stage_share`: how far along its pipeline the seller's stage stands,
    0 the first open one, 1 the last. `stage_since`: when it came to stand there. `patience`: days without an act of
    theirs from which on this group is unusually silent. `is_veiled`: nothing that is shown may tell the phase.
    """

    opportunity_id: str
    name: str
    account: str
    seller_id: str | None
    stage: str
    amount: float | None
    close_date: date | None
    created_at: datetime
    stage_since: datetime
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
    stage_share: float = 0.0
    patience: float = USUAL
    is_veiled: bool = False
    lead: dict[str, Any] = field(default_factory=dict)

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

    def seat_of(self, member: Member) -> str:
        """The seat that the CRM names, else the one that the person acts from: who speaks of purchasing buys."""
        if member.seat != "unknown":
            return member.seat
        buys = any("procurement" in act.topics for act in self.by_buyer() if act.person_id == member.person_id)
        return "procurement" if buys else "unknown"

    def by_buyer(self) -> Iterator[Act]:
        return (act for act in self.acts if act.is_by_buyer)

    @cached_property
    def last_inbound(self) -> Act | None:
        return max(self.by_buyer(), key=lambda act: act.at, default=None)

    @property
    def last_heard(self) -> datetime | None:
        """When anybody of theirs last acted, however long ago; `last_inbound` knows the recent acts only."""
        return max((m.last_inbound_at for m in self.members if m.last_inbound_at), default=None)

    @cached_property
    def last_outbound(self) -> Act | None:
        return max(
            (a for a in self.acts if a.direction == "outbound" and a.channel in DIRECT),
            key=lambda a: a.at,
            default=None,
        )

    @cached_property
    def attempts(self) -> list[Act]:
        """The days on which we tried to reach the buyer since they last acted, oldest first: one act for each."""
        last = self.last_inbound
        days: dict[date, Act] = {}
        for act in self.acts:
            if act.direction == "outbound" and act.channel in DIRECT and (last is None or act.at > last.at):
                days.setdefault(act.at.date(), act)
        return list(days.values())

    @cached_property
    def unanswered_asks(self) -> list[Act]:
        """What the buyer asked and nobody has answered since, oldest first."""
        replies = [a.at for a in self.acts if a.direction in ("outbound", "mutual") and a.channel in DIRECT]
        last_reply = max(replies, default=None)
        return [
            act
            for act in self.by_buyer()
            if act.direction == "inbound"
            and act.topics.intersection(ASKS)
            and (last_reply is None or act.at > last_reply)
        ]

    def open_questions(self, as_of: datetime, days: int = 7) -> list[Act]:
        """What we asked more than `days` ago and nobody of theirs has answered or acted since, oldest first."""
        limit = as_of - timedelta(days=days)
        last = self.last_inbound
        return [
            act
            for act in self.acts
            if act.direction == "outbound"
            and "question" in act.topics
            and act.at <= limit
            and (last is None or last.at < act.at)
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

    def open_promises(self) -> list[dict[str, Any]]:
        """Ours, not kept yet."""
        return [p for p in self.promises if p["made_by"] == "seller" and p["kept_at"] is None]

    def owed_to_us(self, as_of: datetime, days: int = 30) -> list[dict[str, Any]]:
        """Theirs that fell due within `days` and are not kept, oldest first."""
        since = as_of - timedelta(days=days)
        theirs = (p for p in self.promises if p["made_by"] == "buyer" and p["kept_at"] is None)
        return [p for p in theirs if p["due_at"] and since <= p["due_at"] < as_of]

    def broken_promises(self, as_of: datetime, days: int = 30) -> list[dict[str, Any]]:
        """Ours that fell due within `days`; an older one is forgotten work rather than a promise anybody waits for."""
        return [p for p in self.open_promises() if p["due_at"] and as_of - timedelta(days=days) <= p["due_at"] < as_of]
