"""What scoring costs: ours, the same model in hand-written SQL, and the decayed group-by alone, in one run on one file.

The group-by is measured twice: plain, a row per person and kind; and as the model needs it, a column per kind, of acts
known at the landmark. Signals lie in random order, as a CRM gives them; sorted by opportunity all of it is cheaper.

    python -m benchmarks.scoring [opportunities …]

Each way runs in a process of its own on the same stored tables, so that its peak memory is its own. The ways take
turns, `ROUNDS` times over, and the quickest of each counts: a machine that others use slows down for half a minute now
and then, and would make one way dearer than the next.
"""

from __future__ import annotations

import json
import math
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import narwhals as nw

from benchmarks.scoring_data import fill
from benchmarks.scoring_sql import evidence, plain, stages
from readiness.group import group_readiness
from readiness.model import load_prior
from readiness.people import people_readiness

SIZES = (10_000, 100_000, 1_000_000)
MEMORY = "3GB"
ROUNDS = 3
CLOCKS = ("wall", "cpu")
WAYS = ("plain", "evidence", "sql", "ours")
SCORES = {"sql": "sql_groups", "ours": "scored_groups"}
"""Where a way leaves the groups' scores; they are put aside to be compared when its clock has stopped."""
COMPARED = ("readiness", "coverage", "mean_phase", "inbound", *(f"c_{m}" for m in range(1, 7)))


def connect(path: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(str(path))
    connection.execute("set TimeZone = 'UTC'")
    connection.execute(f"set memory_limit = '{MEMORY}'")
    connection.execute("set disabled_optimizers = 'partial_aggregate_pushdown'")
    connection.execute("set preserve_insertion_order = false")
    return connection


def run_plain(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(f"create temp table plain as {plain(load_prior())}")


def run_evidence(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(f"create temp table evidence as {evidence(load_prior())}")


def run_sql(connection: duckdb.DuckDBPyConnection) -> None:
    for name, select in stages(load_prior()):
        connection.execute(f"create temp table {name} as {select}")


def run_ours(connection: duckdb.DuckDBPyConnection) -> None:
    def keep(name: str, frame: nw.LazyFrame) -> nw.LazyFrame:
        connection.execute(f'create temp table "{name}" as {frame.to_native().sql_query()}')
        return nw.from_native(connection.table(name))

    signals, members, landmarks = (
        nw.from_native(connection.table(name)) for name in ("signals", "members", "landmarks")
    )
    model = load_prior()
    people = people_readiness(signals, members, landmarks, model, keep)
    group_readiness(people, landmarks, model, keep)


RUNS: dict[str, Callable[[duckdb.DuckDBPyConnection], None]] = {
    "plain": run_plain,
    "evidence": run_evidence,
    "sql": run_sql,
    "ours": run_ours,
}


def measure(path: Path, way: str) -> dict[str, float]:
    """Seconds of wall clock and of CPU, and peak memory in GB, of one way in this process."""
    with connect(path) as connection:
        wall, cpu = time.perf_counter(), time.process_time()
        RUNS[way](connection)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        if way in SCORES:
            connection.execute(f"create or replace table groups_{way} as from {SCORES[way]}")
    return {"wall": wall, "cpu": cpu, "peak_gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2}


def quickest(path: Path) -> dict[str, dict[str, float]]:
    """The least wall clock and CPU that each way took, all ways in turn."""
    found = {way: dict.fromkeys(CLOCKS, math.inf) for way in WAYS}
    for way in WAYS * ROUNDS:
        command = [sys.executable, "-m", "benchmarks.scoring", "--measure", str(path), way]
        took = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
        print("  {:<10}{wall:8.1f} s wall{cpu:8.1f} s CPU{peak_gb:6.2f} GB".format(way, **took), flush=True)
        found[way] = {clock: min(took[clock], found[way][clock]) for clock in CLOCKS}
    return found


def largest_difference(path: Path) -> float:
    gaps = ", ".join(f"max(abs(a.{name} - b.{name}))" for name in COMPARED)
    same = "sum((a.phase <> b.phase or a.state <> b.state or a.confidence <> b.confidence)::int)"
    with connect(path) as connection:
        row = connection.execute(
            f"select greatest({gaps}), {same}, count(*) from groups_ours a join groups_sql b using (opportunity_id)"
        ).fetchone()
        total = connection.execute("select count(*) from landmarks").fetchone()
    if row is None or total is None or row[2] != total[0]:
        raise SystemExit("the hand-written SQL and the product score different opportunities")
    print(f"  largest difference between the two: {row[0]:.1e}; words that differ: {row[1]} of {row[2]}")
    return float(row[0])


def bench(opportunities: int) -> dict[str, float]:
    """Run every way at this size; what the quickest of ours cost."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "book.duckdb"
        with connect(path) as connection:
            fill(connection, opportunities)
        print(f"{opportunities:,} opportunities")
        found = quickest(path)
        for other, limit in (
            ("sql", "at most 1.3 at a million"),
            ("plain", "at most 3 at a million"),
            ("evidence", "for comparison"),
        ):
            ratios = {clock: found["ours"][clock] / found[other][clock] for clock in CLOCKS}
            print("  ours / {:<10}{wall:6.2f} wall{cpu:6.2f} CPU   ({})".format(other, limit, **ratios))
        if largest_difference(path) > 1e-6:
            raise SystemExit("the hand-written SQL and the product disagree")
    return found["ours"]


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["--measure"]:
        print(json.dumps(measure(Path(arguments[1]), arguments[2])))
        return
    sizes = [int(argument) for argument in arguments] or SIZES
    costs = [bench(opportunities) for opportunities in sizes]
    print("ours per 10,000 opportunities: level where the cost is linear, but for planning, about a second at any size")
    for opportunities, cost in zip(sizes, costs, strict=True):
        each = {clock: cost[clock] * 10_000 / opportunities for clock in CLOCKS}
        print("  of {:>9,}{wall:8.2f} s wall{cpu:8.2f} s CPU".format(opportunities, **each))


if __name__ == "__main__":
    main(sys.argv[1:])
