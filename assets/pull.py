"""Pulling a connection: streams side by side, each page stored by the one thread that owns the store."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from queue import Full, Queue
from threading import Event

from assets.budget import BOOK, STREAMS, Budget
from assets.relink import relink
from assets.reread import reread
from assets.session import Session
from assets.warehouse.raw import Counts, Intake, cursor_of
from connectors.protocol import Connector, Page, Stream
from transforms.fields import FIELDS

log = logging.getLogger("readiness.pull")
AT_ONCE = 5
PAGES_WAITING = 4
WAITS = "waits"
Message = tuple[str, Page | Exception | str | None]
"""From the puller of a stream: a page, what stopped it, that the rest waits, or None when the stream is at its end."""


def pull(session: Session) -> Mapping[str, Counts]:
    """Store what has changed in the CRM since the last run; what came of each stream, by its name.

    A page and its cursor are committed together, so a run that stops anywhere is simply run again. What the budget of
    calls no longer allows waits for a later run, if it has been read before.

    Raises
    ------
    Spent : too few calls are left to read what is open.
    ConnectorError : what stopped the first stream that failed, after the pages that had come were stored.
    """
    connector = session.connector
    began, streams = connector.now(), connector.streams()
    since = session.connection.config.history.before(session.run.as_of)
    cursors = {stream.name: cursor_of(session.store, stream.name) for stream in streams}
    ours = {connector.native_field(field.object, field.name) for field in FIELDS if field.is_written}
    intakes = {stream.name: Intake(session.store, session.run, stream, ours) for stream in streams}
    pages: Queue[Message] = Queue(PAGES_WAITING)
    stop, budget = Event(), Budget(session)
    if not any(cursors.values()):
        session.store.put_off_merging()
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="pull") as pool:
        try:
            for stream in streams:
                pool.submit(_pull, connector, stream, cursors[stream.name], since, pages, stop, budget)
            _store_all(intakes, pages, len(streams))
        finally:
            stop.set()
    relink(session, intakes, cursors)
    reread(session, intakes)
    waiting = [name for name, intake in intakes.items() if intake.counts.waits]
    if waiting:
        log.warning("left to a later run, as few calls are left: %s", ", ".join(waiting))
    else:
        session.run.pulled(began)
    return {name: intake.counts for name, intake in intakes.items()}


def _pull(
    connector: Connector,
    stream: Stream,
    cursor: str | None,
    since: datetime,
    pages: Queue[Message],
    stop: Event,
    budget: Budget,
) -> None:
    """Hand over the pages of one stream, as far as the budget goes."""
    purpose = STREAMS.get(stream.name, BOOK)
    may_wait = purpose != BOOK and cursor is not None
    try:
        if not stop.is_set() and budget.allows(purpose):
            for page in connector.pull(stream, cursor, since):
                if not _handed_over((stream.name, page), pages, stop):
                    return
                if not budget.allows(purpose):
                    break
            else:
                _handed_over((stream.name, None), pages, stop)
                return
        _handed_over((stream.name, WAITS if may_wait else budget.spent()), pages, stop)
    except Exception as fault:
        _handed_over((stream.name, fault), pages, stop)


def _handed_over(message: Message, pages: Queue[Message], stop: Event) -> bool:
    """Wait for room in the queue; False once nobody takes from it any more."""
    while not stop.is_set():
        try:
            pages.put(message, timeout=0.2)
        except Full:
            continue
        return True
    return False


def _store_all(intakes: Mapping[str, Intake], pages: Queue[Message], streams: int) -> None:
    """Take pages until every stream is at its end; what has come by then is stored also when one has failed."""
    try:
        while streams:
            asked, message = pages.get()
            if isinstance(message, Exception):
                raise message
            if message is None or message == WAITS:
                intakes[asked].counts.waits = message == WAITS
                streams -= 1
                continue
            assert isinstance(message, Page)
            intake = intakes[message.stream.name]
            intakes[asked].brings(intake)
            intake.take(message)
            log.debug("%s: %s rows", message.stream.name, f"{intake.counts.pulled:,}")
    finally:
        for intake in intakes.values():
            intake.flush()
