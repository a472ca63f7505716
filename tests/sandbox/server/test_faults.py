from __future__ import annotations

import time
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
import requests

from sandbox.faults import REQUEST, FaultError, Faults, parse
from tests.sandbox.server.conftest import Client

OWNERS = "/crm/v3/owners"
BROKEN = (requests.exceptions.ConnectionError, requests.exceptions.ChunkedEncodingError)


def test_a_fault_strikes_as_often_as_asked_and_then_no_more(client: Client) -> None:
    client.fault("server_error", times=2, status=502)
    assert [client.hubspot(OWNERS).status_code for _ in range(3)] == [502, 502, 200]


def test_a_fault_strikes_only_the_calls_it_matches_and_may_let_some_pass_first(client: Client) -> None:
    client.fault("server_error", match={"method": "GET", "path": "owners$"}, after=1)
    assert client.hubspot("/crm/v3/pipelines/deals").status_code == 200
    assert [client.hubspot(OWNERS).status_code for _ in range(3)] == [200, 503, 200]


def test_several_faults_can_be_posted_at_once_and_are_cleared_together(client: Client) -> None:
    shown = client.control("faults", json=[{"kind": "server_error"}, {"kind": "reset", "times": None}]).json()
    assert [fault["kind"] for fault in shown["faults"]] == ["server_error", "reset"]
    client.control("faults", "DELETE")
    assert client.hubspot(OWNERS).status_code == 200


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_server_errors_come_in_each_crm_s_own_shape(client: Client, status: int) -> None:
    client.fault("server_error", times=2, status=status)
    answers = [client.hubspot(OWNERS), client.salesforce("/limits")]
    assert [answer.status_code for answer in answers] == [status, status]
    if status in (500, 503):
        assert answers[0].json()["status"] == "error"
        assert answers[1].json()[0]["errorCode"]


@pytest.mark.parametrize("retry_after", [None, 3, "Wed, 21 Oct 2026 07:28:00 GMT"])
def test_too_many_requests_tell_when_to_come_back_only_if_asked_to(client: Client, retry_after: Any) -> None:
    client.fault("rate_limit", **({} if retry_after is None else {"retry_after": retry_after}))
    answer = client.hubspot(OWNERS)
    assert answer.status_code == 429
    assert answer.headers.get("Retry-After") == (None if retry_after is None else str(retry_after))


def test_a_reset_comes_before_the_request_is_carried_out(client: Client) -> None:
    client.fault("reset", match={"method": "POST"})
    with pytest.raises(BROKEN):
        client.hubspot("/crm/v3/objects/companies", "POST", json={"properties": {"name": "Never made"}})
    assert "Never made" not in client.hubspot("/crm/v3/objects/companies?limit=100&properties=name").text


def test_a_lost_answer_was_carried_out_all_the_same(client: Client) -> None:
    client.fault("lost_answer", match={"method": "POST"})
    with pytest.raises(BROKEN):
        client.hubspot("/crm/v3/objects/companies", "POST", json={"properties": {"name": "Made unheard"}})
    found, after = "", "0"
    while after and "Made unheard" not in found:
        page = client.hubspot(f"/crm/v3/objects/companies?limit=100&properties=name&after={after}")
        found += page.text
        after = page.json().get("paging", {}).get("next", {}).get("after")
    assert "Made unheard" in found


def test_a_connection_killed_in_the_middle_of_a_page_breaks_the_client_s_read(client: Client) -> None:
    client.fault("reset_mid_body")
    with pytest.raises(BROKEN):
        client.hubspot("/crm/v3/objects/deals?limit=100")
    assert client.control("stats", "GET").json()["total"] == 1


def test_a_truncated_answer_is_whole_http_and_half_json(client: Client) -> None:
    client.fault("truncated")
    answer = client.hubspot("/crm/v3/objects/deals?limit=100")
    assert answer.status_code == 200
    with pytest.raises(requests.exceptions.JSONDecodeError):
        answer.json()


