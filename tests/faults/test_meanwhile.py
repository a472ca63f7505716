"""What a person or another tool changes between our pull and our write is not written over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
import requests

from assets.connection import Connection
from assets.legs import raw, writeback
from assets.session import session
from connectors.protocol import Update
from tests.assets.way import connect_to, stored
from tests.faults.cells import STEPS
from tests.faults.scene import Intention, Scene

CRMS = pytest.mark.parametrize("crm", list(STEPS))
SAID = "I spoke with her myself"


def by_hand(connection: Connection, opportunity: str, value: str | None = SAID) -> None:
    """Somebody writes into a field of ours."""
    with connect_to(connection) as person:
        assert [one.outcome for one in person.push([Update("opportunity", opportunity, {"why": value})])] == ["written"]


def run(scene: Scene, connection: Connection, wanted: Intention, between: Callable[[], object]) -> dict[str, Any]:
    """The edges of one run, with something happening between pull and write; its counts."""
    with session(connection, str(uuid4())) as opened:
        raw.work(opened)
        wanted.put(opened)
        between()
        requests.post(f"{scene.url}/__sandbox/reset-stats", timeout=30)
        writeback.write(opened)
        return opened.run.tallied()


@CRMS
def test_a_persons_edit_between_pull_and_write_survives_and_the_rest_is_written(
    scenes: dict[str, Scene], crm: str
) -> None:
    scene = scenes[crm]
    connection, wanted = scene.connection(filled=True), scene.intention()
    hers, *others = wanted.opportunities
    counts = run(scene, connection, wanted, lambda: by_hand(connection, hers))
    assert (counts["rows_written"], counts["rows_changed_meanwhile"]) == (len(others), 1)
    mirror = scene.there(connection)
    assert scene.why(mirror, hers) == SAID
    assert {scene.why(mirror, one) for one in others} == {wanted.why}
    with stored(connection) as store:
        told = store.query("select distinct outcome, reason from receipts where record_id = ?", [hers])
    assert told == [{"outcome": "changed", "reason": "changed in the CRM since the pull: why"}]
    assert scene.run(connection, wanted)["rows_written"] == 1, "the next run has pulled it and sorts it out"
    assert scene.why(scene.there(connection), hers) == wanted.why


@CRMS
def test_what_somebody_has_written_already_is_not_written_again(scenes: dict[str, Scene], crm: str) -> None:
    scene = scenes[crm]
    connection, wanted = scene.connection(filled=True), scene.intention()

    def same_hand() -> None:
        with connect_to(connection) as person:
            values = {"readiness": f"{float(wanted.number % 100)}", "why": wanted.why}
            list(person.push([Update("opportunity", wanted.opportunities[0], values)]))

    counts = run(scene, connection, wanted, same_hand)
    assert counts["rows_written"] == len(wanted.opportunities) - 1
    assert counts["rows_changed_meanwhile"] == 0


@CRMS
def test_the_look_costs_one_call_and_none_where_nothing_is_to_be_written(scenes: dict[str, Scene], crm: str) -> None:
    scene = scenes[crm]
    connection, wanted = scene.connection(filled=True), replace(scene.intention(), owners=())
    start, end = {"salesforce": ("", "composite/batch"), "hubspot": ("POST /crm/objects", "/batch/read")}[crm]
    looks = []
    for _ in range(2):
        run(scene, connection, wanted, lambda: None)
        counted = requests.get(f"{scene.url}/__sandbox/stats", timeout=30).json()["calls"]
        looks.append(sum(count for route, count in counted.items() if route.startswith(start) and route.endswith(end)))
    assert looks == [1, 0]


def test_a_deal_merged_into_another_does_not_write_its_values_over_the_others(scenes: dict[str, Scene]) -> None:
    scene = scenes["hubspot"]
    connection, wanted = scene.connection(filled=True), scene.intention()
    winner, loser = wanted.opportunities[:2]
    alone = Intention(wanted.number, (loser,), (wanted.owners[1],))
    body = {"primaryObjectId": winner, "objectIdToMerge": loser}
    run(scene, connection, alone, lambda: scene.subject.call("POST", "/crm/v3/objects/deals/merge", body))
    scene.deleted.add(loser)
    scene.opportunities = tuple(one for one in scene.opportunities if one != loser)
    scene.owners = scene.owners[: len(scene.opportunities)]
    assert scene.why(scene.there(connection), winner) != alone.why
    with stored(connection) as store:
        told = store.query("select distinct outcome, reason from receipts where record_id = ?", [loser])
    assert told == [{"outcome": "gone", "reason": "deleted or merged in the CRM since the pull"}]
