"""What a seller should act on now: one alert per cause, with its evidence, since when, and what would help.

The key names the cause (this close date, this silence, this quote), so that one cause never makes a second task.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import narwhals as nw
import pyarrow as pa

from readiness.schema import TEXT, TIME, Column, Table
from transforms.actions import View, is_buyer_ahead, is_pressured
from transforms.causes import Found, by_cause
from transforms.enrich import eager
from transforms.facts import Deal
from transforms.labels import band
from transforms.settings import Settings
from transforms.texts import Texts, name, shortened
from transforms.workdays import workdays

ALERTS = Table(
    "alerts",
    ("key",),
    (
        Column("key", TEXT, "kind:opportunity:cause"),
        Column("kind", TEXT, "one of KINDS"),
        Column("opportunity_id", TEXT, "open opportunity; null for a lead"),
        Column("person_id", TEXT, "the buyer concerned; null for the group"),
        Column("seller_id", TEXT, "the owner, who gets it"),
        Column("priority", TEXT, "high | normal"),
        Column("subject", TEXT, "one line"),
        Column("body", TEXT, "evidence with dates, and what would help"),
        Column("due_at", TIME, "a promise's own due day, or the close of the next working day"),
        Column("since", TIME, "when the cause began"),
        Column("also", TEXT, "the kinds that follow from the same cause, with a comma between; empty: none"),
    ),
)
SLIP_RISK, SLIP_DAYS, PUSHES = 0.7, 30, 2
"""Until the forecast has proved itself, a risk is believed of a date that was moved twice before."""
CHAMPIONS = ("champion", "decider")
REPLACED_DAYS = 60
NOT_YET, VERSIONS, QUOTE_DAYS = 1, 2, 30
"""A first quote is early before anything is weighed; further versions are while nobody prefers us.

After a month it is no longer the quote that is the news, but the silence or the close date.
"""
PREFERENCE, PREFERRED = 4, 0.4
"""Fewer than four chances in ten that the group prefers us: it is then said that it doesn't."""
LATE_STAGE = 0.7
"""Share of the pipeline's open stages behind it from which a deal should have a purchase file."""
QUESTION_DAYS, QUESTIONS_OLD = 7, 10
FRESH_BUYER_DAYS = 14
LEAD_DAYS = 45
"""A lead that waited longer is lost or found elsewhere; the list of unworked leads still has it."""
PURCHASE_FILE = ("legal", "procurement", "redline", "signed_document", "returned_document")


def slipping_date(view: View, texts: Texts, settings: Settings) -> Iterator[Found]:
    """The close date has passed, or comes within a month with the buyer unlikely to have decided by then (F01)."""
    deal, forecast = view.deal, view.deal.forecast
    if deal.close_date is None or not forecast:
        return
    days = (deal.close_date - view.as_of.astimezone(ZoneInfo(settings.time_zone)).date()).days
    believed = bool(forecast.get("calibrated")) or len(deal.pushes) >= PUSHES
    risky = believed and days <= SLIP_DAYS and (forecast.get("slip_risk") or 0.0) >= SLIP_RISK
    if days >= 0 and not risky:
        return
    moved = deal.pushes[-1][0] if deal.pushes else deal.created_at
    pushes = texts.plural("pushes", len(deal.pushes)) if deal.pushes else texts("pushes.none")
    when = texts("slipping.passed" if days < 0 else "slipping.ahead", day=texts.day(deal.close_date))
    yield Found("slipping_date", deal.close_date.isoformat(), moved, {"when": when, "pushes": pushes}, is_high=days < 0)


def silent_buyer(view: View, texts: Texts, settings: Settings) -> Iterator[Found]:
    """Nobody of a group that did act has acted for longer than is usual for this group (F05, F34)."""
    deal = view.deal
    last, pause = deal.readiness["last_inbound_at"], timedelta(days=deal.patience)
    if last is None or deal.is_lead or view.as_of - last < pause:
        return
    ours = texts.plural("messages", len(deal.attempts)) if deal.attempts else texts("messages.none")
    remedy = "silent.pressured" if is_pressured(view) else "silent.other"
    yield Found(
        "silent_buyer",
        f"{last:%Y-%m-%d}",
        last + pause,
        {"day": texts.day(last), "messages": ours, "remedy": texts(remedy)},
    )


