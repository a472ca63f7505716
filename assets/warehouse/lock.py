"""One run at a time per connection, whoever starts it: Dagster's queue, the CLI, or two of them."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from assets.errors import Busy


@contextmanager
def run_lock(folder: Path, purpose: str, wait_seconds: float = 30.0) -> Iterator[None]:
    """Hold the connection's lock; the operating system frees it when the process dies, however it dies.

    Raises
    ------
    Busy : somebody else held it for all of `wait_seconds`; the message says who, since when and for what.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "run.lock"
    with path.open("a+", encoding="utf-8") as file:
        deadline = time.monotonic() + wait_seconds
        while not _taken(file.fileno()):
            if time.monotonic() >= deadline:
                raise Busy(f"{folder.name}: another run is at work ({_holder(path)}). Try again when it is done.")
            time.sleep(0.2)
        file.truncate(0)
        holder = {
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "since": datetime.now(UTC).isoformat("T", "seconds"),
        }
        file.write(json.dumps({**holder, "for": purpose}))
        file.flush()
        yield


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(path: Path) -> str:
    try:
        holder = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return "which one is not known"
    return f"process {holder['pid']} on {holder['host']}, since {holder['since']}, for {holder['for']}"
