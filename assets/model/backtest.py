"""Forecasts of the past, written to a file: learnt from what was known at one day, asked of the deals opened since."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from assets.connection import Connection
from assets.errors import ConfigError
from assets.model.past import looked_back
from assets.model.tables import tables_of
from readiness.fit.backtest import COLUMNS, backtest
from readiness.model import load_prior

log = logging.getLogger("readiness.model")


def backtested(connection: Connection, train_until: datetime, ages: Sequence[int], out: Path) -> dict[str, Any]:
    """Write the forecasts to `out` as Parquet; what came of it, in counts.

    Raises
    ------
    ConfigError : `out` can't be written, or no opportunity was opened at or after `train_until`.
    """
    _refuse_unwritable(out)
    with looked_back(connection, "backtest") as opened:
        as_of = opened.run.as_of
        since = "select count(*) as n from opportunities where created_at >= ?"
        deals = opened.store.query(since, [train_until])[0]["n"]
        if not deals:
            raise ConfigError(
                f"--train-until {train_until.isoformat()}: {connection.name} has no opportunity opened at or after it."
                f" Its tables know of nothing later than {as_of.isoformat()}; give an earlier day."
            )
        log.info("%s: learning from what was known on %s", connection.name, train_until.isoformat())
        found = backtest(tables_of(opened), train_until, ages, load_prior(), as_of, opened.store.keep)
        rows: pl.DataFrame = found.forecasts.collect("polars").to_native().sort(COLUMNS[:3])
    _write(rows, out)
    return {
        "connection": connection.name,
        "train_until": train_until.isoformat(),
        "as_of": as_of.isoformat(),
        "closed_deals": found.closed,
        "cold_start": found.is_cold_start,
        "opportunities": deals,
        **{f"rows_{anchor}": rows.filter(pl.col("anchor") == anchor).height for anchor in ("created", "first_quote")},
        "out": str(out),
    }


def _refuse_unwritable(out: Path) -> None:
    """Before the work, not after it."""
    folder = out.resolve().parent
    if out.is_dir() or not folder.is_dir() or not os.access(out if out.exists() else folder, os.W_OK):
        raise ConfigError(f"--out {out}: can't be written. Name a file in a folder that exists and may be written to.")


def _write(rows: pl.DataFrame, out: Path) -> None:
    """All of the file or none of it."""
    unfinished = out.with_name(f".{out.name}.part")
    try:
        rows.write_parquet(unfinished)
        unfinished.replace(out)
    except OSError as fault:
        raise ConfigError(f"--out {out}: can't be written ({fault.strerror}).") from None
