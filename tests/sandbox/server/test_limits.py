from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sandbox.clock import Clock
from sandbox.limits import BURST, BURST_OAUTH, HUBSPOT_DAILY, LONG_CALLS, LONG_SECONDS, DailyQuota, Limits, Window
from tests.sandbox.server.conftest import Client

DEALS, SEARCH, QUERY = "/crm/v3/objects/deals", "/crm/v3/objects/deals/search", "/services/data/v60.0/query"
PRIVATE, OAUTH = "Bearer pat-sandbox", "Bearer CNz"


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2026, 3, 2, 23, 30, tzinfo=UTC))


def test_a_rolling_window_forgets_what_is_older_than_itself() -> None:
    now = [0.0]
    window = Window(10.0, lambda: now[0])
    window.count()
    now[0] = 6.0
    window.count()
    assert window.used() == 2
    now[0] = 10.5
    assert window.used() == 1


def test_a_rolling_quota_frees_a_call_after_a_day_and_a_daily_one_at_midnight(clock: Clock) -> None:
    rolling, daily = DailyQuota(clock, 10, rolling=True), DailyQuota(clock, 10, rolling=False)
    rolling.count(3)
    daily.count(3)
    clock.advance(1 / 24)
    assert (rolling.used, daily.used) == (3, 0)
    clock.advance(1)
    assert rolling.used == 0


@pytest.mark.parametrize(("token", "most"), [(PRIVATE, BURST), (OAUTH, BURST_OAUTH)])
def test_hubspot_refuses_the_call_beyond_the_burst_and_refused_ones_do_not_count(
    clock: Clock, token: str, most: int
) -> None:
    limits = Limits(clock, enforced=True)
    assert [limits.refuse(DEALS, token) for _ in range(most)] == [None] * most
    refusals = [limits.refuse(DEALS, token) for _ in range(3)]
    assert all(refusal is not None and refusal.status == 429 for refusal in refusals)
    assert b"TEN_SECONDLY_ROLLING" in refusals[0].body
    assert limits.headers(DEALS, token)["X-HubSpot-RateLimit-Remaining"] == "0"


def test_an_oauth_app_is_told_nothing_of_the_day(clock: Clock) -> None:
    limits = Limits(clock, enforced=True)
    assert limits.headers(DEALS, PRIVATE)["X-HubSpot-RateLimit-Daily"] == str(HUBSPOT_DAILY)
    assert "X-HubSpot-RateLimit-Daily" not in limits.headers(DEALS, OAUTH)


def test_the_sixth_search_in_a_second_is_refused_and_searches_tell_only_the_day(clock: Clock) -> None:
    limits = Limits(clock, enforced=True)
    answers = [limits.refuse(SEARCH, PRIVATE) for _ in range(6)]
    assert answers[:5] == [None] * 5
    assert answers[5] is not None
    assert b"secondly limit" in answers[5].body
    assert b"policyName" not in answers[5].body
    assert set(limits.headers(SEARCH, PRIVATE)) == {
        "X-HubSpot-RateLimit-Daily",
        "X-HubSpot-RateLimit-Daily-Remaining",
    }


def test_salesforce_refuses_when_25_calls_run_for_20_seconds(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("sandbox.limits.time.monotonic", lambda: now[0])
    limits = Limits(clock, enforced=True)
    for call in range(LONG_CALLS):
        limits.begin(call)
    assert limits.refuse(QUERY, "") is None
    now[0] += LONG_SECONDS
    refusal = limits.refuse(QUERY, "")
    assert refusal is not None
    assert refusal.status == 403
    limits.end(0)
    assert limits.refuse(QUERY, "") is None


def test_logging_in_costs_no_call(client: Client) -> None:
    before = client.salesforce("/limits").headers["Sforce-Limit-Info"]
    Client(client.sandbox)
    after = client.salesforce("/limits").headers["Sforce-Limit-Info"]
    used = [int(text.removeprefix("api-usage=").split("/")[0]) for text in (before, after)]
    assert used[1] == used[0] + 1


def test_with_limits_off_all_is_counted_and_nothing_refused(clock: Clock) -> None:
    limits = Limits(clock, enforced=False)
    assert all(limits.refuse(SEARCH, PRIVATE) is None for _ in range(400))
    assert limits.daily["hubspot"].used == 400


def test_a_daily_limit_that_others_used_up_refuses_in_each_crm_s_own_way_until_cleared(client: Client) -> None:
    client.fault("daily_limit", remaining=1)
    assert client.hubspot("/crm/v3/owners").status_code == 200
    refused = client.hubspot("/crm/v3/owners")
    assert (refused.status_code, refused.json()["policyName"]) == (429, "DAILY")
    assert client.salesforce("/limits").status_code == 200
    refused = client.salesforce("/limits")
    assert (refused.status_code, refused.json()[0]["errorCode"]) == (403, "REQUEST_LIMIT_EXCEEDED")
    assert "retry-after" not in refused.headers
    client.control("faults", "DELETE")
    assert client.salesforce("/limits").status_code == 200


def test_a_daily_limit_can_hit_one_crm_only(client: Client) -> None:
    client.fault("daily_limit", crm="salesforce")
    assert client.salesforce("/limits").status_code == 403
    assert client.hubspot("/crm/v3/owners").status_code == 200
