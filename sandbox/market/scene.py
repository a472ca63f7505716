"""What all actors of the market share: the state, the records, the agenda of what is to happen, and the dice."""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from random import Random
from typing import Any

import numpy as np

from sandbox.company import Activity, Opportunity, Person, PlannedTask, Quote, Role
from sandbox.market import names, state
from sandbox.market.calendar import Office, Window, instant
from sandbox.market.cast import OFFICES, Casting, Firm, Rep
from sandbox.market.decisions import OPEN
from sandbox.market.pipelines import Pipeline
from sandbox.market.records import Records
from sandbox.market.truth import Action, Truth
from sandbox.market.writing import Pen

MINUTE, HOUR = 60, 3600

Act = Callable[..., object]
"""Something that happens: called with the second, and with whatever it is about."""


def nothing(*_: object) -> None:
    """What happens where nobody is told."""


class Dice(Random):
    """The standard generator with a quicker, slightly less even choice."""

    def choice(self, seq: Any) -> Any:
        return seq[int(self.random() * len(seq))]


@dataclass(slots=True, eq=False)
class Deal:
    """An opportunity with what happens around it; its latent state is row `index` of the deals' columns."""

    index: int
    record: Opportunity
    firm: Firm
    pipeline: Pipeline
    rep: Rep
    product: str
    pen: Pen
    chairs: list[Chair] = field(default_factory=list)
    quotes: list[Quote] = field(default_factory=list)
    tasks: dict[str, PlannedTask] = field(default_factory=dict)
    quote_due: bool = False
    outcome: int = OPEN
    is_decided: bool = False

    @property
    def is_open(self) -> bool:
        return self.record.closed_at is None

    def words(self, **more: str) -> dict[str, str]:
        """The slots that this deal fills in its texts."""
        return {"firm": self.firm.record.name, "product": self.product, "own": self.rep.record.name, **more}


@dataclass(slots=True, eq=False)
class Chair:
    """A person in a deal's buying group; the latent state is row `index` of the seats' columns.

    calls: share of their acts that are phone calls; front: how far ahead of (or behind) their own conviction they talk.
    """

    index: int
    person: Person
    role: Role
    deal: Deal
    calls: float
    formal: bool
    front: float
    thresholds: tuple[float, ...]
    thread: str | None = None
    subject: str = ""
    last_mail: Activity | None = None

    @property
    def is_live(self) -> bool:
        return self.role.left_at is None and self.deal.is_open

    @property
    def name(self) -> str:
        """How others write of this person."""
        return f"{self.person.first_name} {self.person.last_name}"


