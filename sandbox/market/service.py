"""Service: customers report trouble; how soon they are helped shows in the cases, and in what they think of us."""

from __future__ import annotations

from sandbox.company import Case
from sandbox.market.calendar import DAY, instant
from sandbox.market.cast import OFFICES, Firm
from sandbox.market.scene import HOUR, Scene
from sandbox.market.writing import pen

CASES_A_DAY = 0.004
SLOW, ANNOYED = 12.0, -0.1


class Service:
    """Cases of all customers."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def day(self, begin: int) -> None:
        """Put the day's new cases on the agenda."""
        scene = self._scene
        customers = [firm for firms in scene.customers.values() for firm in firms]
        for _ in range(int(scene.rng.poisson(CASES_A_DAY * len(customers)))):
            firm = scene.dice.choice(customers)
            office = OFFICES["Europe/Amsterdam" if firm.language == "nl" else "Europe/London"]
            scene.at_work(begin + scene.dice.random() * DAY, office, self._open, firm)

    def _open(self, second: int, firm: Firm) -> None:
        scene, dice = self._scene, self._scene.dice
        office = OFFICES["Europe/Amsterdam" if firm.language == "nl" else "Europe/London"]
        if not scene.staff.get(firm.record.id):
            return
        writer, person = pen(firm.language), dice.choice(scene.staff[firm.record.id])
        subject = writer.say(dice, writer.phrases["case_subject"], {})
        priority = dice.choice(("Low", "Medium", "Medium", "High"))
        case = Case(scene.number("case"), firm.record.id, person.id, subject, instant(second), None, None, priority)
        scene.records.touch("cases", case)
        hours = dice.lognormvariate(1.2, 1.0)
        answered = scene.at_work(second + hours * HOUR, office, self._answer, case, firm, hours)
        if dice.random() < 0.93:
            scene.at_work(answered + dice.lognormvariate(0.3, 1.0) * DAY, office, self._close, case)

    def _answer(self, second: int, case: Case, firm: Firm, hours: float) -> None:
        case.first_response_at = instant(second)
        self._scene.records.touch("cases", case)
        if hours > SLOW:
            for deal in firm.deals:
                for chair in deal.chairs:
                    if chair.is_live:
                        self._scene.move(chair, ANNOYED)

    def _close(self, second: int, case: Case) -> None:
        case.closed_at = instant(second)
        self._scene.records.touch("cases", case)
