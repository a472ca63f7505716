"""Many records in one call: collections, composite, batch and trees."""

from __future__ import annotations

from typing import Any

import pytest
from simple_salesforce import Salesforce

from tests.sandbox.salesforce.conftest import Ask, error_of


def accounts(*names: str | None) -> list[dict[str, Any]]:
    return [{"attributes": {"type": "Account"}, "Name": name} for name in names]


def count(sf: Salesforce, like: str) -> int:
    size: int = sf.query(f"SELECT COUNT() FROM Account WHERE Name LIKE '{like}%'")["totalSize"]
    return size


def test_each_record_has_its_own_result_in_the_order_asked(ask: Ask, sf: Salesforce) -> None:
    answer = ask("POST", "/composite/sobjects", json={"records": accounts("Row 1", None, "Row 3")})
    assert answer.status_code == 200
    first, second, third = answer.json()
    assert first == {"id": first["id"], "success": True, "errors": []}
    assert second == {
        "success": False,
        "errors": [
            {
                "statusCode": "REQUIRED_FIELD_MISSING",
                "message": "Required fields are missing: [Name]",
                "fields": ["Name"],
            }
        ],
    }
    assert sf.Account.get(third["id"])["Name"] == "Row 3"


def test_all_or_none_takes_everything_back(ask: Ask, sf: Salesforce) -> None:
    body = {"allOrNone": True, "records": accounts("Undone 1", None, "Undone 3")}
    results = ask("POST", "/composite/sobjects", json=body).json()
    codes = [result["errors"][0]["statusCode"] for result in results]
    assert codes == [
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "REQUIRED_FIELD_MISSING",
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    ]
    assert count(sf, "Undone") == 0


def test_taking_back_a_change_restores_values_and_histories(ask: Ask, sf: Salesforce) -> None:
    deal = sf.query("SELECT Id, Amount, StageName, SystemModstamp FROM Opportunity LIMIT 1")["records"][0]
    rows = [
        {"attributes": {"type": "Opportunity"}, "Id": deal["Id"], "Amount": 7, "StageName": "new-won"},
        {"attributes": {"type": "Opportunity"}, "Id": deal["Id"], "Nope": 1},
    ]
    histories = f"SELECT COUNT() FROM OpportunityHistory WHERE OpportunityId = '{deal['Id']}'"
    before = sf.query(histories)["totalSize"]
    ask("PATCH", "/composite/sobjects", json={"allOrNone": True, "records": rows})
    again = sf.query("SELECT Id, Amount, StageName, SystemModstamp FROM Opportunity LIMIT 1")["records"][0]
    assert again == deal
    assert sf.query(histories)["totalSize"] == before


def test_two_hundred_records_are_the_most(ask: Ask) -> None:
    names = [f"Many {number}" for number in range(201)]
    assert len(ask("POST", "/composite/sobjects", json={"records": accounts(*names[:200])}).json()) == 200
    assert error_of(ask("POST", "/composite/sobjects", json={"records": accounts(*names)}))[0] == 400


def test_records_are_changed_read_upserted_and_deleted_together(ask: Ask, sf: Salesforce) -> None:
    made = [result["id"] for result in ask("POST", "/composite/sobjects", json={"records": accounts("A", "B")}).json()]
    rows = [{"attributes": {"type": "Account"}, "id": one, "Site": "Gouda"} for one in [*made, "001000000000001AAA"]]
    changed = ask("PATCH", "/composite/sobjects", json={"records": rows}).json()
    assert [row["success"] for row in changed] == [True, True, False]
    assert changed[2]["errors"][0]["statusCode"] == "INVALID_CROSS_REFERENCE_KEY"
    path = f"/composite/sobjects/Account?ids={','.join([made[1], '001000000000001AAA', made[0]])}&fields=Name,Site"
    assert [row and row["Name"] for row in ask("GET", path).json()] == ["B", None, "A"]
    rows = [
        {"attributes": {"type": "Account"}, "External_Id__c": key, "Name": key}
        for key in ("acc-1", "new-key", "new-key")
    ]
    upserted = ask("PATCH", "/composite/sobjects/Account/External_Id__c", json={"records": rows}).json()
    assert [row["created"] for row in upserted] == [False, True, False]
    deleted = ask("DELETE", f"/composite/sobjects?ids={','.join(made)},{made[0]}").json()
    assert [row["success"] for row in deleted] == [True, True, False]
    assert deleted[2]["errors"][0]["statusCode"] == "ENTITY_IS_DELETED"


def sub(method: str, url: str, reference: str, body: Any = None) -> dict[str, Any]:
    return {"method": method, "url": f"/services/data/v65.0{url}", "referenceId": reference, "body": body}


