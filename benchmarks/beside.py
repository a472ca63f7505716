"""What the benchmarks of the CRM edge share: a sandbox in a process of its own, and the cost of a command."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests

SECRETS = {"SF_CLIENT_ID": "sandbox", "SF_CLIENT_SECRET": "sandbox", "HUBSPOT_TOKEN": "pat-sandbox"}
SERVE = """
import sys, json
from sandbox.server import serve
with serve(**json.loads(sys.argv[1])) as running:
    print(running.url, flush=True)
    sys.stdin.read()
"""


@contextmanager
def sandbox(options: str) -> Iterator[str]:
    """The address of a sandbox in another process; `options` are those of `sandbox.server.serve`, in JSON."""
    command = [sys.executable, "-c", SERVE, options]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        yield process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait()


@dataclass(frozen=True, slots=True)
class Cost:
    """What a command took: wall seconds, peak memory in MB, and its exit code with the end of what it said."""

    seconds: float
    megabytes: float
    code: int
    said: str


def cost_of(command: Sequence[str], env: Mapping[str, str] | None = None, deadline_s: float = 3600.0) -> Cost:
    """Run a command to its end, or until the deadline, after which it is killed."""
    began = time.perf_counter()
    process = subprocess.Popen(
        command, env={**os.environ, **SECRETS, **(env or {})}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    assert process.stdout
    timed = threading.Timer(deadline_s, process.kill)
    timed.start()
    said = process.stdout.read()[-4000:].decode(errors="replace")
    _, status, usage = os.wait4(process.pid, 0)
    timed.cancel()
    seconds = time.perf_counter() - began
    return Cost(seconds, usage.ru_maxrss / 1024, os.waitstatus_to_exitcode(status), said)


def counted(url: str) -> dict[str, Any]:
    """Calls and statuses since the last look: total, calls by method and route, statuses."""
    stats: dict[str, Any] = requests.get(f"{url}/__sandbox/stats", timeout=60).json()
    requests.post(f"{url}/__sandbox/reset-stats", timeout=60)
    return stats
