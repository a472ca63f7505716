"""What sellers do: reach out, ask, press, answer late or soon, meet, promise; all of it whether or not it helps."""

from __future__ import annotations

import numpy as np

from sandbox.company import Activity, PlannedTask
from sandbox.market.calendar import DAY, instant
from sandbox.market.cast import Rep
from sandbox.market.minds import Group
from sandbox.market.promises import Made, Promises
from sandbox.market.quotes import Quotes
from sandbox.market.scene import HOUR, MINUTE, Act, Chair, Deal, Scene, nothing
from sandbox.market.state import Floats
from sandbox.market.topics import spoken_of
from sandbox.market.truth import Symptom

OUTREACH, MEETINGS = 0.048, 0.015
PRESSES_FROM, PRESSING = 0.55, 3.0
AT_QUARTER_END, DISCOURAGED = 1.2, 0.12
UNANSWERED_AFTER = 7 * DAY
ASKS = {"question", "need", "pricing", "reference_request", "trial", "demo", "legal", "procurement", "redline"}
EFFECT = {"discovery": 0.01, "chase": 0.0, "value": 0.03}
WEIGHS = {"discovery": 0.7, "chase": 1.0, "value": 0.3, "closing": 1.3}
MOST_HEARD = {"champion": 3.0, "decider": 1.6}


