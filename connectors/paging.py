"""Walking through an API's pages, the next one being fetched while the caller still works on this one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from connectors.errors import TryLater

T = TypeVar("T")
Fetch = Callable[[str], tuple[T, str | None]]
"""A page's token -> the page, and the token of the next one (None: it was the last)."""


def paged(fetch: Fetch[T], first: str) -> Iterator[tuple[T, str | None]]:
    """Each page with the token of its successor, in order.

    Raises
    ------
    TryLater : the API sends us round in a circle; whatever `fetch` raises.
    """
    seen = {first}
    with ThreadPoolExecutor(1, thread_name_prefix="next page") as pool:
        coming: Future[tuple[T, str | None]] | None = pool.submit(fetch, first)
        while coming is not None:
            page, following = coming.result()
            if following in seen:
                raise TryLater("The CRM gave the same page twice.", "The next run goes on where this one stopped.")
            if following is not None:
                seen.add(following)
            coming = None if following is None else pool.submit(fetch, following)
            yield page, following
