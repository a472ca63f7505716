"""A long list, read in several places at once.

HubSpot's list gives its records by rising ids, and its `after` is the last id and one; the documentation calls it
opaque. So a long list is cut at ids that the search names, and its sections are read side by side. The list itself must
bear that out, page by page: where `after` is anything else, or ids don't rise, it is read on as any other list.

A page is handed on as soon as it has come, whichever section it is of, so that few of them are ever held; how far the
list has come without a gap is told with each, as a reading that died goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from queue import SimpleQueue
from threading import Event, Semaphore

from connectors.errors import TryLater
from connectors.hubspot.rows import Record
from connectors.paging import Fetch, paged

PAGES_ALONE = 20
"""So many pages come before a list counts as long, and so many are worth a section of their own."""
SHORTEST, LONGEST = 40, 80
"""Pages of a section that another follows: a cut costs two calls."""
AT_ONCE = 3
PAGES_AHEAD = 2 * AT_ONCE
"""So many pages of the whole list may be on their way, or have come and not been taken."""
Answered = tuple[list[Record], str | None]
Cut = Callable[[str, int], tuple[int | None, int]]
"""(an id, a number of pages) -> the id of the record that comes so many pages after it (None: there is none), and how
many pages there are from the first id on."""


@dataclass(frozen=True, slots=True)
class Reached:
    """How far a list has come without a gap.

    Attributes
    ----------
    after : the token of what follows; None at the end of the list.
    records : how many there were up to there, from where this reading began.
    """

    after: str | None
    records: int


Listed = tuple[list[Record], Reached]


class _Disorder(Exception):
    """The list is not in the order of its ids, or `after` is no id."""


@dataclass(slots=True)
class _Section:
    """Pages from the record `start` on, up to the one at which the next section begins.

    `rest` is how many pages there are from there on, or what is worth asking where nobody knows; `taken` is how many of
    its records have been handed on, and `after` what follows them.
    """

    start: str
    is_cut: bool
    rest: int = SHORTEST + PAGES_ALONE
    following: _Section | None = None
    taken: int = 0
    after: str | None = None

    @property
    def is_through(self) -> bool:
        return self.following is not None and self.after == self.following.start


class Sections:
    """One reading of one list."""

    def __init__(self, fetch: Fetch[list[Record]], cut: Cut) -> None:
        self._fetch = fetch
        self._cut = cut
        self._stop = Event()
        self._ahead = Semaphore(PAGES_AHEAD)
        self._come: SimpleQueue[tuple[_Section, Answered | Exception]] = SimpleQueue()
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="section")

    def pages(self, first: str) -> Iterator[Listed]:
        """The records of each page, as it comes, and how far the list has come by then, from the token `first` on.

        Raises
        ------
        TryLater : the API sends us round in a circle; whatever `fetch` or `cut` raises.
        """
        section, before = self._begun(_Section(first, is_cut=False, after=first)), 0
        reached = Reached(first, 0)
        try:
            while reached.after is not None:
                records = self._taken()
                while section.is_through and section.following:
                    before += section.taken
                    section = section.following
                reached = Reached(section.after, before + section.taken)
                yield records, reached
        except _Disorder:
            self._end()
            for records, after in paged(self._fetch, reached.after or ""):
                reached = Reached(after, reached.records + len(records))
                yield records, reached
        finally:
            self._end()

    def _begun(self, section: _Section) -> _Section:
        self._pool.submit(self._read, section)
        return section

    def _taken(self) -> list[Record]:
        """The records of the page that came first, of whichever section; or what went wrong."""
        section, came = self._come.get()
        self._ahead.release()
        if isinstance(came, Exception):
            raise came
        records, section.after = came
        section.taken += len(records)
        return records

    def _end(self) -> None:
        self._stop.set()
        self._ahead.release(AT_ONCE)
        self._pool.shutdown(cancel_futures=True)

    def _read(self, section: _Section) -> None:
        """Put a section's pages into the queue; or what went wrong."""
        try:
            for page in self._walked(section):
                self._come.put((section, page))
        except Exception as fault:
            self._come.put((section, fault))

    def _walked(self, section: _Section) -> Iterator[Answered]:
        token: str | None = section.start
        seen, number = {section.start}, 0
        if section.is_cut:
            self._divide(section, section.start)
        while token is not None:
            self._ahead.acquire()
            if self._stop.is_set():
                return
            records, token = self._fetch(token)
            number += 1
            if section.is_cut:
                _check(records, token, int(section.start))
            if token in seen:
                raise TryLater("The CRM gave the same page twice.", "The next run goes on where this one stopped.")
            seen.add(token or "")
            end = section.following.start if section.following else None
            if end is not None and (token is None or int(token) >= int(end)):
                records, token = [record for record in records if int(record["id"]) < int(end)], end
                yield records, token
                return
            yield records, token
            if not section.is_cut and number == PAGES_ALONE and token and _in_order(records, token):
                section.is_cut = True
                section.start = records[0]["id"]
                self._divide(section, token)

    def _divide(self, section: _Section, token: str) -> None:
        """Let another section begin where this one will have become long, if enough comes after it."""
        if section.rest < SHORTEST + PAGES_ALONE:
            return
        pages = max(SHORTEST, min(section.rest // 2, LONGEST))
        end, there = self._cut(token, pages)
        if end is not None and end > int(token) and there - pages >= PAGES_ALONE:
            section.following = self._begun(_Section(str(end), is_cut=True, rest=there - pages, after=str(end)))


def _check(records: Sequence[Record], token: str | None, start: int) -> None:
    in_order = _in_order(records, token) and (not records or int(records[0]["id"]) >= start)
    if not in_order:
        raise _Disorder


def _in_order(records: Sequence[Record], token: str | None) -> bool:
    """Whether the ids rise, and `after` is the last one and one."""
    ids = [int(record["id"]) for record in records if record["id"].isdecimal()]
    rises = len(ids) == len(records) and all(one < other for one, other in pairwise(ids))
    return rises and (token is None or (bool(ids) and token == str(ids[-1] + 1)))
