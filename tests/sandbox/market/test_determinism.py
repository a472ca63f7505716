from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Any

import orjson

from sandbox.company import Batch
from sandbox.market import Market
from tests.sandbox.market.conftest import AS_OF

KEYS = {"roles": ("opportunity_id", "person_id", "joined_at"), "products": ("opportunity_id", "product")}


def told(batch: Batch) -> bytes:
    return orjson.dumps(batch)


def merged(batches: list[Batch]) -> dict[str, Any]:
    """What somebody holds who applied the batches in order."""
    held: dict[str, Any] = {"activities": [], "changes": [], "lifecycle": []}
    for batch in batches:
        held["activities"] += [asdict(one) for one in batch.activities]
        held["lifecycle"] += [asdict(one) for one in batch.lifecycle]
        held["changes"] += [asdict(one) for one in batch.changes]
        for table in (
            "sellers",
            "people",
            "accounts",
            "opportunities",
            "roles",
            "quotes",
            "tasks",
            "cases",
            "products",
        ):
            for record in getattr(batch, table):
                key = tuple(getattr(record, name) for name in KEYS.get(table, ("id",)))
                held.setdefault(table, {})[key] = asdict(record)
    return held


def test_the_same_seed_and_instant_give_the_same_bytes() -> None:
    first, second = (Market(30, 5, AS_OF) for _ in range(2))
    assert told(first.past()) == told(second.past())
    assert told(first.advance(3)) == told(second.advance(3))
    assert orjson.dumps(first.truth()) == orjson.dumps(second.truth())


def test_another_seed_gives_another_market() -> None:
    names = [{one.name for one in Market(30, seed, AS_OF).past().opportunities} for seed in (5, 6)]
    assert names[0] != names[1]


def test_seven_days_at_once_are_seven_single_days() -> None:
    at_once, by_day = (Market(60, 5, AS_OF) for _ in range(2))
    one = [at_once.past(), at_once.advance(7)]
    seven = [by_day.past(), *(by_day.advance(1) for _ in range(7))]
    assert one[-1].as_of == seven[-1].as_of == AS_OF + timedelta(days=7)
    assert merged(one) == merged(seven)
    assert orjson.dumps(at_once.truth()) == orjson.dumps(by_day.truth())


def test_a_batch_is_not_touched_by_what_happens_after_it() -> None:
    market = Market(60, 5, AS_OF)
    past = market.past()
    before = told(past)
    market.advance(30)
    assert told(past) == before
