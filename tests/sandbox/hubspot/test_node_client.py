"""HubSpot's own JavaScript client, fetched with npm, against the portal."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.sandbox.hubspot.conftest import Served

PACKAGE = "@hubspot/api-client@13"
SCRIPT = Path(__file__).parent / "client.test.mjs"


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the client installed; the tests are skipped, with the reason, where that can't be done."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("node or npm is not installed")
    folder = tmp_path_factory.mktemp("node")
    (folder / "package.json").write_text("{}")
    done = subprocess.run(
        [npm, "install", "--no-audit", "--no-fund", PACKAGE], cwd=folder, capture_output=True, text=True, timeout=200
    )
    if done.returncode:
        pytest.skip(f"npm could not install {PACKAGE}: {done.stderr.strip()[-200:]}")
    return folder


@pytest.mark.node
def test_the_javascript_client_works_unmodified(fresh: Served, modules: Path) -> None:
    done = subprocess.run(["node", str(SCRIPT), fresh.url, str(modules)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "deals": ["Pumps", "Renewal", "Taps"],
        "versions": 2,
        "contacts": 2,
        "created_at": True,
        "updated": ["lastmodifieddate", "lastname"],
        "found": [1, True],
        "partial": [1, 1],
        "batch": "COMPLETE",
        "task": True,
        "labels": ["Decision maker", "Primary contact", "Technical buyer"],
        "property": ["br_text", False],
        "pipelines": ["New Business", "Renewal"],
        "owners": ["anna@seller.example"],
        "missing": 404,
        "conflict": "CONFLICT",
        "token": 1800,
    }
