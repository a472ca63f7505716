"""The house itself: what stands at the root agrees with itself."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
ROOMS = ("assets", "connectors", "readiness", "sandbox", "transforms")


@pytest.fixture(scope="module")
def pyproject() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def test_the_lock_file_names_no_registry_and_hashes_every_package():
    lock = (ROOT / "requirements.lock").read_text()
    assert not re.search(r"^(-i|--index-url|--extra-index-url|--find-links)|://", lock, re.MULTILINE)
    pinned = re.findall(r"^([A-Za-z0-9._-]+)==", lock, re.MULTILINE)
    assert pinned
    for package in re.split(r"\n(?=[A-Za-z0-9])", lock):
        assert "--hash=sha256:" in package, package.splitlines()[0]


def test_every_dependency_is_in_the_lock_file(pyproject):
    locked = set(re.findall(r"^([A-Za-z0-9._-]+)==", (ROOT / "requirements.lock").read_text(), re.MULTILINE))
    wanted = pyproject["project"]["dependencies"] + pyproject["project"]["optional-dependencies"]["dev"]
    names = {re.split(r"[<>=! \[]", requirement)[0] for requirement in wanted}
    assert names <= locked


@pytest.mark.parametrize("room", ROOMS)
def test_only_our_distribution_owns_the_names_of_the_rooms(room):
    assert set(packages_distributions().get(room, ["buyer-readiness"])) == {"buyer-readiness"}


def test_dagster_and_dg_load_the_same_code_location(pyproject):
    project = pyproject["tool"]["dg"]["project"]
    workspace = yaml.safe_load((ROOT / "workspace.yaml").read_text())
    module = workspace["load_from"][0]["python_module"]
    assert module["module_name"] == project["code_location_target_module"]
    assert module["location_name"] == project["code_location_name"]


def test_no_file_speaks_of_a_machine_or_a_registry_host():
    foreign = re.compile(r"/work/|/root/|files\.pythonhosted|pypi\.org|registry\.npmjs")
    here = Path(__file__)
    for path in ROOT.rglob("*"):
        if (
            path == here
            or not path.is_file()
            or set(path.parts) & {".git", ".venv", "node_modules", "build", "data", "demo"}
        ):
            continue
        if path.suffix in {".py", ".md", ".toml", ".yaml", ".yml", ".lock", ".po", ".json"} or path.name == "Makefile":
            assert not foreign.search(path.read_text(errors="ignore")), path.relative_to(ROOT)
