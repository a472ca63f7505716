"""Quotes: drafted, sent (on time or late), opened, revised, decided."""

from __future__ import annotations

from sandbox.company import Quote
from sandbox.market.calendar import DAY, instant
from sandbox.market.cast import Rep
from sandbox.market.scene import Act, Chair, Deal, Scene, nothing
from sandbox.market.truth import Symptom

PREFERS = 4.0


class Quotes:
    """The quotes of all deals. `proposed` is called when one was sent: the seller moves the stage."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self.proposed: Act = nothing
        self.amount: Act = nothing

    def draft(self, second: int, deal: Deal) -> Quote:
        """A new version, not yet sent."""
        amount = round((deal.record.amount or 10_000.0) * self._scene.dice.uniform(0.88, 1.12), -1)
        number = self._scene.number("quote")
        quote = Quote(number, deal.record.id, len(deal.quotes) + 1, "draft", amount, instant(second))
        deal.quotes.append(quote)
        self._scene.records.touch("quotes", quote)
        return quote

    def prepare(self, second: int, deal: Deal) -> None:
        """Somebody starts on the quote that was asked for."""
        waits = deal.quotes and deal.quotes[-1].status == "draft"
        if deal.is_open and deal.quote_due and not waits:
            self.draft(second, deal)

    def send(self, second: int, chair: Chair, rep: Rep) -> None:
        """Send the draft that is waiting, or a new version; earlier ones no longer count."""
        scene, deal, dice, pen = self._scene, chair.deal, self._scene.dice, chair.deal.pen
        if not deal.is_open:
            return
        deal.quote_due = False
        waiting = deal.quotes[-1] if deal.quotes and deal.quotes[-1].status == "draft" else None
        quote = waiting or self.draft(second, deal)
        for earlier in deal.quotes[:-1]:
            if earlier.status == "sent":
                earlier.status, earlier.decided_at = "cancelled", instant(second)
                scene.records.touch("quotes", earlier)
        quote.status, quote.sent_at = "sent", instant(second)
        scene.records.touch("quotes", quote)
        sentences = [pen.say(dice, pen.phrases["seller"]["quote"], deal.words())]
        seen = dice.random() < rep.captures_mail
        scene.mail(second, chair, sentences, ["document_sent"], inbound=False, seen=seen, by=rep)
        self.amount(second, deal, quote.amount)
        scene.acted(second, chair, "quote")
        scene.deals.floats("effort")[deal.index] += 1.0
        self._note_symptoms(second, chair, quote)
        where = scene.position(chair)
        if dice.random() < 0.25 + 0.12 * max(0.0, min(where, 6.0)):
            scene.at(second + dice.expovariate(1 / (1.5 * DAY)), self._view, deal, quote)
        if dice.random() < 0.35:
            scene.at_work(second + dice.uniform(9, 35) * DAY, rep.office, self._revise, chair, quote)
        self.proposed(second, deal)

    def _note_symptoms(self, second: int, chair: Chair, quote: Quote) -> None:
        """A second quote to people who don't prefer the offer yet is the symptom; the first is no news."""
        sent = [other for other in chair.deal.quotes if other.sent_at]
        if len(sent) == 2 and self._scene.position(chair) < PREFERS:
            symptom = Symptom("several_quotes", chair.deal.record.id, instant(second))
            self._scene.truth.symptoms.append(symptom)

    def _view(self, second: int, deal: Deal, quote: Quote) -> None:
        if deal.is_open and quote.status == "sent":
            quote.viewed_at = instant(second)
            self._scene.records.touch("quotes", quote)

    def _revise(self, second: int, chair: Chair, quote: Quote) -> None:
        """The seller thinks another version will help."""
        if chair.is_live and quote.status == "sent":
            self.send(second, chair, chair.deal.rep)

    def settle(self, second: int, deal: Deal, *, won: bool) -> None:
        """The deal is decided, and its quotes with it."""
        for quote in deal.quotes:
            if quote.status == "sent":
                quote.status = "accepted" if won else "declined"
                quote.decided_at = instant(second)
                quote.viewed_at = quote.viewed_at or (quote.decided_at if won else None)
            elif quote.status == "draft":
                quote.status, quote.decided_at = "cancelled", instant(second)
            else:
                continue
            self._scene.records.touch("quotes", quote)
