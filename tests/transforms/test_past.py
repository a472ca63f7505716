"""Opportunities as they stood: what was changed later is taken back, and what can't be read is not guessed at."""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl
import pytest

from tests.transforms.engines import ENGINES, Engine, rows_of
from transforms.past import as_known_at, unreadable

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LATER = datetime(2026, 3, 9, tzinfo=UTC)
INSTANT = pl.Datetime("us", "UTC")
DEALS = dict.fromkeys(
    ["opportunity_id", "account_id", "seller_id", "pipeline_id", "stage_id", "name", "currency", "outcome"], pl.String()
) | {"amount": pl.Float64(), "close_date": pl.Date(), "loss_reason": pl.String()}
DEALS |= {"created_at": INSTANT, "closed_at": INSTANT}
CHANGES = dict.fromkeys(["opportunity_id", "field", "old_value", "new_value"], pl.String()) | {"changed_at": INSTANT}


def change(field: str, old: str | None, new: str) -> dict:
    return {"opportunity_id": "1", "field": field, "old_value": old, "new_value": new, "changed_at": LATER}


@pytest.mark.parametrize("name", ENGINES)
def test_a_former_value_that_cannot_be_read_is_empty_and_reported(name):
    engine = Engine(name)
    deal = {"opportunity_id": "1", "created_at": datetime(2026, 1, 1, tzinfo=UTC), "outcome": "open"}
    deals = engine.frame([deal | {"amount": 5.0, "close_date": date(2026, 6, 1)}], DEALS)
    changes = engine.frame(
        [
            change("close_date", "31/02/2026", "2026-06-01"),
            change("amount", "a lot", "5.0"),
            change("stage", "any text", "s2"),
        ],
        CHANGES,
    )
    (was,) = rows_of(as_known_at(deals, changes, NOON, engine.keep))
    assert (was["close_date"], was["amount"], was["stage_id"]) == (None, None, "any text")
    found = rows_of(unreadable(changes), "column")
    assert [(row["key"], row["column"], row["value"]) for row in found] == [
        ("1", "amount", "a lot"),
        ("1", "close_date", "31/02/2026"),
    ]


def test_a_former_value_that_can_be_read_is_the_one_that_stood():
    engine = Engine("duckdb")
    deal = {"opportunity_id": "1", "created_at": datetime(2026, 1, 1, tzinfo=UTC), "outcome": "open"}
    deals = engine.frame([deal | {"amount": 5.0, "close_date": date(2026, 6, 1)}], DEALS)
    changes = engine.frame(
        [change("close_date", "2026-04-01T00:00:00Z", "2026-06-01"), change("amount", "1500.50", "5.0")], CHANGES
    )
    (was,) = rows_of(as_known_at(deals, changes, NOON, engine.keep))
    assert (was["close_date"], was["amount"]) == (date(2026, 4, 1), 1500.5)
    assert not rows_of(unreadable(changes))
