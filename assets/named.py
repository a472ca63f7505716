"""What readiness.yaml names in the CRM must be there: pipelines and stages, once the CRM's own are known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from assets.config.base import meant
from assets.errors import ConfigError
from assets.session import Session
from assets.warehouse.raw import table_of

PIPELINES = {
    "salesforce": ("record_type", '"Name"', '"DeveloperName"'),
    "hubspot": ("deal_pipelines", "pipeline_label", "pipeline_id"),
    "files": ("stages", "pipeline_id", "pipeline_id"),
}
"""The stream that has the pipelines, and the columns with their names."""


def refuse_unknown_names(session: Session) -> None:
    """Check `pipelines` and `stages` of the config against what was pulled; by label or id, in any case.

    Raises
    ------
    ConfigError : a pipeline or a stage of the config isn't in the CRM.
    """
    connection = session.connection
    stages = _stages(session)
    for pipeline in connection.config.pipelines.include:
        _known(pipeline, stages, connection.at("pipelines", "include"), "pipeline", _pipelines(session))
    for pipeline, phases in connection.config.stages.items():
        _known(pipeline, stages, connection.at("stages", pipeline), "pipeline", _pipelines(session))
        known = stages[_folded(pipeline)]
        for stage in phases:
            _known(stage, known, connection.at("stages", pipeline, stage), "stage", known.values())


def _known(name: str, known: Mapping[str, object], where: str, kind: str, candidates: Iterable[str]) -> None:
    if _folded(name) not in known:
        raise ConfigError(f'{where}: the CRM has no {kind} "{name}"{meant(name, sorted(candidates))}.')


def _stages(session: Session) -> dict[str, dict[str, str]]:
    """Pipeline -> stage -> label, both by label and by id."""
    found: dict[str, dict[str, str]] = {}
    for row in session.store.query("select pipeline_id, pipeline, stage_id, label from stages"):
        names = {_folded(row[column]): row["label"] for column in ("stage_id", "label") if row[column]}
        for column in ("pipeline_id", "pipeline"):
            if row[column]:
                found.setdefault(_folded(row[column]), {}).update(names)
    return found


def _pipelines(session: Session) -> list[str]:
    stream, name, other = PIPELINES[session.connection.config.crm]
    if not session.store.has(table_of(stream)):
        return []
    sql = f'select distinct coalesce({name}, {other}) as name from "{table_of(stream)}" where not _deleted'
    return [row["name"] for row in session.store.query(sql) if row["name"]]


def _folded(name: str) -> str:
    return name.strip().lower()
