"""Hundreds of kills at random moments of pull and write: what is lost, doubled, or made twice?

    python -m benchmarks.kill [kills per CRM] [seed]

Each round wants new values and new tasks in the CRM while sellers rename deals; the run that is to bring them there is
killed (SIGKILL) again and again at a moment drawn at random, then let through once. Below Dagster and without scoring:
the edges of a run, as `tests/faults/scene.py` has them; every second round writes to Salesforce by bulk loads. Prints
one line per CRM; exit code 0 when all figures are 0.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from benchmarks.beside import SECRETS, sandbox
from tests.assets.way import connect_to, stored
from tests.faults.cells import STEPS
from tests.faults.scene import Intention, Scene, in_loads, quickly, rows_of

IN_A_ROUND = 10
FRESH = 4
"""Every so many rounds begin with an empty store."""


def main(kills: int = 300, seed: int = 7) -> int:
    os.environ.update(SECRETS)
    drawn, harm = random.Random(seed), 0
    print("crm         kills  rounds  rows lost  rows doubled  values twice  values missing  second tasks  seconds")
    for crm in STEPS:
        with sandbox('{"opportunities": 12, "limits": false}') as url, tempfile.TemporaryDirectory() as folder:
            began = time.perf_counter()
            with quickly():
                scene = Scene(crm, SimpleNamespace(url=url), Path(folder))  # type: ignore[arg-type]
                found: Counter[str] = Counter()
                for number in range(-(-kills // IN_A_ROUND)):
                    with in_loads(number % 2 == 1):
                        found += round_of(scene, drawn, is_fresh=number % FRESH == 0)
        figures = [found[name] for name in ("lost", "doubled", "twice", "missing", "second")]
        rounds = -(-kills // IN_A_ROUND)
        print(
            f"{crm:10}  {found['kills']:5}  {rounds:6}  {figures[0]:9}  {figures[1]:12}  {figures[2]:12}  "
            f"{figures[3]:14}  {figures[4]:12}  {time.perf_counter() - began:7.0f}",
            flush=True,
        )
        harm += sum(figures)
    return 1 if harm else 0


def round_of(scene: Scene, drawn: random.Random, *, is_fresh: bool) -> Counter[str]:
    """One round: kills, a run that is let through, and what is wrong then."""
    connection, wanted = scene.connection(filled=not is_fresh), scene.intention()
    scene.subject.rename(list(drawn.sample(scene.opportunities, 3)), f"Renamed {wanted.number}")
    found: Counter[str] = Counter()
    longest = 1.5
    for _ in range(IN_A_ROUND):
        began = time.perf_counter()
        child = os.fork()
        if child == 0:
            _run_and_leave(scene, connection, wanted)
        if _killed(child, drawn.uniform(0.0, longest)):
            found["kills"] += 1
        else:
            longest = max(0.3, time.perf_counter() - began)
    scene.run(connection, wanted)
    scene.run(connection, wanted)
    return found + harm_of(scene, connection, wanted)


def _run_and_leave(scene: Scene, connection: Any, wanted: Intention) -> None:
    """In the forked process: one run, and out without a clean-up."""
    try:
        scene.run(connection, wanted)
    finally:
        os._exit(0)


def _killed(child: int, after: float) -> bool:
    """Kill the child after so many seconds; False when it was done before."""
    deadline = time.monotonic() + after
    while time.monotonic() < deadline:
        if os.waitpid(child, os.WNOHANG)[0]:
            return False
        time.sleep(0.002)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return True


def harm_of(scene: Scene, connection: Any, wanted: Intention) -> Counter[str]:
    """Rows lost and doubled against a fresh reading of the CRM, values written twice or never, tasks made twice."""
    here, mirror = scene.here(connection), scene.there(connection)
    found: Counter[str] = Counter()
    for table, rows in rows_of(mirror).items():
        found["lost"] += (rows - here[table]).total()
        found["doubled"] += (here[table] - rows).total()
    with stored(connection) as store:
        twice = (
            "select record_id from receipts where outcome = 'written' and after = ? group by all having count(*) > 1"
        )
        found["twice"] += len(store.query(twice, [wanted.why]))
    found["missing"] += sum(scene.why(mirror, one) != wanted.why for one in wanted.opportunities)
    with connect_to(connection) as connector:
        keys = Counter(task.key for task in connector.tasks_of(wanted.opportunities))
    found["missing"] += sum(keys[key] == 0 for key in wanted.keys)
    found["second"] += sum(max(keys[key] - 1, 0) for key in wanted.keys)
    return found


if __name__ == "__main__":
    sys.exit(main(*(int(given) for given in sys.argv[1:])))
