"""Bulk API 2.0: large queries and large loads."""

from __future__ import annotations

import csv
import io
import time
from typing import Any

import pytest
import requests
from simple_salesforce import Salesforce

from tests.sandbox.salesforce.company import MANY
from tests.sandbox.salesforce.conftest import Ask, error_of


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def finished(ask: Ask, path: str) -> dict[str, Any]:
    """Wait for a job as a client does."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        job: dict[str, Any] = ask("GET", path).json()
        if job["state"] not in ("UploadComplete", "InProgress"):
            return job
        time.sleep(0.05)
    raise AssertionError("the job did not end")


def test_simple_salesforce_reads_every_row_in_pages(sf: Salesforce) -> None:
    soql = "SELECT Id, Subject, Who.Name, IsClosed, CallDurationInSeconds FROM Task WHERE Subject LIKE 'Note%'"
    pages = [rows(page) for page in sf.bulk2.Task.query(soql, max_records=2000)]
    assert [len(page) for page in pages] == [2000, 2000, MANY - 4000]
    assert len({row["Id"] for page in pages for row in page}) == MANY
    assert pages[0][0] | {"Id": ""} == {
        "Id": "", "Subject": "Note 0", "Who.Name": "Cor Eik", "IsClosed": "true", "CallDurationInSeconds": ""
    }  # fmt: skip


def query_job(ask: Ask, soql: str, **more: str) -> requests.Response:
    return ask("POST", "/jobs/query", json={"operation": "query", "query": soql, **more})


def test_a_query_job_goes_through_its_states(ask: Ask) -> None:
    job = query_job(ask, "SELECT Id FROM Account").json()
    assert (job["state"], job["object"], job["operation"]) == ("UploadComplete", "Account", "query")
    path = f"/jobs/query/{job['id']}"
    assert error_of(ask("GET", path + "/results"))[1] == "INVALIDJOBSTATE"
    done = finished(ask, path)
    assert (done["state"], done["numberRecordsProcessed"]) == ("JobComplete", 2)
    results = ask("GET", path + "/results")
    assert results.headers["Sforce-Locator"] == "null"
    assert results.headers["Sforce-NumberOfRecords"] == "2"
    assert results.headers["Content-Type"].startswith("text/csv")
    assert ask("DELETE", path).status_code == 204
    assert ask("GET", path).status_code == 404


def test_delimiters_and_line_endings_are_as_asked_and_text_is_quoted(ask: Ask, sf: Salesforce) -> None:
    sf.Account.create({"Name": 'Say "hi"; bye', "Site": "a,b"})
    soql = "SELECT Name, Site FROM Account WHERE Site = 'a,b'"
    job = query_job(ask, soql, columnDelimiter="SEMICOLON", lineEnding="CRLF").json()
    finished(ask, f"/jobs/query/{job['id']}")
    text = ask("GET", f"/jobs/query/{job['id']}/results").content.decode()
    assert text == '"Name";"Site"\r\n"Say ""hi""; bye";"a,b"\r\n'


@pytest.mark.parametrize(
    "soql",
    [
        "SELECT COUNT(Id) FROM Account",
        "SELECT StageName, COUNT(Id) FROM Opportunity GROUP BY StageName",
        "SELECT Id, (SELECT Id FROM Contacts) FROM Account",
        "SELECT Id FROM Account LIMIT 5 OFFSET 5",
        "SELECT BillingAddress FROM Account",
        "SELECT TYPEOF Who WHEN Lead THEN Company END FROM Task",
    ],
)
def test_what_bulk_queries_can_not_do_is_refused(ask: Ask, soql: str) -> None:
    assert error_of(query_job(ask, soql)) == (400, "API_ERROR")


def test_a_wrong_query_is_refused_when_the_job_is_made(ask: Ask) -> None:
    assert error_of(query_job(ask, "SELECT Nope FROM Account"))[1] == "INVALID_FIELD"
    assert error_of(ask("POST", "/jobs/query", json={"operation": "insert"}))[1] == "INVALIDJOB"


def test_query_all_jobs_find_the_bin(ask: Ask, sf: Salesforce) -> None:
    sf.Account.delete(sf.Account.create({"Name": "Binned"})["id"])
    body = {"operation": "queryAll", "query": "SELECT Id FROM Account WHERE Name = 'Binned'"}
    job = ask("POST", "/jobs/query", json=body).json()
    assert finished(ask, f"/jobs/query/{job['id']}")["numberRecordsProcessed"] == 1


def load(ask: Ask, data: str, **job: str) -> tuple[dict[str, Any], str]:
    made = ask("POST", "/jobs/ingest", json={"object": "Account", "operation": "insert", **job}).json()
    path = f"/jobs/ingest/{made['id']}"
    assert made["state"] == "Open"
    uploaded = ask("PUT", path + "/batches", data=data.encode(), headers={"Content-Type": "text/csv"})
    assert uploaded.status_code == 201
    assert ask("PATCH", path, json={"state": "UploadComplete"}).json()["state"] == "UploadComplete"
    return finished(ask, path), path


def test_a_load_tells_of_each_row_what_became_of_it(ask: Ask, sf: Salesforce) -> None:
    job, path = load(ask, "Name,Site\nLoaded 1,x\n,y\nLoaded 3,\n")
    assert (job["state"], job["numberRecordsProcessed"], job["numberRecordsFailed"]) == ("JobComplete", 3, 1)
    done = rows(ask("GET", path + "/successfulResults").text)
    assert [(row["sf__Created"], row["Name"]) for row in done] == [("true", "Loaded 1"), ("true", "Loaded 3")]
    assert sf.Account.get(done[0]["sf__Id"])["Site"] == "x"
    failed = rows(ask("GET", path + "/failedResults").text)
    assert failed == [
        {
            "sf__Id": "",
            "sf__Error": "REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --",
            "Name": "",
            "Site": "y",
        }
    ]
    assert rows(ask("GET", path + "/unprocessedrecords").text) == []


def test_an_empty_cell_leaves_a_field_alone_and_na_clears_it(ask: Ask, sf: Salesforce) -> None:
    made = sf.Account.create({"Name": "Cells", "Site": "here", "Phone": "1"})["id"]
    load(ask, f"Id,Site,Phone\n{made},,#N/A\n", operation="update")
    record = sf.Account.get(made)
    assert (record["Site"], record["Phone"]) == ("here", None)


def test_upsert_and_delete_by_load(ask: Ask, sf: Salesforce) -> None:
    data = "External_Id__c,Name\nload-1,First\nload-1,Second\n"
    job, path = load(ask, data, operation="upsert", externalIdFieldName="External_Id__c")
    assert job["numberRecordsFailed"] == 0
    assert [row["sf__Created"] for row in rows(ask("GET", path + "/successfulResults").text)] == ["true", "false"]
    record = sf.Account.get_by_custom_id("External_Id__c", "load-1")
    assert record["Name"] == "Second"
    load(ask, f"Id\n{record['Id']}\n", operation="delete")
    assert sf.query("SELECT COUNT() FROM Account WHERE External_Id__c = 'load-1'")["totalSize"] == 0


def test_a_load_in_the_wrong_shape_fails_as_a_whole(ask: Ask) -> None:
    job, _ = load(ask, "Name,Site\r\nx,y\r\n")
    assert job["state"] == "Failed"
    assert "LineEnding" in job["errorMessage"]
    job, _ = load(ask, "Name,Site\nonly one\n")
    assert job["state"] == "Failed"


def test_jobs_refuse_what_does_not_fit_their_state(ask: Ask) -> None:
    made = ask("POST", "/jobs/ingest", json={"object": "Account", "operation": "insert"}).json()
    path = f"/jobs/ingest/{made['id']}"
    assert error_of(ask("PATCH", path, json={"state": "UploadComplete"}))[1] == "INVALIDJOBSTATE"
    assert ask("PATCH", path, json={"state": "Aborted"}).json()["state"] == "Aborted"
    assert error_of(ask("PUT", path + "/batches", data="Name\nx\n"))[1] == "INVALIDJOBSTATE"
    assert error_of(ask("POST", "/jobs/ingest", json={"object": "Nope", "operation": "insert"}))[1] == "INVALIDJOB"
    assert error_of(ask("POST", "/jobs/ingest", json={"object": "Account", "operation": "hardDelete"}))[0] == 400


def test_a_load_that_was_stopped_tells_what_it_did_not_get_to(ask: Ask, faults: Any) -> None:
    faults("load_stopped", match={"object": "Account"}, rows=2)
    job, path = load(ask, "Name,Site\nStopped 1,x\n,y\nStopped 3,z\n")
    assert (job["state"], job["numberRecordsProcessed"], job["numberRecordsFailed"]) == ("Failed", 2, 1)
    assert [row["Name"] for row in rows(ask("GET", path + "/successfulResults").text)] == ["Stopped 1"]
    assert rows(ask("GET", path + "/unprocessedrecords").text) == [{"Name": "Stopped 3", "Site": "z"}]
