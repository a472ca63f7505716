"""readiness.yaml: what it takes, and what it says of a fault."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assets.config import Config, load
from assets.config.auth import HubSpotAuth
from assets.config.texts import longest_gap
from assets.errors import ConfigError

FULL = """\
data_dir: data
connections:
  acme_salesforce:
    crm: salesforce
    url: https://acme.my.salesforce.com
    auth: {client_credentials: {id: {env: SF_CLIENT_ID}, secret: {env: SF_CLIENT_SECRET}}}
    mode: pilot
    pilot_owners: [a.jansen@acme.example]
    language: nl
    country: NL
    schedule: "*/15 * * * *"
    daily_calls: 20%
    history: 24 months
    pipelines: {include: [New Business]}
    stages: {New Business: {Negotiation: conviction}}
    alerts: {per_owner_per_day: 5, cooldown_days: 7}
  trial: {crm: files, path: ./export, language: en}
"""


def config(tmp_path: Path, text: str) -> Config:
    path = tmp_path / "readiness.yaml"
    path.write_text(text, encoding="utf-8")
    return load(path)


def fault(tmp_path: Path, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        config(tmp_path, text)
    return str(caught.value)


def test_the_example_of_the_docs_is_read_as_written(tmp_path: Path) -> None:
    acme = config(tmp_path, FULL).connections["acme_salesforce"]
    assert acme.mode == "pilot"
    assert acme.zone == "Europe/Amsterdam"
    assert acme.crm == "salesforce"
    assert acme.daily_calls == 0.2
    assert acme.history.before(datetime(2026, 11, 21, tzinfo=UTC)) == datetime(2024, 11, 21, tzinfo=UTC)


def test_three_lines_are_enough(tmp_path: Path) -> None:
    trial = config(tmp_path, "connections:\n  trial:\n    {crm: files, path: export}\n").connections["trial"]
    assert trial.crm == "files"
    assert trial.mode == "observe"
    assert trial.path == str(tmp_path / "export"), "paths are relative to the config, not to the working directory"


def test_on_means_on_and_norway_stays_norway(tmp_path: Path) -> None:
    one = config(tmp_path, "connections:\n  a: {crm: hubspot, mode: on, country: NO}\n").connections["a"]
    assert (one.mode, one.country, one.zone) == ("on", "NO", "Europe/Oslo")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("modus: on", 'readiness.yaml:4 connections › a › modus: unknown key (did you mean "mode"?).'),
        ("mode: pilott", 'readiness.yaml:4 connections › a › mode: "pilott" is none of observe, pilot, on'),
        ("schedule: '* * *'", "readiness.yaml:4 connections › a › schedule: a schedule has five fields"),
        ("schedule: '61 * * * *'", '"61" is no minute of a schedule'),
        ("history: 24 maand", "readiness.yaml:4 connections › a › history: a span of time is written like"),
        ("daily_calls: 0.2", "readiness.yaml:4 connections › a › daily_calls: a share is written like"),
        ("stages: {X: {Y: convictoin}}", 'a › stages › X › Y: "convictoin" is none of unaware'),
        ("country: Nederland", "readiness.yaml:4 connections › a › country"),
        ("time_zone: Amsterdam", 'readiness.yaml:4 connections › a › time_zone: no time zone "Amsterdam"'),
        ("mode: pilot", "mode: pilot and pilot_owners"),
        ("url: http://acme.example", "plain http goes to this machine only"),
        ("auth: {private_app: {token: secret-in-plain-text}}", "readiness.yaml:4 connections › a › auth › private_app"),
        ("crm: hubspot", "readiness.yaml:4 crm: said twice, first on line 3"),
    ],
)
def test_a_fault_is_named_with_line_key_and_remedy(tmp_path: Path, line: str, says: str) -> None:
    said = fault(tmp_path, f"connections:\n  a:\n    crm: hubspot\n    {line}\n")
    assert says in said
    assert "secret-in-plain-text" not in said


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    said = fault(tmp_path, "connections:\n  a: {crm: hubspot, histroy: 1 year}\n  b: {crm: sugar}\n")
    assert '"history"' in said
    assert '"sugar" is none of salesforce, hubspot, files' in said


def test_a_file_that_is_absent_or_no_yaml_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        load(tmp_path / "readiness.yaml")
    assert "readiness.yaml:2 not readable as YAML" in fault(tmp_path, "connections:\n  a: {crm: [}\n")


def test_a_secret_is_read_late_and_never_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "token").write_text("pat-from-file\n", encoding="utf-8")
    by_env, by_file = (
        HubSpotAuth.model_validate({"private_app": {"token": token}}, context={"folder": tmp_path}).private_app.token
        for token in ({"env": "TOKEN"}, {"file": "token"})
    )
    with pytest.raises(ConfigError, match="a, token: the environment has no TOKEN"):
        by_env.read("a, token")
    monkeypatch.setenv("TOKEN", "pat-from-env")
    assert by_env.read("a, token").get_secret_value() == "pat-from-env"
    assert by_file.read("a, token").get_secret_value() == "pat-from-file"
    assert "pat-" not in repr(by_env) + repr(by_file) + str(by_env.read("x"))


@pytest.mark.parametrize(
    ("cron", "gap"),
    [
        ("*/15 * * * *", timedelta(minutes=15)),
        ("0 6 * * *", timedelta(days=1)),
        ("0 6 * * 1-5", timedelta(days=3)),
        ("0 7,19 * * *", timedelta(hours=12)),
    ],
)
def test_the_longest_wait_of_a_schedule_is_known(cron: str, gap: timedelta) -> None:
    assert longest_gap(cron) == gap


def test_own_phrases_and_the_country_are_checked_when_they_are_read(tmp_path: Path) -> None:
    trial = "connections:\n  trial:\n    crm: files\n    path: export\n"
    own = config(tmp_path, trial + "    lexicon: {need: [palletiser*]}\n").connections["trial"]
    assert own.lexicon == {"need": ["palletiser*"]}
    assert "no topic 'weather'" in fault(tmp_path, trial + "    lexicon: {weather: [rain]}\n")
    assert "an open bracket" in fault(tmp_path, trial + "    lexicon: {need: ['(rain']}\n")
    assert "no calendar of public holidays" in fault(tmp_path, trial + "    country: ZZ\n")
