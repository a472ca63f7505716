"""What Bulk API 2.0 queries and loads share: waiting for a job, in growing steps and not for ever.

Source: Bulk API 2.0 and Bulk API Developer Guide, "Job States".
"""

from __future__ import annotations

import csv
import time
from collections.abc import Mapping
from typing import Any

from connectors.errors import TryLater
from connectors.recovery import Refusal
from connectors.salesforce.client import SalesforceDoor

FIRST_POLL_S, LONGEST_POLL_S, LONGEST_JOB_S = 1.0, 15.0, 3600.0
MOST_READS = 4
"""How often results that break off are asked for."""
AT_WORK = ("UploadComplete", "InProgress")

csv.field_size_limit(16 * 1024 * 1024)


def awaited(door: SalesforceDoor, path: str) -> Mapping[str, Any]:
    """The job at this path once the org no longer works at it; empty where it isn't known any more.

    Raises
    ------
    TryLater : it has not ended within an hour.
    """
    deadline, pause = time.monotonic() + LONGEST_JOB_S, FIRST_POLL_S
    while time.monotonic() < deadline:
        time.sleep(pause)
        pause = min(pause * 2, LONGEST_POLL_S)
        try:
            job: Mapping[str, Any] = door.send("GET", path, own={400, 404}).data
        except Refusal:
            return {}
        if job["state"] not in AT_WORK:
            return job
    raise TryLater("A bulk job has not finished within an hour.", "The next run looks at it again.")
