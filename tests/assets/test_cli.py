"""The commands, as a person or a script meets them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest

from assets.cli import main
from sandbox.server import Sandbox
from tests.assets.way import connect_to, keys_in_crm, linked, provision, stored, walk

Cli = Callable[..., tuple[int, str]]
SUMMARY = """
connection run_id as_of rows_pulled api_calls rows_written rows_unchanged rows_rejected rows_parked
tasks_opened tasks_closed seconds
"""


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    def run(*arguments: str) -> tuple[int, str]:
        config = ["--config", str(tmp_path / "readiness.yaml")]
        monkeypatch.setattr(sys, "argv", ["readiness", *arguments, *config])
        monkeypatch.setattr("assets.cli.show.progress", lambda: None)
        with pytest.raises(SystemExit) as left:
            main()
        return int(left.value.code or 0), capsys.readouterr().out

    return run


def test_a_sync_prints_one_object_and_is_recorded_in_dagster(tmp_path: Path, sandbox: Sandbox, cli: Cli) -> None:
    acme = linked(tmp_path, "salesforce", sandbox.url)
    assert cli("provision", "--connection", "acme")[0] == 0
    code, said = cli("sync", "--connection", "acme", "--json", "--as-of", "2026-11-01T09:00:00")
    summary = json.loads(said)
    assert (code, list(summary)) == (0, SUMMARY.split())
    assert summary["as_of"] == "2026-11-01T09:00:00+00:00"
    assert summary["rows_written"] > 0
    with dg.DagsterInstance.from_config(str(tmp_path / "data" / "dagster")) as recorded:
        run = recorded.get_run_by_id(summary["run_id"])
        assert run is not None
        assert (run.job_name, run.status) == ("acme_sync", dg.DagsterRunStatus.SUCCESS)
        event = recorded.get_latest_materialization_event(dg.AssetKey(["acme", "raw_opportunity"]))
        assert event is not None
        metadata = event.asset_materialization.metadata  # type: ignore[union-attr]
        assert {"rows", "changed", "unchanged", "api_calls", "quota_share", "seconds"} <= set(metadata)
    assert keys_in_crm(acme)


def test_a_plan_lists_every_value_and_writes_none(tmp_path: Path, sandbox: Sandbox, cli: Cli) -> None:
    acme = linked(tmp_path, "hubspot", sandbox.url)
    provision(acme)
    sandbox.world.stats.reset()
    code, said = cli("plan", "--json")
    planned = json.loads(said)
    assert code == 0
    assert {"object", "record_id", "field", "old", "new"} == set(planned["changes"][0])
    assert planned["tasks"]
    calls = sandbox.world.stats.shown()["calls"]
    assert not [call for call in calls if "batch/update" in call or "batch/create" in call]
    assert walk(acme)["rows_written"] == len({(c["object"], c["record_id"]) for c in planned["changes"]})


def test_an_undone_run_leaves_what_a_person_changed_since(tmp_path: Path, sandbox: Sandbox, cli: Cli) -> None:
    acme = linked(tmp_path, "hubspot", sandbox.url)
    provision(acme)
    run_id = walk(acme)["run_id"]
    with stored(acme) as store:
        deal, field = store.query("select record_id, field from receipts where field = 'readiness' limit 1")[0].values()
    with connect_to(acme) as connector:
        list(connector.push([connector_update(deal, "99")]))
    code, said = cli("undo", run_id, "--json")
    undone = json.loads(said)
    assert code == 0
    assert undone["rows_written"] > 0
    assert [(s["record_id"], s["field"], s["now"]) for s in undone["spared"]] == [(deal, field, "99")]
    walk(acme, steps=1)
    with stored(acme) as store:
        left = store.query("select id, br_readiness from raw_deals where br_readiness is not null")
    assert [tuple(row.values()) for row in left] == [(deal, "99")]
    assert cli("undo", "no-such-run")[0] == 2


def connector_update(record_id: str, readiness: str):  # type: ignore[no-untyped-def]
    from connectors.protocol import Update

    return Update("opportunity", record_id, {"readiness": readiness})


def test_a_healthy_connection_is_told_so(tmp_path: Path, sandbox: Sandbox, cli: Cli) -> None:
    acme = linked(tmp_path, "salesforce", sandbox.url)
    code, said = cli("doctor", "--json")
    findings = {finding["subject"]: finding for finding in json.loads(said)["findings"]}
    assert code == 1
    assert findings["fields"]["level"] == "bad"
    assert "readiness provision --connection acme" in findings["fields"]["remedy"]
    provision(acme)
    code, said = cli("doctor", "--json")
    assert code == 0
    assert not [f for f in json.loads(said)["findings"] if f["level"] == "bad"]


def test_nothing_is_parked_on_a_store_that_is_not_there_yet(tmp_path: Path, cli: Cli) -> None:
    linked(tmp_path, "hubspot", "http://127.0.0.1:9")
    assert cli("parked", "--json") == (0, '{"connection": "acme", "parked": []}\n')
