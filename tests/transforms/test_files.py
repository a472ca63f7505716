"""A folder of canonical tables, and what is said of a folder that can't be used."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from readiness.schema import CANONICAL, TEXTS
from tests.transforms.engines import Engine, Rows, rows_of
from transforms import files
from transforms.errors import BadTable
from transforms.settings import Settings

AS_OF = datetime(2026, 3, 15, tzinfo=UTC)
DEAL = {
    "opportunity_id": "1",
    "account_id": "a",
    "seller_id": "s",
    "pipeline_id": "p",
    "stage_id": "x",
    "amount": "10.0",
    "created_at": "2026-02-01T10:00:00.999Z",
    "outcome": "open",
}
ACT = {
    "interaction_id": "i",
    "opportunity_id": "1",
    "person_id": "k",
    "channel": "email",
    "direction": "inbound",
    "topics": '["question", "pricing"]',
    "occurred_at": "2026-02-02T10:00:00Z",
    "recorded_at": "2026-02-02T10:00:00Z",
}


def folder(**tables: Rows | None) -> dict[str, Rows]:
    """Every required file, empty but for the rows given; None takes a file away."""
    base: dict[str, Rows] = {table.name: [] for table in CANONICAL if not table.optional}
    return {name: rows for name, rows in {**base, **tables}.items() if rows is not None}


def canonical(engine: Engine, given: dict[str, Rows], drop: str = "", settings: Settings | None = None):
    required = {table.name: [c for c in table.required if f"{table.name}.{c}" != drop] for table in CANONICAL}
    raw = {name: engine.text(rows, required[name]) for name, rows in given.items()}
    found = files.canonical(raw, settings or Settings(), AS_OF, engine.keep)
    return {name: rows_of(frame) for name, frame in found.items()}


def test_values_get_their_types_and_optional_tables_read_as_empty(engine: Engine):
    tables = canonical(engine, folder(opportunities=[DEAL], interactions=[ACT]))
    assert tables["opportunities"][0]["amount"] == 10.0
    assert tables["opportunities"][0]["created_at"] == datetime(2026, 2, 1, 10, tzinfo=UTC)
    assert tables["interactions"][0]["topics"] == ["question", "pricing"]
    assert tables["cases"] == []
    assert all(c.dtype != TEXTS or c.name == "topics" for t in CANONICAL for c in t.columns)


def test_a_table_that_is_all_key_is_read_once(engine: Engine):
    step = {"person_id": "k", "stage": "mql", "entered_at": "2026-02-01T10:00:00Z"}
    assert len(canonical(engine, folder(lifecycle=[step, dict(step)]))["lifecycle"]) == 1


def test_a_missing_file_is_named_with_what_it_needs(engine: Engine):
    with pytest.raises(BadTable, match=r"opportunities: there is no such file\. Add opportunities\.parquet or"):
        canonical(engine, folder(opportunities=None))


def test_a_missing_column_is_named_with_its_file(engine: Engine):
    with pytest.raises(BadTable, match=r"interactions: column occurred_at is missing"):
        canonical(engine, folder(), drop="interactions.occurred_at")


def test_a_column_full_of_broken_instants_is_named_with_an_example(engine: Engine):
    broken = [{**DEAL, "opportunity_id": str(i), "created_at": "01/02/2026"} for i in range(3)]
    with pytest.raises(BadTable, match=r"opportunities: 3 of 3 values in column created_at .*the first at 0"):
        canonical(engine, folder(opportunities=broken))


def test_one_broken_instant_costs_one_row(engine: Engine):
    rows = [{**DEAL, "opportunity_id": str(i)} for i in range(5)]
    rows[3]["created_at"] = "yesterday"
    tables = canonical(engine, folder(opportunities=rows))
    assert [r["opportunity_id"] for r in tables["opportunities"]] == ["0", "1", "2", "4"]
    assert [(r["stream"], r["key"], r["column"]) for r in tables["rejected"]] == [("opportunities", "3", "created_at")]


def test_rows_that_come_twice_count_once(engine: Engine):
    assert len(canonical(engine, folder(interactions=[ACT, ACT]))["interactions"]) == 1


def test_only_the_included_pipelines_are_read(engine: Engine):
    stages = [{"pipeline_id": p, "stage_id": "x"} for p in ("p", "q")]
    deals = [DEAL, {**DEAL, "opportunity_id": "2", "pipeline_id": "q"}]
    tables = canonical(engine, folder(stages=stages, opportunities=deals), settings=Settings(pipelines=("q",)))
    assert [r["opportunity_id"] for r in tables["opportunities"]] == ["2"]
