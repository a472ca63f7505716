"""Promises: how they come about, whether they are kept, and what a broken one does to the buyer's trust."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from sandbox.company import Activity, PlannedTask
from sandbox.market.calendar import DAY, instant, next_working_day
from sandbox.market.cast import Rep
from sandbox.market.scene import HOUR, Act, Chair, Scene, nothing
from sandbox.market.truth import Promise

END_OF_DAY = 17.0
BROKEN, KEPT = -0.16, 0.04


@dataclass(slots=True)
class Made:
    """A promise just made: the truth of it, and how its due day is put into words."""

    promise: Promise
    words: str
    planted: bool
    _plant: Callable[[], None]

    def told_in(self, activity: Activity) -> None:
        """The CRM holds the message in which it was made."""
        self.promise.activity_id = activity.id
        self.plant()

    def plant(self) -> None:
        """From now on it can be known from the CRM."""
        if not self.planted:
            self.planted = True
            self._plant()


class Promises:
    """Both sides' promises. `keep` says how a seller keeps one of a kind; `speak` is how a buyer does."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self.keep: dict[str, Act] = {}
        self.speak: Act = nothing

    def by_seller(self, second: int, chair: Chair, what: str, rep: Rep) -> Made:
        """what: quote | document | answer | call. Schedules how it is kept, late, or not at all."""
        scene, dice = self._scene, self._scene.dice
        made, due_day = self._make(second, chair, what, "seller", rep, dice.choice((1, 1, 2, 2, 3, 4, 6)))
        due = rep.office.at(due_day, END_OF_DAY)
        draw = dice.random()
        if draw < rep.reliability:
            kept = second + max(HOUR, dice.uniform(0.25, 0.98) * (due - second))
        elif draw < rep.reliability + 0.65 * (1 - rep.reliability):
            kept = due + dice.expovariate(1 / (2.2 * DAY)) + 3 * HOUR
        else:
            kept = None
        if kept is not None:
            scene.at_work(kept, rep.office, self._keep, made, chair, rep)
        scene.at(due + HOUR, self._check, made, chair)
        return made

    def by_buyer(self, second: int, chair: Chair, *, seen: bool) -> Made:
        """ "I will let you know before Friday": the more convinced, the likelier it is kept."""
        scene, dice, rep = self._scene, self._scene.dice, chair.deal.rep
        made, due_day = self._make(second, chair, "reply", "buyer", rep, dice.choice((1, 2, 3, 4, 5, 7)))
        word = float(scene.seats.floats("word")[chair.index])
        if dice.random() < word / (1.0 + math.exp(-(scene.position(chair) - 1.3) / 1.1)):
            due = rep.office.at(due_day, END_OF_DAY)
            kept = second + dice.uniform(0.3, 0.98) * (due - second)
            scene.at_work(kept, rep.office, self._buyer_keeps, made, chair, seen)
        return made

    def task_for(self, made: Made, chair: Chair, rep: Rep) -> None:
        """Put the seller's promise on the list as a task; it is ticked off when it is kept."""
        promise, pen = made.promise, chair.deal.pen
        words = chair.deal.words(name=chair.name)
        subject = pen.say(self._scene.dice, pen.phrases["task"][promise.what], words)
        kind = {"call": "call", "quote": "todo"}.get(promise.what, "email")
        task = PlannedTask(
            self._scene.number("task"),
            chair.deal.record.id,
            chair.person.id,
            rep.record.id,
            kind,
            subject,
            "",
            promise.made_at,
            promise.due_at,
        )
        promise.task_id = task.id
        chair.deal.tasks[task.id] = task
        self._scene.records.touch("tasks", task)
        made.plant()

    def _make(
        self, second: int, chair: Chair, what: str, made_by: str, rep: Rep, working_days: int
    ) -> tuple[Made, date]:
        today = rep.office.local(second).date()
        due_day = next_working_day(today, working_days)
        promise = Promise(
            self._scene.number("promise"),
            chair.deal.record.id,
            chair.person.id,
            rep.record.id,
            made_by,
            what,
            instant(second),
            instant(rep.office.at(due_day, END_OF_DAY)),
        )
        plant = lambda: self._scene.truth.promises.append(promise)  # noqa: E731
        words = chair.deal.pen.due(self._scene.dice, today, due_day)
        return Made(promise, words, False, plant), due_day

    def _keep(self, second: int, made: Made, chair: Chair, rep: Rep) -> None:
        deal = chair.deal
        if not deal.is_open:
            return
        self.keep[made.promise.what](second, chair, rep)
        made.promise.kept_at = instant(second)
        self._scene.move(chair, KEPT)
        task = deal.tasks.pop(made.promise.task_id or "", None)
        if task:
            task.done_at = instant(second)
            self._scene.records.touch("tasks", task)

    def _buyer_keeps(self, second: int, made: Made, chair: Chair, seen: bool) -> None:
        if chair.is_live:
            made.promise.kept_at = instant(second)
            self.speak(second, chair, True, seen)

    def _check(self, second: int, made: Made, chair: Chair) -> None:
        if made.promise.kept_at is None:
            if not chair.deal.is_open:
                made.promise.lapsed = True
            else:
                self._scene.deals.floats("hurt")[chair.deal.index] += 1.0
                self._scene.move(chair, BROKEN)
