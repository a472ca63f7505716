"""What the reports of one connection say, gathered from its store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import narwhals as nw

from assets.model import shelf
from assets.reports.past import past_readiness
from assets.reports.words import Words
from assets.session import Session
from assets.warehouse import Warehouse
from assets.warehouse.stored import Stored
from readiness.schema import CANONICAL, MEMBERS, SCORES, SIGNALS, TIME
from transforms.alerts import ALERTS
from transforms.enrich import VALUES
from transforms.leads import LEADS
from transforms.reports.book import Facts, facts, main_currency
from transforms.reports.burden import burden
from transforms.reports.coaching import coaching
from transforms.reports.effort import answered, channels, effort, work
from transforms.reports.kpis import kpis
from transforms.reports.leads import leads
from transforms.reports.measures import Row, months
from transforms.reports.phases import forecasts, phases, planned
from transforms.reports.postmortem import postmortems
from transforms.reports.relationship import compared, relationship
from transforms.reports.service import service
from transforms.reports.standing import standing
from transforms.texts import Texts

STANDING = ("relationship", "continuity", "action_fit")
SAID = "forecasts_said"
EVERY, KEPT = timedelta(days=6, hours=12), timedelta(days=730)
"""What was forecast is noted once a week and kept for two years, to be held against what became of it."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """The three reports' rows, and the words to show them in."""

    connection: str
    as_of: datetime
    words: Words
    coaching: Sequence[Mapping[str, Any]]
    measures: Sequence[Row]
    postmortems: Sequence[Mapping[str, Any]]
    compared_with: datetime | None = None


def gather(session: Session, compare: datetime | None = None) -> Gathered:
    """Read the store, as of the run that filled it, after `legs.standing`.

    Parameters
    ----------
    compare : a day, to set 90 days before it beside 90 days after it.
    """
    store, as_of, config = session.store, session.run.as_of, session.connection.config
    tables = Stored(store, (*CANONICAL, SIGNALS, MEMBERS, VALUES, ALERTS, LEADS))
    scores = Stored(store, SCORES)
    found = facts(tables, as_of)
    past = past_readiness(tables, shelf.in_use(session.connection), as_of, store.keep)
    _note_forecasts(session, as_of)
    texts = Texts(config.language, time_zone=config.zone, domain="reports")
    return Gathered(
        connection=session.connection.name,
        as_of=as_of,
        words=Words(texts, main_currency(found)),
        coaching=coaching(tables, scores, found, as_of),
        measures=[
            *_measures(session, tables, scores, found, past, as_of),
            *(compared(tables, found, compare, as_of) if compare else ()),
        ],
        postmortems=postmortems(tables, past, found, as_of),
        compared_with=compare,
    )


def _measures(
    session: Session,
    tables: Mapping[str, nw.LazyFrame],
    scores: Mapping[str, nw.LazyFrame],
    found: Sequence[Facts],
    past: Sequence[Mapping[str, Any]],
    as_of: datetime,
) -> list[Row]:
    store = session.store
    written = store.query(
        "select object, date_trunc('day', sent_at) as sent_at, record_id, count(*) as n from receipts"
        " where outcome = 'written' group by all"
    )
    tasks = store.query("select opened_at, owner_id, state, answer from task_intents where opened_at is not null")
    said = store.query(f"select * from {SAID}")
    return [
        *kpis(tables, scores, found, as_of),
        *relationship(tables, found, as_of),
        *forecasts(said, found, as_of),
        *planned(tables, found, months(as_of, 7)[:-1]),
        *effort(found, as_of),
        *burden(written, tasks, found, as_of),
        *phases(tables, scores, past, found),
        *work(tables, found, as_of),
        *answered(tables, as_of),
        *service(tables, found, as_of),
        *standing(tables, *(_rows_of(store, name) for name in STANDING)),
        *leads(tables, _rows_of(store, "leads"), _rows_of(store, "lead_sources"), as_of),
        *channels(tables, as_of),
    ]


def _rows_of(store: Warehouse, name: str) -> list[dict[str, Any]]:
    return store.query(f'select * from "{name}"')


def _note_forecasts(session: Session, as_of: datetime) -> None:
    store = session.store
    said = store.read("forecast").select(
        "opportunity_id", "p_win", "rank", "calibrated", said_at=nw.lit(as_of).cast(TIME)
    )
    if not store.has(SAID):
        store.append(SAID, said)
        return
    last = store.query(f"select max(said_at) as at from {SAID}")[0]["at"]
    if last is None or as_of - last >= EVERY:
        store.append(SAID, said)
        store.execute(f"delete from {SAID} where said_at < ?", [as_of - KEPT])
