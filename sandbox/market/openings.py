"""How deals begin: an inquiry, a cold call or a renewal; who sits at the table, who joins later, who is replaced."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sandbox.company import Opportunity, Person, ProductLine, Role
from sandbox.market import decisions, names
from sandbox.market.calendar import DAY, instant, month_end
from sandbox.market.cast import Firm, Rep
from sandbox.market.minds import SEATS, newcomer
from sandbox.market.pipelines import NEW_BUSINESS, RENEWAL, Pipeline
from sandbox.market.scene import HOUR, Act, Chair, Deal, Scene, nothing
from sandbox.market.truth import Symptom
from sandbox.market.writing import pen

RENEWALS, INBOUND, SAME_FIRM, OLD_CUSTOMERS, GHOSTS = 0.2, 0.65, 0.12, 0.12, 0.13
TALKS_AHEAD = 0.9
START = {"inbound": 0.6, "outbound": 0.0, "renewal": 1.4}
OTHER_SEATS = ("decider", "user", "technical", "procurement", "unknown", "user", "technical")


class Openings:
    """Starts deals and fills their buying groups. `greet` is the seller's first act, `browse` the buyer's visit."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self.greet: Act = nothing
        self.browse: Act = nothing
        self.lead: Callable[[int, Rep], Person | None] = lambda second, rep: None

    def begin(self, second: int) -> None:
        """Somebody is about to open a deal, as soon as the office is."""
        rep = self._scene.dice.choice([rep for rep in self._scene.reps if rep.record.is_active])
        self._scene.at_work(second, rep.office, self._open, rep)

    def _open(self, second: int, rep: Rep) -> None:
        """A deal is opened: for a lead who wants to buy, for an existing customer, or for somebody new."""
        scene, dice = self._scene, self._scene.dice
        customers = scene.customers[rep.language]
        person = None
        if customers and dice.random() < RENEWALS:
            pipeline, origin, firm = RENEWAL, "renewal", dice.choice(customers)
        elif dice.random() < INBOUND:
            pipeline, origin, person = NEW_BUSINESS, "inbound", self.lead(second, rep)
            firm = self._converted(second, rep, person) if person else self._firm(second, rep, customers)
        else:
            pipeline, origin, firm = NEW_BUSINESS, "outbound", self._firm(second, rep, customers)
        deal = self._deal(second, rep, firm, pipeline, origin)
        if origin == "inbound" and not person:
            self._inquire(second, deal)
        scene.at_work(second + dice.uniform(1, 30) * HOUR, rep.office, self.greet, deal)

    def _firm(self, second: int, rep: Rep, customers: list[Firm]) -> Firm:
        scene, dice = self._scene, self._scene.dice
        if customers and dice.random() < SAME_FIRM:
            return dice.choice(customers)
        return self._made(second, scene.casting.firm(dice, rep.language, instant(second)))

    def _made(self, second: int, firm: Firm) -> Firm:
        if self._scene.dice.random() < OLD_CUSTOMERS:
            self._scene.wins(firm)
        self._scene.records.touch("accounts", firm.record)
        return firm

    def _converted(self, second: int, rep: Rep, person: Person) -> Firm:
        """The lead becomes a contact at a company of which until now only the name was known."""
        scene = self._scene
        known = (str(person.company), str(person.email).rpartition("@")[2])
        firm = self._made(second, scene.casting.firm(scene.dice, rep.language, instant(second), known))
        person.kind, person.account_id = "contact", firm.record.id
        scene.records.enter(person, "sql", instant(second))
        scene.staff[firm.record.id] = [person]
        return firm

    def _deal(self, second: int, rep: Rep, firm: Firm, pipeline: Pipeline, origin: str) -> Deal:
        scene, dice = self._scene, self._scene.dice
        ghost = pipeline is NEW_BUSINESS and dice.random() < GHOSTS
        fit = dice.gauss(0.0, 1.0) + (0.5 if pipeline is RENEWAL else 0.0) - (0.3 if ghost else 0.0)
        lines = self._lines(dice.choice((1, 1, 2, 2, 3)), firm)
        record = self._record(second, rep, firm, pipeline, lines)
        index = scene.deals.append(
            {
                "open": True,
                "born": second,
                "fit": fit,
                "ceiling": dice.uniform(1.3, 2.2) if ghost else float("inf"),
                "rival": dice.gauss(1.0, 0.9),
                "patience": 190.0 * dice.lognormvariate(0.0, 0.45),
                "stages": pipeline.open_stages,
                "since": second,
                "rep": rep.index,
                "close_day": record.close_date.toordinal() if record.close_date else 0,
                "heard": second,
                **({} if scene.informative else decisions.blind_fate(scene.rng, scene.window)),
            }
        )
        deal = Deal(index, record, firm, pipeline, rep, lines[0][0], pen(firm.language))
        scene.files.append(deal)
        firm.deals.append(deal)
        self._note_opening(second, deal, lines)
        self._seat_group(second, deal, fit, START[origin])
        return deal

    def _record(
        self, second: int, rep: Rep, firm: Firm, pipeline: Pipeline, lines: list[tuple[str, float, float]]
    ) -> Opportunity:
        dice = self._scene.dice
        opened = rep.office.local(second).date()
        hoped = opened + timedelta(days=int(dice.uniform(35, 110) / rep.optimism))
        return Opportunity(
            id=self._scene.number("opportunity"),
            account_id=firm.record.id,
            seller_id=rep.record.id,
            pipeline_id=pipeline.id,
            stage_id=pipeline.stage_id(0),
            name=f"{firm.record.name} – {lines[0][0]}",
            amount=round(sum(amount for _, _, amount in lines), 2),
            currency="EUR",
            close_date=month_end(hoped) if dice.random() < 0.5 else hoped,
            created_at=instant(second),
            closed_at=None,
            loss_reason=None,
        )

    def _lines(self, count: int, firm: Firm) -> list[tuple[str, float, float]]:
        """Products with their quantity and amount; bigger firms take more."""
        dice = self._scene.dice
        size = max(1.0, (firm.record.employees or 50) / 60) ** 0.45
        chosen = dice.sample(names.PRODUCTS, count)
        quantities = [float(max(1, round(size * dice.lognormvariate(0.2, 0.5)))) for _ in chosen]
        return [
            (name, n, round(n * price * dice.uniform(0.85, 1.1), -1))
            for (name, price), n in zip(chosen, quantities, strict=True)
        ]

    def _note_opening(self, second: int, deal: Deal, lines: list[tuple[str, float, float]]) -> None:
        records, record = self._scene.records, deal.record
        records.touch("opportunities", record)
        for product, quantity, amount in lines:
            records.touch("products", ProductLine(record.id, product, quantity, amount))
        values = {
            "stage": record.stage_id,
            "close_date": record.close_date,
            "amount": record.amount,
            "seller": record.seller_id,
        }
        for field, value in values.items():
            records.change(record.id, field, None, value, instant(second))

    def _seat_group(self, second: int, deal: Deal, fit: float, start: float) -> None:
        """One person at first; the others turn up over the first weeks, those of a renewal sooner."""
        scene, dice = self._scene, self._scene.dice
        count = min(6, 1 + int(dice.expovariate(1 / 2.1) + 0.35))
        seats = ["champion" if dice.random() < 0.75 else "decider", *dice.sample(OTHER_SEATS, count)][:count]
        self.join(second, deal, seats[0], fit, start)
        for seat in seats[1:]:
            soon = 8 if start > 1 else 30
            scene.at_work(
                second + dice.expovariate(1 / soon) * DAY, deal.rep.office, self.join, deal, seat, fit, start - 0.3
            )

    def join(
        self, second: int, deal: Deal, seat: str, fit: float, start: float, *, reluctant: bool = False
    ) -> Chair | None:
        """Somebody takes a seat: a person known at the firm, or a new one."""
        scene, dice = self._scene, self._scene.dice
        if not deal.is_open:
            return None
        taken = {chair.person.id for chair in deal.chairs}
        staff = scene.staff.setdefault(deal.firm.record.id, [])
        known = [person for person in staff if person.id not in taken]
        if known and not reluctant and (not taken or dice.random() < 0.7):
            person = dice.choice(known)
        else:
            person = self._new_person(second, deal, seat)
            staff.append(person)
        role = Role(deal.record.id, person.id, seat, not deal.chairs, instant(second))
        scene.records.touch("roles", role)
        latent = newcomer(scene.rng, SEATS.index(seat), fit, start, reluctant=reluctant)
        index = scene.seats.append({**latent, "deal": deal.index})
        chair = Chair(
            index,
            person,
            role,
            deal,
            dice.betavariate(1.2, 3.0),
            dice.random() < 0.35,
            dice.gauss(0.0, TALKS_AHEAD),
            tuple(latent["thresholds"].tolist()),
        )
        scene.chairs.append(chair)
        deal.chairs.append(chair)
        return chair

    def _new_person(self, second: int, deal: Deal, seat: str) -> Person:
        scene = self._scene
        made = instant(second)
        person = scene.casting.person(
            scene.dice, deal.firm.language, seat, made, firm=deal.firm, owner_id=deal.rep.record.id
        )
        scene.records.enter(person, "customer" if deal.firm.is_customer else "sql", made)
        return person

    def introduced(self, second: float, by: Chair) -> None:
        """A buyer brings in a colleague whose seat is still free."""
        scene, deal = self._scene, by.deal
        there = {chair.role.seat for chair in deal.chairs if chair.is_live}
        missing = [seat for seat in SEATS if seat not in there]
        if missing and len(there) < 6:
            start = scene.position(by) * 0.4
            fit = float(scene.deals.floats("fit")[deal.index])
            scene.at_work(second, deal.rep.office, self.join, deal, scene.dice.choice(missing), fit, start)

    def replace(self, second: int, chair: Chair) -> None:
        """A champion leaves; a colleague who did not ask for this takes over."""
        scene, deal = self._scene, chair.deal
        if not chair.is_live:
            return
        chair.role.left_at = instant(second)
        scene.seats.flags("live")[chair.index] = False
        scene.records.touch("roles", chair.role)
        fit = float(scene.deals.floats("fit")[deal.index])
        heir = self.join(second, deal, chair.role.seat, fit, 0.4, reluctant=True)
        if heir:
            heir.role.is_primary = chair.role.is_primary
            scene.truth.symptoms.append(Symptom("champion_replaced", deal.record.id, instant(second), heir.person.id))

    def _inquire(self, second: int, deal: Deal) -> None:
        """The buyer came by themselves: they looked around first, then filled in a form."""
        scene, dice, chair = self._scene, self._scene.dice, deal.chairs[0]
        pen = deal.pen
        body = pen.say(dice, pen.phrases["lead_form"], deal.words())
        channel = ("form", "inbound", None)
        scene.note(second, chair, channel, "Form submitted: contact request", body, ["form_submitted"])
        for _ in range(dice.choice((0, 1, 2, 3))):
            scene.at(second + dice.expovariate(1 / (3 * DAY)), self.browse, chair)
