from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path

import requests

ROOT = Path(__file__).parents[3]
RUN = "import sys; from sandbox.server import main; raise SystemExit(main({}))"


def started(arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", RUN.format(arguments)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def test_one_line_says_where_and_how_and_ctrl_c_ends_it_quietly() -> None:
    port = free_port()
    process = started(f"port={port}, opportunities=3")
    assert process.stdout is not None
    line = process.stdout.readline()
    assert f"http://127.0.0.1:{port}" in line
    assert "pat-sandbox" in line
    assert requests.get(f"http://127.0.0.1:{port}/__sandbox/stats", timeout=20).status_code == 200
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert (out, err, process.returncode) == ("", "", 0)


def test_a_taken_port_gives_one_clear_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        out, err = (process := started(f"port={port}, opportunities=3")).communicate(timeout=60)
    assert process.returncode == 1
    assert out == ""
    assert len(err.splitlines()) == 1
    assert str(port) in err


def test_a_folder_that_cannot_be_read_gives_one_clear_line(tmp_path: Path) -> None:
    _, err = (process := started(f"port={free_port()}, load={str(tmp_path)!r}")).communicate(timeout=60)
    assert process.returncode == 1
    assert len(err.splitlines()) == 1
    assert "accounts.parquet" in err
