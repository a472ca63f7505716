"""Leads: people who asked for something and have no deal yet. Some are called within the hour, some never.

They have a simpler inner life than people in a deal: an interest that fades, and that attention keeps alive.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass

from sandbox.company import Activity, Person
from sandbox.market.calendar import DAY, instant
from sandbox.market.cast import Rep
from sandbox.market.scene import HOUR, MINUTE, Scene
from sandbox.market.writing import pen

QUALITY = {
    "Referral": 1.1,
    "Partner": 0.8,
    "Website": 0.5,
    "Webinar": 0.2,
    "Trade show": 0.0,
    "Newsletter": -0.3,
    "Cold call": -0.6,
}
UNWORKED = 0.17
FADES = 21.0
WANTS_TO_BUY, SALES_READY, MARKETING_READY = 1.7, 1.5, 0.7
PAGES = ("Product overview", "Pricing page", "Customer stories", "Blog article")


@dataclass(slots=True, eq=False)
class Lead:
    """interest: how much they want this; it halves in two weeks or so when nobody calls."""

    person: Person
    rep: Rep
    interest: float
    seen_at: int
    touched_at: int | None = None
    done: bool = False


class Leads:
    """All leads of the market."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._waiting: dict[int, list[Lead]] = defaultdict(list)

    def arrive(self, second: int) -> None:
        """Somebody asks for information."""
        scene, dice = self._scene, self._scene.dice
        rep = dice.choice([rep for rep in scene.reps if rep.record.is_active])
        person = scene.casting.person(
            dice,
            rep.language,
            dice.choice(("champion", "user", "decider")),
            instant(second),
            firm=None,
            owner_id=rep.record.id,
        )
        interest = QUALITY[str(person.source)] + dice.gauss(0.8, 0.7)
        scene.records.enter(person, "suspect" if interest < -0.3 else "lead", instant(second))
        lead = Lead(person, rep, interest, second)
        scene.truth.leads[person.id] = {
            "quality": round(interest, 3),
            "first_touch_at": None,
            "is_unworked": True,
            "converted_at": None,
        }
        words = self._words(lead)
        language_pen = pen(rep.language)
        if person.source != "Cold call":
            body = language_pen.say(dice, language_pen.phrases["lead_form"], words)
            self._log(
                second, lead, ("form", "inbound", None), f"Form submitted: {person.source}", body, ["form_submitted"]
            )
        self._plan_visit(second, lead)
        if dice.random() >= UNWORKED:
            hours = rep.reply_hours * dice.lognormvariate(0.6, 1.3)
            scene.at_work(second + hours * HOUR, rep.office, self._touch, lead, 1)
        scene.at(second + dice.uniform(50, 80) * DAY, self._give_up, lead)

    def _interest(self, second: int, lead: Lead) -> float:
        return lead.interest - (second - lead.seen_at) / DAY / FADES

    def _plan_visit(self, second: int, lead: Lead) -> None:
        days = self._scene.dice.expovariate(1 / 6.0)
        self._scene.at(second + days * DAY, self._visit, lead)

    def _visit(self, second: int, lead: Lead) -> None:
        """They look around, as long as they care."""
        dice = self._scene.dice
        interest = self._interest(second, lead)
        if lead.done or dice.random() > 1.0 / (1.0 + math.exp(-(interest - 0.2) / 0.5)):
            return
        page = dice.choice(PAGES)
        topics = ["web_visit", *(["pricing"] if page == "Pricing page" else [])]
        self._log(second, lead, ("web", "inbound", None), f"Web visit: {page}", "", topics)
        lead.interest += 0.12
        if lead.person.lifecycle in ("lead", "suspect") and interest > MARKETING_READY:
            self._becomes(second, lead, "mql")
        self._plan_visit(second, lead)

    def _touch(self, second: int, lead: Lead, attempt: int) -> None:
        """A seller calls or writes; whoever is interested answers."""
        scene, dice = self._scene, self._scene.dice
        if lead.done:
            return
        truth = scene.truth.leads[lead.person.id]
        truth["first_touch_at"] = truth["first_touch_at"] or instant(second)
        truth["is_unworked"] = False
        interest = self._interest(second, lead)
        answers = dice.random() < 0.75 / (1.0 + math.exp(-(interest - 0.4) / 0.5))
        language_pen, words = pen(lead.rep.language), self._words(lead)
        if dice.random() < 0.5:
            kind = "neutral" if answers else "no_answer"
            body = (
                language_pen.neutral(dice, "note", words)
                if answers
                else language_pen.say(dice, language_pen.phrases["note"][kind], words)
            )
            channel = ("call", "outbound", "connected" if answers else "no_answer")
            subject = language_pen.say(dice, language_pen.phrases["call_subject"], words)
            self._log(second, lead, channel, subject, body, [], duration=300 if answers else 20)
        else:
            self._mail(second, lead, ["introduces", "discovery"], ["question"])
            if answers:
                scene.at_work(second + dice.lognormvariate(2.0, 1.0) * HOUR, lead.rep.office, self._answer, lead)
        if answers:
            lead.interest, lead.seen_at = max(interest, 0.0) + 0.35, second
            if interest > SALES_READY:
                self._becomes(second, lead, "sql")
            if interest > WANTS_TO_BUY and lead not in self._waiting[lead.rep.index]:
                self._waiting[lead.rep.index].append(lead)
        if attempt < 4:
            days = dice.uniform(2, 9)
            scene.at_work(second + days * DAY, lead.rep.office, self._touch, lead, attempt + 1)

    def _mail(self, second: int, lead: Lead, kinds: list[str], topics: list[str]) -> None:
        dice, language_pen, words = self._scene.dice, pen(lead.rep.language), self._words(lead)
        if dice.random() >= lead.rep.captures_mail:
            return
        sentences = [language_pen.say(dice, language_pen.phrases["seller"][kind], words) for kind in kinds]
        subject = language_pen.say(dice, language_pen.phrases["subjects"], words)
        body = language_pen.letter(dice, sentences, lead.person.first_name, lead.rep.record.name, formal=False)
        self._log(second, lead, ("email", "outbound", None), subject, body, topics)

    def _answer(self, second: int, lead: Lead) -> None:
        """They write back what they are after."""
        dice, language_pen, words = self._scene.dice, pen(lead.rep.language), self._words(lead)
        if lead.done or dice.random() >= lead.rep.captures_mail:
            return
        topics = [dice.choice(("need", "question", "pricing", "status_quo" if lead.interest < 0.8 else "demo"))]
        sentences = language_pen.about(dice, "buyer", topics, words)
        subject = language_pen.say(dice, language_pen.phrases["subjects"], words)
        name = f"{lead.person.first_name} {lead.person.last_name}"
        body = language_pen.letter(dice, sentences, lead.rep.first_name, name, formal=False)
        self._log(second, lead, ("email", "inbound", None), subject, body, topics)

    def hand_over(self, second: int, rep: Rep) -> Person | None:
        """Somebody who wants to buy from this seller: no lead any more, their deal is about to be opened."""
        waiting = [lead for lead in self._waiting[rep.index] if not lead.done]
        if not waiting:
            return None
        lead = waiting[0]
        lead.done = True
        self._waiting[rep.index] = waiting[1:]
        self._scene.truth.leads[lead.person.id]["converted_at"] = instant(second)
        return lead.person

    def _becomes(self, second: int, lead: Lead, stage: str) -> None:
        if lead.person.lifecycle not in (stage, "sql"):
            self._scene.records.enter(lead.person, stage, instant(second))

    def _give_up(self, second: int, lead: Lead) -> None:
        if lead.done:
            return
        lead.done = True
        if self._scene.dice.random() < 0.6 and lead.person.lifecycle != "sql":
            self._becomes(second, lead, "other")

    def _words(self, lead: Lead) -> dict[str, str]:
        name = f"{lead.person.first_name} {lead.person.last_name}"
        return {
            "firm": str(lead.person.company),
            "product": "Planner",
            "own": lead.rep.record.name,
            "name": name,
            "colleague": name,
        }

    def _log(
        self,
        second: int,
        lead: Lead,
        channel: tuple[str, str, str | None],
        subject: str,
        body: str,
        topics: list[str],
        duration: int | None = None,
    ) -> None:
        number, people, rep = self._scene.number("activity"), [lead.person.id], lead.rep.record.id
        at = instant(second)
        activity = Activity(number, None, None, people, rep, *channel, subject, body, topics, at, at)
        activity.duration_seconds = duration
        if duration:
            recorded = second + duration + MINUTE
            activity.recorded_at = instant(recorded)
            self._scene.at(recorded, lambda _: self._scene.records.log(activity))
        else:
            self._scene.records.log(activity)
