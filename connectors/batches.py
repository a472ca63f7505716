"""Full batches, and the one bad row in them."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from connectors.protocol import Receipt, Update
from connectors.recovery import Refusal

T = TypeVar("T")
ROW_FAULTS = frozenset({400, 404, 409, 422, 423})
"""Statuses by which a CRM refuses a whole batch because of a row in it."""
LOCK_TRIALS, LOCK_PAUSE_S = 3, 2.0
LOST_TRIALS, LOST_PAUSE_S = 4, 2.0


def chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """The items in lists of `size`, the last one shorter."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def unlocked(
    rows: Iterable[T], ref: Callable[[T], str], send: Callable[[list[T]], Iterable[Receipt]]
) -> Iterator[Receipt]:
    """Receipts for all rows; those that somebody holds locked are sent again after growing, random pauses."""
    waiting = list(rows)
    for trial in range(1, LOCK_TRIALS + 1):
        by_ref = {ref(row): row for row in waiting}
        waiting = []
        for receipt in send(list(by_ref.values())):
            if receipt.outcome == "retry" and trial < LOCK_TRIALS:
                waiting.append(by_ref[receipt.ref])
            else:
                yield receipt
        if not waiting:
            return
        time.sleep(trial * LOCK_PAUSE_S * random.uniform(0.5, 1.5))


def once(
    rows: Sequence[Update],
    send: Callable[[Sequence[Update]], Iterable[Receipt]],
    arrived: Callable[[Sequence[Update]], Collection[str]],
) -> list[Receipt]:
    """Receipts for all rows, none of which is written twice though the CRM's answer gets lost.

    Parameters
    ----------
    send : raises a final `Refusal` when nobody knows whether the rows were written.
    arrived : the ids of those records that the CRM holds as they were sent, read by id.

    Raises
    ------
    Refusal : the answers keep getting lost, or the rows are refused.
    """
    receipts: list[Receipt] = []
    waiting, trial = list(rows), 0
    while waiting:
        try:
            return [*receipts, *send(waiting)]
        except Refusal as refusal:
            trial += 1
            if not refusal.final or trial == LOST_TRIALS:
                raise
        time.sleep(trial * LOST_PAUSE_S * random.uniform(0.5, 1.5))
        there = arrived(waiting)
        receipts += [Receipt(row.record_id, "written", row.record_id) for row in waiting if row.record_id in there]
        waiting = [row for row in waiting if row.record_id not in there]
    return receipts


def isolated(
    rows: Sequence[T],
    send: Callable[[Sequence[T]], Iterable[Receipt]],
    refused: Callable[[T, Refusal], Receipt],
) -> Iterator[Receipt]:
    """Receipts for all rows, even where the CRM refuses a whole batch for one row's sake.

    Halves the batch until the bad row stands alone; `refused` words its receipt.
    """
    try:
        yield from list(send(rows))
        return
    except Refusal as refusal:
        if refusal.status not in ROW_FAULTS:
            yield from (refused(row, refusal) for row in rows)
            return
        if len(rows) == 1:
            yield refused(rows[0], refusal)
            return
    middle = len(rows) // 2
    yield from isolated(rows[:middle], send, refused)
    yield from isolated(rows[middle:], send, refused)


def batches_of(kinds: Iterable[str], size: int) -> int:
    """How many batches of at most `size` it takes when each batch holds one kind."""
    return sum(-(-count // size) for count in Counter(kinds).values())
