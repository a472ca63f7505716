"""What is HubSpot's own: labels, links from both sides, merges, archives, a lagging index, whole batches refused."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from connectors.errors import NeedsAdmin, TryLater
from connectors.protocol import NewTask, Update
from sandbox.server import Sandbox
from tests.connectors.conftest import calls, fault
from tests.contract.conftest import WANTED
from tests.contract.mirror import Mirror
from tests.contract.subjects import HubSpotSubject

LINKS = "/crm/v4/associations/deals/contacts"


def linked(mirror: Mirror, deal: str) -> set[tuple[str | None, str | None]]:
    """(contact, label) of a deal's links."""
    rows = mirror.tables["associations"].values()
    wanted = ("deals", deal, "contacts")
    return {
        (row["to_id"], row["label"]) for row in rows if (row["from_type"], row["from_id"], row["to_type"]) == wanted
    }


def test_a_list_and_a_read_by_id_tell_the_same_links(hubspot: HubSpotSubject) -> None:
    mirror = hubspot.mirror
    mirror.sync(hubspot.open(), "deals")
    by_list = {deal: linked(mirror, deal) for deal in hubspot.some(20)}
    assert {label for links in by_list.values() for _, label in links} > {None, "Champion"}
    hubspot.rename(hubspot.some(20), "All of them")
    mirror.sync(hubspot.open(), "deals")
    assert {deal: linked(mirror, deal) for deal in hubspot.some(20)} == by_list


@pytest.mark.parametrize(
    ("unknown", "version"), [((), "2026-09"), (("2026-09",), "2026-03"), (("2026-09", "2026-03"), "v3")]
)
def test_the_newest_version_that_the_portal_answers_is_used_and_tells_the_same(
    hubspot: HubSpotSubject, unknown: tuple[str, ...], version: str
) -> None:
    newest = Mirror()
    newest.sync(hubspot.open(), "deals")
    for path in unknown:
        fault(hubspot.url, "not_found", path=f"/{path}(/|$)", times=None)
    connector, mirror = hubspot.open(), Mirror()
    assert connector.identity().api_version == version
    mirror.sync(connector, "deals")
    assert mirror.tables == newest.tables


def test_labels_arrive_though_the_names_of_association_types_are_no_longer_told(hubspot: HubSpotSubject) -> None:
    named, by_id = Mirror(), Mirror()
    named.sync(hubspot.open(), "deals")
    fault(hubspot.url, "not_found", path="/crm/v3/associations", times=None)
    by_id.sync(hubspot.open(), "deals")
    assert by_id.tables["associations"] == named.tables["associations"]


def test_a_label_given_later_arrives_with_its_words(hubspot: HubSpotSubject) -> None:
    mirror = hubspot.mirror
    mirror.sync(hubspot.open())
    deal = hubspot.some(1)[0]
    contact = sorted(id for id in mirror.ids("contacts") if id)[-1]
    hubspot.call("POST", f"{LINKS}/labels", {"label": "Budget holder", "name": "budget_holder"})
    types = hubspot.call("GET", f"{LINKS}/labels").json()["results"]
    ours = next(entry for entry in types if entry["label"] == "Budget holder")
    body = [{"associationCategory": ours["category"], "associationTypeId": ours["typeId"]}]
    hubspot.call("PUT", f"/crm/v4/objects/deals/{deal}/associations/contacts/{contact}", body)
    hubspot.rename([deal], "Touched")
    mirror.sync(hubspot.open(), "deals")
    assert (contact, "Budget holder") in linked(mirror, deal)

    from_the_start = Mirror()
    from_the_start.sync(hubspot.open(), "deals")
    assert linked(from_the_start, deal) == linked(mirror, deal)


def test_a_link_removed_at_the_contacts_side_disappears(hubspot: HubSpotSubject) -> None:
    mirror = hubspot.mirror
    mirror.sync(hubspot.open())
    deal = next(deal for deal in hubspot.some(20) if linked(mirror, deal))
    contact = next(to_id for to_id, _ in linked(mirror, deal))
    hubspot.call("DELETE", f"/crm/v4/objects/contacts/{contact}/associations/deals/{deal}")
    hubspot.call("PATCH", f"/crm/v3/objects/contacts/{contact}", {"properties": {"jobtitle": "CEO"}})
    mirror.sync(hubspot.open(), "contacts")
    assert contact not in {to_id for to_id, _ in linked(mirror, deal)}


