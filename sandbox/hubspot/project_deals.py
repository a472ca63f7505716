"""Opportunities, their changes, quotes and products as HubSpot deals, property history, quotes and line items.

A quote's way in HubSpot's own terms: a draft is DRAFT; one that was sent is published, APPROVAL_NOT_NEEDED; one that
was accepted is signed by the buyer as well (`hs_sign_status`, `hs_esign_date`, the count of signers), since hs_status
has no value for it; a declined one is REJECTED; a cancelled one was recalled and is DRAFT again. That the buyer opened
a quote is in no property. A deal's close date is an instant in HubSpot: midnight UTC of the day.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from typing import TYPE_CHECKING

from sandbox.company import Batch, Change, Opportunity, ProductLine, Quote
from sandbox.hubspot.store import Record, Source, Version
from sandbox.hubspot.wire import millis, stamp

if TYPE_CHECKING:
    from sandbox.hubspot.projection import Projection

TRACKED = {"stage": "dealstage", "close_date": "closedate", "amount": "amount", "seller": "hubspot_owner_id"}
PUBLISHED = "APPROVAL_NOT_NEEDED"


class Deals:
    """The projection's part for deals."""

    def __init__(self, projection: Projection) -> None:
        self.projection = projection

    def apply(self, batch: Batch) -> None:
        changes: dict[str, list[Change]] = defaultdict(list)
        for change in batch.changes:
            changes[change.opportunity_id].append(change)
        for opportunity in batch.opportunities:
            self._opportunity(opportunity, changes.pop(opportunity.id, []))
        for id, left in changes.items():
            if record := self._deal(id):
                self._history(record, left, record.source)
        for quote in batch.quotes:
            self._quote(quote)
        for line in batch.products:
            self._product(line, batch.as_of)

    def _deal(self, id: str) -> Record | None:
        held = self.projection.ids.get(("deals", id))
        return self.projection.state.tables["deals"].records[held] if held is not None else None

    def _opportunity(self, opportunity: Opportunity, changes: list[Change]) -> None:
        projection = self.projection
        stages = projection.state.pipelines["deals"]
        stage = projection.stages.get(opportunity.stage_id)
        pipeline = stages.pipeline_of(stage) if stage else None
        values = {
            "external_id": opportunity.id,
            "dealname": opportunity.name,
            "pipeline": pipeline.id if pipeline else None,
            "deal_currency_code": opportunity.currency,
            "closed_lost_reason": opportunity.loss_reason,
            "dealtype": "newbusiness",
        }
        by = projection.source(opportunity.seller_id)
        record, is_new = projection.put("deals", opportunity.id, opportunity.created_at, values, by)
        self._history(record, changes, by)
        self._settle(record, opportunity, by)
        if opportunity.closed_at:
            projection.touch("deals", record, millis(opportunity.closed_at))
        if is_new:
            projection.link("deals", record.id, "companies", opportunity.account_id, primary=True)

    def _history(self, record: Record, changes: list[Change], by: Source) -> None:
        """Every change becomes a version; the value before the first one was there from the deal's creation."""
        table = self.projection.state.tables["deals"]
        for change in sorted(changes, key=lambda change: change.changed_at):
            name, at = TRACKED[change.field], millis(change.changed_at)
            if table.value(record, name) is None and change.old_value is not None:
                table.put(record, name, self._value(change.field, change.old_value))
            value = self._value(change.field, change.new_value)
            if not table.change(record, name, value, at, by):
                self._repeat(record, name, value, at, by)
            self.projection.touch("deals", record, at)

    def _repeat(self, record: Record, name: str, value: str, at: int, source: Source) -> None:
        """A first change at the creation to the value that it was created with, or a change to the same value."""
        table = self.projection.state.tables["deals"]
        if value == "" or table.versions(record, name)[0].at == at:
            return
        column = table.column(name)
        record.history = record.history or {}
        record.history[column] = [*table.versions(record, name)[::-1], Version(at, value, source)]

    def _settle(self, record: Record, opportunity: Opportunity, by: Source) -> None:
        """Let the deal end where the company says that it stands, unless that is only where it began."""
        table = self.projection.state.tables["deals"]
        amount = None if opportunity.amount is None else f"{opportunity.amount:.2f}"
        now = {
            "stage": opportunity.stage_id,
            "close_date": opportunity.close_date.isoformat() if opportunity.close_date else None,
            "amount": amount,
            "seller": opportunity.seller_id,
        }
        for field, name in TRACKED.items():
            value = self._value(field, now[field])
            versions = table.versions(record, name)
            if not versions:
                if value:
                    table.put(record, name, value)
            elif not _same(field, value, versions[0].value) and not _same(field, value, versions[-1].value):
                at = max(versions[0].at, millis(opportunity.closed_at or opportunity.created_at))
                self.projection.update("deals", record, {name: value}, at, by)

    def _value(self, field: str, value: str | None) -> str:
        """A changed value in the portal's terms."""
        if not value:
            return ""
        if field == "stage":
            return self.projection.stages.get(value, value)
        if field == "seller":
            return self.projection.owner(value) or ""
        if field == "close_date":
            return stamp(millis(datetime.fromisoformat(date.fromisoformat(value[:10]).isoformat())))
        return value

    def _quote(self, quote: Quote) -> None:
        projection = self.projection
        table = projection.state.tables["quotes"]
        values = {
            "hs_title": f"Quote {quote.version}",
            "hs_quote_number": quote.id,
            "hs_quote_amount": None if quote.amount is None else f"{quote.amount:.2f}",
            "hs_currency": projection.state.currency,
        }
        source = projection.source(None)
        record, is_new = projection.put("quotes", quote.id, quote.created_at, values, source)
        if is_new:
            table.put(record, "hs_status", "DRAFT")
            table.put(record, "hs_expiration_date", stamp(record.created + 30 * 86_400_000))
            projection.link("quotes", record.id, "deals", quote.opportunity_id)
        for name, value, at in _steps(quote):
            projection.update("quotes", record, {name: value}, millis(at), source)

    def _product(self, line: ProductLine, as_of: datetime) -> None:
        projection, key = self.projection, f"{line.opportunity_id} {line.product}"
        deal = self._deal(line.opportunity_id)
        made = datetime.fromtimestamp(deal.created / 1000, as_of.tzinfo) if deal else as_of
        source = projection.source(None)
        price = f"{line.amount / (line.quantity or 1):.2f}"
        product, _ = projection.put("products", line.product, made, {"name": line.product}, source)
        values = {
            "name": line.product,
            "quantity": _plain(line.quantity),
            "price": price,
            "amount": f"{line.amount:.2f}",
            "hs_product_id": str(product.id),
        }
        record, is_new = projection.put("line_items", key, made, values, source)
        if is_new:
            projection.link("line_items", record.id, "deals", line.opportunity_id)


def _steps(quote: Quote) -> list[tuple[str, str, datetime]]:
    """The changes that a quote went through, in order; those already made change nothing."""
    steps = []
    if quote.sent_at:
        steps += [
            ("hs_status", PUBLISHED, quote.sent_at),
            ("hs_published_date", stamp(millis(quote.sent_at)), quote.sent_at),
        ]
    if quote.decided_at and quote.status == "accepted":
        signed = stamp(millis(quote.decided_at))
        steps += [
            ("hs_sign_status", "ESIGN_COMPLETED", quote.decided_at),
            ("hs_esign_date", signed, quote.decided_at),
            ("hs_esign_num_signers_completed", "1", quote.decided_at),
        ]
    if quote.decided_at and quote.status in ("declined", "cancelled"):
        steps.append(("hs_status", "REJECTED" if quote.status == "declined" else "DRAFT", quote.decided_at))
    return steps


def _same(field: str, one: str, other: str) -> bool:
    if field == "amount" and one and other:
        return abs(float(one) - float(other)) < 0.005
    return one == other


def _plain(value: float) -> str:
    return str(int(value)) if value == int(value) else str(value)
