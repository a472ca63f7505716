"""A long list is read in several places at once, and comes whole and in order whatever `after` turns out to be."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from connectors.hubspot.rows import Record
from connectors.hubspot.sections import Sections

PAGE = 10
IDS = [7 * number + number % 5 for number in range(1, 2_345)]


class List:
    """A list of records of rising ids; `token` words what comes after an id."""

    def __init__(self, token: Callable[[int], str] = lambda last: str(last + 1)) -> None:
        self.tokens = {token(last): place + 1 for place, last in enumerate(IDS)}
        self.token = token
        self.calls, self.cuts, self.at_once, self.most_at_once = 0, 0, 0, 0
        self._lock = threading.Lock()

    def fetch(self, token: str) -> tuple[list[Record], str | None]:
        with self._lock:
            self.calls += 1
            self.at_once += 1
            self.most_at_once = max(self.at_once, self.most_at_once)
        time.sleep(0.001)
        first = self.tokens.get(token)
        if first is None:
            first = next((place for place, id_ in enumerate(IDS) if token.isdecimal() and id_ >= int(token)), 0)
        page = IDS[first : first + PAGE]
        with self._lock:
            self.at_once -= 1
        return [{"id": str(id_)} for id_ in page], self.token(page[-1]) if first + PAGE < len(IDS) else None

    def cut(self, start: str, pages: int) -> tuple[int | None, int]:
        self.cuts += 1
        there = [id_ for id_ in IDS if id_ >= int(start)]
        return (there[pages * PAGE] if len(there) > pages * PAGE else None), -(-len(there) // PAGE)

    def read(self, first: str = "") -> list[int]:
        pages = list(Sections(self.fetch, self.cut).pages(first))
        assert [following for _, following in pages].count(None) == 1
        assert pages[-1][1] is None
        return [int(record["id"]) for records, _ in pages for record in records]


def test_a_long_list_comes_whole_and_in_order_from_several_places_at_once_for_a_call_or_two_a_section() -> None:
    held = List()
    assert held.read() == IDS
    assert held.most_at_once > 1
    assert held.calls + held.cuts <= 1.05 * -(-len(IDS) // PAGE)


def test_it_goes_on_from_where_a_run_that_died_had_come() -> None:
    held = List()
    assert held.read(str(IDS[99] + 1)) == IDS[100:]


@pytest.mark.parametrize("token", [lambda last: f"MTA{last}==", lambda last: str(10**9 + last)])
def test_where_after_is_no_id_the_list_is_read_in_one_go(token: Callable[[int], str]) -> None:
    held = List(token)
    assert held.read() == IDS
    assert held.cuts == 0


def test_where_after_is_no_longer_an_id_further_on_nothing_is_lost_or_doubled() -> None:
    held = List(lambda last: str(last + 1) if last < IDS[600] else f"page-{last}")
    assert held.read() == IDS


def test_a_list_that_cannot_be_read_further_says_so() -> None:
    held = List()
    fetch = held.fetch

    def broken(token: str) -> tuple[list[Record], str | None]:
        if token.isdecimal() and int(token) > IDS[900]:
            raise ValueError("no further")
        return fetch(token)

    held.fetch = broken  # type: ignore[method-assign]
    with pytest.raises(ValueError, match="no further"):
        held.read()
