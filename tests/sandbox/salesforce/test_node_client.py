"""jsforce, the JavaScript client that Salesforce developers use, fetched with npm, against the org."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.salesforce.company import MANY

PACKAGE = "jsforce@3"
SCRIPT = Path(__file__).parent / "client.test.mjs"


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with jsforce installed; the test is skipped, with the reason, where that can't be done."""
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
def test_jsforce_works_unmodified(sandbox: Any, modules: Path) -> None:
    done = subprocess.run(["node", str(SCRIPT), sandbox.url, str(modules)], capture_output=True, text=True, timeout=90)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "version": "50.0",
        "identity": "integration@sandbox.example",
        "limits": True,
        "objects": True,
        "fields": True,
        "paged": [MANY, MANY],
        "found": [["Acme – Pumps", "Acme"]],
        "roles": ["Business User", "Decision Maker"],
        "count": 3,
        "read": "Node!",
        "many": ["saved", "REQUIRED_FIELD_MISSING"],
        "upserted": [True, False],
        "deleted": "ENTITY_IS_DELETED",
        "gone": "NOT_FOUND",
        "malformed": "MALFORMED_QUERY",
        "missing": "REQUIRED_FIELD_MISSING",
        "bulkQuery": ["Node 1", "Node up"],
        "bulkLoad": [1, 1],
        "field": True,
        "layouts": 1,
    }
