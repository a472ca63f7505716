"""Our own part of the bench beside other integrations, in a process of its own: pulls streams, or writes rows.

python -m benchmarks.ours pull CONFIG STREAM …
python -m benchmarks.ours write CONFIG ROWS.json
"""

from __future__ import annotations

import json
import sys
from collections.abc import Collection
from pathlib import Path
from uuid import uuid4

from assets.config import load
from assets.connection import connections
from assets.pull import pull
from assets.push import push
from assets.session import session
from assets.warehouse.receipts import Change

SIDE = ("associations", "property_history", "owners", "deal_pipelines")
"""What HubSpot gives together with its objects."""


def pull_only(config: Path, names: Collection[str]) -> None:
    """Pull these streams, and note in `sizes.json` how many rows each of them has."""
    connection = connections(load(config))[0]
    with session(connection, str(uuid4())) as opened:
        streams = [one for one in opened.connector.streams() if one.name in {*names, *SIDE}]
        opened.connector.streams = lambda: streams  # type: ignore[method-assign]
        opened.run.fix(opened.connector.now())
        pull(opened)
        sizes = {name: opened.store.count(f"raw_{name}") for name in names}
    (config.parent / "sizes.json").write_text(json.dumps(sizes))


def write_only(config: Path, rows: Path) -> None:
    """Write `why` of contacts, as a run does: looked at before, a receipt for each."""
    connection = connections(load(config))[0]
    changes = [Change("person", row["id"], "why", None, row["why"]) for row in json.loads(rows.read_text())]
    with session(connection, str(uuid4())) as opened:
        counts = push(opened, changes)
    assert counts["rows_written"] == len(changes), counts


if __name__ == "__main__":
    if sys.argv[1] == "pull":
        pull_only(Path(sys.argv[2]), sys.argv[3:])
    else:
        write_only(Path(sys.argv[2]), Path(sys.argv[3]))
