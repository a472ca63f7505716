"""Meetings: agreed on, held or not, and what the notes of them say."""

from __future__ import annotations

import math
from collections.abc import Callable

from sandbox.company import PlannedTask
from sandbox.market.calendar import DAY, instant
from sandbox.market.scene import MINUTE, Act, Chair, Deal, Scene, nothing
from sandbox.market.topics import spoken_of

CANCELLED, ABSENT, ABSENT_FADES = 0.04, 0.17, 0.55
NOT_LOGGED = 0.08


class Meetings:
    """The meetings of all open deals. `follow_up` is what the seller does with what was said."""

    def __init__(self, scene: Scene, somebody: Callable[[Deal], Chair | None]) -> None:
        self._scene = scene
        self._somebody = somebody
        self.follow_up: Act = nothing

    def plan(self, second: int, deal: Deal) -> None:
        """Agree on a meeting some working days from now."""
        scene, dice = self._scene, self._scene.dice
        chair = self._somebody(deal)
        if chair is None:
            return
        pen, words = deal.pen, deal.words(name=chair.name)
        begins = deal.rep.office.workable(second + dice.uniform(1.5, 12) * DAY, dice.choice((30, 90, 150)) * MINUTE)
        begins -= begins % (15 * MINUTE)
        number, subject = scene.number("task"), pen.say(dice, pen.phrases["task"]["meeting"], words)
        task = PlannedTask(
            number,
            deal.record.id,
            chair.person.id,
            deal.rep.record.id,
            "meeting",
            subject,
            "",
            instant(second),
            instant(begins),
        )
        deal.tasks[task.id] = task
        scene.records.touch("tasks", task)
        scene.at(begins, self._meet, chair, task)

    def _meet(self, second: int, chair: Chair, task: PlannedTask) -> None:
        scene, dice, deal = self._scene, self._scene.dice, chair.deal
        if not chair.is_live:
            return
        pen, where = deal.pen, scene.position(chair)
        words = deal.words(name=chair.name, colleague=chair.name)
        others = [other for other in deal.chairs if other is not chair and other.is_live and dice.random() < 0.45][:4]
        duration = dice.choice((30, 45, 60, 60, 90)) * MINUTE
        subject = pen.say(dice, pen.phrases["meeting_subject"], words)
        draw, absent = dice.random(), ABSENT * math.exp(-ABSENT_FADES * max(0.0, where))
        if draw < CANCELLED + absent:
            outcome = "cancelled" if draw < CANCELLED else "no_show"
            body, topics = pen.say(dice, pen.phrases["note"][outcome], words), [outcome]
        else:
            outcome = "held"
            body, topics = self._minutes(chair, others, words)
            for other in (chair, *others):
                scene.move(other, 0.03)
            scene.heard(second, chair)
            scene.at(second + duration, self._tick_off, task)
        deal.tasks.pop(task.id, None)
        if outcome == "held" and dice.random() < NOT_LOGGED:
            return  # held, but nobody put it into the CRM
        channel = ("meeting", "mutual", outcome)
        recorded = second + duration
        scene.note(second, chair, channel, subject, body, topics, duration=duration, recorded=recorded, others=others)
        if outcome == "held":
            self.follow_up(recorded, chair, topics)

    def _tick_off(self, second: int, task: PlannedTask) -> None:
        task.done_at = instant(second)
        self._scene.records.touch("tasks", task)

    def _minutes(self, chair: Chair, others: list[Chair], words: dict[str, str]) -> tuple[str, list[str]]:
        """Notes of a meeting: what each of those present brought up."""
        scene, dice, pen = self._scene, self._scene.dice, chair.deal.pen
        sentences: list[str] = [pen.neutral(dice, "note", words)]
        topics: list[str] = []
        for other in (chair, *others[:2]):
            said = [
                t
                for t in spoken_of(dice, other.role.seat, scene.position(other) + other.front)
                if t in pen.phrases["note"]
            ]
            said = [t for t in said if t not in ("promise", "introduction", *topics)]
            sentences += pen.about(dice, "note", said, {**words, "name": other.name})
            topics += said
        return " ".join(sentences), topics
