"""What to do next on a deal and what not to: rules that are data, read from `rules/actions.yaml`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files

import yaml

from transforms.facts import Deal, Member
from transforms.fit import kinds
from transforms.labels import band
from transforms.texts import Texts, name

PRESSURE_MESSAGES, PRESSURE_DAYS = 3, 21
FRESH_DAYS = 45
AHEAD = 2


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of actions.yaml."""

    rule: str
    kind: str
    when: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class View:
    """A deal as a rule sees it, at one instant."""

    deal: Deal
    as_of: datetime

    def fresh(self, moment: datetime, days: int = FRESH_DAYS) -> bool:
        return moment > self.as_of - timedelta(days=days)

    def is_band(self, *bands: str) -> bool:
        return self.deal.state != "unseen" and not self.deal.is_veiled and band(self.deal.phase) in bands


def _complaint(view: View) -> bool:
    """The buyer complained lately and nobody has talked with them since."""
    replies = [a.at for a in view.deal.acts if a.direction != "inbound" and a.channel in ("call", "meeting")]
    return any(
        "complaint" in act.topics and view.fresh(act.at) and not any(reply > act.at for reply in replies)
        for act in view.deal.by_buyer()
    )


def is_pressured(view: View) -> bool:
    """We tried on at least three days in three weeks, and none of it was answered."""
    return sum(view.fresh(act.at, PRESSURE_DAYS) for act in view.deal.attempts) >= PRESSURE_MESSAGES


def is_buyer_ahead(view: View) -> bool:
    """Two phases or more ahead of the seller's stage, and further than comparing."""
    return view.deal.gap <= -AHEAD and view.is_band("preferring", "ready")


def _last_says(view: View, topic: str) -> bool:
    last = view.deal.last_inbound
    return last is not None and topic in last.topics and view.fresh(last.at)


def _somebody_else(view: View) -> bool:
    """Another person in the group who is reachable and not the one we last wrote to."""
    return other_person(view.deal) is not None


def other_person(deal: Deal) -> Member | None:
    """The member, other than the one we last approached, who was last heard of."""
    last = deal.last_outbound or deal.last_inbound
    if last is None:
        return None
    others = [m for m in deal.members if not m.opted_out and m.last_inbound_at and m.person_id != last.person_id]
    return max(others, key=lambda m: (m.last_inbound_at, m.person_id), default=None)


CONDITIONS: dict[str, Callable[[View], bool]] = {
    "promise_overdue": lambda v: bool(v.deal.broken_promises(v.as_of)),
    "complaint": _complaint,
    "question_waiting": lambda v: bool(v.deal.unanswered_asks),
    "opted_out": lambda v: bool(v.deal.members) and all(m.opted_out for m in v.deal.members),
    "delay_asked": lambda v: _last_says(v, "delay"),
    "pressured": is_pressured,
    "unseen": lambda v: v.deal.state == "unseen",
    "silent": lambda v: v.deal.state == "silent",
    "never_heard": lambda v: v.deal.last_heard is None,
    "somebody_else": _somebody_else,
    "lead": lambda v: v.deal.is_lead,
    "unworked": lambda v: bool(v.deal.lead.get("is_unworked")) and v.fresh(v.deal.lead["ready_at"]),
    "buyer_ahead": is_buyer_ahead,
    "seller_ahead": lambda v: v.deal.gap >= AHEAD and not v.deal.is_veiled,
    "quote_out": lambda v: any(q["sent_at"] and not q["decided_at"] for q in v.deal.quotes),
    "objection": lambda v: _last_says(v, "objection") or _last_says(v, "status_quo"),
    "decider_missing": lambda v: bool(v.deal.readiness["missing_decider"]),
    "veiled": lambda v: v.deal.is_veiled,
    "not_yet": lambda v: v.is_band("not_yet"),
    "exploring": lambda v: v.is_band("exploring"),
    "preferring": lambda v: v.is_band("preferring"),
    "ready": lambda v: v.is_band("ready"),
    "preferring_or_ready": lambda v: v.is_band("preferring", "ready"),
}
"""What a rule may ask, by name."""


