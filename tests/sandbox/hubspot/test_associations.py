"""Associations and their labels."""

from __future__ import annotations

from hubspot.crm.associations.v4 import (
    BatchInputPublicFetchAssociationsBatchRequest,
    PublicFetchAssociationsBatchRequest,
)

from tests.sandbox.hubspot.conftest import Served

DECISION_MAKER = {"category": "USER_DEFINED", "typeId": 1, "label": "Decision maker"}
PLAIN = {"category": "HUBSPOT_DEFINED", "typeId": 3, "label": None}


def test_the_client_reads_the_labels_of_a_records_associations(hub: Served) -> None:
    page = hub.client.crm.associations.v4.basic_api.get_page("deals", hub.id("deals", "o1"), "contacts")
    labels = {link.to_object_id: {kind.label for kind in link.association_types} for link in page.results}
    assert labels == {
        hub.id("contacts", "p1"): {"Decision maker", "Primary contact", None},
        hub.id("contacts", "p2"): {"Technical buyer", None},
    }


def test_the_client_reads_a_batch_of_associations(hub: Served) -> None:
    ids = [PublicFetchAssociationsBatchRequest(id=hub.id("deals", key)) for key in ("o1", "o2")]
    asked = BatchInputPublicFetchAssociationsBatchRequest(inputs=ids)
    answer = hub.client.crm.associations.v4.batch_api.get_page("deals", "contacts", asked)
    assert {entry._from.id: len(entry.to) for entry in answer.results} == {ids[0].id: 2, ids[1].id: 1}


def test_a_batch_read_reports_records_without_associations_and_unknown_ones(hub: Served) -> None:
    body = {"inputs": [{"id": hub.id("deals", "o3")}, {"id": "77"}, {"id": hub.id("deals", "o1")}]}
    answer = hub.call("POST", "/crm/v4/associations/deals/contacts/batch/read", body)
    assert (answer.status_code, len(answer.json()["results"]), answer.json()["numErrors"]) == (207, 1, 2)
    kinds = {error.get("subCategory") for error in answer.json()["errors"]}
    assert kinds == {"crm.associations.NO_ASSOCIATIONS_FOUND", None}


def test_inline_associations_name_the_type_of_each(hub: Served) -> None:
    deal = hub.get(f"/crm/v3/objects/deals/{hub.id('deals', 'o1')}?associations=contacts,companies,tickets")
    company = hub.id("companies", "a1")
    assert deal["associations"]["companies"]["results"] == [
        {"id": company, "type": "deal_to_company"},
        {"id": company, "type": "deal_to_company_unlabeled"},
    ]
    types = {link["type"] for link in deal["associations"]["contacts"]["results"]}
    assert types == {"decision_maker", "primary_contact", "technical_buyer", "deal_to_contact"}
    assert "tickets" not in deal["associations"]


def test_v3_names_the_type_instead_of_the_labels(hub: Served) -> None:
    body = {"inputs": [{"id": hub.id("deals", "o2")}]}
    answer = hub.call("POST", "/crm/v3/associations/Deals/Contacts/batch/read", body)
    assert answer.json()["results"] == [
        {"from": {"id": hub.id("deals", "o2")}, "to": [{"id": hub.id("contacts", "p4"), "type": "deal_to_contact"}]}
    ]


def test_v3_associates_by_the_name_of_the_type(fresh: Served) -> None:
    deal, person = fresh.id("deals", "o3"), fresh.id("contacts", "p1")
    path = f"/crm/v3/objects/deals/{deal}/associations/contacts"
    made = fresh.call("PUT", f"{path}/{person}/deal_to_contact")
    assert (made.status_code, made.json()["id"]) == (201, deal)
    assert fresh.get(path) == {"results": [{"id": person, "type": "deal_to_contact"}]}
    assert fresh.call("PUT", f"{path}/{person}/deal_to_moon").status_code == 400
    assert fresh.call("DELETE", f"{path}/{person}/deal_to_contact").status_code == 204
    assert fresh.get(path) == {"results": []}


def test_a_label_is_put_on_and_shows_from_both_sides(fresh: Served) -> None:
    deal, person = fresh.id("deals", "o3"), fresh.id("contacts", "p1")
    spec = [{"associationCategory": "USER_DEFINED", "associationTypeId": 1}]
    answer = fresh.call("PUT", f"/crm/v4/objects/deals/{deal}/associations/contacts/{person}", spec)
    assert answer.status_code == 201
    assert answer.json()["labels"] == ["Decision maker"]
    there = fresh.get(f"/crm/v4/objects/deals/{deal}/associations/contacts")["results"]
    assert there == [{"toObjectId": person, "associationTypes": [DECISION_MAKER, PLAIN]}]
    back = fresh.get(f"/crm/v4/objects/contacts/{person}/associations/deals")["results"]
    assert {"category": "USER_DEFINED", "typeId": 2, "label": "Decision maker"} in back[-1]["associationTypes"]
    assert (
        fresh.get(f"/crm/v3/objects/deals/{deal}?properties=num_associated_contacts")["properties"][
            "num_associated_contacts"
        ]
        == "1"
    )
    off = {"inputs": [{"from": {"id": deal}, "to": {"id": person}, "types": spec}]}
    assert fresh.call("POST", "/crm/v4/associations/deals/contacts/batch/labels/archive", off).status_code == 204
    assert fresh.get(f"/crm/v4/objects/deals/{deal}/associations/contacts")["results"][0]["associationTypes"] == [PLAIN]
    assert fresh.call("DELETE", f"/crm/v4/objects/deals/{deal}/associations/contacts/{person}").status_code == 204
    assert fresh.get(f"/crm/v4/objects/deals/{deal}/associations/contacts")["results"] == []