class Scene:
    """Agenda items are (second, number, what to do, with what); they are done in order of time."""

    def __init__(self, seed: int, *, informative: bool, density: float) -> None:
        self.seed = seed
        self.informative = informative
        self.density = density
        self.rng = np.random.default_rng(seed)
        self.dice: Random = Dice(seed)
        self.casting = Casting()
        self.records = Records()
        self.truth = Truth()
        self.deals = state.deals()
        self.seats = state.seats()
        self.files: list[Deal] = []
        self.chairs: list[Chair] = []
        self.reps: list[Rep] = []
        self.customers: dict[str, list[Firm]] = {language: [] for language in names.NAMES}
        self.staff: dict[str, list[Person]] = {}
        self.window = 0
        self.windows: dict[str, Window] = {}
        self._agenda: list[tuple[int, int, Act, tuple[Any, ...]]] = []
        self._numbers = count()

    def at(self, second: float, act: Act, *details: Any) -> None:
        """Put something on the agenda: `act(second, *details)` is called when the market gets there."""
        heapq.heappush(self._agenda, (int(second), next(self._numbers), act, details))

    def at_work(self, second: float, office: Office, act: Act, *details: Any) -> int:
        """The same, at that moment or as soon as the office is open after it. Returns the second."""
        when = office.workable(second, self.dice.uniform(2 * MINUTE, 90 * MINUTE))
        self.at(when, act, *details)
        return when

    def play(self, until: int) -> None:
        """Do all that is on the agenda up to and including that second."""
        while self._agenda and self._agenda[0][0] <= until:
            second, _, act, details = heapq.heappop(self._agenda)
            act(second, *details)

    def begin_window(self, number: int, begin: int, end: int) -> None:
        """New dice for a new day, so that a day depends on the state and on nothing else."""
        self.rng = np.random.default_rng((self.seed, number))
        self.dice = Dice(self.seed * 1_000_003 + number)
        self.window = number
        self.windows = {zone: Window(office, begin, end) for zone, office in OFFICES.items()}

    def number(self, prefix: str) -> str:
        return self.casting.number(prefix)

    def position(self, chair: Chair) -> float:
        """Where this person stands among their own thresholds, about 0-6."""
        return state.position_of(float(self.seats.floats("conviction")[chair.index]), chair.thresholds)

    def move(self, chair: Chair, by: float) -> None:
        self.seats.floats("conviction")[chair.index] += by

    def heard(self, second: int, chair: Chair) -> None:
        """Somebody of the buyer's acted: it stirs them and, less, their colleagues."""
        deal, stirred = chair.deal, self.seats.floats("stirred")
        self.deals.ints("heard")[deal.index] = second
        pressure = self.deals.floats("pressure")
        pressure[deal.index] = max(0.0, pressure[deal.index] - 1.5)
        for other in deal.chairs:
            stirred[other.index] += 0.035 if other is chair else 0.008

    def acted(self, second: int, chair: Chair, purpose: str) -> None:
        """Keep for the truth what a seller does, and where the person stands at whom it is aimed."""
        phase = bisect_right(chair.thresholds, float(self.seats.floats("conviction")[chair.index]))
        action = Action(chair.deal.record.id, chair.person.id, purpose, phase, instant(second))
        self.truth.actions.append(action)

    def wins(self, firm: Firm) -> None:
        """The company has bought something."""
        if not firm.is_customer:
            firm.is_customer = True
            self.customers[firm.language].append(firm)

    def day(self, deal: Deal, second: int) -> date:
        """The seller's calendar day."""
        return deal.rep.office.local(second).date()

    def mail(
        self,
        second: int,
        chair: Chair,
        sentences: list[str],
        topics: list[str],
        *,
        inbound: bool,
        seen: bool,
        new_thread: bool = False,
        by: Rep | None = None,
        outcome: str | None = None,
    ) -> Activity | None:
        """Send an e-mail; returns it if the CRM captures it (`seen`)."""
        deal, dice = chair.deal, self.dice
        rep = by or deal.rep
        if chair.thread is None or new_thread:
            chair.thread = self.number("thread")
            chair.subject = deal.pen.say(dice, deal.pen.phrases["subjects"], deal.words())
            subject = chair.subject
        else:
            subject = deal.pen.say(dice, deal.pen.phrases["reply_subject"], {"subject": chair.subject})
        if not seen:
            return None
        to, sender = (rep.record.name, chair.name) if inbound else (chair.name, rep.record.name)
        first_name = (rep.first_name if inbound else chair.person.first_name) if not chair.formal else to
        body = deal.pen.letter(dice, sentences, first_name, sender, formal=chair.formal)
        if chair.last_mail is not None and not new_thread and dice.random() < 0.1:
            sent = chair.last_mail
            body += deal.pen.quoted(dice, to, self.day(deal, int(sent.occurred_at.timestamp())), sent.body)
        channel = ("email", "inbound" if inbound else "outbound", outcome)
        mail = self._activity(second, second, chair, [chair], rep, channel, subject, body, topics)
        mail.thread_id = chair.thread
        chair.last_mail = mail
        return mail

    def note(
        self,
        second: int,
        chair: Chair,
        channel: tuple[str, str, str | None],
        subject: str,
        body: str,
        topics: list[str],
        *,
        duration: int | None = None,
        recorded: int | None = None,
        others: list[Chair] | None = None,
    ) -> Activity:
        """Log anything but an e-mail: (channel, direction, outcome); it shows in the CRM once `recorded`."""
        after = recorded if recorded is not None else second
        group = [chair, *(others or [])]
        activity = self._activity(second, after, chair, group, chair.deal.rep, channel, subject, body, topics)
        activity.duration_seconds = duration
        return activity

    def _activity(
        self,
        second: int,
        recorded: int,
        chair: Chair,
        group: list[Chair],
        rep: Rep,
        channel: tuple[str, str, str | None],
        subject: str,
        body: str,
        topics: list[str],
    ) -> Activity:
        activity = Activity(
            self.number("activity"),
            chair.deal.record.id,
            chair.deal.firm.record.id,
            [other.person.id for other in group],
            rep.record.id,
            *channel,
            subject,
            body,
            topics,
            (occurred := instant(second)),
            occurred if recorded == second else instant(recorded),
        )
        if recorded > second:
            self.at(recorded, lambda _: self.records.log(activity))
        else:
            self.records.log(activity)
        return activity
