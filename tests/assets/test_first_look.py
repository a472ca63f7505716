"""`readiness first-look`: read access is enough, and one page says it all."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.server import Sandbox, serve
from tests.assets.conftest import Told
from tests.assets.logs import export, history
from tests.assets.way import DAY, linked

WRITES = re.compile(r"^(POST|PATCH|PUT|DELETE) (?!.*(oauth|search|batch/read|query|composite/batch))")


@pytest.fixture(scope="module")
def market() -> Iterator[Sandbox]:
    with serve(opportunities=150, as_of=DAY, limits=False) as running:
        yield running


def test_a_folder_of_closed_deals_gives_one_page_with_three_of_them(tmp_path: Path, told: Told) -> None:
    rows = history(250)
    for row in rows["opportunities"]:
        row["name"] = f"<script>alert('{row['opportunity_id']}')</script>"
    linked(tmp_path, "files", str(export(tmp_path / "export", rows)), mode="observe")
    out = tmp_path / "look.html"
    code, said, _ = told("first-look", "--connection", "acme", "--out", str(out), "--json")
    look = json.loads(said)["look"]
    assert code == 0
    assert 0 < look["warned"] <= look["lost"]
    assert look["days_earlier"] > 0
    assert len(look["examples"]) == 3
    page = out.read_text(encoding="utf-8")
    assert f"In your last {look['lost']} lost deals" in page
    assert "false alarms per seller per week" in page
    assert "<script>" not in page
    assert not re.search(r'(?:src|href)="(?!data:)', page)
    assert json.loads(said)["cannot_be_seen"]["Meetings"].startswith("Never recorded")


@pytest.mark.parametrize("crm", ["salesforce", pytest.param("hubspot", marks=pytest.mark.slow)])
def test_on_a_crm_it_works_without_our_fields_and_writes_nothing(
    tmp_path: Path, market: Sandbox, told: Told, crm: str
) -> None:
    linked(tmp_path, crm, market.url, mode="observe")
    market.world.stats.reset()
    code, said, problem = told("first-look", "--connection", "acme", "--json")
    assert code == 0, problem
    assert json.loads(said)["look"]["lost"] > 0
    calls = market.world.stats.shown()["calls"]
    assert calls
    assert not [call for call in calls if WRITES.match(call)]


@pytest.mark.slow
def test_a_handful_of_deals_is_said_to_be_too_few(tmp_path: Path, told: Told) -> None:
    linked(tmp_path, "files", str(export(tmp_path / "export", history(6))), mode="observe")
    code, said, _ = told("first-look", "--connection", "acme")
    assert code == 0
    assert "Fewer than 20 deals" in said
