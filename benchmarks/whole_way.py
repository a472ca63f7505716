"""What a whole sync costs: the first one, its echo, a settled one, and one after 50 deals have changed.

    python -m benchmarks.whole_way [opportunities] [salesforce | hubspot]

Each run is the command `readiness sync --json` in a process of its own, beside a sandbox without limits or latency in
another; seconds, peak memory and calls of each are printed, for Salesforce and for HubSpot.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

PORT = 8191
URL = f"http://127.0.0.1:{PORT}"
CHANGED = 50
SECRETS = {"SF_CLIENT_ID": "sandbox", "SF_CLIENT_SECRET": "sandbox", "HUBSPOT_TOKEN": "pat-sandbox"}
READINESS = [str(Path(sys.executable).with_name("readiness"))]


def main(opportunities: int, *only: str) -> None:
    """Print a row per CRM (all but for `only`) and run."""
    with sandbox(opportunities), tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "readiness.yaml"
        config.write_text(
            "connections:\n"
            + "".join(f"  {crm}:\n    crm: {crm}\n    url: {URL}\n    mode: on\n" for crm in ("salesforce", "hubspot"))
        )
        print(f"{opportunities:,} opportunities")
        print("crm         run      seconds  cpu s  peak MB   calls  pulled    written  unchanged  calls per object")
        for crm, change in {"salesforce": change_in_salesforce, "hubspot": change_in_hubspot}.items():
            if only and crm not in only:
                continue
            command([*READINESS, "provision", "--connection", crm, "--config", str(config)])
            for run in ("first", "echo", "settled", "changed"):
                if run == "changed":
                    change()
                print(f"{crm:10}  {run:7}  {sync(crm, config)}", flush=True)


def sync(crm: str, config: Path) -> str:
    """One run of the command, measured."""
    post("reset-stats")
    began = time.perf_counter()
    said, usage = command([*READINESS, "sync", "--connection", crm, "--config", str(config), "--json"])
    seconds = time.perf_counter() - began
    summary = json.loads(said.strip().splitlines()[-1])
    calls = stats()
    return (
        f"{seconds:7.1f}  {usage.ru_utime + usage.ru_stime:5.1f}  {usage.ru_maxrss / 1024:7.0f}"
        f"  {sum(calls.values()):6,}  {summary['rows_pulled']:8,}  {summary['rows_written']:7,}"
        f"  {summary['rows_unchanged']:9,}  most: {calls.most_common(3) if sum(calls.values()) < 200 else ''}"
    )


def command(words: list[str]) -> tuple[str, Any]:
    """Its output, and what it used; the run must end well."""
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(words, stdout=out, env={**os.environ, **SECRETS})
        _, status, usage = os.wait4(process.pid, 0)
        if status:
            raise SystemExit(f"{' '.join(words)} ended with status {status}")
        out.seek(0)
        return out.read().decode(), usage


@contextmanager
def sandbox(opportunities: int) -> Iterator[None]:
    """The sandbox as a process, until the context ends."""
    words = [*READINESS, "sandbox", "--port", str(PORT), "--opportunities", str(opportunities), "--limits", "off"]
    began = time.perf_counter()
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while not _answers():
            if process.poll() is not None:
                raise SystemExit(f"the sandbox did not start on port {PORT}")
            time.sleep(0.5)
        print(f"sandbox ready after {time.perf_counter() - began:.0f} s")
        yield
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def _answers() -> bool:
    try:
        return bool(stats() or True)
    except OSError:
        return False


def stats() -> Counter[str]:
    """Calls per method and route since the last reset."""
    with urlopen(f"{URL}/__sandbox/stats", timeout=600) as answer:
        said = json.load(answer)
    return Counter(said.get("calls", said))


def post(door: str) -> None:
    urlopen(Request(f"{URL}/__sandbox/{door}", b"{}", method="POST"), timeout=600).close()


def ask(method: str, path: str, body: Any = None, token: str = "") -> Any:
    """A call as a person's own script would make it."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    content = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else None
    if isinstance(body, bytes):
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    with urlopen(Request(URL + path, content, headers, method=method), timeout=600) as answer:
        return json.load(answer)


def change_in_salesforce() -> None:
    """Somebody raises the amount of 50 open opportunities."""
    grant = b"grant_type=client_credentials&client_id=sandbox&client_secret=sandbox"
    token = ask("POST", "/services/oauth2/token", grant)["access_token"]
    query = f"/services/data/v60.0/query?q=SELECT+Id+FROM+Opportunity+WHERE+IsClosed=false+LIMIT+{CHANGED}"
    records = [
        {"attributes": {"type": "Opportunity"}, "Id": row["Id"], "Amount": 4321 + number}
        for number, row in enumerate(ask("GET", query, token=token)["records"])
    ]
    ask("PATCH", "/services/data/v60.0/composite/sobjects", {"allOrNone": True, "records": records}, token)


def change_in_hubspot() -> None:
    """Somebody raises the amount of 50 deals."""
    token = "pat-sandbox"
    deals = ask("GET", f"/crm/v3/objects/deals?limit={CHANGED}", token=token)["results"]
    inputs = [{"id": deal["id"], "properties": {"amount": str(4321 + n)}} for n, deal in enumerate(deals)]
    ask("POST", "/crm/v3/objects/deals/batch/update", {"inputs": inputs}, token)


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 10_000, *sys.argv[2:])