@cache
def rules() -> tuple[Rule, ...]:
    """The packaged rules, in order.

    Raises
    ------
    ValueError : a rule asks for an unknown condition, or is of an unknown kind.
    """
    text = files("transforms").joinpath("rules", "actions.yaml").read_text(encoding="utf-8")
    found = tuple(Rule(r["rule"], r["kind"], tuple(r["when"]), r["why"]) for r in yaml.safe_load(text))
    for rule in found:
        if rule.kind not in kinds():
            raise ValueError(f"rules/actions.yaml › {rule.rule}: no kind {rule.kind!r}")
        for condition in rule.when:
            if condition not in CONDITIONS:
                raise ValueError(f"rules/actions.yaml › {rule.rule}: no condition {condition!r}")
    return found


def chosen(deal: Deal, as_of: datetime) -> Rule | None:
    """The first rule that holds."""
    view = View(deal, as_of)
    return next((r for r in rules() if all(CONDITIONS[c](view) for c in r.when)), None)


def aimed_at(deal: Deal, as_of: datetime) -> str | None:
    """The person at whom the chosen action is aimed; None where it is nobody in particular."""
    rule = chosen(deal, as_of)
    if rule is None:
        return None
    if rule.rule == "answer_question":
        return deal.unanswered_asks[0].person_id
    other = other_person(deal) if rule.rule == "through_a_colleague" else None
    return other.person_id if other else contact(deal)


def contact(deal: Deal) -> str | None:
    """Who was last heard of, else the first of the group."""
    last, members = deal.last_inbound, deal.members
    return last.person_id if last else members[0].person_id if members else None


def next_action(deal: Deal, texts: Texts, as_of: datetime) -> str | None:
    """What to do, and what not to do, in two sentences; None where no rule holds."""
    rule = chosen(deal, as_of)
    if rule is None:
        return None
    values = Told(deal, texts, as_of)
    return f"{texts.filled(f'action.{rule.rule}.do', values)} {texts.filled(f'action.{rule.rule}.dont', values)}"


def for_person(deal: Deal, member: Member) -> Deal:
    """The deal as it concerns one of its people."""
    score = {**deal.readiness, "phase": member.phase, "state": member.state, "phase_gap": 0, "missing_decider": False}
    return replace(
        deal,
        readiness=score,
        members=[member],
        acts=[act for act in deal.acts if act.person_id == member.person_id],
        reasons=[reason for reason in deal.reasons if reason.person_id == member.person_id],
        promises=[p for p in deal.promises if p["person_id"] == member.person_id],
        quotes=[],
        left=[],
    )


class Told(dict[str, str]):
    """What the sentences may speak of, people by name and moments by date, found when a sentence asks for it."""

    def __init__(self, deal: Deal, texts: Texts, as_of: datetime) -> None:
        super().__init__()
        self.deal, self.texts, self.as_of = deal, texts, as_of

    def __missing__(self, place: str) -> str:
        return PLACES[place](self)

    def who(self, person_id: str | None) -> str:
        member = self.deal.member(person_id)
        return name(member.name if member else None, self.texts("somebody"))

    def day(self, moment: datetime | None) -> str:
        return self.texts.day(moment) if moment else self.texts("never")


def _other(told: Told) -> str:
    other = other_person(told.deal)
    return told.who(other.person_id if other else None)


PLACES: dict[str, Callable[[Told], str]] = {
    "who": lambda t: t.who(contact(t.deal)),
    "day": lambda t: t.day(t.deal.last_heard),
    "asker": lambda t: t.who(t.deal.unanswered_asks[0].person_id),
    "asked": lambda t: t.day(t.deal.unanswered_asks[0].at),
    "due": lambda t: t.day(min(p["due_at"] for p in t.deal.broken_promises(t.as_of))),
    "other": _other,
    "messages": lambda t: t.texts.number(len(t.deal.attempts)),
    "ready": lambda t: t.day(t.deal.lead.get("ready_at")),
    "since": lambda t: t.day(t.deal.attempts[0].at),
}
"""The places in the actions' sentences; those of one rule are only asked for where its conditions hold."""
