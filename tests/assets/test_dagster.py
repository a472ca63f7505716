"""What Dagster loads and records."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import dagster as dg
import pytest

from assets.config import load
from assets.definitions import definitions
from assets.errors import ConfigError
from assets.instance import instance

CONFIG = """\
notify: [{env: ALERT_URL}]
connections:
  acme_salesforce: {crm: salesforce, url: "https://acme.my.salesforce.com", schedule: "*/10 * * * *", country: NL}
  acme_hubspot: {crm: hubspot}
  trial: {crm: files, path: export}
"""
WAY = ("raw", "canonical", "signals", "learning", "readiness", "enriched", "plan", "writeback", "standing", "reports")


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> dg.RepositoryDefinition:
    path = tmp_path_factory.mktemp("defs") / "readiness.yaml"
    path.write_text(CONFIG, encoding="utf-8")
    return definitions(load(path)).get_repository_def()


def test_every_connection_has_its_own_group_job_and_schedule(repository: dg.RepositoryDefinition) -> None:
    names = ("acme_salesforce", "acme_hubspot", "trial")
    graph = repository.asset_graph
    groups = {(key.path[0], graph.get(key).group_name.split("/")[0]) for key in graph.get_all_asset_keys()}
    assert groups == {(name, name) for name in names}
    assert {job.name for job in repository.get_all_jobs()} >= {f"{name}_sync" for name in names}
    schedules = {schedule.name: schedule for schedule in repository.schedule_defs}
    assert schedules["acme_salesforce_schedule"].cron_schedule == "*/10 * * * *"
    assert schedules["acme_salesforce_schedule"].execution_timezone == "Europe/Amsterdam"
    assert [sensor.name for sensor in repository.sensor_defs] == ["tell_of_failed_runs"]


def test_the_graph_is_the_way_of_the_data(repository: dg.RepositoryDefinition) -> None:
    graph = repository.asset_graph
    way = ["raw_opportunity", "opportunities", "opportunity_readiness", "fields", "plan", "receipts"]
    for before, after in pairwise(way):
        after_key = dg.AssetKey(["acme_salesforce", after])
        assert dg.AssetKey(["acme_salesforce", before]) in graph.get_ancestor_asset_keys(after_key)
    for key in graph.get_all_asset_keys():
        node = graph.get(key)
        assert node.description
        assert node.kinds
        assert node.owners
        assert node.code_version
        assert all(parent.path[0] == key.path[0] for parent in node.parent_keys), "no way leads to another connection"


def test_each_leg_is_a_group_that_reads_only_from_groups_before_it(repository: dg.RepositoryDefinition) -> None:
    graph = repository.asset_graph
    group = {key: graph.get(key).group_name for key in graph.get_all_asset_keys() if key.path[0] == "acme_salesforce"}
    legs = [f"acme_salesforce/{leg}" for leg in WAY]
    assert set(group.values()) == set(legs)
    for key, own in group.items():
        assert all(legs.index(group[parent]) <= legs.index(own) for parent in graph.get(key).parent_keys)


def test_a_connection_never_runs_beside_itself(repository: dg.RepositoryDefinition) -> None:
    for job in repository.get_all_jobs():
        if job.name == "trial_sync":
            assert {node.definition.pool for node in job.nodes} == {"trial"}  # type: ignore[attr-defined]


def test_the_checks_that_protect_the_crm_block(repository: dg.RepositoryDefinition) -> None:
    graph = repository.asset_graph
    blocking = {key.name for key in graph.asset_check_keys if graph.get(key).blocking}
    assert blocking >= {"schema", "keys", "volume", "readable", "whole", "possible"}
    assert {key.name for key in graph.asset_check_keys} >= blocking | {"coverage", "rejected"}


def test_a_config_that_cannot_be_used_still_loads_and_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from assets import definitions as module

    monkeypatch.setenv("READINESS_CONFIG", str(tmp_path / "readiness.yaml"))
    graph = module._loaded().get_repository_def().asset_graph
    (key,) = graph.get_all_asset_keys()
    assert "no such file" in str(graph.get(key).description)


def test_the_instance_is_made_quiet_and_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    path = tmp_path / "readiness.yaml"
    path.write_text("connections:\n  trial: {crm: files, path: export}\n", encoding="utf-8")
    with instance(load(path)) as recorded:
        assert not recorded.telemetry_enabled
        assert not recorded.nux_enabled
    settings = (tmp_path / "data" / "dagster" / "dagster.yaml").read_text()
    assert re.search(r"pools: \{default_limit: 1", settings)


def test_no_secret_is_needed_to_load(tmp_path: Path) -> None:
    path = tmp_path / "readiness.yaml"
    path.write_text("connections:\n  a: {crm: hubspot, auth: {private_app: {token: {env: NOT_THERE}}}}\n")
    definitions(load(path))
    with pytest.raises(ConfigError):
        load(path.with_name("other.yaml"))
