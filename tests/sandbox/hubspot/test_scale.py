"""Ten thousand deals and three hundred thousand activities: what they cost in memory, and a page in time."""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from starlette.requests import Request
from starlette.responses import Response

from sandbox.clock import Clock
from sandbox.company import Account, Activity, Batch, Change, Opportunity, Person, Role, Seller, Stage
from sandbox.hubspot.call import Call
from sandbox.hubspot.doors.objects import list_records
from sandbox.hubspot.doors.searching import search_records
from sandbox.hubspot.portal import Portal
from tests.sandbox.hubspot.company import AS_OF

pytestmark = pytest.mark.slow

DEALS, ACTIVITIES = 10_000, 300_000
MAIL = (
    "hs_timestamp hs_email_direction hs_email_status hs_email_from_email hubspot_owner_id hs_createdate hs_email_text"
)
DEAL = "dealname amount deal_currency_code closedate dealstage pipeline createdate hubspot_owner_id hs_is_closed"
HISTORY = "dealstage closedate amount hubspot_owner_id"


def company() -> Batch:
    dice = random.Random(5)
    stages = [Stage("nb", "New Business", f"s{n}", f"Stage {n}", n, n / 10, False, False) for n in range(5)]
    batch = Batch(AS_OF, sellers=[Seller(f"r{n}", f"Rep {n}", f"r{n}@us.example") for n in range(20)], stages=stages)
    early = AS_OF - timedelta(days=400)
    batch.accounts = [Account(f"a{n}", f"Firm {n}", early, f"f{n}.example") for n in range(6_000)]
    batch.people = [
        Person(f"p{n}", f"a{n % 6_000}", "Jo", f"Do {n}", f"p{n}@f.example", "CEO", "contact", "sql", None, early)
        for n in range(25_000)
    ]
    for n in range(DEALS):
        id, at = f"o{n}", AS_OF - timedelta(days=dice.uniform(20, 300))
        batch.opportunities.append(
            Opportunity(id, f"a{n % 6_000}", f"r{n % 20}", "nb", "s2", id, 9.0, "EUR", date(2026, 9, 1), at, None, None)
        )
        batch.changes += [Change(id, "stage", f"s{k}", f"s{k + 1}", at + timedelta(days=k)) for k in range(2)]
        batch.changes.append(Change(id, "close_date", "2026-08-01", "2026-09-01", at + timedelta(days=3)))
        batch.roles += [Role(id, f"p{(3 * n + k) % 25_000}", "user", k == 0, at) for k in range(3)]
    for n in range(ACTIVITIES):
        at, deal = AS_OF - timedelta(seconds=dice.uniform(0, 300 * 86_400)), n % DEALS
        people, channel = [f"p{3 * deal % 25_000}"], ("email", "email", "call", "meeting", "web")[n % 5]
        text = f"Message {n}: could you send us the figures for the second line as well? " * 2
        batch.activities.append(
            Activity(
                f"x{n}", f"o{deal}", f"a{deal % 6_000}", people, f"r{deal % 20}", channel, "inbound", None, "Figures",
                text, [], at, at,
            )
        )  # fmt: skip
    return batch


def resident() -> float:
    """Megabytes that this process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6


@pytest.fixture(scope="module")
def portal() -> Portal:
    if not Path("/proc/self/statm").exists():
        pytest.skip("memory is read from /proc")
    batch = company()
    gc.collect()
    before = resident()
    made = Portal(Clock(AS_OF))
    made.apply(batch)
    held = resident() - before
    assert held < 1_200, f"portal of {DEALS} deals and {ACTIVITIES} activities: {held:.0f} MB"
    return made


def milliseconds(door: Callable[[Call], Response], call: Call) -> float:
    """The least processor time of several answers."""
    spent = []
    for _ in range(7):
        start = time.thread_time()
        assert door(call).status_code == 200
        spent.append((time.thread_time() - start) * 1000)
    return min(spent)


def call(portal: Portal, plural: str, body: object = None, **query: str | int) -> Call:
    scope = {
        "type": "http",
        "method": "GET",
        "scheme": "http",
        "server": ("127.0.0.1", 80),
        "path": f"/crm/v3/objects/{plural}",
        "query_string": urlencode(query).encode(),
        "path_params": {"type": plural},
        "headers": [],
    }
    return Call(portal.state, Request(scope), body)


def test_a_page_of_a_hundred_mails_with_associations_takes_under_twenty_milliseconds(portal: Portal) -> None:
    asked = call(
        portal, "emails", limit=100, properties=MAIL.replace(" ", ","), associations="contacts,deals,companies"
    )
    assert milliseconds(list_records, asked) < 20


def test_a_page_of_fifty_deals_with_history_takes_under_thirty_milliseconds(portal: Portal) -> None:
    asked = call(
        portal, "deals", limit=50, properties=DEAL.replace(" ", ","), associations="contacts,companies",
        propertiesWithHistory=HISTORY.replace(" ", ","),
    )  # fmt: skip
    assert milliseconds(list_records, asked) < 30


def test_a_later_page_of_a_search_scans_nothing(portal: Portal) -> None:
    recent = [{"propertyName": "hs_timestamp", "operator": "GTE", "value": "2025-12-01"}]
    body = {"filterGroups": [{"filters": recent}], "limit": 200}
    search_records(call(portal, "emails", body))
    assert milliseconds(search_records, call(portal, "emails", {**body, "after": "9800"})) < 20


def test_a_search_by_time_of_change_looks_only_at_what_changed(portal: Portal) -> None:
    recent = [{"propertyName": "hs_lastmodifieddate", "operator": "GTE", "value": "2026-03-01T20:00:00Z"}]
    search_records(call(portal, "emails", {"filterGroups": [{"filters": recent}]}))
    portal.state.searchers["emails"].results.clear()
    assert milliseconds(search_records, call(portal, "emails", {"filterGroups": [{"filters": recent}]})) < 20
