"""An org of 10,000 opportunities and 300,000 activities: what it weighs, and how fast a page of it is."""

from __future__ import annotations

import gc
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import orjson
import pytest

from sandbox.company import Account, Activity, Batch, Opportunity, Person, Role, Seller, Stage
from sandbox.salesforce.org import Org
from sandbox.salesforce.rowfaults import RowFaults
from sandbox.salesforce.soql.run import Result, run
from tests.sandbox.salesforce.company import NOW

DEALS, EACH = 10_000, 30
CHANNELS = ("email", "email", "email", "call", "meeting", "other", "email", "call", "form", "document")
FIELDS = (
    "Id, WhatId, WhoId, OwnerId, AccountId, Status, IsClosed, Type, TaskSubtype, CallType, CallDurationInSeconds, "
    "CallDisposition, ActivityDate, CompletedDateTime, CreatedDate, CreatedById, SystemModstamp, IsDeleted, Subject"
)

WEIGHED = """
from tests.sandbox.salesforce.test_scale import stood
rows = sum(map(len, stood().store.tables.values()))
with open("/proc/self/status") as status:
    print(rows, *(line.split()[1] for line in status if line.startswith("VmHWM")))
"""
"""A process of its own, as what ran before in this one weighs too. By its own high-water mark: `ru_maxrss` begins with
what the process weighed that started it."""


class Still:
    def now(self) -> datetime:
        return NOW


def large() -> Batch:
    batch = Batch(NOW)
    start = NOW - timedelta(days=700)
    batch.sellers = [Seller(f"s{i}", f"Sel {i}", f"s{i}@x.example") for i in range(60)]
    batch.stages = [Stage("p", "P", "talk", "Talk", 1, 0.1, is_closed=False, is_won=False)]
    batch.accounts = [Account(f"a{i}", f"Account {i}", start) for i in range(DEALS)]
    for i in range(DEALS):
        born = start + timedelta(minutes=i * 90)
        batch.people.append(
            Person(f"p{i}", f"a{i}", "Fi", f"La {i}", f"p{i}@y.example", None, "contact", None, None, born)
        )
        batch.opportunities.append(
            Opportunity(f"o{i}", f"a{i}", f"s{i % 60}", "p", "talk", f"Deal {i}", 1.0, "EUR", None, born, None, None)
        )
        batch.roles.append(Role(f"o{i}", f"p{i}", "decider", is_primary=True, joined_at=born))
        batch.activities += activities(i, born)
    return batch


def activities(i: int, born: datetime) -> Iterator[Activity]:
    for k in range(EACH):
        channel = CHANNELS[k % 10]
        direction = "mutual" if channel == "meeting" else "inbound" if k % 2 else "outbound"
        when = born + timedelta(hours=5 * k)
        yield Activity(
            f"{i}-{k}", f"o{i}", f"a{i}", [f"p{i}"], f"s{i % 60}", channel, direction, None, f"Subject {k}", "Body", [],
            when, when,
        )  # fmt: skip


def stood() -> Org:
    gc.disable()
    org = Org(Still())
    org.apply(large())
    gc.enable()
    return org


@pytest.fixture(scope="module")
def org() -> Org:
    return stood()


@pytest.fixture
def page(org: Org) -> Callable[[str], tuple[float, Result]]:
    """Milliseconds of CPU that a query and its first page take, the indexes being there."""
    view = org.view(org.api_user, RowFaults(None))

    def page(soql: str) -> tuple[float, Result]:
        run(soql, view, "/")
        begun = time.process_time()
        result = run(soql, view, "/")
        orjson.dumps([result.show(row) for row in result.rows[:2000]])
        return (time.process_time() - begun) * 1000, result

    return page


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads the high-water mark as Linux tells it")
def test_the_whole_org_fits_in_a_gigabyte_and_a_half() -> None:
    rows, kilobytes = subprocess.run(
        [sys.executable, "-c", WEIGHED], check=True, capture_output=True, text=True, timeout=280
    ).stdout.split()
    assert int(rows) > 550_000
    assert int(kilobytes) < 1.5 * 1024**2


@pytest.mark.slow
@pytest.mark.parametrize(
    "where",
    [
        "WHERE SystemModstamp >= 2024-06-01T00:00:00Z",
        "WHERE SystemModstamp >= 2025-12-01T00:00:00Z",
        "WHERE SystemModstamp > 2025-06-01T00:00:00Z OR (SystemModstamp = 2025-06-01T00:00:00Z AND Id > '00T')",
    ],
)
def test_a_page_by_time_takes_no_longer_than_sixty_milliseconds(
    page: Callable[[str], tuple[float, Result]], where: str
) -> None:
    where = where.replace("'00T'", "'00T000000000001AAA'")
    took, result = page(f"SELECT {FIELDS} FROM Task {where} ORDER BY SystemModstamp, Id LIMIT 2000")
    assert result.size == 2000
    assert took < 60


@pytest.mark.slow
def test_the_activities_of_some_deals_are_found_without_reading_all(
    org: Org, page: Callable[[str], tuple[float, Result]]
) -> None:
    deals = ", ".join(f"'{one}'" for one in list(org.store["Opportunity"].rows)[:100])
    took, result = page(f"SELECT {FIELDS} FROM Task WHERE WhatId IN ({deals})")
    assert result.size > 1000
    assert took < 60
