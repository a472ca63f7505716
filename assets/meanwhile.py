"""What others did to a record between our pull and our write: it is not written over, the next run sorts it out."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

from assets.erasure.erase import MARK
from assets.session import Session
from assets.warehouse.receipts import Answer, Change
from connectors.protocol import Update
from connectors.text import alike
from transforms.writeback import RIDES_ALONG

log = logging.getLogger("readiness.push")
Record = Sequence[Change]
Judged = tuple[Record, Answer | None]
"""What is left to write of a record, or what to say instead of writing it."""
GONE = Answer("gone", "deleted or merged in the CRM since the pull")


def judged(session: Session, records: Sequence[Record]) -> list[Judged]:
    """Each record beside the values that the CRM holds of it at this moment.

    A value that is another than we held, and another than we want, has been changed by somebody: then nothing of the
    record is written in this run. One that stands there already needs no writing.
    """
    updates = [
        Update(changes[0].object, changes[0].record_id, {change.field: change.after for change in changes})
        for changes in records
        if any(change.before != MARK for change in changes)
    ]
    if not updates:
        return [(changes, None) for changes in records]
    now = {(one.object, one.record_id): one.values for one in session.connector.live(updates, session.run.pulled_at)}
    found = [_judged(changes, now) for changes in records]
    changed = sum(answer is not None for _, answer in found)
    if changed:
        log.warning("%s records were changed in the CRM since the pull and are left alone", f"{changed:,}")
    return found


def _judged(changes: Record, now: Mapping[tuple[str, str], Mapping[str, str | None] | None]) -> Judged:
    record = (changes[0].object, changes[0].record_id)
    if record not in now:
        return changes, None
    values = now[record]
    if values is None:
        return changes, GONE
    left = [change for change in changes if not alike(values[change.field], change.after)]
    others = [c.field for c in left if not _may_differ(c) and not alike(values[c.field], c.before)]
    if others:
        return changes, Answer("changed", f"changed in the CRM since the pull: {', '.join(others)}")
    return [] if all(change.field == RIDES_ALONG for change in left) else left, None


def _may_differ(change: Change) -> bool:
    """Of an erased text we no longer know what it said, and when we wrote last is no one's edit."""
    return change.before == MARK or change.field == RIDES_ALONG
