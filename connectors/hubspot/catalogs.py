"""Owners and deal pipelines: small lists, read as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import orjson

from connectors.hubspot.client import HubSpotDoor
from connectors.hubspot.streams import DEAL_PIPELINES, OWNERS
from connectors.paging import paged
from connectors.protocol import Page, Row
from connectors.text import as_text

PAGE = 100


def owners(door: HubSpotDoor, cursor: str | None, now: datetime) -> Iterator[Page]:
    """All active owners; once a day also those who left, so that their deals keep a name."""
    today = f"{now:%Y-%m-%d}"
    former_read = cursor is not None and orjson.loads(cursor)["former_on"] == today
    if not former_read:
        for rows, _ in _owners(door, archived=True):
            yield Page(OWNERS, rows)
    for rows, following in _owners(door, archived=False):
        done = None if following else orjson.dumps({"former_on": today}).decode()
        yield Page(OWNERS, rows, done, last=following is None)


def deal_pipelines(door: HubSpotDoor) -> Iterator[Page]:
    """One row per stage of every pipeline, as a snapshot."""
    pipelines = door.json("GET", f"{door.paths.pipelines}/deals")["results"]
    rows = [_stage(pipeline, stage) for pipeline in pipelines for stage in pipeline["stages"]]
    yield Page(DEAL_PIPELINES, rows, snapshot=True, last=True)


def _owners(door: HubSpotDoor, *, archived: bool) -> Iterator[tuple[list[Row], str | None]]:
    def fetch(after: str) -> tuple[list[Row], str | None]:
        params = {"limit": str(PAGE), "archived": "true" if archived else "false"} | ({"after": after} if after else {})
        answer = door.json("GET", door.paths.owners, None, params)
        rows = [{name: as_text(owner.get(name)) for name in OWNERS.fields} for owner in answer["results"]]
        return rows, ((answer.get("paging") or {}).get("next") or {}).get("after")

    return paged(fetch, "")


def _stage(pipeline: dict[str, Any], stage: dict[str, Any]) -> Row:
    metadata = stage.get("metadata") or {}
    return {
        "pipeline_id": pipeline["id"],
        "pipeline_label": pipeline["label"],
        "stage_id": stage["id"],
        "stage_label": stage["label"],
        "display_order": as_text(stage.get("displayOrder")),
        "pipeline_order": as_text(pipeline.get("displayOrder")),
        "probability": as_text(metadata.get("probability")),
        "is_closed": as_text(metadata.get("isClosed")),
        "archived": as_text(bool(stage.get("archived") or pipeline.get("archived"))),
    }
