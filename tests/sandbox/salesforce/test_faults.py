"""Faults that strike single records, in the words of the real org."""

from __future__ import annotations

from typing import Any

import pytest
from simple_salesforce import Salesforce

from tests.sandbox.salesforce.conftest import Ask, error_of


def accounts(ask: Ask, *names: str) -> list[dict[str, Any]]:
    records = [{"attributes": {"type": "Account"}, "Name": name} for name in names]
    results: list[dict[str, Any]] = ask("POST", "/composite/sobjects", json={"records": records}).json()
    return results


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("row_lock", "UNABLE_TO_LOCK_ROW"),
        ("partial_failure", "FIELD_CUSTOM_VALIDATION_EXCEPTION"),
        ("duplicate_rule", "DUPLICATES_DETECTED"),
        ("required_field", "REQUIRED_FIELD_MISSING"),
        ("restricted_picklist", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
    ],
)
def test_one_row_fails_and_the_others_are_saved(ask: Ask, faults: Any, kind: str, code: str) -> None:
    faults(kind, match={"object": "Account"}, after=1)
    results = accounts(ask, "a", "b", "c")
    assert [result["success"] for result in results] == [True, False, True]
    assert results[1]["errors"][0]["statusCode"] == code


def test_a_fault_meant_for_one_record_spares_the_others(ask: Ask, sf: Salesforce, faults: Any) -> None:
    first, second = (sf.Account.create({"Name": name})["id"] for name in ("first", "second"))
    faults("row_lock", match={"object": "Account", "id": second}, times=2)
    assert ask("PATCH", f"/sobjects/Account/{first}", json={"Site": "x"}).status_code == 204
    for _ in range(2):
        refused = ask("PATCH", f"/sobjects/Account/{second}", json={"Site": "x"})
        assert error_of(refused) == (400, "UNABLE_TO_LOCK_ROW")
        assert "unable to obtain exclusive access to this record" in refused.json()[0]["message"]
    assert ask("PATCH", f"/sobjects/Account/{second}", json={"Site": "x"}).status_code == 204


def test_what_concerns_values_does_not_keep_a_record_from_being_deleted(ask: Ask, sf: Salesforce, faults: Any) -> None:
    made = sf.Account.create({"Name": "to go"})["id"]
    faults("required_field", match={"object": "Account"})
    faults("row_lock", match={"object": "Account"})
    assert error_of(ask("DELETE", f"/sobjects/Account/{made}")) == (400, "UNABLE_TO_LOCK_ROW")
    assert ask("DELETE", f"/sobjects/Account/{made}").status_code == 204


def test_a_refusal_may_have_its_own_code_and_words(ask: Ask, faults: Any) -> None:
    faults("partial_failure", code="CANNOT_EXECUTE_FLOW_TRIGGER", message="No")
    assert error_of(ask("POST", "/sobjects/Account", json={"Name": "x"})) == (400, "CANNOT_EXECUTE_FLOW_TRIGGER")


@pytest.mark.parametrize(
    "fault", [{"match": {"object": "^Account$", "field": "^Site$"}}, {"object": "Account", "field": "Site"}]
)
def test_a_hidden_field_is_gone_for_reading_and_writing_until_cleared(
    ask: Ask, sf: Salesforce, faults: Any, fault: dict[str, Any]
) -> None:
    faults("hidden_field", **fault)
    assert "Site" not in {one["name"] for one in sf.Account.describe()["fields"]}
    assert error_of(ask("GET", "/query?q=SELECT+Site+FROM+Account")) == (400, "INVALID_FIELD")
    assert error_of(ask("POST", "/sobjects/Account", json={"Name": "x", "Site": "y"})) == (400, "INVALID_FIELD")
    assert ask("GET", "/query?q=SELECT+Name+FROM+Account").status_code == 200


def test_when_the_clock_is_held_all_writes_share_one_stamp(ask: Ask, sf: Salesforce, faults: Any) -> None:
    faults("timestamp_ties")
    made = [result["id"] for result in accounts(ask, "tie 1", "tie 2")]
    sf.Account.update(made[0], {"Site": "x"})
    found = sf.query("SELECT SystemModstamp FROM Account WHERE Name LIKE 'tie%'")["records"]
    assert len({record["SystemModstamp"] for record in found}) == 1


def test_when_the_day_s_calls_are_used_up_the_org_says_so(ask: Ask, faults: Any) -> None:
    faults("daily_limit", remaining=1, crm="salesforce")
    last = ask("GET", "/limits")
    used, _, most = last.headers["Sforce-Limit-Info"].partition("=")[2].partition("/")
    assert used == most
    assert last.json()["DailyApiRequests"] == {"Max": int(most), "Remaining": 0}
    assert error_of(ask("GET", "/limits")) == (403, "REQUEST_LIMIT_EXCEEDED")