def test_a_later_subrequest_uses_what_an_earlier_one_answered(ask: Ask) -> None:
    requests = [
        sub("POST", "/sobjects/Account", "account", {"Name": "Composite"}),
        sub("POST", "/sobjects/Contact", "contact", {"LastName": "Com", "AccountId": "@{account.id}"}),
        sub("GET", "/query?q=SELECT+Name+FROM+Contact+WHERE+AccountId='@{account.id}'", "found"),
        sub("GET", "/sobjects/Contact/@{found.records[0].Nope}", "lost"),
    ]
    answers = ask("POST", "/composite", json={"compositeRequest": requests}).json()["compositeResponse"]
    assert [answer["httpStatusCode"] for answer in answers] == [201, 201, 200, 400]
    assert answers[0]["httpHeaders"]["Location"].endswith(answers[0]["body"]["id"])
    assert answers[2]["body"]["records"][0]["Name"] == "Com"
    assert answers[3]["body"][0]["errorCode"] == "PROCESSING_HALTED"


def test_a_failed_subrequest_takes_the_others_back_if_asked(ask: Ask, sf: Salesforce) -> None:
    requests = [
        sub("POST", "/sobjects/Account", "good", {"Name": "Halted"}),
        sub("POST", "/sobjects/Account", "bad", {}),
        sub("POST", "/sobjects/Account", "never", {"Name": "Halted too"}),
    ]
    answers = ask("POST", "/composite", json={"allOrNone": True, "compositeRequest": requests}).json()
    codes = [answer["body"][0]["errorCode"] for answer in answers["compositeResponse"]]
    assert codes == ["PROCESSING_HALTED", "REQUIRED_FIELD_MISSING", "PROCESSING_HALTED"]
    assert count(sf, "Halted") == 0
    ask("POST", "/composite", json={"compositeRequest": requests})
    assert count(sf, "Halted") == 2


def test_twenty_five_subrequests_and_five_collections_are_the_most(ask: Ask) -> None:
    def post(url: str, number: int) -> tuple[int, str]:
        requests = [sub("GET", url, f"r{index}") for index in range(number)]
        answer = ask("POST", "/composite", json={"compositeRequest": requests})
        return (200, "") if answer.status_code == 200 else error_of(answer)

    assert post("/limits", 25) == (200, "")
    assert post("/limits", 26)[1] == "LIMIT_EXCEEDED"
    assert post("/query?q=SELECT+Id+FROM+Account", 5) == (200, "")
    assert post("/query?q=SELECT+Id+FROM+Account", 6)[1] == "LIMIT_EXCEEDED"


def test_five_collections_in_one_composite_write_a_thousand_records(ask: Ask, sf: Salesforce) -> None:
    names = [[f"Bulk {part} {number}" for number in range(200)] for part in range(5)]
    requests = [
        sub("POST", "/composite/sobjects", f"part{part}", {"records": accounts(*names[part])}) for part in range(5)
    ]
    answers = ask("POST", "/composite", json={"compositeRequest": requests}).json()["compositeResponse"]
    assert all(len(answer["body"]) == 200 for answer in answers)
    assert count(sf, "Bulk ") == 1000


def test_a_batch_goes_on_after_an_error_unless_told_to_halt(ask: Ask) -> None:
    requests = [
        {"method": "GET", "url": "v65.0/sobjects/Nope"},
        {"method": "POST", "url": "v65.0/sobjects/Account", "richInput": {"Name": "Batched"}},
    ]
    answer = ask("POST", "/composite/batch", json={"batchRequests": requests}).json()
    assert answer["hasErrors"] is True
    assert [result["statusCode"] for result in answer["results"]] == [404, 201]
    halted = ask("POST", "/composite/batch", json={"haltOnError": True, "batchRequests": requests}).json()
    assert [result["statusCode"] for result in halted["results"]] == [404, 412]


@pytest.mark.parametrize(("last", "status", "made"), [("Branch", 201, 1), (None, 400, 0)])
def test_a_tree_is_planted_whole_or_not_at_all(
    ask: Ask, sf: Salesforce, last: str | None, status: int, made: int
) -> None:
    contacts = {"records": [{"attributes": {"type": "Contact", "referenceId": "leaf"}, "LastName": last}]}
    root = {"attributes": {"type": "Account", "referenceId": "root"}, "Name": f"Tree {status}", "Contacts": contacts}
    answer = ask("POST", "/composite/tree/Account", json={"records": [root]})
    assert answer.status_code == status
    assert answer.json()["hasErrors"] is (status == 400)
    assert count(sf, f"Tree {status}") == made
