"""What a connection's own history makes of its model: tried, kept as files, used where better, chosen again."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from assets.connection import Connection
from assets.errors import ConfigError
from assets.legs import learning
from assets.model import shelf
from assets.session import session
from readiness.model import load_prior
from tests.assets.conftest import Told
from tests.assets.logs import export, history
from tests.assets.way import linked, stored, walk
from tests.readiness.fit.markets import day

SCORED = 4
"""Legs up to the readiness."""


def learn(connection: Connection) -> tuple[learning.Facts, bool, str]:
    """What the learning leg shows of its tables, and what its check says."""
    with session(connection, str(uuid4())) as opened:
        opened.store.choose_engine()
        with opened.store.scratch():
            return learning.work(opened), *learning.is_promoted(opened)


def company(folder: Path, deals: int, *, signal: bool) -> Connection:
    """A connection to a folder with such a history, scored once while half of its deals are open or to come."""
    acme = linked(folder, "files", str(export(folder / "export", history(deals, signal=signal, seed=8))))
    walk(acme, day(290), SCORED)
    return acme


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> tuple[Connection, learning.Facts, bool]:
    acme = company(tmp_path_factory.mktemp("taught"), 320, signal=True)
    facts, passed, _ = learn(acme)
    return acme, facts, passed


def calibrated(connection: Connection) -> set[bool]:
    with stored(connection) as store:
        return {row["calibrated"] for row in store.query("select distinct calibrated from forecast")}


def test_a_history_that_foretells_is_promoted_and_then_percentages_may_be_shown(taught) -> None:
    acme, facts, passed = taught
    assert passed
    assert facts["model"]["in_use"] == facts["model"]["version"] == "fit-1"
    assert calibrated(acme) == {False}
    walk(acme, day(290), SCORED)
    assert calibrated(acme) == {True}


def test_a_version_is_a_readable_file_with_its_window_figures_and_parent(taught) -> None:
    acme, _, _ = taught
    text = (shelf.folder(acme) / "fit-1.yaml").read_text(encoding="utf-8")
    model = shelf.model_of(acme, "fit-1")
    assert (model.version, model.origin.parent, model.origin.refused) == ("fit-1", "prior-1", ())
    assert (model.origin.data_from, model.origin.data_to) == (day(0).date(), day(290).date())
    assert model.origin.figures["log loss less base rate, high"] < 0
    assert len(text) < 100_000
    assert "temper: 0.7" in text


def test_the_pictures_and_the_page_hold_all_they_show(taught) -> None:
    acme, facts, _ = taught
    for name in ("reliability", "lift", "worth", "coverage"):
        assert facts["backtest"][name].md_str.startswith("![](data:image/png;base64,")
    page = (shelf.folder(acme) / "fit-1.html").read_text(encoding="utf-8")
    assert len(page) < 1_000_000
    assert page.count("<img") == 4
    assert not re.search(r'(?:src|href)="(?!data:)', page)
    assert "Promoted" in page


def test_an_earlier_version_can_be_chosen_again(taught, told: Told, tmp_path: Path) -> None:
    acme, _, _ = taught
    (tmp_path / "readiness.yaml").write_text(
        f"data_dir: {acme.folder.parent}\nconnections:\n  acme: {{crm: files, path: {acme.config.path}}}\n"
    )
    code, said, _ = told("model", "--choose", "prior-1", "--json")
    listed = json.loads(said)
    assert (code, listed["in_use"]) == (0, "prior-1")
    assert [row["version"] for row in listed["versions"]] == ["prior-1", "fit-1"]
    assert told("model", "--choose", "fit-1")[0] == 0
    assert shelf.in_use(acme).version == "fit-1"
    code, _, problem = told("model", "--choose", "fit-9")
    assert code == 2
    assert "prior-1, fit-1" in problem


@pytest.mark.slow
def test_learning_again_from_the_same_history_changes_nothing_in_use(taught) -> None:
    acme, _, _ = taught
    shelf.choose(acme, "fit-1")
    facts, passed, said = learn(acme)
    assert not passed
    assert "must come after what the model in use has learnt from" in said
    assert facts["model"]["in_use"] == "fit-1"
    assert facts["model"]["parent"] == "fit-1"


@pytest.mark.slow
def test_a_history_without_signal_is_refused_with_its_reason_and_no_percentage_is_shown(tmp_path: Path) -> None:
    acme = company(tmp_path, 400, signal=False)
    facts, passed, said = learn(acme)
    assert not passed
    assert "win rate" in said
    assert facts["model"]["in_use"] == load_prior().version
    walk(acme, day(290), SCORED)
    assert calibrated(acme) == {False}
    assert "win rate" in (shelf.folder(acme) / "fit-1.html").read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("deals", [1, 25, 60])
def test_with_little_history_the_expert_stays_and_it_says_why(tmp_path: Path, deals: int) -> None:
    acme = company(tmp_path, deals, signal=True)
    facts, passed, said = learn(acme)
    assert not passed
    assert "too few deals" in said or "closed deals; at least" in said
    assert facts["model"]["in_use"] == load_prior().version


def test_a_broken_model_file_is_one_message_that_says_what_to_do(tmp_path: Path) -> None:
    acme = company(tmp_path, 1, signal=True)
    shelf.put(acme, replace(load_prior(), version="fit-1"))
    shelf.choose(acme, "fit-1")
    path = shelf.folder(acme) / "fit-1.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("temper: 0.7", "temper: -1"), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"fit-1\.yaml.*temper.*--choose VERSION"):
        walk(acme, day(290), SCORED)