def test_a_record_has_one_primary_company_which_moves(fresh: Served) -> None:
    deal, other = fresh.id("deals", "o1"), fresh.id("companies", "a2")
    spec = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 5}]
    fresh.call("PUT", f"/crm/v4/objects/deals/{deal}/associations/companies/{other}", spec)
    found = fresh.get(f"/crm/v4/objects/deals/{deal}/associations/companies")["results"]
    primary = [link["toObjectId"] for link in found if any(t["label"] == "Primary" for t in link["associationTypes"])]
    assert len(found) == 2
    assert primary == [other]


def test_a_batch_creates_associations_and_reports_what_is_not_there(fresh: Served) -> None:
    deal, person = fresh.id("deals", "o3"), fresh.id("contacts", "p1")
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 3}]
    inputs = [{"from": {"id": deal}, "to": {"id": id}, "types": types} for id in (person, "99")]
    answer = fresh.call("POST", "/crm/v4/associations/deals/contacts/batch/create", {"inputs": inputs})
    assert (answer.status_code, len(answer.json()["results"]), answer.json()["numErrors"]) == (207, 1, 1)
    plain = {"inputs": [{"from": {"id": deal}, "to": {"id": fresh.id("contacts", "p2")}}]}
    answer = fresh.call("POST", "/crm/v4/associations/deals/contacts/batch/associate/default", plain)
    assert (answer.status_code, len(answer.json()["results"])) == (200, 2)
    gone = {"inputs": [{"from": {"id": deal}, "to": [{"id": person}]}]}
    assert fresh.call("POST", "/crm/v4/associations/deals/contacts/batch/archive", gone).status_code == 204
    left = fresh.get(f"/crm/v4/objects/deals/{deal}/associations/contacts")["results"]
    assert [link["toObjectId"] for link in left] == [fresh.id("contacts", "p2")]


def test_unknown_types_and_too_many_inputs_are_refused(hub: Served) -> None:
    deal, person = hub.id("deals", "o1"), hub.id("contacts", "p1")
    spec = [{"associationCategory": "USER_DEFINED", "associationTypeId": 999}]
    assert hub.call("PUT", f"/crm/v4/objects/deals/{deal}/associations/contacts/{person}", spec).status_code == 400
    for path, most in (("batch/read", 1000), ("batch/create", 2000)):
        inputs = [{"id": "1"}] * (most + 1)
        answer = hub.call("POST", f"/crm/v4/associations/deals/contacts/{path}", {"inputs": inputs})
        assert f"in a batch is {most}" in answer.json()["message"]


def test_labels_are_made_listed_renamed_and_dropped(fresh: Served) -> None:
    made = fresh.call("POST", "/crm/v4/associations/deals/contacts/labels", {"label": "Lawyer", "name": "lawyer"})
    there, back = made.json()["results"]
    assert made.status_code == 200
    assert {there["label"], back["label"]} == {"Lawyer"}
    assert there["typeId"] != back["typeId"]
    assert there in fresh.get("/crm/v4/associations/0-3/0-1/labels")["results"]
    assert back in fresh.get("/crm/v4/associations/contacts/deals/labels")["results"]
    deal, person = fresh.id("deals", "o1"), fresh.id("contacts", "p1")
    spec = [{"associationCategory": "USER_DEFINED", "associationTypeId": there["typeId"]}]
    fresh.call("PUT", f"/crm/v4/objects/deals/{deal}/associations/contacts/{person}", spec)
    renamed = {"associationTypeId": there["typeId"], "label": "Counsel"}
    assert fresh.call("PUT", "/crm/v4/associations/deals/contacts/labels", renamed).status_code == 204
    assert "Counsel" in str(fresh.get(f"/crm/v4/objects/deals/{deal}/associations/contacts"))
    path = f"/crm/v4/associations/deals/contacts/labels/{there['typeId']}"
    assert fresh.call("DELETE", path).status_code == 204
    assert "Counsel" not in str(fresh.get(f"/crm/v4/objects/deals/{deal}/associations/contacts"))


def test_more_than_a_hundred_inline_associations_go_on_at_the_associations_door(fresh: Served) -> None:
    deal = fresh.id("deals", "o1")
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 214}]
    for _ in range(2):
        note = {"properties": {"hs_timestamp": "0"}, "associations": [{"to": {"id": deal}, "types": types}]}
        fresh.call("POST", "/crm/v3/objects/notes/batch/create", {"inputs": [note] * 60})
    inline = fresh.get(f"/crm/v3/objects/deals/{deal}?associations=notes")["associations"]["notes"]
    rest = fresh.session.get(inline["paging"]["next"]["link"], timeout=10).json()
    ids = [link["id"] for link in inline["results"]] + [link["toObjectId"] for link in rest["results"]]
    assert len(inline["results"]) == 100
    assert len(set(ids)) == len(ids) >= 121
