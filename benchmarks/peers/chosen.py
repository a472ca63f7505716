"""Keeps the named streams of a Singer catalog and selects them: `python chosen.py FOUND OUT STREAM…`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

found, out, *names = sys.argv[1:]
catalog = json.loads(Path(found).read_text())
catalog["streams"] = [stream for stream in catalog["streams"] if stream["tap_stream_id"] in names]
for stream in catalog["streams"]:
    for entry in stream["metadata"]:
        entry["metadata"]["selected"] = True
Path(out).write_text(json.dumps(catalog))