def champion_replaced(view: View, texts: Texts, settings: Settings) -> Iterator[Found]:
    """A champion or decider left the group, or their mail bounces (F03)."""
    deal = view.deal
    for person_id, who, seat, when in deal.left:
        if seat in CHAMPIONS and view.fresh(when, REPLACED_DAYS):
            yield Found(
                "champion_replaced",
                f"{person_id}:{when:%Y-%m-%d}",
                when,
                _lost(texts, who, seat, when, "left"),
                person_id,
                True,
            )
    for member in deal.members:
        bounced = [a.at for a in deal.acts if a.person_id == member.person_id and a.outcome == "bounced"]
        if member.seat in CHAMPIONS and bounced and (not member.last_inbound_at or member.last_inbound_at < bounced[0]):
            values = _lost(texts, member.name, member.seat, bounced[0], "bounced")
            yield Found("champion_replaced", f"{member.person_id}:bounced", bounced[0], values, member.person_id, True)


def _lost(texts: Texts, who: str, seat: str, when: datetime, how: str) -> Mapping[str, object]:
    person = name(who, texts("somebody"))
    return {
        "who": person,
        "seat": texts(f"seat.{seat}"),
        "how": texts(f"replaced.{how}", who=person, day=texts.day(when)),
    }


def quote_ahead(view: View, texts: Texts, settings: Settings) -> Iterator[Found]:
    """A quote went out before the buyers weigh anything, or it is a further version and they do not prefer us (F04)."""
    deal = view.deal
    sent = [q for q in deal.quotes if q["sent_at"] and q["sent_at"] <= view.as_of]
    out = [q for q in sent if not q["decided_at"]]
    if not out or deal.state == "unseen" or deal.is_veiled:
        return
    last = max(out, key=lambda q: (q["sent_at"], q["quote_id"]))
    again = len(sent) >= VERSIONS and not _prefers_us(deal)
    if not view.fresh(last["sent_at"], QUOTE_DAYS) or (deal.phase > NOT_YET and not again):
        return
    values = {
        "day": texts.day(last["sent_at"]),
        "versions": texts.plural("versions", len(sent)),
        "band": texts(f"band.{band(deal.phase)}"),
    }
    yield Found("quote_ahead", str(last["quote_id"]), last["sent_at"], values)


def _prefers_us(deal: Deal) -> bool:
    return deal.passed[PREFERENCE - 1] >= PREFERRED


def buyer_ahead(view: View, texts: Texts, settings: Settings) -> Iterator[Found]:
    """The buyers prefer us, at least two phases further than the stage says, and are active (F17)."""
    deal, last = view.deal, view.deal.last_inbound
    if not is_buyer_ahead(view) or deal.state != "seen" or last is None or not view.fresh(last.at, FRESH_BUYER_DAYS):
        return
    values = {"stage": name(deal.stage), "band": texts(f"band.{band(deal.phase)}"), "day": texts.day(last.at)}
    yield Found("buyer_ahead", deal.stage, last.at, values, is_high=True)


def overdue_promise(view: View, texts: Texts, settings: Settings) -> Iterator[Found]:
    """A promise of ours has fallen due and is not kept: to be mended the same day (F20, F22)."""
    calendar = workdays(settings.country, settings.time_zone, view.as_of)
    for promise in view.deal.broken_promises(view.as_of):
        yield Found(
            "overdue_promise",
            promise["promise_id"],
            promise["due_at"],
            _promised(view, texts, promise),
            promise["person_id"],
            is_high=True,
            due=calendar.end_of_day(view.as_of),
        )


def promise_due(view: View, texts: Texts, settings: Settings) -> Iterator[Found]:
    """A promise of ours falls due before the end of the next working day: the warning before it is broken (F20)."""
    soon = workdays(settings.country, settings.time_zone, view.as_of).end_of_next(view.as_of)
    for promise in view.deal.open_promises():
        due = promise["due_at"]
        if due is not None and view.as_of <= due <= soon:
            values = _promised(view, texts, promise)
            yield Found("promise_due", promise["promise_id"], promise["made_at"], values, promise["person_id"], due=due)


def _promised(view: View, texts: Texts, promise: dict[str, Any]) -> Mapping[str, object]:
    member = view.deal.member(promise["person_id"])
    return {
        "what": texts(f"task.{promise['what']}"),
        "who": name(member.name if member else None, texts("somebody")),
        "made": texts.day(promise["made_at"]),
        "due": texts.day(promise["due_at"]),
    }


def unanswered_questions(view: View, texts: Texts, settings: Settings) -> Iterator[Found]:
    """Two questions of ours, or one of ten days, without an answer (F02)."""
    waiting = view.deal.open_questions(view.as_of, QUESTION_DAYS)
    if not waiting or (len(waiting) < 2 and view.fresh(waiting[0].at, QUESTIONS_OLD)):
        return
    first = waiting[0]
    member = view.deal.member(first.person_id)
    values = {
        "questions": texts.plural("questions", len(waiting)),
        "day": texts.day(first.at),
        "who": name(member.name if member else None, texts("somebody")),
    }
    yield Found("unanswered_questions", first.interaction_id, first.at, values, first.person_id)


