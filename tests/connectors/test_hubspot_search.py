"""HubSpot's search shows 10,000 results at most, lags behind, and knows one sort; no change is lost for that."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from connectors.hubspot import search
from connectors.hubspot.client import HubSpotDoor
from connectors.hubspot.cursor import Cursor, millis, parsed
from connectors.hubspot.paths import NUMBERED
from connectors.hubspot.search import NewestFirst
from connectors.hubspot.streams import SOURCES

DEALS = next(source for source in SOURCES if source.type == "deals")
START = datetime(2026, 11, 1, tzinfo=UTC)


class Index:
    """A search index in memory, with HubSpot's page, cap and orders."""

    paths = NUMBERED

    def __init__(self) -> None:
        self.changed: dict[int, datetime] = {}
        self.searches = 0

    def json(self, method: str, path: str, body: Any) -> Any:
        self.searches += 1
        rows = list(self.changed.items())
        for group in body["filterGroups"]:
            for wanted in group["filters"]:
                rows = [row for row in rows if self._matches(row, wanted)]
        by_id = body["sorts"][0]["propertyName"] == "hs_object_id"
        rows.sort(key=lambda row: row[0] if by_id else (row[1], -row[0]), reverse=not by_id)
        after, limit = int(body.get("after", 0)), body["limit"]
        assert after + limit <= search.CAP, "HubSpot answers 400 here"
        paging = {"paging": {"next": {"after": str(after + limit)}}} if after + limit < len(rows) else {}
        return {"total": len(rows), "results": [self._shown(row) for row in rows[after : after + limit]]} | paging

    @staticmethod
    def _matches(row: tuple[int, datetime], wanted: dict[str, str]) -> bool:
        value = row[0] if wanted["propertyName"] == "hs_object_id" else millis(row[1])
        asked = int(wanted["value"])
        return {"GT": value > asked, "LTE": value <= asked, "EQ": value == asked}[wanted["operator"]]

    @staticmethod
    def _shown(row: tuple[int, datetime]) -> dict[str, Any]:
        stamp = row[1].isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return {"id": str(row[0]), "createdAt": stamp, "updatedAt": stamp, "properties": {"hs_lastmodifieddate": stamp}}


def fresh(index: Index, cursor: Cursor) -> tuple[list[int], NewestFirst]:
    pass_ = NewestFirst(cast(HubSpotDoor, index), DEALS, cursor)
    return [int(record["id"]) for record in pass_.fresh()], pass_


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> Index:
    """With a cap of 1,000 instead of 10,000, so that it is quick to reach."""
    monkeypatch.setattr(search, "CAP", 1000)
    return Index()


def test_more_changes_than_a_search_shows_all_come_once(index: Index) -> None:
    index.changed = {number: START + timedelta(seconds=number) for number in range(1, 2301)}
    got, _ = fresh(index, Cursor(at=millis(START)))
    assert sorted(got) == list(range(1, 2301))


def test_more_changes_on_one_timestamp_than_a_search_shows_come_once(index: Index) -> None:
    index.changed = {number: START + timedelta(hours=1) for number in range(1, 1201)}
    index.changed |= {number: START + timedelta(hours=2) for number in range(20_001, 20_101)}
    index.changed |= {number: START + timedelta(minutes=30) for number in range(30_001, 30_101)}
    got, _ = fresh(index, Cursor(at=millis(START)))
    assert len(got) == len(set(got)) == 1400


def test_a_long_search_that_was_cut_off_goes_on_below_where_it_stood(index: Index) -> None:
    index.changed = {number: START + timedelta(seconds=number) for number in range(1, 3001)}
    resumed, _ = fresh(index, Cursor(at=millis(START), down=millis(START + timedelta(seconds=1000)), then=1))
    assert sorted(resumed) == list(range(1, 1001))


def test_a_settled_pass_asks_once_however_much_was_written_just_before(index: Index) -> None:
    now = START + timedelta(hours=1)
    index.changed = {number: now - timedelta(milliseconds=number) for number in range(1, 5001)}
    got, first = fresh(index, Cursor(at=millis(START)))
    assert len(got) == 5000
    index.searches = 0
    again, _ = fresh(index, Cursor(at=millis(now), live=5000, seen=first.seen()))
    assert again == []
    assert index.searches == 1


def test_a_few_changes_after_a_big_write_cost_one_search(index: Index) -> None:
    now = START + timedelta(hours=1)
    index.changed = {number: now - timedelta(milliseconds=number) for number in range(1, 5001)}
    _, first = fresh(index, Cursor(at=millis(START)))
    for number in range(100, 150):
        index.changed[number] = now + timedelta(seconds=1)
    index.searches = 0
    got, second = fresh(index, Cursor(at=millis(now), live=5000, seen=first.seen()))
    assert sorted(got) == list(range(100, 150))
    assert index.searches == 1
    index.searches = 0
    assert fresh(index, Cursor(at=millis(now) + 2000, live=5000, seen=second.seen()))[0] == []
    assert index.searches == 1


def test_a_change_that_the_index_shows_late_still_arrives(index: Index) -> None:
    now = START + timedelta(hours=1)
    index.changed = {number: now - timedelta(minutes=10) for number in range(1, 101)}
    _, first = fresh(index, Cursor(at=millis(START)))
    index.changed[7] = now - timedelta(seconds=30)
    got, _ = fresh(index, Cursor(at=millis(now), live=100, seen=first.seen()))
    assert got == [7]


def test_a_cursor_survives_being_written_down() -> None:
    cursor = Cursor(at=5, live=3, seen=("0123abcd", "ffff0000"), down=4, then=9)
    assert parsed(str(cursor)) == cursor
