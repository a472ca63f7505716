"""Only what differs is written."""

from __future__ import annotations

import polars as pl
import pytest

from tests.transforms.engines import ENGINES, Engine, rows_of
from transforms.writeback import changed

NAMES = dict.fromkeys(["object", "record_id", "field", "value"], pl.String())


def diff(desired: dict[str, str | None], held: dict[str, str | None], name: str = "polars"):
    engine = Engine(name)

    def frame(values):
        rows = [{"object": "opportunity", "record_id": "1", "field": f, "value": v} for f, v in values.items()]
        return engine.frame(rows, NAMES)

    return {r["field"]: (r["old"], r["new"]) for r in rows_of(changed(frame(desired), frame(held)))}


@pytest.mark.parametrize("name", ENGINES)
def test_a_new_value_is_written_with_the_old_one_beside_it(name):
    assert diff({"readiness": "55", "why": "x"}, {"readiness": "50", "why": "x"}, name) == {"readiness": ("50", "55")}


@pytest.mark.parametrize("name", ENGINES)
@pytest.mark.parametrize(
    ("field", "wanted", "holds"),
    [
        ("readiness", "60", "60.0"),
        ("readiness", "60", " 60 "),
        ("decision_date", "2026-05-01", "2026-05-01T00:00:00Z"),
        ("why", "a\nb", "a\r\nb"),
        ("flags", None, ""),
        ("flags", None, None),
        ("phase", "ready", "ready"),
    ],
)
def test_the_same_value_in_the_crm_s_own_form_is_no_change(field, wanted, holds, name):
    assert diff({field: wanted}, {field: holds}, name) == {}


def test_a_field_that_was_never_written_is_empty_there():
    assert diff({"phase": "ready", "flags": None}, {}) == {"phase": (None, "ready")}


def test_a_value_can_be_taken_away():
    assert diff({"flags": None}, {"flags": "silent"}) == {"flags": ("silent", None)}


def test_the_date_of_writing_comes_only_with_another_change():
    stamps = {"updated_at": "2026-03-16T09:00:00Z"}, {"updated_at": "2026-03-01T09:00:00.000+0000"}
    assert diff({"phase": "ready", **stamps[0]}, {"phase": "ready", **stamps[1]}) == {}
    assert set(diff({"phase": "ready", **stamps[0]}, {"phase": "silent", **stamps[1]})) == {"phase", "updated_at"}
