"""Ctrl-C: one line, exit code 130, nothing half-written, and the next run goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sandbox.server import serve
from tests.assets.way import DAY, keys_in_crm, linked, provision, stored, walk

STOPPED = "Stopped. What was done is kept; run it again to go on."


def interrupted(folder: Path, *arguments: str, after: str) -> tuple[int, str]:
    """Run a command and press Ctrl-C once it has said `after`; its exit code and the last line on stderr."""
    command = [sys.executable, "-c", "from assets.cli import main; main()", *arguments]
    environment = {**os.environ, "READINESS_CONFIG": str(folder / "readiness.yaml")}
    running = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    assert running.stderr is not None
    said = []
    for line in running.stderr:
        said.append(line)
        if after in line:
            time.sleep(0.2)
            running.send_signal(signal.SIGINT)
            break
    said += running.stderr.readlines()
    return running.wait(timeout=60), "".join(said)


@pytest.mark.slow
@pytest.mark.parametrize("after", ["raw done", "plan done"])
def test_a_run_that_is_stopped_by_hand_says_one_line_and_is_simply_run_again(tmp_path: Path, after: str) -> None:
    with serve(opportunities=10, as_of=DAY, limits=False, latency_ms=30) as sandbox:
        acme = linked(tmp_path, "hubspot", sandbox.url)
        provision(acme)
        code, said = interrupted(tmp_path, "sync", after=after)
        assert code == 130
        assert said.splitlines()[-1] == STOPPED
        assert "Traceback" not in said
        walk(acme)
        settled = walk(acme)
        assert (settled["rows_written"], settled["tasks_opened"]) == (0, 0)
        keys = keys_in_crm(acme)
        assert len(keys) == len(set(keys))
        with stored(acme) as store:
            assert store.query("select count(*) as n from plan")[0]["n"] == 0
