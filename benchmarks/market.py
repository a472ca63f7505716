"""The simulated market as canonical tables with its texts read as a pull reads them, beside what only it knows."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

import narwhals as nw
import polars as pl

from readiness.model import load_prior
from readiness.schema import CANONICAL, TIME
from readiness.score import score
from sandbox.company import Batch
from sandbox.export import tables
from sandbox.market import Market
from transforms.annotate import annotator
from transforms.frames import shaped
from transforms.members import members
from transforms.past import as_known_at
from transforms.promises import ledger
from transforms.signals import signals
from transforms.workdays import workdays

Frames = dict[str, nw.LazyFrame[Any]]
AS_OF = datetime(2026, 11, 2, 9, tzinfo=UTC)
COUNTRY, ZONE = "NL", "Europe/Amsterdam"


@dataclass(frozen=True)
class World:
    """A market: canonical tables up to `as_of`, and the truth behind them (`sandbox.market.Market.truth`)."""

    tables: Frames
    truth: dict[str, Any]
    as_of: datetime


def kept(name: str, frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """A stored intermediate, in memory."""
    stored: nw.LazyFrame[Any] = nw.from_native(frame.collect(backend="polars").to_native().lazy())
    return stored


@cache
def world(opportunities: int, seed: int = 11) -> World:
    """A market of so many opportunities, with topics and promises found in its texts."""
    market = Market(opportunities, seed, AS_OF)
    gc.disable()
    batch = market.past()
    gc.enable()
    given = {name: nw.from_native(pl.DataFrame(table).lazy()) for name, table in tables(batch).items()}
    found = {table.name: shaped(given[table.name], table) for table in CANONICAL if table.name in given}
    read = _read(batch)
    acts = found["interactions"].drop("topics").join(_frame(read), on="interaction_id", how="left")
    found["interactions"] = kept("interactions", acts.filter(nw.col("channel") != "none"))
    said = nw.from_native(pl.LazyFrame(_said(batch, read), schema={"source_id": pl.String(), "promises": pl.String()}))
    calendar = workdays(COUNTRY, ZONE, AS_OF)
    found["promises"] = ledger(said, found["interactions"], found["tasks"], found["quotes"], calendar, AS_OF, kept)
    return World(found, market.truth(), AS_OF)


def _read(batch: Batch) -> dict[str, dict[str, str | None]]:
    annotate = annotator()
    return {one.id: annotate(one.subject, one.body) for one in batch.activities}


def _frame(read: dict[str, dict[str, str | None]]) -> nw.LazyFrame[Any]:
    rows = [{"interaction_id": id, "topics": json.loads(said["topics"] or "[]")} for id, said in read.items()]
    return nw.from_native(pl.LazyFrame(rows, schema={"interaction_id": pl.String(), "topics": pl.List(pl.String())}))


def _said(batch: Batch, read: dict[str, dict[str, str | None]]) -> list[dict[str, str | None]]:
    annotate = annotator()
    tasks = {task.id: annotate(task.subject, task.body)["promises"] for task in batch.tasks}
    told: Iterable[tuple[str, str | None]] = ((id, said["promises"]) for id, said in read.items())
    return [{"source_id": id, "promises": codes} for id, codes in (*told, *tasks.items()) if codes]


def known_at(here: World, as_of: datetime) -> Frames:
    """The tables as they stood at an earlier instant, with signals and members."""
    now = nw.lit(as_of).cast(TIME)
    col = nw.col
    then = dict(here.tables)
    then["opportunities"] = as_known_at(then["opportunities"], then["changes"], as_of, kept)
    then["changes"] = then["changes"].filter(col("changed_at") <= now)
    then["interactions"] = then["interactions"].filter(col("recorded_at") <= now)
    for name, made, later in (
        ("quotes", "created_at", ("sent_at", "viewed_at", "decided_at")),
        ("promises", "made_at", ("kept_at",)),
        ("tasks", "planned_at", ("done_at",)),
        ("buying_group", "joined_at", ("left_at",)),
        ("cases", "opened_at", ("first_response_at", "closed_at")),
    ):
        hidden = {c: nw.when(col(c) <= now).then(col(c)).otherwise(nw.lit(None, dtype=TIME)) for c in later}
        then[name] = then[name].filter(col(made) <= now).with_columns(**hidden)
    then["people"] = then["people"].filter(col("created_at") <= now)
    then = {name: kept(name, frame) for name, frame in then.items()}
    then["signals"] = signals(then, as_of, kept)
    then["members"] = members(then, as_of, kept)
    return then


def scored_at(here: World, as_of: datetime) -> tuple[Frames, Frames]:
    """Tables and scores at that instant, with the packaged model."""
    then = known_at(here, as_of)
    return then, score(then, load_prior(), as_of, kept)


def rows(frame: nw.LazyFrame[Any]) -> list[dict[str, Any]]:
    return list(frame.collect("pyarrow").to_native().to_pylist())
