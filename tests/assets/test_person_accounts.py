"""A person who buys for themselves: an account with its contact inside, on whose opportunity nobody set a role."""

from __future__ import annotations

from pathlib import Path

import pytest

from assets.examine.inferred import from_store
from sandbox.salesforce import persons
from sandbox.server import serve
from tests.assets.way import SECRETS, linked, stored, walk
from tests.contract.subjects import FOLDER, SalesforceSubject

GROUP = """
    select p.name, p.email, g.seat from buying_group g join people p using (person_id)
    join opportunities o using (opportunity_id) where o.name = 'A bicycle'
"""


def test_a_person_account_is_the_buyer_of_its_opportunities_and_doctor_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    company = tmp_path / "company"
    company.mkdir()
    for table, lines in FOLDER.items():
        (company / f"{table}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    with serve(load=company, limits=False) as running:
        persons.switch_on(running.salesforce.store)
        subject = SalesforceSubject(running.url)
        person = {"FirstName": "Kim", "LastName": "Smit", "PersonEmail": "kim@home.example"}
        account = subject.call("POST", "sobjects/Account", person).json()["id"]
        deal = {"Name": "A bicycle", "AccountId": account, "StageName": "talk", "CloseDate": "2026-12-01"}
        assert subject.call("POST", "sobjects/Opportunity", deal).json()["success"]
        acme = linked(tmp_path, "salesforce", running.url)
        walk(acme, steps=5)
    with stored(acme) as store:
        written = store.query("select distinct object from fields where object in ('opportunity', 'person')")
        assert [row["object"] for row in written] == ["opportunity"]
        assert store.query(GROUP) == [{"name": "Kim Smit", "email": "kim@home.example", "seat": "decider"}]
    said = [finding for finding in from_store(acme) if finding.subject == "person accounts"]
    assert [finding.finding.split()[0] for finding in said] == ["1"]
