"""A long list is read in several places at once, and comes whole whatever `after` turns out to be."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from itertools import islice

import pytest

from connectors.hubspot import listing, sections
from connectors.hubspot.rows import Record
from connectors.hubspot.sections import PAGES_AHEAD, Sections
from tests.connectors.conftest import calls
from tests.contract.mirror import Mirror
from tests.contract.subjects import HubSpotSubject

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
        first = self.place(token)
        page = IDS[first : first + PAGE]
        with self._lock:
            self.at_once -= 1
        return [{"id": str(id_)} for id_ in page], self.token(page[-1]) if first + PAGE < len(IDS) else None

    def place(self, token: str) -> int:
        """Where in the list a token points to."""
        if token in self.tokens:
            return self.tokens[token]
        return next((place for place, id_ in enumerate(IDS) if token.isdecimal() and id_ >= int(token)), 0)

    def cut(self, start: str, pages: int) -> tuple[int | None, int]:
        self.cuts += 1
        there = [id_ for id_ in IDS if id_ >= int(start)]
        return (there[pages * PAGE] if len(there) > pages * PAGE else None), -(-len(there) // PAGE)

    def read(self, first: str = "") -> list[int]:
        """Ids in the order in which they come, after a look at what is told of the list's beginning with each page."""
        come: list[int] = []
        for records, reached in Sections(self.fetch, self.cut).pages(first):
            come += [int(record["id"]) for record in records]
            begun = self.place(first)
            until = len(IDS) if reached.after is None else self.place(reached.after)
            assert reached.records == until - begun
            assert set(IDS[begun:until]) <= set(come)
        assert reached.after is None
        return come


def test_a_long_list_comes_whole_and_once_from_several_places_at_once_for_a_call_or_two_a_section() -> None:
    held = List()
    assert sorted(held.read()) == IDS
    assert held.most_at_once > 1
    assert held.calls + held.cuts <= 1.05 * -(-len(IDS) // PAGE)


def test_it_goes_on_from_where_a_run_that_died_had_come() -> None:
    held = List()
    assert sorted(held.read(str(IDS[99] + 1))) == IDS[100:]


def test_what_has_come_and_is_not_taken_yet_stays_little_however_long_the_list_is() -> None:
    held = List()
    pages = Sections(held.fetch, held.cut).pages("")
    for taken, _ in enumerate(pages, 1):
        if taken % 25 == 0:
            time.sleep(0.05)
            assert held.calls - taken <= PAGES_AHEAD


@pytest.mark.parametrize("token", [lambda last: f"MTA{last}==", lambda last: str(10**9 + last)])
def test_where_after_is_no_id_the_list_is_read_in_one_go(token: Callable[[int], str]) -> None:
    held = List(token)
    assert held.read() == IDS
    assert held.cuts == 0


def test_where_after_is_no_longer_an_id_further_on_nothing_is_lost() -> None:
    held = List(lambda last: str(last + 1) if last < IDS[600] else f"page-{last}")
    assert sorted(set(held.read())) == IDS


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


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists are long from a few records on."""
    for module, name, value in (
        (sections, "PAGES_ALONE", 2),
        (sections, "SHORTEST", 2),
        (sections, "LONGEST", 3),
        (listing, "PAGE", 3),
        (listing, "PAGE_ROWS", 3),
    ):
        monkeypatch.setattr(module, name, value)


def test_a_run_that_died_within_several_sections_loses_nothing_and_counts_right(
    hubspot: HubSpotSubject, short: None
) -> None:
    whole, held = Mirror(), hubspot.mirror
    calls(hubspot.url)
    whole.sync(hubspot.open(), "contacts")
    assert calls(hubspot.url)["POST /crm/objects/2026-09/{type}/search"] > 1
    stream = next(one for one in hubspot.open().streams() if one.name == "contacts")
    for pages in (2, 4, 3):
        reading = hubspot.open().pull(stream, held.cursors.get("contacts"), None)
        for page in islice(reading, pages):
            held.apply(stream, page)
        reading.close()  # type: ignore[attr-defined]
    held.sync(hubspot.open(), "contacts")
    assert held.ids("contacts") == whole.ids("contacts")
    calls(hubspot.url)
    held.sync(hubspot.open(), "contacts")
    asked = calls(hubspot.url)
    assert asked["POST /crm/objects/2026-09/{type}/search"] == 1
    assert "GET /crm/objects/2026-09/{type}" not in asked
