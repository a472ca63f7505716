"""What is Salesforce's own: two ways to query, roles that vanish, echoes of our writes, hidden fields, versions."""

from __future__ import annotations

import time

import pytest

from connectors.credentials import JwtBearer
from connectors.errors import NeedsAdmin, TryLater
from connectors.open import open_connector
from connectors.protocol import Update
from connectors.salesforce import client, pull
from connectors.salesforce.tasks import long_id
from tests.connectors.conftest import advance, calls, fault
from tests.contract.conftest import WANTED
from tests.contract.mirror import Mirror
from tests.contract.subjects import SalesforceSubject, annotate


def test_a_bulk_query_brings_the_same_rows_as_pages_do(
    salesforce: SalesforceSubject, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("opportunity", "task", "email_message", "contact")
    by_pages, by_bulk = Mirror(), Mirror()
    by_pages.sync(salesforce.open(), *names)
    monkeypatch.setattr(pull, "BULK_ROWS", 0)
    calls(salesforce.url)
    by_bulk.sync(salesforce.open(), *names)
    assert by_bulk.tables == by_pages.tables
    assert calls(salesforce.url)["POST /services/data/{version}/jobs/query"] == len(names)


@pytest.mark.parametrize("kind", ["reset_mid_body", "truncated"])
def test_bulk_results_that_break_off_are_read_again(
    salesforce: SalesforceSubject, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    whole = Mirror()
    whole.sync(salesforce.open(), "task")
    monkeypatch.setattr(pull, "BULK_ROWS", 0)
    fault(salesforce.url, kind, path="results")
    broken = Mirror()
    broken.sync(salesforce.open(), "task")
    assert broken.tables == whole.tables


def test_a_run_cut_off_within_a_bulk_query_goes_on_with_the_same_job(
    salesforce: SalesforceSubject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pull, "BULK_ROWS", 0)
    connector, mirror = salesforce.open(), Mirror()
    stream = next(stream for stream in connector.streams() if stream.name == "task")
    first = next(iter(connector.pull(stream, None, None)))
    mirror.apply(stream, first)
    calls(salesforce.url)
    mirror.sync(salesforce.open(), "task")
    assert "POST /services/data/{version}/jobs/query" not in calls(salesforce.url)
    whole = Mirror()
    monkeypatch.undo()
    whole.sync(salesforce.open(), "task")
    assert mirror.tables == whole.tables


def test_a_role_removed_by_hand_is_gone_the_next_day(salesforce: SalesforceSubject) -> None:
    mirror = Mirror()
    mirror.sync(salesforce.open(), "opportunity", "opportunity_contact_role")
    still_open = {key[0] for key, row in mirror.tables["opportunity"].items() if row["IsClosed"] == "false"}
    roles = mirror.tables["opportunity_contact_role"]
    removed = next(key[0] for key, row in roles.items() if row["OpportunityId"] in still_open)
    salesforce.call("DELETE", f"sobjects/OpportunityContactRole/{removed}")
    mirror.sync(salesforce.open(), "opportunity_contact_role")
    advance(salesforce.url, 1)
    mirror.sync(salesforce.open(), "opportunity_contact_role")
    assert removed not in mirror.ids("opportunity_contact_role")
    assert mirror.ids("opportunity_contact_role")


def test_what_we_wrote_comes_back_once_and_then_no_more(salesforce: SalesforceSubject) -> None:
    connector = salesforce.open()
    connector.provision(WANTED)
    salesforce.mirror.sync(connector, "opportunity")
    ids = salesforce.some(20)
    list(connector.push([Update("opportunity", id, {"readiness": "40"}) for id in ids]))
    time.sleep(1.1)  # Salesforce keeps time by the second
    echo = salesforce.mirror.sync(salesforce.open(), "opportunity")["opportunity"]
    settled = salesforce.mirror.sync(salesforce.open(), "opportunity")["opportunity"]
    assert (echo, settled) == (len(ids), 0)


def test_a_settled_run_asks_each_object_once(salesforce: SalesforceSubject) -> None:
    salesforce.mirror.sync(salesforce.open())
    calls(salesforce.url)
    connector = salesforce.open()
    salesforce.mirror.sync(connector)
    counted = calls(salesforce.url)
    queries = sum(count for route, count in counted.items() if "query" in route)
    assert queries == len(connector.streams())
    assert sum(counted.values()) - queries <= 5, counted


def test_a_hidden_optional_field_is_left_out_and_reported(salesforce: SalesforceSubject) -> None:
    fault(salesforce.url, "hidden_field", object="Contact", field="Title", times=None)
    connector = salesforce.open()
    mirror = Mirror()
    mirror.sync(connector, "contact")
    assert all("Title" not in row for row in mirror.tables["contact"].values())
    assert "Title" in connector.capabilities().missing_fields["contact"]


def test_a_hidden_field_that_is_needed_stops_the_run_and_is_named(salesforce: SalesforceSubject) -> None:
    fault(salesforce.url, "hidden_field", object="Opportunity", field="CloseDate", times=None)
    with pytest.raises(NeedsAdmin, match=r"Opportunity\.CloseDate"):
        salesforce.open().streams()


def test_an_org_older_than_what_we_tested_is_refused(
    salesforce: SalesforceSubject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "OLDEST_TESTED", 99.0)
    monkeypatch.setattr(client, "NEWEST_TESTED", 99.0)
    with pytest.raises(NeedsAdmin, match="API version"):
        salesforce.open().streams()


def test_an_expired_session_is_renewed_once_and_the_run_goes_on(salesforce: SalesforceSubject) -> None:
    whole = Mirror()
    whole.sync(salesforce.open(), "opportunity", "contact")
    fault(salesforce.url, "expired_token", path="/query", after=1)
    renewed = Mirror()
    renewed.sync(salesforce.open(), "opportunity", "contact")
    assert renewed.tables == whole.tables


def test_locked_rows_are_tried_again_and_written(
    salesforce: SalesforceSubject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.batches.LOCK_PAUSE_S", 0.01)
    connector = salesforce.open()
    connector.provision(WANTED)
    salesforce.mirror.sync(connector, "opportunity")
    fault(salesforce.url, "row_lock", times=2)
    updates = [Update("opportunity", id, {"readiness": "40"}) for id in salesforce.some(5)]
    assert [receipt.outcome for receipt in connector.push(updates)] == ["written"] * 5


def test_a_quota_used_up_is_left_to_the_next_run(salesforce: SalesforceSubject) -> None:
    connector = salesforce.open()
    streams = connector.streams()
    fault(salesforce.url, "daily_limit", crm="salesforce", remaining=0)
    with pytest.raises(TryLater, match="quota"):
        list(connector.pull(streams[0], None, None))


def test_a_key_that_cannot_be_read_is_said_to_be_so_and_not_shown(salesforce: SalesforceSubject) -> None:
    credentials = JwtBearer("sandbox", "ann@example.com", "not a key at all")
    connector = open_connector("salesforce", salesforce.url, credentials, annotate)
    with pytest.raises(NeedsAdmin, match="PEM") as fault_:
        connector.identity()
    assert "not a key" not in str(fault_.value)


@pytest.mark.parametrize(
    ("short", "long"), [("00T5h0000000001", "00T5h0000000001EAA"), ("0012x000004ILKo", "0012x000004ILKoAAO")]
)
def test_an_id_of_15_characters_is_the_record_of_18(short: str, long: str) -> None:
    assert long_id(short) == long_id(long) == long
