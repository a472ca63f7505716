"""What the product itself asks of sellers and of the CRM (F65): fields to fill, tasks, answers, writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from transforms.fields import FIELDS
from transforms.reports.book import Facts, share
from transforms.reports.measures import Row, figure, of_enough, windows

SECTION = "burden"
WEEKS = 90 / 7


def burden(
    receipts: Sequence[Mapping[str, Any]], tasks: Sequence[Mapping[str, Any]], found: Sequence[Facts], as_of: datetime
) -> Iterator[Row]:
    """Of the last 90 days.

    Parameters
    ----------
    receipts : object, record_id, sent_at (to the day), n: values written.
    tasks : opened_at, owner_id, state, answer: our tasks.
    """
    now, _ = windows(as_of)
    asked = sum(not field.is_written and field.object != "task" for field in FIELDS)
    yield figure(SECTION, "mandatory_fields", 0, "count")
    yield figure(SECTION, "optional_fields", asked, "count")
    written = [r for r in receipts if now.has(r["sent_at"]) and r["object"] == "opportunity"]
    open_deals = sum(deal.is_open for deal in found)
    weeks = _weeks([r["sent_at"] for r in written], as_of)
    per_week = share(len(written), open_deals * weeks)
    yield figure(SECTION, "writes_per_deal_week", per_week, "number", len(written), period="now")
    opened = [r for r in tasks if now.has(r["opened_at"])]
    owners = {r["owner_id"] for r in opened}
    weeks = _weeks([r["opened_at"] for r in opened], as_of)
    yield figure(
        SECTION, "tasks_per_seller_week", share(len(opened), len(owners) * weeks), "number", len(opened), period="now"
    )
    for name, count in (
        ("done", sum(r["state"] == "done" for r in opened)),
        ("withdrawn", sum(r["state"] == "withdrawn" for r in opened)),
        ("not_right", sum(r["answer"] == "not_right" for r in opened)),
        ("snoozed", sum(r["answer"] == "snooze" for r in opened)),
    ):
        yield of_enough(SECTION, name, share(count, len(opened)), "share", len(opened), period="now")


def _weeks(moments: Sequence[datetime], as_of: datetime) -> float:
    """Since the first of them, at least one and at most the window."""
    if not moments:
        return 1.0
    return min(max((as_of - min(moments)).total_seconds() / 604_800, 1.0), WEEKS)
