"""Search: filters, order, pages, the cap, and the index that lags."""

from __future__ import annotations

from typing import Any

import pytest
from hubspot.crm.deals import PublicObjectSearchRequest

from tests.sandbox.hubspot.conftest import Served

PATH = "/crm/v3/objects/{}/search"


def search(hub: Served, plural: str = "deals", *filters: dict[str, Any], **more: Any) -> dict[str, Any]:
    body = {"filterGroups": [{"filters": list(filters)}] if filters else [], **more}
    answer = hub.call("POST", PATH.format(plural), body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def names(hub: Served, *filters: dict[str, Any], **more: Any) -> list[str]:
    found = search(hub, "deals", *filters, properties=["dealname"], **more)
    assert found["total"] == len(found["results"])
    return sorted(record["properties"]["dealname"] for record in found["results"])


def where(name: str, operator: str, value: Any = None, **more: Any) -> dict[str, Any]:
    return {"propertyName": name, "operator": operator, **({} if value is None else {"value": value}), **more}


@pytest.mark.parametrize(
    ("filter", "expected"),
    [
        (where("dealname", "EQ", "pumps"), ["Pumps"]),
        (where("dealname", "NEQ", "Pumps"), ["Renewal", "Taps"]),
        (where("amount", "GT", "900"), ["Pumps"]),
        (where("amount", "GTE", "900"), ["Pumps", "Renewal"]),
        (where("amount", "LT", 12000), ["Renewal"]),
        (where("amount", "LTE", "12000"), ["Pumps", "Renewal"]),
        (where("amount", "BETWEEN", "800", highValue="1000"), ["Renewal"]),
        (where("dealname", "IN", values=["pumps", "taps"]), ["Pumps", "Taps"]),
        (where("dealname", "NOT_IN", values=["pumps", "taps"]), ["Renewal"]),
        (where("amount", "HAS_PROPERTY"), ["Pumps", "Renewal"]),
        (where("amount", "NOT_HAS_PROPERTY"), ["Taps"]),
        (where("dealname", "CONTAINS_TOKEN", "pum*"), ["Pumps"]),
        (where("dealname", "CONTAINS_TOKEN", "pum"), []),
        (where("dealname", "NOT_CONTAINS_TOKEN", "pumps"), ["Renewal", "Taps"]),
        (where("hs_is_closed", "EQ", "true"), ["Taps"]),
        (where("createdate", "GTE", "2026-01-08"), ["Renewal"]),
        (where("createdate", "LT", "1767780000000"), ["Pumps"]),
        (where("closedate", "EQ", "2026-04-01"), ["Pumps"]),
        (where("hs_object_id", "GT", "0"), ["Pumps", "Renewal", "Taps"]),
    ],
)
def test_each_operator_finds_what_it_says(hub: Served, filter: dict[str, Any], expected: list[str]) -> None:
    assert names(hub, filter) == expected


def test_filters_of_a_group_hold_together_and_groups_are_alternatives(hub: Served) -> None:
    assert names(hub, where("amount", "GT", "1"), where("dealname", "EQ", "Renewal")) == ["Renewal"]
    groups = [{"filters": [where("dealname", "EQ", name)]} for name in ("Pumps", "Taps")]
    assert search(hub, filterGroups=groups)["total"] == 2


def test_results_come_in_the_order_asked_for_with_empty_values_last(hub: Served) -> None:
    for direction, expected in (
        ("ASCENDING", ["900.00", "12000.00", None]),
        ("DESCENDING", ["12000.00", "900.00", None]),
    ):
        found = search(hub, sorts=[{"propertyName": "amount", "direction": direction}], properties=["amount"])
        assert [record["properties"]["amount"] for record in found["results"]] == expected


def test_pages_go_by_offset_and_the_last_has_no_paging(hub: Served) -> None:
    first = search(hub, limit=2)
    assert (first["total"], first["paging"]) == (3, {"next": {"after": "2"}})
    last = search(hub, limit=2, after=first["paging"]["next"]["after"])
    assert "paging" not in last
    assert len({record["id"] for page in (first, last) for record in page["results"]}) == 3


def test_the_client_searches(hub: Served) -> None:
    asked = PublicObjectSearchRequest(
        filter_groups=[
            {"filters": [{"propertyName": "hs_lastmodifieddate", "operator": "GTE", "value": "2026-01-01"}]}
        ],
        sorts=[{"propertyName": "hs_lastmodifieddate", "direction": "ASCENDING"}],
        properties=["dealname"],
        limit=200,
    )
    found = hub.client.crm.deals.search_api.do_search(asked)
    stamps = [record.updated_at for record in found.results]
    assert found.total == 3
    assert stamps == sorted(stamps)


def test_a_query_looks_for_words_that_begin_so(hub: Served) -> None:
    found = search(hub, "contacts", query="car pompen")
    assert [record["properties"]["firstname"] for record in found["results"]] == ["Carla"]


def test_a_search_knows_no_associations_and_no_archived_records(fresh: Served) -> None:
    fresh.call("DELETE", f"/crm/v3/objects/deals/{fresh.id('deals', 'o1')}")
    found = search(fresh, associations=["contacts"])
    assert found["total"] == 2
    assert all("associations" not in record for record in found["results"])


@pytest.mark.parametrize(
    "body",
    [
        {"limit": 201},
        {"limit": 100, "after": "9901"},
        {"limit": 10, "after": "10000"},
        {"filterGroups": [{"filters": [where("nothing", "EQ", "1")]}]},
        {"filterGroups": [{"filters": [where("amount", "LIKE", "1")]}]},
        {"filterGroups": [{"filters": [where("amount", "BETWEEN", "1")]}]},
        {"filterGroups": [{"filters": [where("amount", "IN", "1")]}]},
        {"filterGroups": [{"filters": [where("amount", "EQ")]}]},
        {"filterGroups": [{"filters": [where("amount", "GT", "lots")]}]},
        {"filterGroups": [{"filters": [where("amount", "GT", "1")]}] * 6},
        {"filterGroups": [{"filters": [where("amount", "GT", "1")] * 11}]},
        {"filterGroups": [{"filters": [where("amount", "GT", "1")] * 9}] * 3},
        {"sorts": [{"propertyName": "nothing"}]},
    ],
)
def test_what_the_service_would_not_read_is_refused(hub: Served, body: dict[str, Any]) -> None:
    answer = hub.call("POST", PATH.format("deals"), body)
    assert answer.status_code == 400
    assert answer.json()["status"] == "error"


def test_a_change_is_found_at_once_by_the_next_search(fresh: Served) -> None:
    recent = where("hs_lastmodifieddate", "GTE", "2026-03-02T08:59:59Z")
    assert names(fresh, recent) == []
    fresh.call("PATCH", f"/crm/v3/objects/deals/{fresh.id('deals', 'o2')}", {"properties": {"dealname": "Taps 2"}})
    assert names(fresh, recent) == ["Taps 2"]


def test_a_lagging_index_finds_records_as_they_were_and_counts_archived_ones(fresh: Served) -> None:
    search(fresh)
    fresh.fault(kind="search_lag", seconds=60)
    one = fresh.id("deals", "o1")
    fresh.call("PATCH", f"/crm/v3/objects/deals/{one}", {"properties": {"dealname": "Renamed"}})
    fresh.call("POST", "/crm/v3/objects/deals", {"properties": {"dealname": "Unseen"}})
    fresh.call("DELETE", f"/crm/v3/objects/deals/{fresh.id('deals', 'o2')}")
    assert search(fresh, "deals", where("dealname", "EQ", "Unseen"))["total"] == 0
    old = search(fresh, "deals", where("dealname", "EQ", "Pumps"), properties=["dealname"])
    assert [record["properties"]["dealname"] for record in old["results"]] == ["Renamed"]
    gone = search(fresh, "deals", where("dealname", "EQ", "Taps"))
    assert (gone["total"], gone["results"]) == (1, [])
    fresh.clear_faults()
    assert search(fresh, "deals", where("dealname", "EQ", "Unseen"))["total"] == 1
