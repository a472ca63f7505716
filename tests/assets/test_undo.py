"""A plan is what then happens, at the cost that it named; an undo puts it back, once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from assets.undo import undo
from assets.warehouse.intents import WITHDRAWN, known
from connectors.protocol import Update
from sandbox.server import Sandbox, serve
from tests.assets.conftest import Told
from tests.assets.way import DAY, STEPS, connect_to, keys_in_crm, linked, provision, stored, walk

CRMS = pytest.mark.parametrize("crm", [pytest.param("salesforce", marks=pytest.mark.slow), "hubspot"])
SUBSTANCE = "field <> 'updated_at'"


@pytest.fixture
def small() -> Iterator[Sandbox]:
    with serve(opportunities=12, as_of=DAY, limits=False) as running:
        yield running


@CRMS
def test_an_undo_puts_back_values_and_tasks_and_a_second_one_has_nothing_to_do(
    tmp_path: Path, small: Sandbox, told: Told, crm: str
) -> None:
    acme = linked(tmp_path, crm, small.url)
    provision(acme)
    walk(acme, steps=len(STEPS) - 1)
    with stored(acme) as store:
        needed = store.query("select value from tallies where name = 'calls_needed'")[0]["value"]
        planned = store.query(f"select object, record_id, field, old, new from plan where {SUBSTANCE} order by all")
    small.world.stats.reset()
    run_id = walk(acme)["run_id"]
    writes = [count for call, count in small.world.stats.shown()["calls"].items() if _writes(call)]
    assert 0 < sum(writes) <= needed
    with stored(acme) as store:
        sent = store.query(
            f"select object, record_id, field, before, after from receipts where {SUBSTANCE} order by all"
        )
        assert [tuple(row.values()) for row in sent] == [tuple(row.values()) for row in planned]
    opened = keys_in_crm(acme)
    assert opened
    first = undo(acme, run_id)
    assert first.rows_written > 0
    assert (first.tasks_withdrawn, first.spared) == (len(opened), [])
    assert keys_in_crm(acme) == []
    with stored(acme) as store:
        assert {intent.state for intent in known(store).values()} == {WITHDRAWN}
    code, said, _ = told("undo", run_id, "--json")
    again = json.loads(said)
    assert (code, again["rows_written"], again["tasks_withdrawn"]) == (0, 0, 0)
    assert again["already_back"] >= len(planned)
    assert "nothing to do" in told("undo", run_id)[1]


def _writes(call: str) -> bool:
    method, _, path = call.partition(" ")
    return (method in ("PATCH", "POST") and path.endswith("composite/sobjects")) or path.endswith(
        ("batch/update", "batch/create")
    )


@pytest.mark.slow
def test_a_task_that_its_seller_has_taken_up_survives_the_undo(tmp_path: Path, small: Sandbox) -> None:
    acme = linked(tmp_path, "hubspot", small.url)
    provision(acme)
    run_id = walk(acme)["run_id"]
    with stored(acme) as store:
        ids = [row["opportunity_id"] for row in store.query("select opportunity_id from opportunities")]
    with connect_to(acme) as connector:
        task = next(iter(connector.tasks_of(ids)))
        path = f"/crm/v3/objects/tasks/{task.task_id}"
        connector._door.json("PATCH", path, {"properties": {"hs_task_status": "IN_PROGRESS"}})  # type: ignore[attr-defined]
    assert undo(acme, run_id).tasks_withdrawn > 0
    assert keys_in_crm(acme) == [task.key]


@pytest.mark.slow
def test_what_a_person_typed_since_is_spared_and_named(tmp_path: Path, small: Sandbox, told: Told) -> None:
    acme = linked(tmp_path, "salesforce", small.url)
    provision(acme)
    run_id = walk(acme)["run_id"]
    with stored(acme) as store:
        deal = store.query("select record_id from receipts where object = 'opportunity' and field = 'why' limit 1")[0]
    with connect_to(acme) as connector:
        list(connector.push([Update("opportunity", deal["record_id"], {"why": "I know better"})]))
    code, said, _ = told("undo", run_id)
    assert code == 0
    assert "1 values were changed since and are left alone" in said
    assert "I know better" in said
