"""Small made-up sales histories, with or without something in them that foretells the outcome."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import narwhals as nw
import numpy as np

from readiness.fit.training import Training, training
from readiness.model import load_prior
from readiness.schema import CANONICAL, MEMBERS, SIGNALS
from tests.readiness.engines import Polars

START = datetime(2025, 1, 1, 8, tzinfo=UTC)
OPEN_STAGES = ("first talk", "proposal")
CHANNELS = ("obs_mail", "obs_call", "obs_meeting", "obs_web")
Rows = dict[str, list[dict[str, Any]]]


def day(number: float) -> datetime:
    return START + timedelta(seconds=round(number * 86400))


def market(deals: int, *, signal: bool, seed: int = 1, span: float = 300.0, pace: float = 1.0) -> Rows:
    """Deals opened over `span` days, each lasting `pace` times the usual.

    Buyers answer, get a quote, send documents; with `signal`, keen ones do so more and buy, the others drift off;
    without it acts, endings and their time have nothing to do with each other.
    """
    random = np.random.default_rng(seed)
    rows: Rows = {table.name: [] for table in (*CANONICAL, SIGNALS, MEMBERS)}
    for position, (stage, probability) in enumerate(
        zip((*OPEN_STAGES, "won", "lost"), (0.2, 0.5, 1.0, 0.0), strict=True)
    ):
        rows["stages"].append(
            {
                "pipeline_id": "main",
                "stage_id": stage,
                "label": stage,
                "position": position,
                "probability": probability,
                "is_closed": position >= len(OPEN_STAGES),
                "is_won": stage == "won",
            }
        )
    for number in range(deals):
        _deal(rows, number, float(random.uniform(0, span)), signal, pace, random)
    return rows


def lingering(rows: Rows, days: float) -> Rows:
    """The same history with every deal that is not won left open for so many days more."""
    more = timedelta(days=days)

    def later(row: dict[str, Any], stamp: str, is_won: bool) -> dict[str, Any]:
        return row if is_won else row | {stamp: row[stamp] + more}

    return dict(rows) | {
        "opportunities": [later(row, "closed_at", row["outcome"] == "won") for row in rows["opportunities"]],
        "changes": [later(row, "changed_at", row["new_value"] != "lost") for row in rows["changes"]],
        "quotes": [later(row, "decided_at", row["status"] == "accepted") for row in rows["quotes"]],
    }


def _deal(rows: Rows, number: int, opened: float, signal: bool, pace: float, random: np.random.Generator) -> None:
    deal, keen = f"d{number:05}", bool(random.random() < 0.4)
    works = keen if signal else bool(random.random() < 0.4)
    life = float(random.exponential(25 if not signal else 18 if keen else 35)) * pace + 1
    outcome = "won" if keen else str(random.choice(["lost", "no_decision"]))
    rows["opportunities"].append(
        {
            "opportunity_id": deal,
            "account_id": f"a{number // 2}",
            "seller_id": "s1",
            "pipeline_id": "main",
            "stage_id": "won" if keen else "lost",
            "name": deal,
            "amount": float(random.integers(1, 50)) * 1000,
            "currency": "EUR",
            "close_date": day(opened + 30).date(),
            "created_at": day(opened),
            "closed_at": day(opened + life),
            "outcome": outcome,
        }
    )
    member = {"opportunity_id": deal, "person_id": f"p{number}", "seat": "decider", "joined_at": day(opened)}
    rows["members"].append(member | dict.fromkeys(CHANNELS, 1.0))
    moved = opened + 0.3 * life if random.random() < 0.6 else None
    moves = [(None, OPEN_STAGES[0], opened), (OPEN_STAGES[0], OPEN_STAGES[1], moved)]
    moves.append((OPEN_STAGES[0] if moved is None else OPEN_STAGES[1], "won" if keen else "lost", opened + life))
    rows["changes"] += [_change(deal, "stage", old, new, at) for old, new, at in moves if at is not None]
    rows["changes"].append(_change(deal, "close_date", None, day(opened + 30).date().isoformat(), opened))
    if life > 25:
        later = day(opened + 60).date().isoformat()
        rows["changes"].append(_change(deal, "close_date", day(opened + 30).date().isoformat(), later, opened + 25))
    if life > 6 and random.random() < 0.6:
        rows["quotes"].append(
            {
                "quote_id": f"q{number}",
                "opportunity_id": deal,
                "version": 1,
                "status": "accepted" if keen else "declined",
                "created_at": day(opened + 5),
                "sent_at": day(opened + 5),
                "decided_at": day(opened + life),
            }
        )
    rate = 0.25 if works else 0.05
    for index, at in enumerate(np.sort(random.uniform(0, life, random.poisson(rate * life)))):
        kind = str(random.choice(["reply", "document", "question"]))
        rows["signals"].append(signal_row(deal, f"{number}-{index}", f"p{number}", kind, opened + float(at)))
    for index, at in enumerate(random.uniform(0, life, random.poisson(0.2 * life))):
        rows["signals"].append(signal_row(deal, f"{number}-out{index}", f"p{number}", "outbound", opened + float(at)))


def signal_row(deal: str, interaction: str, person: str, kind: str, at: float) -> dict[str, Any]:
    return {
        "interaction_id": interaction,
        "opportunity_id": deal,
        "person_id": person,
        "seller_id": "s1",
        "kind": kind,
        "direction": "outbound" if kind == "outbound" else "inbound",
        "weight": 1.0,
        "occurred_at": day(at),
        "known_at": day(at),
    }


def _change(deal: str, field: str, old: str | None, new: str, at: float) -> dict[str, Any]:
    return {"opportunity_id": deal, "field": field, "old_value": old, "new_value": new, "changed_at": day(at)}


def tables(rows: Mapping[str, Sequence[Mapping[str, Any]]], engine: Any = None) -> dict[str, nw.LazyFrame]:
    """The rows as tables of an engine, Polars if none is given."""
    engine = engine or Polars()
    return {table.name: engine.frame(table, rows[table.name]) for table in (*CANONICAL, SIGNALS, MEMBERS)}


def cut(rows: Rows, at: datetime) -> Rows:
    """The same history as it stood at an instant: nothing later is in it, and what is undone by then is open again."""

    def known(row: dict[str, Any], *stamps: str) -> bool:
        return all(row[stamp] <= at for stamp in stamps)

    kept: Rows = dict(rows)
    kept["signals"] = [row for row in rows["signals"] if known(row, "known_at")]
    kept["changes"] = [row for row in rows["changes"] if known(row, "changed_at")]
    kept["members"] = [row for row in rows["members"] if known(row, "joined_at")]
    kept["opportunities"] = [
        row
        if known(row, "closed_at")
        else row | {"closed_at": None, "outcome": "open", "stage_id": _stage(kept["changes"], row["opportunity_id"])}
        for row in rows["opportunities"]
        if known(row, "created_at")
    ]
    kept["quotes"] = [
        row if known(row, "decided_at") else row | {"decided_at": None, "status": "sent"}
        for row in rows["quotes"]
        if known(row, "created_at", "sent_at")
    ]
    return kept


def _stage(changes: list[dict[str, Any]], deal: str) -> str:
    return [row["new_value"] for row in changes if row["opportunity_id"] == deal and row["field"] == "stage"][-1]


def learnt(known: Mapping[str, nw.LazyFrame], until: float) -> Training:
    """What the packaged model may learn from Polars tables at a day."""
    return training(known, load_prior(), day(until), Polars().keep)