def test_a_contact_that_comes_again_takes_no_link_away_to_bring_it_back(hubspot: HubSpotSubject) -> None:
    mirror = hubspot.mirror
    mirror.sync(hubspot.open())
    deal = next(deal for deal in hubspot.some(20) if linked(mirror, deal))
    contact, label = next(iter(linked(mirror, deal)))
    hubspot.call("PATCH", f"/crm/v3/objects/contacts/{contact}", {"properties": {"jobtitle": "CFO"}})
    connector = hubspot.open()
    stream = next(stream for stream in connector.streams() if stream.name == "contacts")
    replacing = [page for page in connector.pull(stream, mirror.cursors["contacts"], None) if page.replaced]
    assert replacing
    for page in replacing:
        coming = {(row["from_id"], row["to_id"], row["label"]) for row in page.rows}
        assert (deal, contact, label) in coming


def test_the_loser_of_a_merge_disappears_and_the_winner_names_it(hubspot: HubSpotSubject) -> None:
    mirror = hubspot.mirror
    mirror.sync(hubspot.open(), "contacts")
    winner, loser = sorted(id for id in mirror.ids("contacts") if id)[:2]
    hubspot.call("POST", "/crm/v3/objects/contacts/merge", {"primaryObjectId": winner, "objectIdToMerge": loser})
    mirror.sync(hubspot.open(), "contacts")
    assert loser not in mirror.ids("contacts")
    assert loser in (mirror.tables["contacts"][(winner,)]["hs_merged_object_ids"] or "")


def test_a_change_that_search_shows_late_arrives_in_a_later_run(hubspot: HubSpotSubject) -> None:
    mirror = hubspot.mirror
    mirror.sync(hubspot.open(), "deals")
    fault(hubspot.url, "search_lag", seconds=1, times=None)
    (deal,) = hubspot.some(1)
    hubspot.rename([deal], "Late in the index")
    mirror.sync(hubspot.open(), "deals")
    time.sleep(1.2)
    mirror.sync(hubspot.open(), "deals")
    assert mirror.tables["deals"][(deal,)]["dealname"] == "Late in the index"


def test_what_we_wrote_comes_back_once_and_then_no_more(hubspot: HubSpotSubject) -> None:
    connector = hubspot.open()
    connector.provision(WANTED)
    hubspot.mirror.sync(connector, "deals")
    ids = hubspot.some(20)
    list(connector.push([Update("opportunity", id, {"readiness": "40"}) for id in ids]))
    time.sleep(1)
    echo = hubspot.mirror.sync(hubspot.open(), "deals")["deals"]
    settled = hubspot.mirror.sync(hubspot.open(), "deals")["deals"]
    assert (echo, settled) == (len(ids), 0)


def test_a_settled_run_asks_each_object_once(hubspot: HubSpotSubject) -> None:
    hubspot.mirror.sync(hubspot.open())
    hubspot.mirror.sync(hubspot.open())
    calls(hubspot.url)
    hubspot.mirror.sync(hubspot.open())
    counted = calls(hubspot.url)
    assert counted == {
        "GET /account-info/2026-09/details": 1,
        "GET /crm/properties/2026-09/{type}": 3,
        "GET /crm/owners/2026-09": 1,
        "GET /crm/pipelines/2026-09/{type}": 1,
        "POST /crm/objects/2026-09/{type}/search": 12,
    }


def test_one_key_that_is_taken_does_not_stop_the_other_tasks(hubspot: HubSpotSubject) -> None:
    connector = hubspot.open()
    connector.provision(WANTED)
    hubspot.mirror.sync(connector, "deals", "owners")
    deal = hubspot.some(1)[0]
    owner = next(iter(hubspot.mirror.ids("owners"))) or ""
    due = datetime(2027, 1, 1, tzinfo=UTC)
    tasks = [NewTask(f"key-{number}", deal, None, owner, "Call", "Now", due) for number in range(5)]
    (first,) = connector.create_tasks(tasks[2:3])
    receipts = {receipt.ref: receipt for receipt in connector.create_tasks(tasks)}
    assert {receipt.outcome for receipt in receipts.values()} == {"written"}
    assert receipts["key-2"].record_id == first.record_id
    assert len({receipt.record_id for receipt in receipts.values()}) == 5
    assert {task.key for task in tasks} <= {found.key for found in connector.tasks_of([deal])}


