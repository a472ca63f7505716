"""The market as a whole: its past at the start, and what each further day brings."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np

from sandbox.company import Batch
from sandbox.market import decisions, minds
from sandbox.market.buyers import Buyers
from sandbox.market.calendar import DAY, instant, near_quarter_end
from sandbox.market.cast import OFFICES
from sandbox.market.decisions import LOST, NO_DECISION, WON
from sandbox.market.desk import Desk
from sandbox.market.leads import Leads
from sandbox.market.meetings import Meetings
from sandbox.market.openings import Openings
from sandbox.market.pipelines import PIPELINES
from sandbox.market.promises import Promises
from sandbox.market.quotes import Quotes
from sandbox.market.scene import HOUR, Scene
from sandbox.market.sellers import Sellers
from sandbox.market.service import Service
from sandbox.market.state import phase, position

HISTORY_DAYS = 730
GROWTH = 4.0
LAST_OPENING = 3 * HOUR
LEADS_PER_DEAL = 0.45
DEALS_PER_REP, FEWEST_REPS, MOST_REPS = 85, 10, 120
OUTCOMES = {decisions.OPEN: "open", WON: "won", LOST: "lost", NO_DECISION: "no_decision"}


class Market:
    """A market of so many opportunities, the same for the same seed and instant.

    Parameters
    ----------
    opportunities : opened in the 24 months before `as_of`; about 60 % of them have closed.
    as_of : the instant at which it stands, UTC.
    regime : "informative": outcomes follow from what the buyers think; "uninformative": they don't.
    density : how many times the usual number of acts buyers show (1: about 30 interactions per opportunity).
    """

    def __init__(
        self, opportunities: int, seed: int, as_of: datetime, *, regime: str = "informative", density: float = 1.0
    ) -> None:
        if regime not in ("informative", "uninformative"):
            raise ValueError(f"regime {regime!r}: choose informative or uninformative")
        self.as_of = as_of.replace(microsecond=0)
        self._opportunities = opportunities
        self._regime = regime
        self._origin = int(self.as_of.timestamp()) - HISTORY_DAYS * DAY
        self._window = 0
        scene = self._scene = Scene(seed, informative=regime == "informative", density=density)
        self._promises = Promises(scene)
        self._quotes = Quotes(scene)
        self._buyers = Buyers(scene, self._promises)
        self._sellers = Sellers(scene, self._promises, self._quotes)
        self._meetings = Meetings(scene, self._sellers.somebody)
        self._desk = Desk(scene, self._quotes)
        self._openings = Openings(scene)
        self._leads = Leads(scene)
        self._service = Service(scene)
        self._introduce_everybody()

    def _introduce_everybody(self) -> None:
        """Who tells whom: what one side does is news to the other."""
        self._promises.speak = self._buyers.speak
        self._buyers.react = self._sellers.respond
        self._buyers.introduce = self._openings.introduced
        self._sellers.answer = self._buyers.may_answer
        self._sellers.plan_meeting = self._meetings.plan
        self._meetings.follow_up = self._sellers.respond
        self._sellers.postpone = self._desk.postpone
        self._openings.greet = self._sellers.reach_out
        self._openings.lead = self._leads.hand_over
        self._openings.browse = self._buyers.browse

    def past(self) -> Batch:
        """The 24 months up to `as_of`."""
        scene = self._scene
        count = min(MOST_REPS, max(FEWEST_REPS, round(self._opportunities / DEALS_PER_REP)))
        scene.reps = scene.casting.reps(scene.dice, count)
        for rep in scene.reps:
            scene.records.touch("sellers", rep.record)
        for pipeline in PIPELINES:
            for stage in pipeline.stages():
                scene.records.touch("stages", stage)
        for rep in scene.dice.sample(scene.reps[len(scene.reps) // 2 :], max(1, count // 20)):
            scene.at(self._origin + scene.dice.uniform(0.3, 0.9) * HISTORY_DAYS * DAY, self._desk.leave, rep)
        self._schedule_openings()
        return self._live(HISTORY_DAYS)

    def _schedule_openings(self) -> None:
        """Business grows: the density of openings rises linearly over the history."""
        u = np.sort(self._scene.rng.random(self._opportunities))
        share = (np.sqrt(1 + (GROWTH**2 - 1) * u) - 1) / (GROWTH - 1)
        end, office = self._origin + HISTORY_DAYS * DAY, OFFICES["Europe/London"]
        for day in share * HISTORY_DAYS:
            second = self._origin + day * DAY
            while office.workable(second) > end - LAST_OPENING:
                second -= DAY
            self._scene.at(second, self._openings.begin)

    def _openings_a_day(self, number: int) -> float:
        """Deals opened on that day, on average: ever more over the history, as many as at its end from then on."""
        grown = 1 + (GROWTH - 1) * min(1.0, number / HISTORY_DAYS)
        return self._opportunities * 2 * grown / (1 + GROWTH) / HISTORY_DAYS

    def advance(self, days: int) -> Batch:
        """The next days."""
        return self._live(days)

    def _live(self, days: int) -> Batch:
        for _ in range(days):
            self._live_a_day()
        self.as_of = instant(self._origin + self._window * DAY)
        return self._scene.records.batch(self.as_of)

    def _live_a_day(self) -> None:
        scene, number = self._scene, self._window
        begin = self._origin + number * DAY
        self._window += 1
        scene.begin_window(number, begin, begin + DAY)
        if number >= HISTORY_DAYS:
            for _ in range(int(scene.rng.poisson(self._openings_a_day(number)))):
                scene.at(begin + scene.dice.random() * DAY, self._openings.begin)
        for _ in range(int(scene.rng.poisson(LEADS_PER_DEAL * self._openings_a_day(number)))):
            scene.at(begin + scene.dice.random() * DAY, self._leads.arrive)
        self._service.day(begin)
        among = minds.group(scene.deals, scene.seats)
        if len(among.deals):
            self._stir(among, begin, number)
        scene.play(begin + DAY)

    def _stir(self, among: minds.Group, begin: int, number: int) -> None:
        """One day of all open deals: minds move first, then everybody plans what to do."""
        scene = self._scene
        minds.live_on(scene.deals, scene.seats, among, scene.rng)
        share_of = np.array([scene.windows[str(rep.record.time_zone)].open_share for rep in scene.reps])
        shares = share_of[scene.deals.ints("rep")[among.deals]]
        seats = scene.seats
        stands = position(seats.floats("conviction")[among.seats], seats.floats("thresholds")[among.seats])
        where = among.mean(stands, seats.floats("sway")[among.seats])
        self._buyers.day(among, shares, stands, begin)
        if not shares.any():
            return
        today = instant(begin + DAY // 2).date()
        self._sellers.day(among, shares, where, hurried=near_quarter_end(today))
        self._desk.day(among, shares, where, today)
        self._replace_champions(among, shares)
        at, outcomes = decisions.decided(scene.deals, seats, among, begin, number, shares, scene.rng)
        for row, outcome in zip(among.deals[at], outcomes, strict=True):
            deal = scene.files[row]
            window = scene.windows[str(deal.rep.record.time_zone)]
            scene.at(window.moment(scene.dice.random()), self._desk.sign, deal, int(outcome))

    def _replace_champions(self, among: minds.Group, shares: np.ndarray) -> None:
        scene = self._scene
        champions = scene.seats.ints("seat")[among.seats] == minds.SEATS.index("champion")
        hit = champions & (scene.rng.random(len(among.seats)) < 0.0009 * shares[among.at])
        for row in among.seats[hit]:
            chair = scene.chairs[row]
            window = scene.windows[str(chair.deal.rep.record.time_zone)]
            scene.at(window.moment(scene.dice.random()), self._openings.replace, chair)

    def truth(self) -> dict[str, Any]:
        """The latent state as it stands now, the promises and the symptoms, by the company's own ids."""
        scene = self._scene
        x, thresholds = scene.seats.floats("conviction"), scene.seats.floats("thresholds")
        stands, phases = position(x, thresholds), phase(x, thresholds)
        return {
            "as_of": self.as_of,
            "regime": self._regime,
            "opportunities": [self._truth_of(deal) for deal in scene.files],
            "people": [
                {
                    "opportunity_id": chair.deal.record.id,
                    "person_id": chair.person.id,
                    "seat": chair.role.seat,
                    "conviction": float(x[chair.index]),
                    "position": float(stands[chair.index]),
                    "phase": int(phases[chair.index]),
                    "left_at": chair.role.left_at,
                }
                for chair in scene.chairs
            ],
            "promises": scene.truth.promises,
            "symptoms": scene.truth.symptoms,
            "actions": scene.truth.actions,
            "leads": scene.truth.leads,
        }

    def _truth_of(self, deal: Any) -> dict[str, Any]:
        deals, row, record = self._scene.deals, deal.index, deal.record
        return {
            "opportunity_id": record.id,
            "outcome": OUTCOMES[deal.outcome],
            "ghost": bool(np.isfinite(deals.floats("ceiling")[row])),
            "fit": float(deals.floats("fit")[row]),
            "pressure": float(deals.floats("pressure")[row]),
        }
