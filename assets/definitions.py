"""What Dagster loads: the assets, job and schedule of every connection in readiness.yaml, and what to do on failure.

The config is `READINESS_CONFIG` of the environment, or readiness.yaml in the working directory. One that is absent or
broken still loads: a single asset says what is wrong with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import dagster as dg

from assets.config import Config, default_path, load
from assets.connection import Connection, connections
from assets.errors import ConfigError
from assets.legs import connection_assets, learning, reports, standing
from assets.legs.step import resource_key
from assets.notify import failure_sensor
from assets.resource import session_resource
from assets.session import Session

REVOPS = ["team:revops"]


@dataclass(frozen=True, slots=True)
class Beside:
    """Assets that are made beside the way from CRM to CRM, in a job and at a time of their own."""

    names: tuple[str, ...]
    schedule: str
    about: str


BESIDE = {
    "learning": Beside(
        learning.NAMES, "0 3 * * 0", "Learn from what became of the deals of {0}, and use it where it proves better."
    ),
    "reports": Beside(
        (*standing.NAMES, *reports.NAMES),
        "0 6 * * *",
        "Coaching list, scorecard and cards of closed deals of {0}, before the day begins.",
    ),
}


def job_name(connection: str, what: str = "sync") -> str:
    """The job of the schedule: `sync`, which `readiness sync` runs too, or one of `BESIDE`."""
    return f"{connection}_{what}"


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


def _jobs(connection: Connection) -> list[dg.UnresolvedAssetJobDefinition]:
    name = connection.name
    beside = {what: dg.AssetSelection.assets(*([name, table] for table in of.names)) for what, of in BESIDE.items()}
    on_the_way: dg.AssetSelection = dg.AssetSelection.key_prefixes([name])
    for selection in beside.values():
        on_the_way = on_the_way - selection
    about = {what: of.about.format(name) for what, of in BESIDE.items()}
    about["sync"] = f"Pull, score and, in mode {connection.config.mode}, write {name}."
    return [
        dg.define_asset_job(
            job_name(name, what), selection=selection, description=about[what], executor_def=dg.in_process_executor
        )
        for what, selection in {"sync": on_the_way, **beside}.items()
    ]


def _schedules(connection: Connection) -> list[dg.ScheduleDefinition]:
    name = connection.name
    times = {"": (job_name(name), connection.config.schedule, f"{name}, as readiness.yaml says.")}
    times |= {f"{what}_": (job_name(name, what), of.schedule, of.about.format(name)) for what, of in BESIDE.items()}
    return [
        dg.ScheduleDefinition(
            name=f"{name}_{what}schedule",
            job_name=job,
            cron_schedule=cron,
            execution_timezone=connection.config.zone,
            default_status=dg.DefaultScheduleStatus.RUNNING,
            description=about,
        )
        for what, (job, cron, about) in times.items()
    ]


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
