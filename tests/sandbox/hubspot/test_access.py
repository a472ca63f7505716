"""Tokens, scopes, headers, and the versions under which everything is reached."""

from __future__ import annotations

import pytest
import requests
from hubspot import HubSpot

from sandbox.hubspot.tokens import LIFE_SECONDS
from tests.sandbox.hubspot.conftest import Served, serving


@pytest.mark.parametrize("header", [None, "Bearer wrong", "Basic pat-sandbox", "pat-sandbox"])
def test_a_missing_or_wrong_token_is_refused_as_hubspot_refuses_it(hub: Served, header: str | None) -> None:
    answer = requests.get(f"{hub.url}/crm/v3/objects/deals", headers={"Authorization": header or ""}, timeout=10)
    assert answer.status_code == 401
    assert answer.json()["category"] == "INVALID_AUTHENTICATION"
    assert answer.json()["message"].startswith("Authentication credentials not found.")
    assert answer.headers["X-HubSpot-Auth-Failure"] == "401 Unauthorized"
    assert answer.headers["X-HubSpot-Correlation-Id"] == answer.json()["correlationId"]


def test_an_oauth_token_is_got_used_described_and_runs_out(fresh: Served) -> None:
    answer = fresh.client.oauth.tokens_api.create(
        grant_type="refresh_token", client_id="sandbox", client_secret="sandbox", refresh_token="sandbox"
    )
    assert answer.expires_in == LIFE_SECONDS
    client = HubSpot(access_token=answer.access_token, host=fresh.url)
    assert client.crm.deals.basic_api.get_page(limit=1).results
    described = fresh.client.oauth.access_tokens_api.get(answer.access_token)
    assert (described.hub_id, described.token_type) == (147258369, "access")
    fresh.world.clock.advance(1)
    late = requests.get(
        f"{fresh.url}/crm/v3/objects/deals", headers={"Authorization": f"Bearer {answer.access_token}"}, timeout=10
    )
    assert (late.status_code, late.json()["category"]) == (401, "EXPIRED_AUTHENTICATION")
    assert "expired" in late.json()["message"]


def test_a_private_app_can_ask_for_its_own_scopes(hub: Served) -> None:
    path = f"{hub.url}/oauth/v2/private-apps/get/access-token-info"
    told = requests.post(path, json={"tokenKey": "pat-sandbox"}, timeout=10).json()
    assert told["hubId"] == 147258369
    assert "crm.objects.deals.write" in told["scopes"]
    assert requests.post(path, json={"tokenKey": "pat-other"}, timeout=10).status_code == 404


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"client_secret": "x"}, "BAD_CLIENT_SECRET"),
        ({"client_id": "x"}, "BAD_CLIENT_ID"),
        ({"refresh_token": "x"}, "BAD_REFRESH_TOKEN"),
        ({"grant_type": "password"}, "BAD_GRANT_TYPE"),
    ],
)
def test_a_wrong_oauth_request_says_which_part_is_wrong(hub: Served, wrong: dict[str, str], status: str) -> None:
    form = {
        "grant_type": "refresh_token",
        "client_id": "sandbox",
        "client_secret": "sandbox",
        "refresh_token": "sandbox",
    }
    answer = requests.post(f"{hub.url}/oauth/2026-09/token", data={**form, **wrong}, timeout=10)
    assert (answer.status_code, answer.json()["status"]) == (400, status)


def test_a_scope_that_was_not_granted_is_named(fresh: Served) -> None:
    fresh.portal.state.scopes -= {"crm.objects.contacts.read", "crm.schemas.contacts.read", "crm.schemas.deals.write"}
    answer = fresh.call("GET", "/crm/v3/objects/contacts")
    assert (answer.status_code, answer.json()["category"]) == (403, "MISSING_SCOPES")
    inline = fresh.call("GET", "/crm/v3/objects/deals?associations=contacts")
    assert inline.json()["errors"][0]["context"]["requiredGranularScopes"] == ["crm.objects.contacts.read"]
    properties = fresh.call("GET", "/crm/v3/properties/contacts")
    assert (properties.status_code, "category" in properties.json()) == (403, False)
    assert "legacyObjectType=CONTACT" in properties.json()["message"]
    group = fresh.call("POST", "/crm/v3/properties/deals/groups", {"name": "x", "label": "X"})
    assert group.status_code == 403


@pytest.mark.parametrize("date", ["2026-03", "2026-09"])
def test_the_date_versions_answer_like_v3_and_v4(hub: Served, date: str) -> None:
    deal = hub.id("deals", "o1")
    pairs = [
        ("/crm/v3/objects/deals?limit=1", f"/crm/objects/{date}/deals?limit=1"),
        (f"/crm/v3/objects/deals/{deal}", f"/crm/objects/{date}/0-3/{deal}"),
        (
            f"/crm/v4/objects/deals/{deal}/associations/contacts",
            f"/crm/objects/{date}/deals/{deal}/associations/contacts",
        ),
        ("/crm/v4/associations/deals/contacts/labels", f"/crm/associations/{date}/deals/contacts/labels"),
        ("/crm/v3/properties/deals", f"/crm/properties/{date}/deals"),
        ("/crm/v3/properties/deals/groups", f"/crm/properties/{date}/deals/groups"),
        ("/crm/v3/pipelines/deals", f"/crm/pipelines/{date}/deals"),
        ("/crm/v3/owners", f"/crm/owners/{date}"),
        ("/crm/v3/schemas/deals", f"/crm-object-schemas/{date}/schemas/deals"),
        ("/account-info/v3/details", f"/account-info/{date}/details"),
    ]
    for old, new in pairs:
        first, second = hub.get(old), hub.get(new)
        for body in (first, second):
            body.pop("paging", None)
        assert first == second, new
    found = hub.call("POST", f"/crm/objects/{date}/deals/search", {"limit": 1})
    assert found.json()["total"] == 3


def test_an_address_or_method_that_is_not_there_is_refused(hub: Served) -> None:
    assert hub.call("GET", "/crm/v3/lists").status_code == 404
    assert hub.call("GET", "/crm/objects/2019-01/deals").status_code == 404
    assert hub.call("PUT", "/crm/v3/objects/deals").status_code == 405
    assert hub.call("POST", "/crm/v3/objects/companies/gdpr-delete", {"objectId": "1"}).status_code == 404


def test_a_search_tells_only_of_the_day_and_is_limited_by_the_second() -> None:
    with serving(limits=True) as served:
        listed = served.call("GET", "/crm/v3/objects/deals?limit=1").headers
        assert listed["X-HubSpot-RateLimit-Max"] == "190"
        answers = [served.call("POST", "/crm/v3/objects/deals/search", {}) for _ in range(12)]
    for answer in answers:
        assert "X-HubSpot-RateLimit-Daily-Remaining" in answer.headers
        assert "X-HubSpot-RateLimit-Max" not in answer.headers
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert refused[0].json()["message"] == "You have reached your secondly limit."
    assert refused[0].json()["category"] == "RATE_LIMITS"
    assert "Retry-After" not in refused[0].headers
