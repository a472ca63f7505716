"""Very much is written by a bulk load, and each row is answered for as in any other write."""

from __future__ import annotations

from collections import Counter

import pytest
import requests

from connectors import batches
from connectors.protocol import FieldSpec, Receipt, Update
from connectors.salesforce import jobs, load
from sandbox.server import serve
from tests.connectors.conftest import calls, fault
from tests.contract.subjects import SalesforceSubject

FIELDS = (
    FieldSpec("person", "readiness", "Readiness", "number"),
    FieldSpec("person", "why", "Why", "long_text", length=2000),
)
TEXT = 'She said "yes",\nthen: #N/A, ëén'
INGEST = "/services/data/{version}/jobs/ingest"


@pytest.fixture
def people(salesforce: SalesforceSubject, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Twelve contacts in an org that has our fields; ten rows are many, and nothing is waited for long."""
    for module, name, value in ((load, "ROWS", 10), (jobs, "FIRST_POLL_S", 0.25), (batches, "LOCK_PAUSE_S", 0.0)):
        monkeypatch.setattr(module, name, value)
    connector = salesforce.open()
    connector.provision(FIELDS)
    salesforce.mirror.sync(connector, "contact")
    return sorted(id for id in salesforce.mirror.ids("contact") if id)[:12]


def written(salesforce: SalesforceSubject, updates: list[Update]) -> dict[str, Receipt]:
    connector = salesforce.open()
    connector.describe("person")
    connector.identity()
    calls(salesforce.url)
    receipts = list(connector.push(updates))
    assert len(receipts) == len(updates), "one receipt a row"
    return {receipt.ref: receipt for receipt in receipts}


def held(salesforce: SalesforceSubject, ids: list[str]) -> list[tuple[float | None, str | None]]:
    salesforce.mirror.sync(salesforce.open(), "contact")
    rows = [salesforce.mirror.tables["contact"][(one,)] for one in ids]
    return [(float(row["BR_Readiness__c"]) if row["BR_Readiness__c"] else None, row["BR_Why__c"]) for row in rows]


def by_collections(url: str) -> int:
    return sum(count for route, count in calls(url).items() if "composite" in route)


def test_a_load_leaves_alone_clears_and_writes_as_each_row_asks(
    salesforce: SalesforceSubject, people: list[str]
) -> None:
    written(salesforce, [Update("person", one, {"readiness": "40", "why": TEXT}) for one in people])
    updates = [Update("person", one, {"readiness": "45"}) for one in people[:6]]
    updates += [Update("person", one, {"why": None}) for one in people[6:]]
    receipts = written(salesforce, updates)
    assert {receipt.outcome for receipt in receipts.values()} == {"written"}
    counted = calls(salesforce.url)
    assert sum(counted.values()) <= load.CALLS
    assert counted[f"PUT {INGEST}/{{job_id}}/batches"] == 1
    assert held(salesforce, people) == [(45.0, TEXT)] * 6 + [(40.0, None)] * 6


def test_rows_that_a_load_refuses_are_told_with_their_reasons_and_a_locked_one_is_sent_again(
    salesforce: SalesforceSubject, people: list[str]
) -> None:
    refused, locked = people[3], people[7]
    fault(salesforce.url, "partial_failure", match={"id": refused}, message="Not today, she says")
    fault(salesforce.url, "row_lock", match={"id": locked})
    gone = "003000000000001AAA"
    receipts = written(salesforce, [Update("person", one, {"readiness": "50"}) for one in [*people, gone]])
    assert Counter(receipt.outcome for receipt in receipts.values()) == {"written": 11, "rejected": 1, "gone": 1}
    assert receipts[refused].reason == "FIELD_CUSTOM_VALIDATION_EXCEPTION: Not today, she says"
    assert held(salesforce, [locked])[0][0] == 50.0


def test_what_a_load_leaves_unprocessed_goes_by_collections(salesforce: SalesforceSubject, people: list[str]) -> None:
    fault(salesforce.url, "load_stopped", rows=5)
    fault(salesforce.url, "partial_failure", match={"id": people[1]})
    receipts = written(salesforce, [Update("person", one, {"readiness": "55"}) for one in people])
    assert by_collections(salesforce.url) == 1
    assert Counter(receipt.outcome for receipt in receipts.values()) == {"written": 11, "rejected": 1}
    assert [value for value, _ in held(salesforce, people)].count(55.0) == 11


@pytest.mark.parametrize(
    ("kind", "path", "more"),
    [
        ("lost_answer", "jobs/ingest$", {"match": {"method": "POST"}}),
        ("lost_answer", "/batches$", {}),
        ("lost_answer", "jobs/ingest/750", {"match": {"method": "PATCH"}}),
        ("reset", "/batches$", {}),
        ("truncated", "failedResults", {}),
        ("expired_token", "/batches$", {}),
        ("server_error", "jobs/ingest/750", {"status": 503}),
    ],
)
def test_a_load_gets_over_what_breaks_off(
    salesforce: SalesforceSubject, people: list[str], kind: str, path: str, more: dict[str, object]
) -> None:
    fault(salesforce.url, "partial_failure", match={"id": people[0]})
    match = {"path": path, **more.pop("match", {})}  # type: ignore[dict-item]
    fault(salesforce.url, kind, match=match, **more)
    receipts = written(salesforce, [Update("person", one, {"readiness": "60"}) for one in people])
    assert Counter(receipt.outcome for receipt in receipts.values()) == {"written": 11, "rejected": 1}
    assert by_collections(salesforce.url) == 0


@pytest.mark.parametrize("code", ["FEATURENOTENABLED", "INVALIDJOB"])
def test_where_the_org_takes_no_loads_all_goes_by_collections(
    salesforce: SalesforceSubject, people: list[str], code: str
) -> None:
    fault(salesforce.url, "refused", path="jobs/ingest$", method="POST", status=400, code=code)
    receipts = written(salesforce, [Update("person", one, {"readiness": "65"}) for one in people])
    assert by_collections(salesforce.url) == 1
    assert {receipt.outcome for receipt in receipts.values()} == {"written"}


def test_the_load_of_a_run_that_was_killed_is_waited_for_so_that_it_cannot_put_old_values_over_new_ones(
    salesforce: SalesforceSubject, people: list[str]
) -> None:
    job = salesforce.call("POST", "jobs/ingest", {"object": "Contact", "operation": "update"}).json()["id"]
    address = f"{salesforce.url}/services/data/v67.0/jobs/ingest/{job}"
    csv = f"Id,BR_Readiness__c\n{people[0]},5\n"
    requests.put(f"{address}/batches", csv.encode(), headers={**salesforce.headers, "Content-Type": "text/csv"})
    connector = salesforce.open()
    connector.describe("person")
    salesforce.call("PATCH", f"jobs/ingest/{job}", {"state": "UploadComplete"})
    list(connector.push([Update("person", one, {"readiness": "70"}) for one in people]))
    assert salesforce.call("GET", f"jobs/ingest/{job}").json()["state"] == "JobComplete"
    assert calls(salesforce.url)[f"GET {INGEST}/{{job_id}}"] >= 3, "once for the old one, once for ours, once here"
    assert held(salesforce, people[:1])[0][0] == 70.0


def test_a_load_too_large_for_one_upload_goes_in_parts(
    salesforce: SalesforceSubject, people: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load, "UPLOAD_BYTES", 200)
    receipts = written(salesforce, [Update("person", one, {"readiness": "75"}) for one in people])
    assert calls(salesforce.url)[f"PUT {INGEST}/{{job_id}}/batches"] == 2
    assert {receipt.outcome for receipt in receipts.values()} == {"written"}


@pytest.mark.slow
def test_ten_thousand_rows_take_as_many_calls_as_ten() -> None:
    with serve(opportunities=5, limits=False) as running:
        ten_thousand(SalesforceSubject(running.url))


def ten_thousand(salesforce: SalesforceSubject) -> None:
    salesforce.open().provision(FIELDS)
    for start in range(0, 10_000, 1000):
        bodies = [
            [{"attributes": {"type": "Contact"}, "LastName": f"Many {start + part + n}"} for n in range(200)]
            for part in range(0, 1000, 200)
        ]
        for records in bodies:
            salesforce.call("POST", "composite/sobjects", {"allOrNone": False, "records": records})
    salesforce.mirror.sync(salesforce.open(), "contact")
    everyone = sorted(id for id in salesforce.mirror.ids("contact") if id)
    receipts = written(salesforce, [Update("person", one, {"readiness": "80"}) for one in everyone])
    assert sum(calls(salesforce.url).values()) <= load.CALLS
    assert Counter(receipt.outcome for receipt in receipts.values()) == {"written": len(everyone)}
    assert {value for value, _ in held(salesforce, everyone)} == {80.0}
