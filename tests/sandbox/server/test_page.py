from __future__ import annotations

import re
from html import unescape

import pytest
import requests

from tests.sandbox.server.conftest import Client

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7*7 }} ${7*7} {% raw %}",
    '=HYPERLINK("http://evil.example")',
    "\u202eright to left\u202c 🙂 \u0007 \x00 bell",
    "a" * 4000,
]


def page(client: Client, path: str) -> requests.Response:
    return client.session.get(client.url + path, timeout=30)


def first_deal(client: Client, crm: str) -> str:
    return re.findall(rf'href="(/{crm}/[^"?]+)"', page(client, f"/{crm}").text)[0]


def test_the_first_page_leads_to_both_crms(client: Client) -> None:
    home = page(client, "/")
    assert home.status_code == 200
    assert 'href="/salesforce"' in home.text
    assert 'href="/hubspot"' in home.text


@pytest.mark.parametrize("crm", ["salesforce", "hubspot"])
def test_a_deal_shows_stage_people_tasks_and_activity(client: Client, crm: str) -> None:
    listing = page(client, f"/{crm}").text
    assert len(re.findall(rf'href="/{crm}/[^"?]+"', listing)) == 12
    deal = page(client, first_deal(client, crm)).text
    for heading in ("Buyer Readiness", "Tasks", "People", "Activity"):
        assert heading in deal
    assert 'aria-current="step"' in deal
    assert "@" in deal


@pytest.mark.parametrize("crm", ["salesforce", "hubspot"])
def test_deals_are_found_by_name_and_unknown_ones_are_said_to_be_missing(client: Client, crm: str) -> None:
    name = unescape(re.findall(rf'href="/{crm}/[^"?]+">([^<]+)<', page(client, f"/{crm}").text)[0])
    found = page(client, f"/{crm}?q={name.split()[0]}").text
    assert name in unescape(found)
    assert "Nothing found" in page(client, f"/{crm}?q=%27%25nobody").text
    assert page(client, f"/{crm}/999999999").status_code == 404
    assert page(client, f"/{crm}/%27%20OR%20Name%20LIKE%20%27").status_code == 404


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_escaped_and_whole(client: Client, text: str) -> None:
    address = first_deal(client, "hubspot")
    changed = client.hubspot(
        f"/crm/v3/objects/deals/{address.rsplit('/', 1)[1]}", "PATCH", json={"properties": {"dealname": text}}
    )
    assert changed.status_code == 200
    deal = page(client, address)
    heading = re.search(r"<h1>(.*?)</h1>", deal.text, re.DOTALL)
    assert heading is not None
    assert "<" not in heading[1]
    assert '"' not in heading[1]
    assert unescape(heading[1]) == text.strip().replace("\x00", "\ufffd") or unescape(heading[1]) == text


def test_hostile_text_in_salesforce_is_escaped_too(client: Client) -> None:
    address = first_deal(client, "salesforce")
    record = address.rsplit("/", 1)[1]
    changed = client.salesforce(f"/sobjects/Opportunity/{record}", "PATCH", json={"Name": HOSTILE[0]})
    assert changed.status_code == 204
    deal = page(client, address).text
    assert "<script" not in deal
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in deal


def test_a_page_asks_for_nothing_elsewhere_and_runs_no_script(client: Client) -> None:
    deal = page(client, first_deal(client, "salesforce"))
    assert "default-src 'none'" in deal.headers["Content-Security-Policy"]
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', deal.text)
    assert "<script" not in deal.text
    assert len(deal.content) < 1_000_000


def test_the_plugin_s_fields_and_tasks_are_shown_with_their_labels(client: Client) -> None:
    group = {"name": "buyer_readiness", "label": "Buyer Readiness"}
    assert client.hubspot("/crm/v3/properties/deals/groups", "POST", json=group).status_code == 201
    for name, label in (("br_readiness", "Readiness"), ("br_why", "Why")):
        field = {"name": name, "label": label, "groupName": "buyer_readiness", "type": "string", "fieldType": "text"}
        assert client.hubspot("/crm/v3/properties/deals", "POST", json=field).status_code == 201
    address = first_deal(client, "hubspot")
    values = {"br_readiness": "65", "br_why": "Asked for a quote on 12 Nov"}
    client.hubspot(f"/crm/v3/objects/deals/{address.rsplit('/', 1)[1]}", "PATCH", json={"properties": values})
    deal = page(client, address).text
    assert "<dt>Readiness</dt><dd>65</dd>" in deal
    assert "<dt>Why</dt><dd>Asked for a quote on 12 Nov</dd>" in deal
    assert ">65<" in page(client, "/hubspot").text


def test_a_picklist_of_the_plugin_s_is_shown_by_its_labels(client: Client) -> None:
    group = {"name": "buyer_readiness", "label": "Buyer Readiness"}
    client.hubspot("/crm/v3/properties/deals/groups", "POST", json=group)
    field = {"name": "br_phase", "label": "Koopfase", "groupName": "buyer_readiness", "type": "enumeration"}
    options = [{"label": "Oriënterend", "value": "exploring", "displayOrder": 0, "hidden": False}]
    made = client.hubspot("/crm/v3/properties/deals", "POST", json={**field, "fieldType": "select", "options": options})
    assert made.status_code == 201
    address = first_deal(client, "hubspot")
    client.hubspot(
        f"/crm/v3/objects/deals/{address.rsplit('/', 1)[1]}", "PATCH", json={"properties": {"br_phase": "exploring"}}
    )
    assert "<dt>Koopfase</dt><dd>Oriënterend</dd>" in page(client, address).text


def test_looking_at_pages_uses_up_no_fault_and_no_quota(client: Client) -> None:
    client.fault("expired_token")
    before = client.sandbox.world.limits.daily["salesforce"].used
    assert page(client, "/salesforce").status_code == 200
    assert client.sandbox.world.limits.daily["salesforce"].used == before
    assert client.control("faults", "GET").json()["faults"]
