"""What Dagster loads: the assets, job and schedule of every connection in readiness.yaml, and what to do on failure.

The config is `READINESS_CONFIG` of the environment, or readiness.yaml in the working directory. One that is absent or
broken still loads: a single asset says what is wrong with it.
"""

from __future__ import annotations

from typing import Any

import dagster as dg

from assets.config import Config, default_path, load
from assets.connection import Connection, connections
from assets.errors import ConfigError
from assets.legs import connection_assets, learning
from assets.legs.step import resource_key
from assets.notify import failure_sensor
from assets.resource import session_resource
from assets.session import Session

REVOPS = ["team:revops"]
LEARNING_SCHEDULE = "0 3 * * 0"


def job_name(connection: str) -> str:
    """The job that the schedule and `readiness sync` both run."""
    return f"{connection}_sync"


def learning_job_name(connection: str) -> str:
    """The job that makes the model, on its own schedule."""
    return f"{connection}_learning"


def definitions(config: Config, opened: Session | None = None) -> dg.Definitions:
    """Everything of this config. No secret is read and no CRM is asked for it.

    Parameters
    ----------
    opened : a session that is held already; its connection's runs go through it.
    """
    linked = connections(config)
    resources: dict[str, Any] = {resource_key(connection): session_resource(connection) for connection in linked}
    if opened is not None:
        resources[resource_key(opened.connection)] = opened
    return dg.Definitions(
        assets=[asset for connection in linked for asset in connection_assets(connection)],
        jobs=[job for connection in linked for job in _jobs(connection)],
        schedules=[schedule for connection in linked for schedule in _schedules(connection)],
        sensors=[failure_sensor(config)] if config.notify else [],
        resources=resources,
    )


def _jobs(connection: Connection) -> tuple[dg.UnresolvedAssetJobDefinition, ...]:
    name = connection.name
    learnt = dg.AssetSelection.assets(*([name, table] for table in learning.NAMES))
    return (
        dg.define_asset_job(
            job_name(name),
            selection=dg.AssetSelection.groups(name) - learnt,
            description=f"Pull, score and, in mode {connection.config.mode}, write {name}.",
            executor_def=dg.in_process_executor,
        ),
        dg.define_asset_job(
            learning_job_name(name),
            selection=learnt,
            description=f"Learn from what became of {name}'s deals, and use it where it proves better.",
            executor_def=dg.in_process_executor,
        ),
    )


def _schedules(connection: Connection) -> tuple[dg.ScheduleDefinition, ...]:
    name, zone, running = connection.name, connection.config.zone, dg.DefaultScheduleStatus.RUNNING
    return (
        dg.ScheduleDefinition(
            name=f"{name}_schedule",
            job_name=job_name(name),
            cron_schedule=connection.config.schedule,
            execution_timezone=zone,
            default_status=running,
            description=f"{name}, as readiness.yaml says.",
        ),
        dg.ScheduleDefinition(
            name=f"{name}_learning_schedule",
            job_name=learning_job_name(name),
            cron_schedule=LEARNING_SCHEDULE,
            execution_timezone=zone,
            default_status=running,
            description=f"{name}'s model, once a week, while nobody sells.",
        ),
    )


def _broken(fault: ConfigError) -> dg.Definitions:
    @dg.asset(key="readiness_yaml", description=f"**The config can't be used.**\n\n{fault}", owners=REVOPS)
    def _asset() -> None:
        raise dg.Failure(str(fault), allow_retries=False)

    return dg.Definitions(assets=[_asset])


def _loaded() -> dg.Definitions:
    try:
        return definitions(load(default_path()))
    except ConfigError as fault:
        return _broken(fault)


defs = _loaded()
