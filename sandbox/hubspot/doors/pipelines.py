"""Pipelines and stages. https://developers.hubspot.com/docs/guides/api/crm/pipelines; not seen in a recording."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from sandbox.hubspot.call import Call
from sandbox.hubspot.errors import conflict, invalid, invalid_json, missing
from sandbox.hubspot.object_types import ObjectType, object_type
from sandbox.hubspot.pipelines import STAGE_PROPERTY, Pipeline, Pipelines, Stage
from sandbox.hubspot.values import as_text
from sandbox.hubspot.wire import answer, no_content


def list_pipelines(call: Call) -> Response:
    _, pipelines = _pipelines(call)
    return answer({"results": [pipeline.shown() for pipeline in pipelines]})


def read_pipeline(call: Call) -> Response:
    return answer(_pipeline(call).shown())


def create_pipeline(call: Call) -> Response:
    kind, pipelines = _pipelines(call, write=True)
    fields = call.fields()
    label = _label(fields, "Pipeline")
    if any(pipeline.label == label for pipeline in pipelines):
        raise conflict(f"A pipeline with the label {label} already exists.")
    now = call.state.now()
    made = Pipeline(as_text(fields.get("pipelineId")) or str(call.state.next_id()), label, _order(fields), now, now)
    stages = [_stage(call, kind, item) for item in _stage_inputs(fields)]
    made.stages = {stage.id: stage for stage in stages}
    pipelines.add(made)
    _add_dates(call, kind, made)
    return answer(made.shown(), 201)


def change_pipeline(call: Call) -> Response:
    """PATCH changes what is given; PUT replaces label, order and stages."""
    pipeline = _pipeline(call, write=True)
    kind, pipelines = _pipelines(call, write=True)
    fields = call.fields()
    if call.request.method == "PUT":
        _label(fields, "Pipeline")
        stages = _stage_inputs(fields)
        kept = {as_text(item.get("stageId") or item.get("id")) for item in stages}
        _check_unused(call, kind, [stage for stage in pipeline.ordered() if stage.id not in kept])
        for item in stages:
            pipelines.put_stage(pipeline, _stage(call, kind, item))
        for stage in pipeline.stages.values():
            stage.archived = stage.id not in kept and bool(kept)
    pipeline.label = as_text(fields.get("label")) or pipeline.label
    pipeline.display_order = _order(fields, pipeline.display_order)
    pipeline.archived = bool(fields.get("archived", pipeline.archived))
    pipeline.updated = call.state.now()
    return answer(pipeline.shown())


def delete_pipeline(call: Call) -> Response:
    pipeline = _pipeline(call, write=True)
    kind, _ = _pipelines(call, write=True)
    _check_unused(call, kind, pipeline.ordered())
    pipeline.archived = True
    pipeline.updated = call.state.now()
    return no_content()


def list_stages(call: Call) -> Response:
    return answer({"results": [stage.shown() for stage in _pipeline(call).ordered()]})


def read_stage(call: Call) -> Response:
    return answer(_wanted_stage(call).shown())


def create_stage(call: Call) -> Response:
    pipeline = _pipeline(call, write=True)
    kind, pipelines = _pipelines(call, write=True)
    stage = _stage(call, kind, call.fields())
    if any(held.label == stage.label for held in pipeline.ordered()):
        raise conflict(f"A stage with the label {stage.label} already exists in this pipeline.")
    pipelines.put_stage(pipeline, stage)
    _add_dates(call, kind, pipeline)
    return answer(stage.shown(), 201)


def change_stage(call: Call) -> Response:
    _pipeline(call, write=True)
    stage, fields = _wanted_stage(call), call.fields()
    stage.label = as_text(fields.get("label")) or stage.label
    stage.display_order = _order(fields, stage.display_order)
    stage.metadata = {**stage.metadata, **_metadata(fields)}
    stage.archived = bool(fields.get("archived", stage.archived))
    stage.updated = call.state.now()
    return answer(stage.shown())


def delete_stage(call: Call) -> Response:
    _pipeline(call, write=True)
    kind, _ = _pipelines(call, write=True)
    stage = _wanted_stage(call)
    _check_unused(call, kind, [stage])
    stage.archived = True
    stage.updated = call.state.now()
    return no_content()


def _pipelines(call: Call, *, write: bool = False) -> tuple[ObjectType, Pipelines]:
    kind = object_type(call.path["type"])
    call.state.need(kind.write_scope if write else kind.read_scope)
    if kind.plural not in call.state.pipelines:
        raise invalid(f"Pipelines are not supported for object type {kind.name.upper()}.")
    return kind, call.state.pipelines[kind.plural]


def _pipeline(call: Call, *, write: bool = False) -> Pipeline:
    _, pipelines = _pipelines(call, write=write)
    pipeline = pipelines.by_id.get(call.path["pipeline"])
    if pipeline is None or pipeline.archived:
        raise missing(f"Pipeline with ID {call.path['pipeline']} does not exist.")
    return pipeline


def _wanted_stage(call: Call) -> Stage:
    stage = _pipeline(call).stages.get(call.path["stage"])
    if stage is None or stage.archived:
        raise missing(f"Stage with ID {call.path['stage']} does not exist.")
    return stage


def _stage(call: Call, kind: ObjectType, fields: Mapping[str, Any]) -> Stage:
    """A stage as a client asked for it; deals need a probability."""
    label, metadata, now = _label(fields, "PipelineStage"), _metadata(fields), call.state.now()
    if kind.plural == "deals":
        try:
            probability = float(metadata.get("probability", ""))
        except ValueError:
            raise invalid("Deal stages need a probability between 0.0 and 1.0 in metadata.") from None
        metadata["isClosed"] = str(probability in (0.0, 1.0)).lower()
    id = as_text(fields.get("stageId") or fields.get("id")) or str(call.state.next_id())
    return Stage(id, label, _order(fields), metadata, now, now)


def _metadata(fields: Mapping[str, Any]) -> dict[str, str]:
    metadata = fields.get("metadata") or {}
    if not isinstance(metadata, Mapping):
        raise invalid_json("Cannot deserialize value of `metadata`")
    return {str(key): as_text(value) for key, value in metadata.items()}


def _label(fields: Mapping[str, Any], what: str) -> str:
    label = as_text(fields.get("label"))
    if not label:
        raise invalid_json(f"Cannot build {what}Input, some of required attributes are not set [label]")
    return label


def _stage_inputs(fields: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    stages = fields.get("stages") or []
    if not isinstance(stages, list) or not all(isinstance(item, Mapping) for item in stages):
        raise invalid_json("Cannot deserialize value of `stages`")
    return stages


def _order(fields: Mapping[str, Any], held: int = -1) -> int:
    order = fields.get("displayOrder", held)
    if not isinstance(order, int):
        raise invalid_json("Cannot deserialize value of type `int` of displayOrder")
    return order


def _check_unused(call: Call, kind: ObjectType, stages: list[Stage]) -> None:
    """A stage that records stand in can't go."""
    ids = {stage.id for stage in stages}
    table, name = call.state.tables[kind.plural], STAGE_PROPERTY[kind.plural]
    used = next((record for record in table.live() if table.value(record, name) in ids), None)
    if used is not None:
        raise invalid(f"Stage is in use: {kind.name} {used.id} and perhaps others stand in it.")


def _add_dates(call: Call, kind: ObjectType, pipeline: Pipeline) -> None:
    stages = [(stage.id, stage.label) for stage in pipeline.ordered()]
    call.state.properties[kind.plural].add_stage_dates(stages, pipeline.label)
