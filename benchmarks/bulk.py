"""A million interactions through Salesforce's Bulk API 2.0: rows, calls, seconds and peak memory of the pull.

    python -m benchmarks.bulk [opportunities] [density of interactions]

The sandbox stands in a process of its own. Some 47 interactions come with an opportunity at density 1. Exit code 0
when all that the org holds has come and the pull stayed under a gigabyte.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import requests

from benchmarks.beside import cost_of, counted, sandbox
from tests.contract.subjects import SalesforceSubject

STREAMS = {"task": "Task", "event": "Event", "email_message": "EmailMessage"}
MOST_MB = 1024


def main(opportunities: int = 22_000, density: float = 1.0) -> int:
    """Print one line."""
    options = json.dumps({"opportunities": opportunities, "limits": False, "density": density})
    with sandbox(options) as url, tempfile.TemporaryDirectory() as folder:
        requests.get(f"{url}/services/data", timeout=3600)
        subject = SalesforceSubject(url)
        there = {
            stream: subject.call("GET", f"query?q=SELECT COUNT() FROM {native}").json()["totalSize"]
            for stream, native in STREAMS.items()
        }
        config = Path(folder) / "readiness.yaml"
        config.write_text(f"connections:\n  acme:\n    crm: salesforce\n    url: {url}\n    history: 240 months\n")
        counted(url)
        cost = cost_of([sys.executable, "-m", "benchmarks.ours", "pull", str(config), *STREAMS])
        calls = counted(url)
        here = json.loads((config.parent / "sizes.json").read_text()) if cost.code == 0 else {}
    bulk = sum(count for route, count in calls["calls"].items() if "jobs/query" in route)
    rows = sum(here.values())
    print(
        f"interactions  of them there  calls  of them bulk  seconds  rows/s  peak MB{'' if here else cost.said[-500:]}"
    )
    print(
        f"{rows:12,}  {sum(there.values()):11,}  {calls['total']:5,}  {bulk:12,}  {cost.seconds:7.0f}"
        f"  {rows / cost.seconds:6,.0f}  {cost.megabytes:7.0f}"
    )
    if cost.code:
        print(cost.said[-2000:], file=sys.stderr)
    return 0 if here == there and cost.megabytes < MOST_MB else 1


if __name__ == "__main__":
    sys.exit(main(*(float(given) if "." in given else int(given) for given in sys.argv[1:])))  # type: ignore[arg-type]
