from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email.utils import parsedate_to_datetime

from sandbox.server import serve
from tests.sandbox.server.conftest import AS_OF, Client


def test_calls_are_counted_per_method_and_route_template(client: Client) -> None:
    for record in ("1", "2"):
        client.hubspot(f"/crm/v3/objects/deals/{record}")
    client.salesforce("/query", params={"q": "SELECT Id FROM Account LIMIT 1"})
    shown = client.control("stats", "GET").json()
    assert shown["total"] == 3
    assert shown["calls"]["GET /services/data/{version}/query"] == 1
    assert [n for route, n in shown["calls"].items() if "/crm/v3/objects/" in route] == [2]
    assert shown["statuses"]["404"] == 2


def test_the_control_plane_and_the_pages_are_not_counted_and_a_reset_forgets_all(client: Client) -> None:
    client.hubspot("/crm/v3/objects/deals")
    client.control("reset-stats")
    client.session.get(client.url + "/")
    assert client.control("stats", "GET").json() == {
        "total": 0,
        "calls": {},
        "statuses": {},
        "windows": [],
        "seconds": 0.0,
    }


def test_an_address_that_the_crm_does_not_have_is_refused_in_its_own_words(client: Client) -> None:
    answer = client.session.get(client.url + "/services/nothing")
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (404, "NOT_FOUND")
    answer = client.hubspot("/crm/v9/nothing")
    assert (answer.status_code, answer.headers["X-HubSpot-NotFound"]) == (404, "true")


def test_the_date_header_is_the_sandbox_s_own_clock_and_advances_with_the_market() -> None:
    with serve(opportunities=5, seed=1, as_of=AS_OF) as sandbox:
        client = Client(sandbox)
        before = parsedate_to_datetime(client.hubspot("/crm/v3/owners").headers["Date"])
        assert timedelta(0) <= before - AS_OF < timedelta(minutes=5)
        assert client.control("advance", json={"days": 3}).status_code == 200
        after = parsedate_to_datetime(client.hubspot("/crm/v3/owners").headers["Date"])
        assert timedelta(days=3) <= after - before < timedelta(days=3, minutes=5)
        assert client.control("truth", "GET").json()["as_of"].startswith("2026-03-05")


def test_no_server_header_gives_the_sandbox_away(client: Client) -> None:
    assert "server" not in client.hubspot("/crm/v3/owners").headers


def test_advance_asks_for_a_whole_number_of_days(client: Client) -> None:
    for body in ({"days": 0}, {"days": "3"}, {"days": True}, {}, []):
        answer = client.control("advance", json=body)
        assert answer.status_code == 400
        assert "days" in answer.json()["error"]


def test_latency_delays_each_call_and_calls_at_the_same_time_wait_together() -> None:
    with serve(opportunities=5, seed=1, as_of=AS_OF, latency_ms=300) as sandbox:
        client = Client(sandbox)
        begun = time.monotonic()
        client.hubspot("/crm/v3/owners")
        assert time.monotonic() - begun >= 0.3
        begun = time.monotonic()
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda _: Client.hubspot(client, "/crm/v3/owners"), range(8)))
        assert time.monotonic() - begun < 8 * 0.3