class Sellers:
    """The sellers' side of all open deals. `answer` lets a buyer react to being written to."""

    def __init__(self, scene: Scene, promises: Promises, quotes: Quotes) -> None:
        self._scene = scene
        self._promises = promises
        self._quotes = quotes
        self.answer: Act = nothing
        self.postpone: Act = nothing
        self.plan_meeting: Act = nothing
        promises.keep = {
            "quote": quotes.send,
            "document": self._deliver,
            "answer": self._answer_as_promised,
            "call": self._call_as_promised,
        }

    def day(self, among: Group, shares: Floats, where: Floats, *, hurried: bool) -> None:
        """Put the day's outreach and meetings on the agenda; `where`: each group's mean position.

        `hurried`: the quarter is about to end, and some sellers try harder than their buyers like.
        """
        scene = self._scene
        reps = scene.deals.ints("rep")[among.deals]
        diligence = np.array([rep.diligence for rep in scene.reps])[reps]
        pushy = np.array([rep.pushy for rep in scene.reps])[reps]
        hurry = 1.0 + AT_QUARTER_END * pushy if hurried else 1.0
        stuck = 1.0 / (1.0 + DISCOURAGED * scene.deals.floats("pressure")[among.deals] / pushy)
        outreach = scene.rng.poisson(OUTREACH * diligence * hurry * stuck * shares)
        meetings = scene.rng.poisson(
            MEETINGS * scene.density * shares * (0.2 + 1.1 / (1.0 + np.exp(-(where - 2.0) / 0.8)))
        )
        for at in np.flatnonzero(outreach + meetings):
            deal = scene.files[among.deals[at]]
            window = scene.windows[deal.rep.record.time_zone]
            for _ in range(int(outreach[at])):
                scene.at(window.moment(scene.dice.random()), self.reach_out, deal)
            for _ in range(min(int(meetings[at]), 2)):
                scene.at(window.moment(scene.dice.random()), self.plan_meeting, deal)

    def reach_out(self, second: int, deal: Deal) -> None:
        """One act of the seller's own accord toward somebody in the group."""
        scene, dice = self._scene, self._scene.dice
        chair = self.somebody(deal)
        if chair is None:
            return
        purpose = self._purpose(deal)
        scene.acted(second, chair, purpose)
        pressure = scene.deals.floats("pressure")
        pressure[deal.index] += WEIGHS[purpose]
        if pressure[deal.index] - WEIGHS[purpose] < PRESSING <= pressure[deal.index]:
            scene.truth.symptoms.append(Symptom("pressure", deal.record.id, instant(second), chair.person.id))
        scene.deals.floats("effort")[deal.index] += 1.0
        scene.seats.floats("stirred")[chair.index] += 0.012
        forced = purpose == "closing" and scene.position(chair) < 4
        scene.move(chair, EFFECT.get(purpose, -0.05 if forced else 0.03))
        if dice.random() < 0.35:
            self._ring(second, chair, purpose)
        else:
            self._write(second, chair, purpose)
        if dice.random() < 0.22:
            self._plan_follow_up(second, chair)

    def _purpose(self, deal: Deal) -> str:
        dice = self._scene.dice
        stage = self._scene.deals.ints("stage")[deal.index] / (deal.pipeline.open_stages - 1)
        if stage >= PRESSES_FROM and dice.random() < 0.3 * deal.rep.pushy:
            return "closing"
        return dice.choices(("discovery", "value", "chase"), (0.4 * (1 - stage) + 0.1, 0.18, 0.45))[0]

    def _write(self, second: int, chair: Chair, purpose: str) -> None:
        scene, dice, deal = self._scene, self._scene.dice, chair.deal
        pen, words = deal.pen, deal.words()
        sentences = [pen.neutral(dice, "seller", words)] if dice.random() < 0.6 else []
        sentences.append(pen.say(dice, pen.phrases["seller"][purpose], words))
        seen = dice.random() < deal.rep.captures_mail
        made = None
        if dice.random() < 0.10:
            made = self._promises.by_seller(second, chair, dice.choice(("document", "call")), deal.rep)
            sentences.append(pen.say(dice, pen.phrases["promise"][made.promise.what], {**words, "due": made.words}))
        bounced = "bounced" if chair.role.left_at else None
        topics = [*(["question"] if purpose == "discovery" else []), *(["promise"] if made else [])]
        mail = scene.mail(
            second, chair, sentences, topics, inbound=False, seen=seen, new_thread=dice.random() < 0.35, outcome=bounced
        )
        if made:
            self._tell(made, mail, chair, deal.rep)
        if bounced:
            return
        if purpose == "discovery" and mail:
            scene.at(second + UNANSWERED_AFTER, self._check_answered, deal, second)
        self.answer(second, chair, {"closing": 0.7, "discovery": 1.1}.get(purpose, 0.9))

    def _ring(self, second: int, chair: Chair, purpose: str) -> None:
        """Phone; half of the time nobody answers."""
        scene, dice, deal = self._scene, self._scene.dice, chair.deal
        pen, words = deal.pen, deal.words(name=chair.name, colleague=chair.name)
        reached = dice.random() < 0.5
        subject = pen.say(dice, pen.phrases["call_subject"], words)
        made, topics = None, []
        if reached:
            topics = [
                t
                for t in spoken_of(dice, chair.role.seat, scene.position(chair) + chair.front)
                if t in pen.phrases["note"]
            ]
            topics = [t for t in topics if t not in ("promise", "introduction")][:1]
            sentences = [pen.neutral(dice, "note", words), *pen.about(dice, "note", topics, words)]
            if dice.random() < 0.12:
                made = self._promises.by_seller(second, chair, dice.choice(("document", "answer")), deal.rep)
                told = pen.phrases["promise_note"][made.promise.what]
                sentences.append(pen.say(dice, told, {**words, "due": made.words}))
            scene.seats.floats("stirred")[chair.index] += 0.01
        else:
            sentences = [pen.say(dice, pen.phrases["note"]["no_answer"], words)]
        if dice.random() >= deal.rep.logs_calls:
            if made:
                self._promises.task_for(made, chair, deal.rep)
            return
        duration = int(dice.uniform(90, 1200)) if reached else int(dice.uniform(10, 45))
        late = 0 if dice.random() < 0.75 else dice.expovariate(1 / (6 * HOUR))
        recorded = deal.rep.office.workable(second + duration + late, 5 * MINUTE)
        channel = ("call", "outbound", "connected" if reached else "no_answer")
        body = " ".join(sentences)
        topics = [*topics, *(["promise"] if made else [])]
        note = scene.note(second, chair, channel, subject, body, topics, duration=duration, recorded=recorded)
        if made:
            self._tell(made, note, chair, deal.rep)

    def respond(self, second: int, chair: Chair, topics: list[str]) -> None:
        """The buyer said something: answer sooner or later, or forget it."""
        scene, dice, deal = self._scene, self._scene.dice, chair.deal
        if "out_of_office" in topics or "opt_out" in topics:
            return
        if "delay" in topics and dice.random() < 0.5:
            scene.at_work(second + dice.uniform(0.5, 3) * DAY, deal.rep.office, self.postpone, deal)
        asked = bool(set(topics) & ASKS) or "quote_request" in topics
        if dice.random() > (0.94 if asked else 0.5) * min(1.0, 0.75 + 0.25 * deal.rep.diligence):
            return
        hours = deal.rep.reply_hours * dice.lognormvariate(0.0, 0.8)
        scene.at_work(second + hours * HOUR, deal.rep.office, self._reply, chair, topics, hours)

    def _reply(self, second: int, chair: Chair, topics: list[str], hours: float) -> None:
        scene, dice, deal = self._scene, self._scene.dice, chair.deal
        if not chair.is_live:
            return
        rep = deal.rep
        by = self._manager(rep) if dice.random() < 0.05 else rep
        pen, words = deal.pen, deal.words(own=by.record.name)
        sentences = (
            [pen.say(dice, pen.phrases["seller"]["apology"], words)] if hours > 30 and dice.random() < 0.6 else []
        )
        made, what = None, self._what_to_promise(second, deal, topics)
        if what:
            made = self._promises.by_seller(second, chair, what, by)
            sentences.append(pen.say(dice, pen.phrases["seller"]["reply"], words))
            sentences.append(pen.say(dice, pen.phrases["promise"][what], {**words, "due": made.words}))
        elif set(topics) & ASKS:
            sentences.append(pen.say(dice, pen.phrases["seller"]["answer"], words))
            scene.move(chair, 0.02)
        else:
            sentences.append(pen.say(dice, pen.phrases["seller"]["reply"], words))
        seen = dice.random() < by.captures_mail
        said = ["promise"] if made else []
        mail = scene.mail(second, chair, sentences, said, inbound=False, seen=seen, by=by)
        if made:
            self._tell(made, mail, chair, by)
        scene.deals.floats("effort")[deal.index] += 0.5
        scene.seats.floats("stirred")[chair.index] += 0.008

    def _what_to_promise(self, second: int, deal: Deal, topics: list[str]) -> str | None:
        dice = self._scene.dice
        if "quote_request" in topics and not deal.quote_due:
            deal.quote_due = True
            self._scene.at_work(second + dice.uniform(0.5, 8) * HOUR, deal.rep.office, self._quotes.prepare, deal)
            return "quote"
        if set(topics) & {"question", "legal", "procurement"} and dice.random() < 0.3:
            return dice.choice(("answer", "document"))
        if set(topics) & {"reference_request", "trial", "demo"} and dice.random() < 0.35:
            return dice.choice(("call", "document"))
        return None

    def _tell(self, made: Made, activity: Activity | None, chair: Chair, rep: Rep) -> None:
        """A promise shows in the message if the CRM has it, in a task half of the time, and sometimes nowhere."""
        if activity is not None:
            made.told_in(activity)
        if self._scene.dice.random() < 0.45:
            self._promises.task_for(made, chair, rep)

    def _deliver(self, second: int, chair: Chair, rep: Rep) -> None:
        pen, dice = chair.deal.pen, self._scene.dice
        sentences = [pen.say(dice, pen.phrases["seller"]["delivers"], chair.deal.words())]
        self._scene.mail(second, chair, sentences, ["document_sent"], inbound=False, seen=True, by=rep)

    def _answer_as_promised(self, second: int, chair: Chair, rep: Rep) -> None:
        pen, dice = chair.deal.pen, self._scene.dice
        sentences = [pen.say(dice, pen.phrases["seller"]["answer"], chair.deal.words())]
        self._scene.mail(second, chair, sentences, [], inbound=False, seen=True, by=rep)

    def _call_as_promised(self, second: int, chair: Chair, rep: Rep) -> None:
        pen, dice = chair.deal.pen, self._scene.dice
        words = chair.deal.words(name=chair.name)
        subject = pen.say(dice, pen.phrases["call_subject"], words)
        body = pen.neutral(dice, "note", words)
        duration = int(dice.uniform(120, 900))
        channel = ("call", "outbound", "connected")
        self._scene.note(second, chair, channel, subject, body, [], duration=duration, recorded=second + duration)

    def _check_answered(self, second: int, deal: Deal, asked: int) -> None:
        heard = int(self._scene.deals.ints("heard")[deal.index])
        if deal.is_open and heard < asked:
            symptom = Symptom("unanswered_questions", deal.record.id, instant(second))
            self._scene.truth.symptoms.append(symptom)

    def _plan_follow_up(self, second: int, chair: Chair) -> None:
        """A reminder to oneself; done more or less in time, by the seller's habits."""
        scene, dice, deal = self._scene, self._scene.dice, chair.deal
        pen, rep = deal.pen, deal.rep
        due = rep.office.workable(second + dice.uniform(2, 14) * DAY, 30 * MINUTE)
        subject = pen.say(dice, pen.phrases["task"]["follow_up"], deal.words(name=chair.name))
        task = PlannedTask(
            scene.number("task"),
            deal.record.id,
            chair.person.id,
            rep.record.id,
            dice.choice(("call", "email")),
            subject,
            "",
            instant(second),
            instant(due),
        )
        deal.tasks[task.id] = task
        scene.records.touch("tasks", task)
        if dice.random() < 0.4 + 0.5 * rep.hygiene:
            scene.at_work(due + dice.gauss(0, 1.2) * DAY, rep.office, self._tick_off, deal, task)

    def _tick_off(self, second: int, deal: Deal, task: PlannedTask) -> None:
        if deal.tasks.pop(task.id, None):
            task.done_at = instant(max(second, int(task.planned_at.timestamp()) + 1))
            self._scene.records.touch("tasks", task)
            self.reach_out(second, deal)

    def somebody(self, deal: Deal) -> Chair | None:
        """Whom the seller turns to: the champion most of all; now and then somebody who has left."""
        if not deal.is_open:
            return None
        chairs = [chair for chair in deal.chairs if chair.is_live and not chair.person.opted_out]
        if not chairs:
            return None
        weights = [MOST_HEARD.get(chair.role.seat, 0.6) for chair in chairs]
        return self._scene.dice.choices(chairs, weights)[0]

    def _manager(self, rep: Rep) -> Rep:
        return next((other for other in self._scene.reps if other.record.id == rep.record.manager_id), rep)
