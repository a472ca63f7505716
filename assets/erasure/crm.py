"""Taking the names of erased people out of what we wrote to the CRM."""

from __future__ import annotations

from dataclasses import replace

import narwhals as nw

from assets.erasure.erase import MARK
from assets.session import Session
from assets.warehouse.intents import ERASED, GONE, known, put
from assets.warehouse.receipts import Change
from connectors.protocol import Rewording

SUBJECT = "Buyer Readiness"


def to_clear(desired: nw.LazyFrame, held: nw.LazyFrame) -> nw.LazyFrame:
    """What should stand in the CRM, with nothing where a marked text has no successor: closed deals, lost roles."""
    key = ["object", "record_id", "field"]
    marked = held.filter(nw.col("value") == MARK).select(*key)
    orphans = marked.join(desired.select(*key), on=key, how="anti")
    return nw.concat([desired.select(*key, "value"), orphans.with_columns(value=nw.lit(None, nw.String))])


def without_marks(held: nw.LazyFrame) -> nw.LazyFrame:
    """What the CRM holds, for whoever words the next text: a marked one says nothing."""
    return held.filter((nw.col("value") != MARK).fill_null(True))


def marked(held: nw.LazyFrame) -> list[Change]:
    """The marked texts as changes to nothing."""
    rows = held.filter(nw.col("value") == MARK).collect().rows(named=True)
    return [Change(row["object"], row["record_id"], row["field"], row["value"], None) for row in rows]


def reword_tasks(session: Session) -> int:
    """Take the words of erased people's tasks away, whatever became of the tasks; how many."""
    waiting = known(session.store, ERASED)
    rewordings = [Rewording(i.task_id, i.key, SUBJECT) for i in waiting.values() if i.task_id]
    by_task = {intent.task_id: intent for intent in waiting.values()}
    done = 0
    for receipt in session.connector.reword_tasks(rewordings):
        if receipt.outcome in ("written", "gone"):
            put(session.run, [replace(by_task[receipt.ref], state=GONE, closed_at=session.run.as_of)])
            done += 1
    return done
