"""A check on what the CRM said to our writes."""

from __future__ import annotations

from assets.legs.step import Check
from assets.session import Session


def few_are_rejected(session: Session) -> tuple[bool, str]:
    """The share of records that the CRM refused in this run stays under `checks: {rejected: ...}`."""
    counts = session.run.tallied()
    rejected, written = counts.get("rows_rejected", 0), counts.get("rows_written", 0)
    share = rejected / max(rejected + written, 1)
    passed = share <= session.connection.config.checks.rejected
    return passed, f"{rejected:,} of {rejected + written:,} records refused; `readiness parked` lists those given up"


CHECKS = (Check("rejected", "receipts", "The CRM takes what we write.", few_are_rejected),)
