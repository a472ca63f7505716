"""Run as a program: walks a connection's way and kills itself, without a word, at one of the places below.

`python -m tests.assets.killed FOLDER PLACE`. Nothing is cleaned up, as with kill -9 or a power cut.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from assets import push, tasks
from assets.config import load
from assets.connection import connections
from assets.warehouse import raw, receipts
from tests.assets import way

PLACES = (
    *(f"before step {number}" for number in range(1, len(way.STEPS))),
    "between the pages of a pull",
    "inside the transaction of a page",
    "after a batch was written, before its receipts",
    "after an intent, before its task",
    "after tasks were made, before they were noted",
)


def die(*_: Any, **__: Any) -> None:
    """What kill -9 does."""
    os.kill(os.getpid(), signal.SIGKILL)


def on_call(number: int, function: Callable[..., Any], after: bool = False) -> Callable[..., Any]:
    """The function, but for its n-th call, before or after which the process dies."""
    calls = 0

    def counted(*arguments: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == number and not after:
            die()
        result = function(*arguments, **named)
        if calls == number:
            die()
        return result

    return counted


def arm(place: str) -> int:
    """Prepare to die there; how many steps to walk at most."""
    if place.startswith("before step "):
        return int(place.removeprefix("before step "))
    if place == "between the pages of a pull":
        raw.Intake.flush = on_call(12, raw.Intake.flush)  # type: ignore[method-assign]
    elif place == "inside the transaction of a page":
        raw.Intake._put = on_call(6, raw.Intake._put, after=True)  # type: ignore[method-assign]
    elif place == "after a batch was written, before its receipts":
        push.record = on_call(1, receipts.record)
    elif place == "after an intent, before its task":
        tasks.put = on_call(1, tasks.put, after=True)
    else:
        tasks.put = on_call(2, tasks.put)
    return len(way.STEPS)


if __name__ == "__main__":
    folder, where = Path(sys.argv[1]), sys.argv[2]
    steps = arm(where)
    way.walk(connections(load(folder / "readiness.yaml"))[0], steps=steps)
    die()
