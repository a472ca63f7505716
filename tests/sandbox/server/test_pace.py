from __future__ import annotations

import time

import pytest

from sandbox.server import serve
from tests.sandbox.server.conftest import AS_OF, Client


@pytest.mark.slow
def test_two_thousand_opportunities_stand_ready_in_twenty_seconds_of_one_core() -> None:
    begun = time.process_time()
    with serve(opportunities=2000, seed=7, as_of=AS_OF) as sandbox:
        total = Client(sandbox).salesforce("/query", params={"q": "SELECT COUNT() FROM Opportunity"}).json()
    assert total["totalSize"] == 2000
    assert time.process_time() - begun < 20
