"""A check on what the CRM said to our writes."""

from __future__ import annotations

from collections import Counter

from assets.legs.step import Check
from assets.session import Session
from assets.warehouse.receipts import parked


def few_are_rejected(session: Session) -> tuple[bool, str]:
    """The share of records that the CRM refused in this run stays under `checks: {rejected: ...}`."""
    counts = session.run.tallied()
    rejected, written = counts.get("rows_rejected", 0), counts.get("rows_written", 0)
    share = rejected / max(rejected + written, 1)
    passed = share <= session.connection.config.checks.rejected
    return passed, f"{rejected:,} of {rejected + written:,} records refused; `readiness parked` lists those given up"


def nothing_is_parked(session: Session) -> tuple[bool, str]:
    """No value waits for an admin: what the CRM has refused in three runs isn't sent again until it changes."""
    rows = parked(session.store)
    codes = Counter(str(row["reason"]).partition(":")[0] for row in rows)
    detail = ", ".join(f"{code} ({count:,})" for code, count in codes.most_common(3))
    return not rows, f"{len(rows):,} values parked: {detail}; see `readiness parked`" if rows else "none"


CHECKS = (
    Check("rejected", "receipts", "The CRM takes what we write.", few_are_rejected),
    Check("parked", "receipts", "Nothing that we write waits for an admin.", nothing_is_parked),
)
