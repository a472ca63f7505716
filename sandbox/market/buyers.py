"""What buyers do: write, call, visit the website, send papers, introduce colleagues, keep or break their word."""

from __future__ import annotations

import math

import numpy as np

from sandbox.market.calendar import DAY
from sandbox.market.minds import Group
from sandbox.market.promises import Promises
from sandbox.market.scene import HOUR, MINUTE, Act, Chair, Scene, nothing
from sandbox.market.state import Floats
from sandbox.market.topics import PAPERS, spoken_of

SPONTANEOUS, KEENER = 0.004, 0.017
WEB_FLOOR, WEB_PEAK, WEB_AT, WEB_WIDTH = 0.004, 0.018, 1.7, 1.3
PAGES = (
    "Home page",
    "Product overview",
    "Pricing page",
    "Blog article",
    "Customer stories",
    "Documentation",
    "Webinar",
)
QUIET = 4.0


class Buyers:
    """The buyers' side of all open deals. `react` is called with what they said: it is the sellers' affair."""

    def __init__(self, scene: Scene, promises: Promises) -> None:
        self._scene = scene
        self._promises = promises
        self.react: Act = nothing
        self.introduce: Act = nothing

    def day(self, among: Group, shares: Floats, stands: Floats, begin: int) -> None:
        """Put the day's own acts on the agenda; `shares`: office hours per deal, `stands`: position per seat."""
        scene, seats = self._scene, self._scene.seats
        talk = seats.floats("talk")[among.seats]
        eager = SPONTANEOUS + KEENER / (1.0 + np.exp(-(stands - 1.6) / 0.9))
        rate = (scene.density * talk * eager + seats.floats("stirred")[among.seats]) * shares[among.at]
        for at in np.flatnonzero(counts := scene.rng.poisson(rate)):
            chair = scene.chairs[among.seats[at]]
            window = scene.windows[chair.deal.rep.record.time_zone]
            for _ in range(min(int(counts[at]), 4)):
                scene.at(window.moment(scene.dice.random()), self.speak, chair)
        web = WEB_FLOOR + WEB_PEAK * np.exp(-(((stands - WEB_AT) / WEB_WIDTH) ** 2))
        for at in np.flatnonzero(scene.rng.poisson(scene.density * np.sqrt(talk) * web)):
            second = begin + scene.dice.random() * DAY
            if QUIET <= (second / HOUR) % 24 - 3 <= 20:
                scene.at(second, self.browse, scene.chairs[among.seats[at]])

    def speak(self, second: int, chair: Chair, kept: bool = False, seen: bool = False) -> None:
        """Say something, on whatever channel suits; `kept`: it keeps a promise; `seen`: the CRM is sure to hold it."""
        scene, dice, rep = self._scene, self._scene.dice, chair.deal.rep
        if not chair.is_live:
            return
        where = scene.position(chair)
        topics = spoken_of(dice, chair.role.seat, where + chair.front)
        if scene.deals.floats("hurt")[chair.deal.index] > 0.6 and dice.random() < 0.2:
            topics.append("complaint")
        if where < 0.6 and scene.deals.floats("pressure")[chair.deal.index] > 3.5 and dice.random() < 0.08:
            topics = ["opt_out"]
        if kept and set(topics) & {"out_of_office", "opt_out"}:
            topics = []
        scene.heard(second, chair)
        papers = [topic for topic in topics if topic in PAPERS]
        draw = dice.random()
        if papers and draw < 0.6:
            self._send_papers(second, chair, papers[0])
            topics = papers[:1]
        elif draw < 0.04 and set(topics) & {"question", "pricing", "demo", "quote_request"}:
            self._fill_form(second, chair, topics)
        elif draw < 0.04 + 0.5 * chair.calls and "out_of_office" not in topics:
            self._call(second, chair, topics, kept, seen or dice.random() < rep.logs_calls)
        else:
            self._write(second, chair, topics, kept, seen or dice.random() < rep.captures_mail)
        self._consequences(second, chair, topics)

    def _write(self, second: int, chair: Chair, topics: list[str], kept: bool, seen: bool) -> None:
        scene, dice, pen = self._scene, self._scene.dice, chair.deal.pen
        words, promise = chair.deal.words(colleague=self._colleague(chair)), None
        if "promise" in topics:
            promise = self._promises.by_buyer(second, chair, seen=seen)
            words["due"] = promise.words
        sentences = [pen.neutral(dice, "buyer", words)] if dice.random() < 0.7 or not topics else []
        if "out_of_office" in topics:
            sentences = []
        if kept:
            sentences.append(pen.say(dice, pen.phrases["buyer"]["kept"], words))
        sentences += pen.about(dice, "buyer", topics, words)
        mail = scene.mail(second, chair, sentences, topics, inbound=True, seen=seen, new_thread=dice.random() < 0.2)
        if promise and mail:
            promise.told_in(mail)

    def _call(self, second: int, chair: Chair, topics: list[str], kept: bool, seen: bool) -> None:
        scene, dice, pen = self._scene, self._scene.dice, chair.deal.pen
        words, promise = chair.deal.words(name=chair.name, colleague=self._colleague(chair)), None
        if "promise" in topics:
            promise = self._promises.by_buyer(second, chair, seen=seen)
            words["due"] = promise.words
        if not seen:
            return
        sentences = [pen.neutral(dice, "note", words)]
        if kept:
            sentences.append(pen.say(dice, pen.phrases["note"]["kept"], words))
        spoken = [topic for topic in topics if topic in pen.phrases["note"]]
        sentences += pen.about(dice, "note", spoken, words)
        duration = int(dice.uniform(60, 1500))
        late = 0 if dice.random() < 0.7 else dice.expovariate(1 / (8 * HOUR))
        recorded = chair.deal.rep.office.workable(second + duration + late, 5 * MINUTE)
        subject = pen.say(dice, pen.phrases["call_subject"], words)
        channel = ("call", "inbound", "connected")
        note = scene.note(
            second, chair, channel, subject, " ".join(sentences), spoken, duration=duration, recorded=recorded
        )
        if promise:
            promise.told_in(note)

    def _fill_form(self, second: int, chair: Chair, topics: list[str]) -> None:
        pen, dice = chair.deal.pen, self._scene.dice
        asked = [topic for topic in topics if topic != "promise"]
        body = " ".join(pen.about(dice, "buyer", asked, chair.deal.words(colleague=self._colleague(chair))))
        channel = ("form", "inbound", None)
        self._scene.note(second, chair, channel, "Form submitted: contact form", body, ["form_submitted", *asked])

    def _send_papers(self, second: int, chair: Chair, topic: str) -> None:
        pen, dice = chair.deal.pen, self._scene.dice
        back = topic in ("signed_document", "returned_document")
        subject = f"{'Returned document' if back else 'Document received'}: {chair.deal.firm.record.name}"
        body = " ".join(pen.about(dice, "buyer", [topic], chair.deal.words()))
        topics = list(dict.fromkeys(["returned_document" if back else "document_received", topic]))
        self._scene.note(second, chair, ("document", "inbound", None), subject, body, topics)

    def browse(self, second: int, chair: Chair) -> None:
        """Visit the website, which the CRM sees."""
        if not chair.is_live:
            return
        self._scene.heard(second, chair)
        page = self._scene.dice.choice(PAGES)
        topics = ["web_visit", *(["pricing"] if page == "Pricing page" else [])]
        self._scene.note(second, chair, ("web", "inbound", None), f"Web visit: {page}", "", topics)

    def may_answer(self, second: int, chair: Chair, readiness_to_answer: float = 1.0) -> None:
        """Having been written to, answer within some days, or not."""
        dice, where = self._scene.dice, self._scene.position(chair)
        talk = float(self._scene.seats.floats("talk")[chair.index])
        chance = 0.62 * readiness_to_answer * min(1.6, talk) / (1.0 + math.exp(-(where - 0.9) / 0.8))
        if dice.random() < chance:
            later = second + dice.lognormvariate(2.2, 1.1) * HOUR
            self._scene.at_work(later, chair.deal.rep.office, self.speak, chair)

    def _consequences(self, second: int, chair: Chair, topics: list[str]) -> None:
        scene = self._scene
        if "introduction" in topics:
            self.introduce(second + scene.dice.uniform(0.2, 4.0) * DAY, chair)
        if "opt_out" in topics:
            chair.person.opted_out = True
            scene.records.touch("people", chair.person)
        self.react(second, chair, topics)

    def _colleague(self, chair: Chair) -> str:
        others = [other for other in chair.deal.chairs if other is not chair]
        if others:
            return self._scene.dice.choice(others).name
        return " ".join(self._scene.casting.name(self._scene.dice, chair.deal.firm.language))
