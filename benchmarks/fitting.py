"""What learning costs: the forecast fitted on some 50,000 closed deals. `python -m benchmarks.fitting [deals]`.

The landmarks are those of a simulated market, repeated under other ids until there are enough closed deals.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from datetime import UTC, datetime

import narwhals as nw

from readiness.fit.fit import fit
from readiness.fit.training import MOST_ROWS, Training, training
from readiness.model import load_prior
from sandbox.export import tables
from sandbox.market import Market
from transforms.members import members
from transforms.signals import signals

DEALS = 50_000
MARKET = 1_000
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
LIMIT_SECONDS = 60.0


def main(deals: int) -> int:
    history = repeated(lived(), deals)
    wall, cpu = time.perf_counter(), time.process_time()
    fitted = fit(history, load_prior().forecast)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(f"{history.closed:,} closed deals, {len(history.rows):,} landmarks, {len(fitted.terms)} terms")
    print(f"fitted in {wall:.1f} s wall, {cpu:.1f} s CPU (at most {LIMIT_SECONDS:.0f} s)")
    return 0 if wall <= LIMIT_SECONDS else 1


def lived() -> Training:
    """What a market of `MARKET` opportunities has to teach."""
    found = {name: nw.from_native(table) for name, table in tables(Market(MARKET, 11, NOW).past()).items()}
    known = {name: _kept("", frame.lazy("polars")) for name, frame in found.items()}
    known |= {"signals": signals(known, NOW, _kept), "members": members(known, NOW, _kept)}
    return training(known, load_prior(), NOW, _kept)


def repeated(history: Training, deals: int) -> Training:
    """The same landmarks under other ids, until so many deals are closed; no more of them than training would take."""
    every = -(-len(history.rows) * deals // max(history.closed, 1) // MOST_ROWS)
    few = history.rows.with_row_index("row").filter(nw.col("row") % every == 0).drop("row")
    times = -(-deals // max(replace(history, rows=few).closed, 1))
    copies = [
        few.with_columns(opportunity_id=nw.concat_str(nw.col("opportunity_id"), nw.lit(f"-{copy}")))
        for copy in range(times)
    ]
    return replace(history, rows=nw.concat(copies))


def _kept(_name: str, frame: nw.LazyFrame) -> nw.LazyFrame:
    return frame.collect("polars").lazy()


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else DEALS))
