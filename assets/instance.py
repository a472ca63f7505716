"""The Dagster instance of an installation: runs of the CLI and of the schedules are recorded in one place."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from assets.config import Config
from assets.warehouse import run_lock

if TYPE_CHECKING:
    from dagster import DagsterInstance

SETTINGS = """\
# Written by `readiness` when absent; yours to change.
telemetry: {enabled: false}
nux: {enabled: false}
concurrency:
  pools: {default_limit: 1, granularity: run}
python_logs: {managed_python_loggers: [readiness], python_log_level: INFO}
"""


def home(config: Config) -> Path:
    """DAGSTER_HOME of the environment, else `<data_dir>/dagster`; made, with its dagster.yaml, when absent."""
    folder = Path(os.environ.get("DAGSTER_HOME") or config.data / "dagster").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    settings = folder / "dagster.yaml"
    if not settings.exists():
        settings.write_text(SETTINGS, encoding="utf-8")
    return folder


def instance(config: Config) -> DagsterInstance:
    """The instance itself; two programs that start at once make its tables one after the other."""
    from dagster import DagsterInstance
    from dagster._core.instance.ref import InstanceRef

    folder = home(config)
    said = yaml.safe_load((folder / "dagster.yaml").read_text(encoding="utf-8")) or {}
    has_own_storage = bool({"storage", "event_log_storage"} & set(said))
    events = {
        "module": "assets.events",
        "class": "OpenEventLog",
        "config": {"base_dir": str(folder / "history" / "runs")},
    }
    with run_lock(folder, "making the instance"):
        overrides = None if has_own_storage else {"event_log_storage": events}
        return DagsterInstance.from_ref(InstanceRef.from_dir(str(folder), overrides=overrides))