def ghost_deal(view: View, texts: Texts, settings: Settings) -> Iterator[Found]:
    """A late stage, no sign of a purchase file by the buyer, and nobody who prefers us (F05)."""
    deal = view.deal
    if deal.stage_share <= LATE_STAGE or deal.state == "unseen" or deal.is_lead or deal.is_veiled or _prefers_us(deal):
        return
    if any(act.topics.intersection(PURCHASE_FILE) or act.channel == "document" for act in deal.by_buyer()):
        return
    yield Found(
        "ghost_deal", deal.stage, deal.stage_since, {"stage": name(deal.stage), "day": texts.day(deal.stage_since)}
    )


def unworked_lead(view: View, texts: Texts, settings: Settings) -> Iterator[Found]:
    """A lead that asked, or was qualified, and has had no call, mail or meeting for a working day (F51, F57)."""
    lead = view.deal.lead
    if not lead.get("is_unworked") or not view.fresh(lead["ready_at"], LEAD_DAYS):
        return
    since = lead["ready_at"]
    due = workdays(settings.country, settings.time_zone, view.as_of).end_of_day(view.as_of)
    named = texts(f"lead.{lead['qualified'] or lead['class']}")
    values = {"who": name(view.deal.name), "day": texts.day(since), "class": named}
    yield Found("unworked_lead", f"{since:%Y-%m-%d}", since, values, lead["person_id"], is_high=True, due=due)


Detector = Callable[[View, Texts, Settings], Iterator[Found]]

KINDS: dict[str, Detector] = {
    "overdue_promise": overdue_promise,
    "promise_due": promise_due,
    "unworked_lead": unworked_lead,
    "champion_replaced": champion_replaced,
    "buyer_ahead": buyer_ahead,
    "slipping_date": slipping_date,
    "quote_ahead": quote_ahead,
    "unanswered_questions": unanswered_questions,
    "silent_buyer": silent_buyer,
    "ghost_deal": ghost_deal,
}
"""In the order of urgency among equals."""

APPROACHING = ("slipping_date", "quote_ahead", "unanswered_questions", "ghost_deal", "buyer_ahead")
"""Alerts whose remedy is to approach the buyer: a pressured one is left in peace instead."""


def alerts(book: Sequence[Deal], settings: Settings, as_of: datetime) -> nw.DataFrame[pa.Table]:
    """The alerts that stand at `as_of` (`ALERTS`), whether or not there is a task for them yet.

    Parameters
    ----------
    book : the open book of the same instant, of `book.deals`.
    """
    texts = Texts(settings.language, settings.locale, settings.time_zone)
    due = workdays(settings.country, settings.time_zone, as_of).end_of_next(as_of)
    stand = [
        _row(view, told, follows, texts, due)
        for view in (View(deal, as_of) for deal in book)
        for told, follows in by_cause(
            view, [found for detect in KINDS.values() for found in detect(view, texts, settings)]
        )
    ]
    return eager(stand, ALERTS)


def _row(view: View, found: Found, follows: Sequence[Found], texts: Texts, due: datetime) -> dict[str, object]:
    deal, kind = view.deal, found.kind
    rests = kind in APPROACHING and is_pressured(view)
    remedy = "alert.pressured.remedy" if rests else f"alert.{kind}.remedy"
    values = {"deal": name(deal.name), "account": name(deal.account), **found.values}
    return {
        "key": f"{kind}:{deal.opportunity_id}:{found.cause}"[:255],
        "kind": kind,
        "opportunity_id": None if deal.is_lead else deal.opportunity_id,
        "person_id": found.person_id or (deal.opportunity_id.removeprefix("lead:") if deal.is_lead else None),
        "seller_id": deal.seller_id,
        "priority": "high" if any(one.is_high for one in (found, *follows)) else "normal",
        "subject": shortened(texts(f"alert.{kind}.subject", **values), 255),
        "body": "\n\n".join([_evidence(kind, values, follows, texts), texts(remedy, **values), texts("alert.answer")]),
        "due_at": found.due or due,
        "since": found.since,
        "also": ",".join(dict.fromkeys(one.kind for one in follows)),
    }


def _evidence(kind: str, values: Mapping[str, object], follows: Sequence[Found], texts: Texts) -> str:
    """What was found, and in a few words each what follows from it."""
    told = texts(f"alert.{kind}.body", **values)
    if not follows:
        return told
    return " ".join([told, texts("alert.also"), *(texts(f"alert.{one.kind}.also", **one.values) for one in follows)])
