from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from sandbox.company import Batch
from sandbox.market import Market

AS_OF = datetime(2026, 3, 2, 9, tzinfo=UTC)


@contextmanager
def no_collection() -> Iterator[None]:
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@pytest.fixture(scope="session")
def market() -> tuple[Market, Batch]:
    """A market of 240 opportunities and its past."""
    made = Market(240, 11, AS_OF)
    with no_collection():
        return made, made.past()
