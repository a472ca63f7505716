"""The engine of the tests: Polars for behaviour, both where they are compared (test_engines.py)."""

from __future__ import annotations

import pytest

from tests.transforms.engines import Engine


@pytest.fixture
def engine() -> Engine:
    return Engine("polars")
