"""Single fields of an opportunity in words: the line before a call, the gap, the ranking, the flags, the group."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from transforms.actions import View, is_pressured
from transforms.facts import Deal
from transforms.fit import FORCING_FROM
from transforms.labels import band
from transforms.texts import Texts, name, shortened

RANKS = ((90.0, "top10"), (75.0, "top25"), (50.0, "upper"), (25.0, "lower"), (0.0, "lowest"))
SEATS = ("decider", "champion", "procurement", "technical", "user")
LINE = 255
"""Characters of a line to read before a call."""


def call_line(deal: Deal, texts: Texts, as_of: datetime) -> str:
    """One line to read before a call: what either side owes, what they asked, what they last did, what to leave be."""
    parts: list[str] = []
    soon = as_of - timedelta(days=30)
    owed = (p for p in deal.open_promises() if p["due_at"] and p["due_at"] > soon)
    promise = min(owed, key=lambda p: p["due_at"], default=None)
    if promise:
        parts.append(texts("call.owed", what=texts(f"task.{promise['what']}"), due=texts.day(promise["due_at"])))
    asks = deal.unanswered_asks
    if asks:
        parts.append(texts("call.asked", topic=_topic(asks[0].topics, texts), day=texts.day(asks[0].at)))
    last = deal.last_inbound
    if last is None:
        parts.append(texts("call.first"))
    elif not asks:
        member = deal.member(last.person_id)
        who = name(member.name if member else None, texts("somebody"))
        parts.append(texts("call.last", who=who, what=_act(last.channel, last.topics, texts), day=texts.day(last.at)))
    owed_to_us = deal.owed_to_us(as_of)
    if owed_to_us:
        theirs = owed_to_us[-1]
        due = texts.day(theirs["due_at"])
        parts.append(texts("call.theirs", what=texts(f"task.{theirs['what']}"), due=due))
    waiting = deal.open_questions(as_of)
    if waiting:
        parts.append(texts("call.waiting", day=texts.day(waiting[0].at)))
    if is_pressured(View(deal, as_of)):
        parts.append(texts("call.rest"))
    return shortened(" ".join(parts), LINE)


def _topic(topics: Iterable[str], texts: Texts) -> str:
    known = [
        t for t in ("quote_request", "reference_request", "pricing", "demo", "trial", "question", "need") if t in topics
    ]
    return texts(f"topic.{known[0] if known else 'question'}")


def _act(channel: str, topics: frozenset[str], texts: Texts) -> str:
    spoken = ("delay", "objection", "complaint", "status_quo", "introduction", "legal", "procurement", "pricing")
    topic = next((t for t in spoken if t in topics), None)
    return texts(f"topic.{topic}") if topic else texts(f"channel.{channel}")


def gap(deal: Deal, texts: Texts) -> str | None:
    if deal.state == "unseen" or deal.readiness["claimed_phase"] is None:
        return None
    if abs(deal.gap) < 2:
        return texts("gap.none")
    return texts(
        "gap.seller" if deal.gap > 0 else "gap.buyer", stage=name(deal.stage), band=texts(f"band.{band(deal.phase)}")
    )


def rank(percentile: float | None, texts: Texts, held: str | None) -> str | None:
    """Where the deal stands among the open ones, in five classes; the class held stays while it is within 5 points."""
    if percentile is None:
        return None
    worded = {key: texts(f"rank.{key}") for _, key in RANKS}
    for floor, key in RANKS:
        ceiling = min((f for f, _ in RANKS if f > floor), default=100.0)
        if held == worded[key] and floor - 5 <= percentile <= ceiling + 5:
            return held
    return next(worded[key] for floor, key in RANKS if percentile >= floor)


def flags(deal: Deal, texts: Texts, as_of: datetime) -> str | None:
    """Risks in a few words each, those with a date first."""
    view, score = View(deal, as_of), deal.readiness
    found: list[str] = []
    if deal.state == "silent" and score["last_inbound_at"]:
        found.append(texts("flag.silent", day=texts.day(score["last_inbound_at"])))
    if deal.broken_promises(as_of):
        found.append(texts("flag.promise"))
    if deal.forecast.get("overdue") and deal.close_date:
        found.append(texts("flag.close_date", day=texts.day(deal.close_date)))
    elif deal.pushes:
        found.append(texts.plural("flag.pushed", len(deal.pushes)))
    if score["missing_decider"]:
        found.append(texts("flag.decider"))
    if len(deal.members) == 1:
        found.append(texts("flag.single"))
    if is_pressured(view):
        found.append(texts("flag.pressure"))
    asked = [a.at for a in deal.acts if a.direction == "outbound" and "closing" in a.topics and view.fresh(a.at, 30)]
    if asked and deal.phase < FORCING_FROM and not deal.is_veiled:
        found.append(texts("flag.forced", day=texts.day(asked[-1])))
    if len(deal.quotes) > 1:
        found.append(texts.plural("flag.quotes", len(deal.quotes)))
    return "; ".join(found) or None


def least_ready(deal: Deal, texts: Texts) -> str | None:
    member = deal.member(deal.readiness["least_ready_person_id"])
    if member is None or member.state == "unseen" or len(deal.members) < 2:
        return None
    return texts("least_ready", who=name(member.name, texts("somebody")), band=texts(f"band.{band(member.phase)}"))


def coverage(deal: Deal, texts: Texts) -> str:
    """How many of those expected are known, in which seats, and whether a decision maker is missing (F56)."""
    expected = max(int(float(deal.readiness["expected_seats"] or 0) + 0.5), len(deal.members))
    known = texts("coverage.known", known=texts.number(len(deal.members)), expected=texts.number(expected))
    there = {deal.seat_of(member) for member in deal.members}
    held = [seat for seat in SEATS if seat in there]
    parts = [f"{known}: {', '.join(texts(f'seat.{seat}') for seat in held)}" if held else known]
    return "; ".join([*parts, texts("flag.decider")] if deal.readiness["missing_decider"] else parts)


def lead_status(deal: Deal, texts: Texts) -> str | None:
    """What a lead is by its acts, who qualified it, and how long it waited or waits for us (F50-F52)."""
    lead = deal.lead
    if not lead:
        return None
    parts = [texts(f"lead.{lead['class']}")]
    if lead["qualified"]:
        parts.append(texts(f"lead.{lead['qualified']}"))
    if lead["touched_at"] and lead["touch_minutes"] is not None:
        hours = round(float(lead["touch_minutes"]) / 60)
        parts.append(texts.plural("lead.touched", hours, day=texts.day(lead["touched_at"])))
    elif lead["ready_at"]:
        parts.append(texts("lead.waiting", day=texts.day(lead["ready_at"])))
    return "; ".join(parts)


def preferred(deal: Deal, texts: Texts) -> str | None:
    counts: dict[str, int] = {}
    for act in deal.by_buyer():
        counts[act.channel] = counts.get(act.channel, 0) + 1
    if not counts:
        return None
    best = max(sorted(counts), key=lambda channel: counts[channel])
    return texts(f"preferred.{best}")