def test_a_lost_answer_to_a_creation_is_not_asked_for_again(hubspot: HubSpotSubject) -> None:
    connector = hubspot.open()
    connector.provision(WANTED)
    hubspot.mirror.sync(connector, "deals", "owners")
    deal, owner = hubspot.some(1)[0], next(iter(hubspot.mirror.ids("owners"))) or ""
    task = NewTask("once", deal, None, owner, "Call", "Now", datetime(2027, 1, 1, tzinfo=UTC))
    fault(hubspot.url, "lost_answer", path="tasks/batch/create")
    assert [receipt.outcome for receipt in connector.create_tasks([task])] == ["retry"]
    assert [found.key for found in connector.tasks_of([deal])].count("once") == 1


def test_a_hidden_property_that_is_needed_stops_the_run_and_is_named(hubspot: HubSpotSubject) -> None:
    fault(hubspot.url, "hidden_field", object="deals", field="closedate", times=None)
    with pytest.raises(NeedsAdmin, match=r"deals\.closedate"):
        hubspot.open().streams()


def test_a_quota_used_up_is_left_to_the_next_run(hubspot: HubSpotSubject) -> None:
    connector = hubspot.open()
    streams = connector.streams()
    fault(hubspot.url, "daily_limit", crm="hubspot", remaining=0)
    with pytest.raises(TryLater, match="quota"):
        list(connector.pull(streams[2], None, None))


@pytest.fixture
def without_scope(hubspot: HubSpotSubject, served: Sandbox) -> Iterator[Callable[[str], None]]:
    """Takes a scope from the app for the length of a test."""
    state = served.hubspot.state
    held = set(state.scopes)

    def take(scope: str) -> None:
        state.scopes = held - {scope}

    yield take
    state.scopes = held


def test_a_stream_that_may_be_missing_is_left_out_and_reported(
    hubspot: HubSpotSubject, without_scope: Callable[[str], None]
) -> None:
    without_scope("crm.objects.quotes.read")
    connector, mirror = hubspot.open(), Mirror()
    mirror.sync(connector, "quotes", "deals")
    assert not mirror.tables.get("quotes")
    assert mirror.tables["deals"]
    assert "crm.objects.quotes.read" in connector.capabilities().missing_streams["quotes"]


def test_a_scope_that_is_needed_and_missing_is_named(
    hubspot: HubSpotSubject, without_scope: Callable[[str], None]
) -> None:
    without_scope("crm.objects.companies.read")
    with pytest.raises(NeedsAdmin, match=r"crm\.objects\.companies\.read"):
        Mirror().sync(hubspot.open(), "companies")


def test_a_row_refused_within_a_batch_is_rejected_alone(hubspot: HubSpotSubject) -> None:
    connector = hubspot.open()
    connector.provision(WANTED)
    hubspot.mirror.sync(connector, "deals")
    ids = hubspot.some(6)
    fault(hubspot.url, "partial_failure", id=ids[2])
    updates = [Update("opportunity", id, {"readiness": "35"}) for id in ids]
    receipts = {receipt.ref: receipt for receipt in connector.push(updates)}
    assert set(receipts) == set(ids)
    assert [receipts[id].outcome for id in ids].count("written") == 5
    (refused,) = [receipt for receipt in receipts.values() if receipt.outcome != "written"]
    assert refused.outcome == "rejected"
    assert refused.reason


def test_locked_rows_are_tried_again_and_written(hubspot: HubSpotSubject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.batches.LOCK_PAUSE_S", 0.01)
    connector = hubspot.open()
    connector.provision(WANTED)
    hubspot.mirror.sync(connector, "deals")
    fault(hubspot.url, "row_lock", times=1)
    updates = [Update("opportunity", id, {"readiness": "55"}) for id in hubspot.some(4)]
    assert {receipt.outcome for receipt in connector.push(updates)} == {"written"}


def test_a_role_on_a_deal_has_no_fields_and_says_so(hubspot: HubSpotSubject) -> None:
    (receipt,) = hubspot.open().push([Update("group_role", "1", {"readiness": "5"})])
    assert receipt.outcome == "rejected"
    assert hubspot.open().describe("group_role") == {}
