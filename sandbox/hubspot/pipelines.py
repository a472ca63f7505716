"""Pipelines and stages of deals, tickets and leads.

Shapes and rules: https://developers.hubspot.com/docs/guides/api/crm/pipelines. The default pipeline has the id
`default`; others and all stages that a client makes get numeric ids.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sandbox.hubspot.wire import stamp

PIPELINE_PROPERTY = {"deals": "pipeline", "tickets": "hs_pipeline", "leads": "hs_pipeline"}
STAGE_PROPERTY = {"deals": "dealstage", "tickets": "hs_pipeline_stage", "leads": "hs_pipeline_stage"}

TICKET_STAGES = (
    ("1", "New", "OPEN"),
    ("2", "Waiting on contact", "OPEN"),
    ("3", "Waiting on us", "OPEN"),
    ("4", "Closed", "CLOSED"),
)
LEAD_STAGES = (
    ("new-stage-id", "New", "NEW"),
    ("attempting-stage-id", "Attempting", "IN_PROGRESS"),
    ("connected-stage-id", "Connected", "IN_PROGRESS"),
    ("qualified-stage-id", "Qualified", "QUALIFIED"),
    ("unqualified-stage-id", "Disqualified", "UNQUALIFIED"),
)


@dataclass(slots=True)
class Stage:
    """One stage. `metadata` holds text: probability and isClosed on deals, ticketState on tickets."""

    id: str
    label: str
    display_order: int
    metadata: dict[str, str]
    created: int
    updated: int
    archived: bool = False

    @property
    def probability(self) -> str | None:
        return self.metadata.get("probability")

    @property
    def is_closed(self) -> bool:
        return self.metadata.get("isClosed") == "true" or self.metadata.get("ticketState") == "CLOSED"

    @property
    def is_won(self) -> bool:
        return self.is_closed and float(self.probability or 0) == 1.0

    def shown(self) -> dict[str, Any]:
        return {
            "label": self.label,
            "displayOrder": self.display_order,
            "metadata": self.metadata,
            "id": self.id,
            "createdAt": stamp(self.created),
            "updatedAt": stamp(self.updated),
            "archived": self.archived,
            "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
        }


@dataclass(slots=True)
class Pipeline:
    """One pipeline with its stages in order."""

    id: str
    label: str
    display_order: int
    created: int
    updated: int
    stages: dict[str, Stage] = field(default_factory=dict)
    archived: bool = False

    def ordered(self) -> list[Stage]:
        live = (stage for stage in self.stages.values() if not stage.archived)
        return sorted(live, key=lambda stage: stage.display_order)

    def shown(self) -> dict[str, Any]:
        return {
            "label": self.label,
            "displayOrder": self.display_order,
            "id": self.id,
            "stages": [stage.shown() for stage in self.ordered()],
            "createdAt": stamp(self.created),
            "updatedAt": stamp(self.updated),
            "archived": self.archived,
        }


class Pipelines:
    """The pipelines of one object type, by id."""

    def __init__(self, plural: str, now: int) -> None:
        self.plural = plural
        self.by_id: dict[str, Pipeline] = {}
        self._stages: dict[str, tuple[Pipeline, Stage]] = {}
        if plural == "tickets":
            self._furnish("0", "Support Pipeline", TICKET_STAGES, "ticketState", now)
        if plural == "leads":
            self._furnish("lead-pipeline-id", "Lead pipeline", LEAD_STAGES, "leadStage", now)

    def __iter__(self) -> Iterator[Pipeline]:
        return iter(sorted(self.live(), key=lambda pipeline: pipeline.display_order))

    def live(self) -> list[Pipeline]:
        return [pipeline for pipeline in self.by_id.values() if not pipeline.archived]

    def add(self, pipeline: Pipeline) -> None:
        self.by_id[pipeline.id] = pipeline
        for stage in pipeline.stages.values():
            self._stages[stage.id] = (pipeline, stage)

    def put_stage(self, pipeline: Pipeline, stage: Stage) -> None:
        pipeline.stages[stage.id] = stage
        self._stages[stage.id] = (pipeline, stage)

    def stage(self, id: str | None) -> Stage | None:
        """The stage of that id, in whichever pipeline; archived ones still have their meaning."""
        return self._stages[id][1] if id in self._stages else None

    def pipeline_of(self, stage_id: str) -> Pipeline | None:
        return self._stages[stage_id][0] if stage_id in self._stages else None

    def default(self) -> Pipeline | None:
        return next(iter(self), None)

    def _furnish(self, id: str, label: str, stages: tuple[tuple[str, str, str], ...], key: str, now: int) -> None:
        made = {
            stage_id: Stage(stage_id, text, order, {key: state, "isClosed": str(state == "CLOSED").lower()}, now, now)
            for order, (stage_id, text, state) in enumerate(stages)
        }
        self.add(Pipeline(id, label, 0, now, now, made))
