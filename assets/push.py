"""Writing to the CRM: changed values only, in the connector's full batches, a receipt for each."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice

from assets.budget import OTHER_WRITING, Budget
from assets.meanwhile import judged
from assets.session import Session
from assets.warehouse.receipts import Answer, Change, record, without_parked
from connectors.protocol import Receipt, Update

log = logging.getLogger("readiness.push")
FIRST = "opportunity"
"""What is written as long as the CRM takes a call at all."""
TOGETHER = 200
"""Receipts that are stored in one transaction: as many as the largest batch of either CRM."""


def push(session: Session, changes: Sequence[Change]) -> dict[str, int]:
    """Send these values; how many records were written, refused, are parked, wait, or were changed by others.

    Opportunities go first. Rows that met a lock are sent once more at the end; what still fails then, and what the
    budget of calls no longer allows, is sent by the next run.
    """
    records = _by_record(without_parked(session.store, changes))
    looked = judged(session, records)
    apart = [(changes, answer) for changes, answer in looked if answer is not None]
    record(session.run, apart)
    sendable = [changes for changes, answer in looked if answer is None and changes]
    outcomes = _sent(session, sendable)
    waiting = len(sendable) - len(outcomes)
    again = [changes for changes, answer in outcomes if answer.outcome == "retry"]
    outcomes = [*(o for o in outcomes if o[1].outcome != "retry"), *_sent(session, again)]
    written = sum(answer.outcome == "written" for _, answer in outcomes)
    return {
        "rows_written": written,
        "rows_rejected": len(outcomes) - written,
        "rows_parked": len({(change.object, change.record_id) for change in changes}) - len(records),
        "rows_waiting": waiting,
        "rows_changed_meanwhile": len(apart),
    }


def _by_record(changes: Iterable[Change]) -> list[list[Change]]:
    def key(change: Change) -> tuple[bool, str, str]:
        return change.object != FIRST, change.object, change.record_id

    return [list(group) for _, group in groupby(sorted(changes, key=key), key=key)]


def _sent(session: Session, records: Sequence[Sequence[Change]]) -> list[tuple[Sequence[Change], Answer]]:
    """Push records and store what came of them as the answers come, so that a killed run knows what it wrote."""
    outcomes: list[tuple[Sequence[Change], Answer]] = []
    budget = Budget(session)
    for kind, group in groupby(records, key=lambda changes: changes[0].object):
        waiting = {changes[0].record_id: changes for changes in group}
        updates = [Update(kind, ref, {c.field: c.after for c in changes}) for ref, changes in waiting.items()]
        coming = session.connector.push(updates) if _may_write(kind, budget) else ()
        for receipts in batched(coming, TOGETHER):
            answers = [(waiting[r.ref], Answer(r.outcome, r.reason)) for r in receipts]
            record(session.run, answers)
            outcomes += answers
            log.debug("%s records written", f"{len(outcomes):,}")
            if not _may_write(kind, budget):
                break
    if len(outcomes) < len(records):
        log.warning("%s records wait, as few calls are left", f"{len(records) - len(outcomes):,}")
    return outcomes


def _may_write(kind: str, budget: Budget) -> bool:
    return kind == FIRST or budget.allows(OTHER_WRITING)


def batched(receipts: Iterable[Receipt], size: int) -> Iterator[list[Receipt]]:
    """Lists of at most `size`, each given out before the next receipt is asked for."""
    iterator = iter(receipts)
    while batch := list(islice(iterator, size)):
        yield batch
