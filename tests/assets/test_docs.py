"""The pages for users: every command, option and make target that they name is there."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
import typer

from assets.cli import app
from transforms.fields import FIELDS

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
CODE = re.compile(r"```(?:sh|console)?\n(.*?)```|`([^`\n]+)`", re.DOTALL)
CALL = re.compile(r"(?:^|\$ |`)readiness ([a-z][a-z-]*)([^\n`#]*)", re.MULTILINE)
MAKE = re.compile(r"\bmake ([a-z][a-z-]*)")


def code_of(page: Path) -> str:
    """What stands as code on the page, a line each."""
    found = CODE.findall(page.read_text(encoding="utf-8"))
    return "\n".join(block or inline for block, inline in found)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_and_option_on_the_page_exists(page: Path) -> None:
    commands = typer.main.get_command(app)
    assert isinstance(commands, click.Group) or hasattr(commands, "commands")
    known = commands.commands  # type: ignore[attr-defined]
    for name, rest in CALL.findall(code_of(page)):
        assert name in known, f"readiness {name}"
        options = {option for parameter in known[name].params for option in parameter.opts}
        for option in re.findall(r"(?<!\S)--[a-z][a-z-]*", rest):
            assert option in options, f"readiness {name} {option}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_make_target_on_the_page_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(MAKE.findall(code_of(page))) <= targets


def test_every_command_is_told_of_somewhere() -> None:
    told = {name for page in PAGES for name, _ in CALL.findall(code_of(page))}
    assert set(typer.main.get_command(app).commands) <= told  # type: ignore[attr-defined]


def test_a_seller_is_told_what_to_do_with_every_field_they_see() -> None:
    page = (ROOT / "docs" / "for-sellers.md").read_text(encoding="utf-8")
    seen = [field.spec("en")["label"] for field in FIELDS if field.name != "key"]
    assert [label for label in seen if label not in page] == []
