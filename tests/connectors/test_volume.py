"""Much is written in few calls, and each row is answered for all the same."""

from __future__ import annotations

from collections import Counter

import pytest

from connectors import batches
from connectors.protocol import FieldSpec, Update
from tests.connectors.conftest import calls, fault
from tests.contract.subjects import SalesforceSubject

READINESS = FieldSpec("person", "readiness", "Readiness", "number")


@pytest.fixture
def people(salesforce: SalesforceSubject) -> list[str]:
    """450 contacts in an org that has our field."""
    connector = salesforce.open()
    connector.provision([READINESS])
    salesforce.mirror.sync(connector, "contact")
    for start in range(len(salesforce.mirror.ids("contact")), 450, 200):
        records = [
            {"attributes": {"type": "Contact"}, "LastName": f"Many {start + number}"}
            for number in range(min(200, 450 - start))
        ]
        salesforce.call("POST", "composite/sobjects", {"allOrNone": False, "records": records})
    salesforce.mirror.sync(salesforce.open(), "contact")
    return sorted(id for id in salesforce.mirror.ids("contact") if id)


def test_a_thousand_rows_go_in_one_call_and_each_has_its_answer(
    salesforce: SalesforceSubject, people: list[str]
) -> None:
    connector = salesforce.open()
    connector.describe("person")
    calls(salesforce.url)
    updates = [Update("person", one, {"readiness": "40"}) for one in [*people, "003000000000001AAA"]]
    outcomes = Counter(receipt.outcome for receipt in connector.push(updates))
    assert outcomes == {"written": len(people), "gone": 1}
    assert calls(salesforce.url) == {"POST /services/data/{version}/composite": 1}
    salesforce.mirror.sync(salesforce.open(), "contact")
    held = {salesforce.mirror.tables["contact"][(one,)]["BR_Readiness__c"] for one in people}
    assert {float(value or 0) for value in held} == {40.0}


def test_when_the_answer_to_a_big_write_is_lost_nothing_is_written_twice(
    salesforce: SalesforceSubject, people: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "LOST_PAUSE_S", 0.0)
    connector = salesforce.open()
    connector.describe("person")
    fault(salesforce.url, "lost_answer", path="/composite$")
    calls(salesforce.url)
    receipts = list(connector.push([Update("person", one, {"readiness": "55"}) for one in people]))
    assert Counter(receipt.outcome for receipt in receipts) == {"written": len(people)}
    assert calls(salesforce.url) == {
        "POST /services/data/{version}/composite": 1,
        "POST /services/data/{version}/composite/sobjects/{sobject}": 1,
    }
