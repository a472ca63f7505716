"""What sellers do to the record of a deal: push its stage, move its close date, hand it over, close it."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from sandbox.market.calendar import DAY, instant, month_end, near_quarter_end, quarter_end
from sandbox.market.cast import Rep
from sandbox.market.decisions import LOST, NO_DECISION, WON
from sandbox.market.minds import Group
from sandbox.market.pipelines import LOST_REASONS, NO_DECISION_REASONS
from sandbox.market.quotes import Quotes
from sandbox.market.scene import HOUR, Act, Deal, Scene
from sandbox.market.state import Floats
from sandbox.market.truth import Symptom

PUSH, OWN_EFFORT, AT_QUARTER_END = 0.011, 0.020, 2.3
FALL_BACK, HAND_OVER = 0.0006, 0.0005
CONVINCED, LATE = 5.0, 0.7


class Desk:
    """The records of all open deals, as their sellers keep them."""

    def __init__(self, scene: Scene, quotes: Quotes) -> None:
        self._scene = scene
        self._quotes = quotes
        self._pushes: dict[int, int] = {}
        quotes.proposed = self.proposed
        quotes.amount = self._set_amount

    def day(self, among: Group, shares: Floats, where: Floats, today: date) -> None:
        """Put the day's changes of stages, close dates and owners on the agenda.

        A seller pushes a stage after acts of their own and when the quarter ends, more than because of the buyer:
        an honest one looks at where the group is (`where`), too.
        """
        scene, deals = self._scene, self._scene.deals
        rows = among.deals
        reps = deals.ints("rep")[rows]
        honesty = np.array([rep.honesty for rep in scene.reps])[reps]
        optimism = np.array([rep.optimism for rep in scene.reps])[reps]
        hygiene = np.array([rep.hygiene for rep in scene.reps])[reps]
        stage, last = deals.ints("stage")[rows], deals.ints("stages")[rows] - 1
        earned = 2.0 / (1.0 + np.exp(-(where - 0.8 - 3.6 * stage / last) / 0.8))
        push = PUSH + OWN_EFFORT * np.tanh(deals.floats("effort")[rows] / 2.0)
        push = push * shares * optimism * ((1 - honesty) + honesty * earned)
        push *= AT_QUARTER_END if near_quarter_end(today) else 1.0
        draw = scene.rng.random((4, len(rows)))
        overdue = deals.ints("close_day")[rows] < today.toordinal() + 1
        self._plan(rows, (draw[0] < push) & (stage < last), self.advance_stage)
        self._plan(rows, (draw[1] < FALL_BACK * shares) & (stage > 0), self._fall_back)
        self._plan(rows, overdue & (draw[2] < (0.06 + 0.4 * hygiene) * shares), self.postpone)
        self._plan(rows, draw[3] < HAND_OVER * shares, self._hand_over)

    def _plan(self, rows: np.ndarray, chosen: np.ndarray, act: Act) -> None:
        scene = self._scene
        for row in rows[chosen]:
            deal = scene.files[row]
            window = scene.windows[deal.rep.record.time_zone]
            scene.at(window.moment(scene.dice.random()), act, deal)

    def advance_stage(self, second: int, deal: Deal) -> None:
        """One stage further, or into the quoting stage with a quote nobody asked for."""
        if not deal.is_open:
            return
        stage = int(self._scene.deals.ints("stage")[deal.index])
        if stage + 1 >= deal.pipeline.open_stages:
            return
        self._set_stage(second, deal, stage + 1)
        if stage + 1 == deal.pipeline.quoting and not deal.quotes and self._scene.dice.random() < 0.65:
            chairs = [chair for chair in deal.chairs if chair.is_live]
            if chairs:
                later = second + self._scene.dice.uniform(0.5, 6) * DAY
                self._scene.at_work(later, deal.rep.office, self._quotes.send, chairs[0], deal.rep)

    def _fall_back(self, second: int, deal: Deal) -> None:
        stage = int(self._scene.deals.ints("stage")[deal.index])
        if deal.is_open and stage > 0:
            self._set_stage(second, deal, stage - 1)

    def proposed(self, second: int, deal: Deal) -> None:
        """A quote was sent: the stage follows."""
        if deal.is_open and self._scene.deals.ints("stage")[deal.index] < deal.pipeline.quoting:
            self._set_stage(second, deal, deal.pipeline.quoting)

    def _set_stage(self, second: int, deal: Deal, stage: int) -> None:
        scene, record = self._scene, deal.record
        new = deal.pipeline.stage_id(stage)
        scene.records.change(record.id, "stage", record.stage_id, new, instant(second))
        record.stage_id = new
        scene.records.touch("opportunities", record)
        deals = scene.deals
        deals.ints("since")[deal.index] = second
        if stage < deal.pipeline.open_stages:
            deals.ints("stage")[deal.index] = stage
            ghost = np.isfinite(deals.floats("ceiling")[deal.index])
            if ghost and stage / (deal.pipeline.open_stages - 1) > LATE:
                scene.truth.symptoms.append(Symptom("ghost_deal", record.id, instant(second)))

    def postpone(self, second: int, deal: Deal) -> None:
        """Move the close date away: to some weeks from now, often to the end of a month or this quarter."""
        scene, dice, record = self._scene, self._scene.dice, deal.record
        if not deal.is_open or record.close_date is None:
            return
        today = scene.day(deal, second)
        later = max(today, min(record.close_date, today + timedelta(days=20))) + timedelta(days=dice.randint(10, 50))
        if dice.random() < 0.45:
            later = month_end(later)
        elif near_quarter_end(today) and dice.random() < 0.5 and quarter_end(today) > record.close_date:
            later = quarter_end(today)
        if later <= record.close_date:
            return
        self._set_close_date(second, deal, later)
        pushes = self._pushes[deal.index] = self._pushes.get(deal.index, 0) + 1
        if pushes == 2:
            scene.truth.symptoms.append(Symptom("slipping_date", record.id, instant(second)))

    def _set_close_date(self, second: int, deal: Deal, day: date) -> None:
        scene, record = self._scene, deal.record
        scene.records.change(record.id, "close_date", record.close_date, day, instant(second))
        record.close_date = day
        scene.deals.ints("close_day")[deal.index] = day.toordinal()
        scene.records.touch("opportunities", record)

    def _set_amount(self, second: int, deal: Deal, amount: float) -> None:
        record = deal.record
        if amount != record.amount:
            self._scene.records.change(record.id, "amount", record.amount, amount, instant(second))
            record.amount = amount
            self._scene.records.touch("opportunities", record)

    def _hand_over(self, second: int, deal: Deal) -> None:
        others = [rep for rep in self._scene.reps if rep.record.is_active and rep.record.team == deal.rep.record.team]
        if deal.is_open:
            self._give_to(second, deal, self._scene.dice.choice(others))

    def _give_to(self, second: int, deal: Deal, rep: Rep) -> None:
        scene, record = self._scene, deal.record
        if rep is deal.rep:
            return
        scene.records.change(record.id, "seller", record.seller_id, rep.record.id, instant(second))
        record.seller_id = rep.record.id
        deal.rep = rep
        scene.deals.ints("rep")[deal.index] = rep.index
        scene.records.touch("opportunities", record)

    def leave(self, second: int, rep: Rep) -> None:
        """A seller leaves the company; colleagues take over the open deals."""
        rep.record.is_active = False
        self._scene.records.touch("sellers", rep.record)
        for deal in self._scene.files:
            if deal.is_open and deal.rep is rep:
                self._hand_over(second, deal)

    def close(self, second: int, deal: Deal, outcome: int) -> None:
        """The deal is won, lost, or given up."""
        scene, dice, record = self._scene, self._scene.dice, deal.record
        if not deal.is_open:
            return
        today = scene.day(deal, second)
        if record.close_date != today:
            self._set_close_date(second, deal, today)
        self._set_stage(second, deal, deal.pipeline.open_stages + (outcome != WON))
        record.closed_at = instant(second)
        record.loss_reason = {LOST: dice.choice(LOST_REASONS), NO_DECISION: dice.choice(NO_DECISION_REASONS)}.get(
            outcome
        )
        deal.outcome = outcome
        scene.deals.flags("open")[deal.index] = False
        for chair in deal.chairs:
            scene.seats.flags("live")[chair.index] = False
        self._quotes.settle(second, deal, won=outcome == WON)
        for task in deal.tasks.values():
            if dice.random() < 0.85:
                task.done_at = instant(max(second, int(task.planned_at.timestamp()) + 1))
                scene.records.touch("tasks", task)
        if outcome == WON:
            scene.wins(deal.firm)
            for chair in deal.chairs:
                if chair.person.lifecycle != "customer":
                    scene.records.enter(chair.person, "customer", instant(second))

    def sign(self, second: int, deal: Deal, outcome: int) -> None:
        """Decided by the buyer; the seller books it within hours, or days when there is nothing to be proud of."""
        if deal.is_decided:
            return
        deal.is_decided = True
        dice = self._scene.dice
        later = dice.uniform(0.3, 6) * HOUR if outcome == WON else dice.expovariate(1 / (1.5 * DAY))
        self._scene.at_work(second + later, deal.rep.office, self.close, deal, outcome)
