"""Whatever way a record leaves the CRM, it leaves here too; and what comes back, comes back."""

from __future__ import annotations

from sandbox.server import Sandbox
from tests.connectors.conftest import advance, calls
from tests.contract.mirror import Mirror
from tests.contract.subjects import HubSpotSubject, SalesforceSubject


def contacts(hubspot: HubSpotSubject, count: int) -> list[str]:
    return sorted(id for id in hubspot.mirror.ids("contacts") if id)[:count]


def made(hubspot: HubSpotSubject, name: str) -> str:
    body = {"properties": {"firstname": name, "email": f"{name}@example.com"}}
    return str(hubspot.call("POST", "/crm/v3/objects/contacts", body).json()["id"])


def test_a_person_erased_for_privacy_disappears_in_the_next_run(hubspot: HubSpotSubject) -> None:
    erased = made(hubspot, "erased")
    hubspot.mirror.sync(hubspot.open(), "contacts")
    assert erased in hubspot.mirror.ids("contacts")
    hubspot.call("POST", "/crm/v3/objects/contacts/gdpr-delete", {"objectId": erased})
    hubspot.mirror.sync(hubspot.open(), "contacts")
    assert erased not in hubspot.mirror.ids("contacts")


def test_an_archived_record_costs_one_look_at_the_archive_and_no_more(
    hubspot: HubSpotSubject, sandbox: Sandbox
) -> None:
    archived = made(hubspot, "archived")
    sandbox.world.clock.advance(1 / 1440)
    hubspot.mirror.sync(hubspot.open(), "contacts")
    sandbox.world.clock.advance(1 / 1440)
    hubspot.call("DELETE", f"/crm/v3/objects/contacts/{archived}")
    calls(hubspot.url)
    hubspot.mirror.sync(hubspot.open(), "contacts")
    assert archived not in hubspot.mirror.ids("contacts")
    assert calls(hubspot.url)["GET /crm/objects/2026-09/{type}"] == 1


def test_a_new_person_and_an_erased_one_in_one_go_are_both_seen(hubspot: HubSpotSubject) -> None:
    erased = made(hubspot, "gone")
    hubspot.mirror.sync(hubspot.open(), "contacts")
    hubspot.call("POST", "/crm/v3/objects/contacts/gdpr-delete", {"objectId": erased})
    new = made(hubspot, "new")
    hubspot.mirror.sync(hubspot.open(), "contacts")
    assert {new} <= hubspot.mirror.ids("contacts")
    assert erased not in hubspot.mirror.ids("contacts")


def test_a_restored_record_is_there_again_though_its_stamps_are_of_old(
    hubspot: HubSpotSubject, sandbox: Sandbox
) -> None:
    restored = made(hubspot, "restored")
    hubspot.mirror.sync(hubspot.open(), "contacts")
    hubspot.call("DELETE", f"/crm/v3/objects/contacts/{restored}")
    hubspot.mirror.sync(hubspot.open(), "contacts")
    assert restored not in hubspot.mirror.ids("contacts")
    table = sandbox.hubspot.state.tables["contacts"]
    table.records[int(restored)].archived = None
    table.touched(table.records[int(restored)])
    hubspot.mirror.sync(hubspot.open(), "contacts")
    assert restored in hubspot.mirror.ids("contacts")


def test_after_all_that_a_first_sync_tells_the_same(hubspot: HubSpotSubject) -> None:
    hubspot.mirror.sync(hubspot.open(), "contacts")
    whole = Mirror()
    whole.sync(hubspot.open(), "contacts")
    assert whole.ids("contacts") == hubspot.mirror.ids("contacts")


def test_a_person_deleted_for_good_in_salesforce_is_gone_the_next_day(
    salesforce: SalesforceSubject, sandbox: Sandbox
) -> None:
    mirror = salesforce.mirror
    mirror.sync(salesforce.open(), "contact")
    purged = sorted(id for id in mirror.ids("contact") if id)[0]
    table = sandbox.salesforce.as_api_user().store["Contact"]
    table.remove(table.rows[purged])
    advance(salesforce.url, 1)
    mirror.sync(salesforce.open(), "contact")
    assert purged not in mirror.ids("contact")
    whole = Mirror()
    whole.sync(salesforce.open(), "contact")
    assert mirror.tables["contact"] == whole.tables["contact"]


def test_what_is_undeleted_or_merged_in_salesforce_is_there_or_gone(
    salesforce: SalesforceSubject, sandbox: Sandbox
) -> None:
    mirror, org = salesforce.mirror, sandbox.salesforce.as_api_user()
    mirror.sync(salesforce.open(), "contact", "task")
    restored, winner, loser = sorted(id for id in mirror.ids("contact") if id)[-3:]
    salesforce.call("DELETE", f"sobjects/Contact/{restored}")
    mirror.sync(salesforce.open(), "contact")
    assert restored not in mirror.ids("contact")
    contact = org.store["Contact"].sobject
    sandbox.salesforce.as_api_user().undelete(contact, restored)
    sandbox.salesforce.as_api_user().merge(contact, winner, loser)
    mirror.sync(salesforce.open(), "contact", "task")
    assert restored in mirror.ids("contact")
    assert loser not in mirror.ids("contact")
    assert loser not in {row["WhoId"] for row in mirror.tables["task"].values()}
