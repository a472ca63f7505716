"""Bad input gets one message that names it and the remedy, an exit code, and no write."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from assets.cli import main
from sandbox.server import Sandbox

Told = tuple[int, str]
Cli = Callable[..., Told]


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    """`cli(config, *arguments)` -> exit code and the last line on stderr, or on stdout where there is none."""

    def run(text: str, *arguments: str) -> Told:
        path = tmp_path / "readiness.yaml"
        path.write_text(text, encoding="utf-8")
        monkeypatch.setattr(sys, "argv", ["readiness", *arguments, "--config", str(path)])
        monkeypatch.setattr("assets.cli.show.progress", lambda: None)
        with pytest.raises(SystemExit) as left:
            main()
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return int(left.value.code or 0), (said.err or said.out).strip().splitlines()[-1]

    return run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small export that can be read."""
    export = tmp_path / "export"
    export.mkdir()
    tables = {
        "accounts": "account_id,name,created_at\na1,Acme,2026-01-01T00:00:00Z\n",
        "sellers": "seller_id,name,email,is_active\ns1,Jan,jan@own.example,true\n",
        "people": "person_id,account_id,name,email,title,kind,lifecycle,source,created_at,opted_out\n"
        "p1,a1,Eva,eva@acme.example,,contact,,,2026-01-01T00:00:00Z,false\n",
        "stages": "pipeline_id,stage_id,label,position,probability,is_closed,is_won\n"
        "sales,talk,Talking,1,0.3,false,false\nsales,won,Won,2,1,true,true\n",
        "opportunities": "opportunity_id,account_id,seller_id,pipeline_id,stage_id,name,amount,currency,close_date,"
        "created_at,closed_at,outcome,loss_reason\n"
        "o1,a1,s1,sales,talk,Pumps,1000,EUR,2026-12-01,2026-10-01T00:00:00Z,,open,\n",
        "buying_group": "opportunity_id,person_id,seat,is_primary,joined_at,left_at\n"
        "o1,p1,decider,true,2026-10-01T00:00:00Z,\n",
        "interactions": "interaction_id,opportunity_id,person_id,seller_id,channel,direction,outcome,topics,"
        "occurred_at,recorded_at\n"
        'i1,o1,p1,s1,email,inbound,,"[""question""]",2026-10-05T00:00:00Z,2026-10-05T00:00:00Z\n',
        "changes": "opportunity_id,field,old_value,new_value,changed_at\no1,stage,,talk,2026-10-01T00:00:00Z\n",
        "quotes": "quote_id,opportunity_id,version,status,amount,created_at,sent_at,viewed_at,decided_at\n",
        "promises": "promise_id,opportunity_id,person_id,seller_id,made_by,what,made_at,due_at,kept_at\n",
    }
    for name, text in tables.items():
        (export / f"{name}.csv").write_text(text, encoding="utf-8")
    return export


FILES = "connections:\n  trial: {crm: files, path: export, mode: on}\n"


def test_an_unknown_key(cli: Cli) -> None:
    assert cli("connections:\n  a: {crm: files, path: x, mod: on}\n", "sync") == (
        2,
        'readiness.yaml:2 connections › a › mod: unknown key (did you mean "mode"?).',
    )


def test_an_unknown_connection(cli: Cli) -> None:
    code, said = cli(FILES, "sync", "--connection", "trail")
    assert (code, said) == (2, 'readiness.yaml:1 connections: no connection "trail" (did you mean "trial"?).')


def test_a_missing_secret(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HUBSPOT_TOKEN")
    code, said = cli("connections:\n  a: {crm: hubspot}\n", "sync")
    assert code == 2
    assert "the environment has no HUBSPOT_TOKEN" in said


def test_a_folder_that_is_not_there(cli: Cli) -> None:
    code, said = cli(FILES, "sync")
    assert code == 3
    assert "export" in said


def test_a_csv_without_a_column(cli: Cli, folder: Path) -> None:
    path = folder / "interactions.csv"
    path.write_text(path.read_text().replace("occurred_at", "happened_at"))
    code, said = cli(FILES, "sync")
    assert code in (2, 3)
    assert "interactions" in said
    assert "occurred_at" in said
    assert not (folder / "enriched").exists()


def test_a_broken_timestamp(cli: Cli, folder: Path) -> None:
    path = folder / "interactions.csv"
    path.write_text(path.read_text().replace("2026-10-05T00:00:00Z", "5 okt 2026"))
    code, said = cli(FILES, "sync")
    assert code in (2, 3)
    assert "interactions" in said
    assert "occurred_at" in said
    assert not (folder / "enriched").exists()


def test_a_stage_that_the_pipeline_does_not_have(cli: Cli, folder: Path) -> None:
    stages = "connections:\n  trial:\n    crm: files\n    path: export\n    stages:\n      sales: {Talkin: liking}\n"
    code, said = cli(stages, "sync")
    assert code == 2
    assert 'readiness.yaml:6 connections › trial › stages › sales › Talkin: the CRM has no stage "Talkin"' in said
    assert '(did you mean "Talking"?)' in said


def test_a_store_that_was_filled_from_another_account(cli: Cli, folder: Path) -> None:
    assert cli(FILES, "sync")[0] == 0
    other = folder.rename(folder.with_name("other"))
    code, said = cli(FILES.replace("export", other.name), "sync")
    assert code == 3
    assert "trial: this store was filled from files" in said
    assert "connection of its own name" in said


def test_an_unreachable_host(cli: Cli) -> None:
    code, said = cli("connections:\n  a: {crm: hubspot, url: 'http://127.0.0.1:9'}\n", "doctor")
    assert code == 1
    assert "127.0.0.1:9" in said
    code, said = cli("connections:\n  a: {crm: hubspot, url: 'http://127.0.0.1:9'}\n", "sync")
    assert code == 4
    assert "127.0.0.1:9" in said


@pytest.mark.parametrize("crm", ["salesforce", "hubspot"])
def test_a_wrong_credential(cli: Cli, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, crm: str) -> None:
    for name in ("SF_CLIENT_SECRET", "HUBSPOT_TOKEN"):
        monkeypatch.setenv(name, "wrong-secret")
    code, said = cli(f"connections:\n  a: {{crm: {crm}, url: '{sandbox.url}', mode: on}}\n", "sync")
    assert code == 3
    assert "wrong-secret" not in said
    assert said


@pytest.mark.slow
def test_a_connection_that_fails_does_not_keep_the_others_from_running(cli: Cli, folder: Path) -> None:
    both = "connections:\n  lost: {crm: files, path: nowhere}\n  trial: {crm: files, path: export, mode: on}\n"
    code, said = cli(both, "sync")
    assert code == 3
    assert said.startswith("lost: The folder")
    assert (folder / "enriched").exists()