def test_slow_answers_begin_late_and_a_slow_loris_drips(client: Client) -> None:
    for kind in ("slow", "slow_loris"):
        client.fault(kind, seconds=0.6)
        begun = time.monotonic()
        assert client.hubspot(OWNERS).json()["results"]
        assert time.monotonic() - begun >= 0.55


def test_a_lost_permission_is_refused_in_each_crm_s_own_words(client: Client) -> None:
    client.fault("permission_lost", times=2)
    assert client.hubspot(OWNERS).json()["category"] == "MISSING_SCOPES"
    assert client.salesforce("/limits").json()[0]["errorCode"] == "INSUFFICIENT_ACCESS"


def test_while_timestamps_tie_everything_written_gets_one_and_the_same(client: Client) -> None:
    client.fault("timestamp_ties")
    stamps = set()
    for n in range(3):
        made = client.hubspot("/crm/v3/objects/companies", "POST", json={"properties": {"name": f"Tie {n}"}})
        stamps.add(made.json()["createdAt"])
        time.sleep(0.02)
    client.control("faults", "DELETE")
    time.sleep(0.02)
    made = client.hubspot("/crm/v3/objects/companies", "POST", json={"properties": {"name": "Later"}})
    assert len(stamps) == 1
    assert made.json()["createdAt"] not in stamps


@pytest.mark.parametrize(
    "posted",
    [
        {"kind": "nonsense"},
        {},
        [1],
        {"kind": "reset", "times": "two"},
        {"kind": "reset", "match": {"path": "("}},
        {"kind": "slow", "seconds": "long"},
        {"kind": "daily_limit", "crm": "other"},
    ],
)
def test_a_fault_that_cannot_be_understood_is_refused_with_a_reason(client: Client, posted: Any) -> None:
    answer = client.control("faults", json=posted)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert client.control("faults", "GET").json() == {"faults": []}


def test_handlers_take_faults_by_record_and_by_the_request_in_hand() -> None:
    faults = Faults()
    faults.add(parse({"kind": "row_lock", "match": {"object": "^Opportunity$", "path": "composite"}}))
    REQUEST.set({"method": "PATCH", "path": "/services/data/v60.0/composite/sobjects"})
    assert faults.take("row_lock", object="Contact") is None
    assert faults.active("row_lock", object="Opportunity") is not None
    assert faults.take("row_lock", object="Opportunity") is not None
    assert faults.take("row_lock", object="Opportunity") is None


def test_a_fault_says_what_it_could_have_been() -> None:
    with pytest.raises(FaultError, match="search_lag"):
        parse({"kind": "typo"})


def test_a_refusal_with_a_code_of_its_own_comes_in_each_crm_s_words(client: Client) -> None:
    client.fault("refused", times=2, status=400, code="QUERY_TIMEOUT", message="Your query has timed out.")
    hubspot, salesforce = client.hubspot(OWNERS), client.salesforce("/limits")
    assert (hubspot.status_code, hubspot.json()["category"]) == (400, "QUERY_TIMEOUT")
    assert (salesforce.status_code, salesforce.json()[0]["errorCode"]) == (400, "QUERY_TIMEOUT")


def test_an_api_version_can_be_made_to_have_ended(client: Client) -> None:
    client.fault("not_found", match={"path": "/crm/v3/"}, times=None)
    assert client.hubspot(OWNERS).status_code == 404
    assert client.hubspot("/crm/owners/2026-09").status_code == 200


def test_a_quota_can_be_found_used_up_by_some_requests_alone(client: Client) -> None:
    client.fault("daily_limit", match={"path": "pipelines"})
    assert client.hubspot(OWNERS).status_code == 200
    assert client.hubspot("/crm/v3/pipelines/deals").json()["policyName"] == "DAILY"


def test_a_server_s_clock_can_be_made_to_differ(client: Client) -> None:
    plain = parsedate_to_datetime(client.hubspot(OWNERS).headers["Date"])
    client.fault("clock_skew", seconds=600)
    skewed = parsedate_to_datetime(client.hubspot(OWNERS).headers["Date"])
    assert 590 <= (skewed - plain).total_seconds() <= 620
