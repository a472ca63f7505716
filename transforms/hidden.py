"""Deals of which the phase is hidden until the seller has said theirs: a label given beside a shown phase leans to it.

What is learnt from labels is judged on those that were given where nothing was shown; see readiness/labels.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256

from transforms.book import Tables, rows
from transforms.facts import Deal

TELLING = frozenset({"phase", "readiness", "phase_gap", "least_ready", "changed"})
"""Fields from which the phase could be read."""


def hidden_deals(tables: Tables, book: Iterable[Deal], share: float) -> frozenset[str]:
    """The deals of the hidden share that nobody has labelled yet: always the same ones, whatever else is in the book.

    Parameters
    ----------
    tables : at least `labels`.
    share : 0-1 of all deals.
    """
    chosen = {deal.opportunity_id for deal in book if not deal.is_lead and _draw(deal.opportunity_id) < share}
    if not chosen:
        return frozenset()
    return frozenset(chosen - {label["opportunity_id"] for label in rows(tables["labels"])})


def veil(tables: Tables, book: Sequence[Deal], share: float) -> None:
    """Mark the hidden deals, before anything is put into words: advice and alerts then don't lean on the phase."""
    hidden = hidden_deals(tables, book, share)
    for deal in book:
        deal.is_veiled = deal.opportunity_id in hidden


def veiled(values: Mapping[str, str | None]) -> dict[str, str | None]:
    """The values without those from which the phase could be read."""
    return {field: None if field in TELLING else value for field, value in values.items()}


def _draw(opportunity_id: str) -> float:
    """A number of 0-1 that is the deal's own."""
    digest = sha256(f"hidden phase of {opportunity_id}".encode()).digest()
    return int.from_bytes(digest[:6]) / 2**48
