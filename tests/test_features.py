"""The table of features names only what is there."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from assets.cli import COMMANDS
from assets.legs import enriched, learning, reports, signals, standing, writeback
from assets.legs.readiness import TABLES as SCORED
from benchmarks.features import FIGURES, features
from readiness.model import load_prior
from readiness.schema import CANONICAL
from transforms.actions import rules
from transforms.alerts import KINDS
from transforms.fields import FIELDS
from transforms.texts import catalogue

TESTS = Path(__file__).parent
PAGES = ("coaching", "scorecard", "postmortems")
HEART = (*range(1, 6), *range(7, 12), 17, 20, 21, 22, 44, 50, 51, 52, 53, 56, 57, 63, 65, 67)
TABLES = {table.name for leg in (signals, learning, enriched, standing, reports) for table in leg.TABLES} | {
    t.name for t in SCORED
}
TABLES |= {table.name for table in CANONICAL} | {table.name for table in (*writeback.PLAN, *writeback.WRITTEN)}


def is_there(place: str) -> bool:
    kind, _, name = place.partition(" ")
    if kind == "report":
        page, _, measure = name.partition(" ")
        told = {message.id for message in catalogue("en", "reports") if isinstance(message.id, str)}
        return page in PAGES and (not measure or f"measure.{measure}" in told or f"scorecard.{measure}.title" in told)
    known = {
        "field": {f"{field.object}.{field.name}" for field in FIELDS},
        "alert": set(KINDS),
        "action": {rule.rule for rule in rules()},
        "signal": set(load_prior().signals),
        "asset": TABLES,
        "command": {command.__name__.rpartition(".")[2].replace("_", "-") for command in COMMANDS},
    }
    return name in known[kind]


def test_every_claim_has_its_row() -> None:
    assert list(features()) == [f"F{number:02}" for number in range(1, 72)]


@pytest.mark.parametrize("key", features())
def test_what_a_row_names_exists(key: str) -> None:
    row = features()[key]
    assert [place for place in row.seen if not is_there(place)] == []
    if row.test:
        path, _, name = row.test.partition("::")
        tree = ast.parse((TESTS / path).read_text(encoding="utf-8"))
        assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert bool(row.figure) != bool(row.unknown), "a figure, or why there is none"
    assert not row.figure or row.figure.partition(" ")[0] in FIGURES


@pytest.mark.parametrize("number", HEART)
def test_the_heart_is_seen_and_shown_by_a_test(number: int) -> None:
    row = features()[f"F{number:02}"]
    assert row.seen
    assert row.test
