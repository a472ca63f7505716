"""Provisioning: custom fields, who may see them, layouts."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceMalformedRequest

from tests.sandbox.salesforce.conftest import Ask, error_of

NUMBERS = itertools.count()
TEXT = {"type": "Text", "label": "Ours", "length": 40}


def field(ask: Ask, full_name: str, **metadata: Any) -> Any:
    body = {"FullName": full_name, "Metadata": {**TEXT, **metadata}}
    return ask("POST", "/tooling/sobjects/CustomField", json=body)


def permission_set(sf: Salesforce) -> str:
    """A permission set that the API user has."""
    number = next(NUMBERS)
    made: str = sf.PermissionSet.create({"Name": f"Ours_{number}", "Label": f"Ours {number}"})["id"]
    user = sf.query("SELECT Id FROM User WHERE Username = 'integration@sandbox.example'")["records"][0]["Id"]
    sf.PermissionSetAssignment.create({"PermissionSetId": made, "AssigneeId": user})
    return made


def grant(sf: Salesforce, parent: str, sobject: str, name: str, *, edit: bool = True) -> str:
    body = {"ParentId": parent, "SobjectType": sobject, "Field": f"{sobject}.{name}"}
    made: str = sf.FieldPermissions.create({**body, "PermissionsRead": True, "PermissionsEdit": edit})["id"]
    return made


def names(sf: Salesforce, sobject: str) -> set[str]:
    return {one["name"] for one in getattr(sf, sobject).describe()["fields"]}


def test_a_new_field_is_seen_by_nobody_until_a_permission_set_says_so(ask: Ask, sf: Salesforce) -> None:
    answer = field(ask, "Opportunity.BR_Unseen__c")
    assert answer.status_code == 201
    assert answer.json()["success"] is True
    deal = sf.query("SELECT Id FROM Opportunity LIMIT 1")["records"][0]["Id"]
    assert "BR_Unseen__c" not in names(sf, "Opportunity")
    with pytest.raises(SalesforceMalformedRequest, match="No such column 'BR_Unseen__c'"):
        sf.query("SELECT BR_Unseen__c FROM Opportunity")
    with pytest.raises(SalesforceMalformedRequest, match="No such column 'BR_Unseen__c'"):
        sf.Opportunity.update(deal, {"BR_Unseen__c": "x"})
    permissions = permission_set(sf)
    only_read = grant(sf, permissions, "Opportunity", "BR_Unseen__c", edit=False)
    assert "BR_Unseen__c" in names(sf, "Opportunity")
    with pytest.raises(SalesforceMalformedRequest, match="INVALID_FIELD_FOR_INSERT_UPDATE"):
        sf.Opportunity.update(deal, {"BR_Unseen__c": "x"})
    sf.FieldPermissions.update(only_read, {"PermissionsEdit": True})
    sf.Opportunity.update(deal, {"BR_Unseen__c": "x"})
    assert sf.Opportunity.get(deal)["BR_Unseen__c"] == "x"
    sf.FieldPermissions.delete(only_read)
    assert "BR_Unseen__c" not in names(sf, "Opportunity")


def test_fields_of_tasks_and_events_are_made_on_activity(ask: Ask, sf: Salesforce) -> None:
    assert error_of(field(ask, "Task.BR_Key__c"))[1] == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    assert field(ask, "Activity.BR_Key__c").status_code == 201
    permissions = permission_set(sf)
    grant(sf, permissions, "Task", "BR_Key__c")
    assert "BR_Key__c" in names(sf, "Task")
    assert "BR_Key__c" not in names(sf, "Event")
    task = sf.Task.create({"Subject": "x", "BR_Key__c": "k1"})["id"]
    assert sf.query("SELECT Id FROM Task WHERE BR_Key__c = 'k1'")["records"][0]["Id"] == task


KINDS = [
    ("Number", {"precision": 5, "scale": 1}, "12.34", 12.3),
    ("Checkbox", {"defaultValue": False}, "true", True),
    ("Date", {}, "2026-05-01", "2026-05-01"),
    ("DateTime", {}, "2026-05-01T12:00:00+02:00", "2026-05-01T10:00:00.000+0000"),
    ("LongTextArea", {"length": 32768, "visibleLines": 3}, "long", "long"),
    ("Percent", {"precision": 5, "scale": 2}, 50, 50.0),
    ("Picklist", {"valueSet": {"restricted": True, "valueSetDefinition": {"value": [
        {"valueName": "a", "label": "A", "default": False}, {"valueName": "b", "label": "B"}]}}}, "a", "a"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "metadata", "given", "kept"), KINDS, ids=[kind for kind, *_ in KINDS])
def test_a_field_of_each_type_keeps_what_it_is_given(
    ask: Ask, sf: Salesforce, kind: str, metadata: dict[str, Any], given: Any, kept: Any
) -> None:
    name = f"BR_{kind}__c"
    assert field(ask, f"Contact.{name}", type=kind, **{"length": None, **metadata}).status_code == 201
    grant(sf, permission_set(sf), "Contact", name)
    contact = sf.Contact.create({"LastName": kind, name: given})["id"]
    assert sf.Contact.get(contact)[name] == kept


def test_a_restricted_picklist_refuses_other_values_and_can_be_widened(ask: Ask, sf: Salesforce) -> None:
    def values(*wanted: str) -> dict[str, Any]:
        entries = [{"valueName": one, "label": one.title()} for one in wanted]
        return {"restricted": True, "valueSetDefinition": {"sorted": False, "value": entries}}

    made = field(ask, "Opportunity.BR_Band__c", type="Picklist", length=None, valueSet=values("low")).json()["id"]
    grant(sf, permission_set(sf), "Opportunity", "BR_Band__c")
    deal = sf.query("SELECT Id FROM Opportunity LIMIT 1")["records"][0]["Id"]
    refused = ask("PATCH", f"/sobjects/Opportunity/{deal}", json={"BR_Band__c": "high"})
    assert error_of(refused) == (400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST")
    metadata = {"type": "Picklist", "label": "Band", "valueSet": values("low", "high")}
    changed = ask("PATCH", f"/tooling/sobjects/CustomField/{made}", json={"Metadata": metadata})
    assert changed.status_code == 204
    sf.Opportunity.update(deal, {"BR_Band__c": "high"})
    described = next(one for one in sf.Opportunity.describe()["fields"] if one["name"] == "BR_Band__c")
    assert described["restrictedPicklist"] is True
    assert [(one["value"], one["label"]) for one in described["picklistValues"]] == [("low", "Low"), ("high", "High")]


WRONG = [
    ("Opportunity.External_Id__c", {}, "DUPLICATE_DEVELOPER_NAME"),
    ("Nope.BR_X__c", {}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
    ("Opportunity.BR_X", {}, "FIELD_INTEGRITY_EXCEPTION"),
    ("Opportunity.BR_X__c", {"type": "Wish"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
    ("Opportunity.BR_X__c", {"length": None}, "FIELD_INTEGRITY_EXCEPTION"),
    ("Opportunity.BR_X__c", {"length": 256}, "FIELD_INTEGRITY_EXCEPTION"),
    ("Opportunity.BR_X__c", {"label": None}, "FIELD_INTEGRITY_EXCEPTION"),
]


@pytest.mark.parametrize(("full_name", "metadata", "code"), WRONG)
def test_a_field_that_can_not_be_made_is_refused(ask: Ask, full_name: str, metadata: dict[str, Any], code: str) -> None:
    assert error_of(field(ask, full_name, **metadata)) == (400, code)


def test_a_field_is_found_and_shown_with_its_metadata_one_at_a_time(ask: Ask) -> None:
    made = field(ask, "Lead.BR_Shown__c", inlineHelpText="Why").json()["id"]
    query = "/tooling/query?q=SELECT+Id,+FullName,+Metadata+FROM+CustomField+WHERE+TableEnumOrId='Lead'"
    found = ask("GET", query + "+AND+DeveloperName='BR_Shown'").json()
    assert found["records"][0]["FullName"] == "Lead.BR_Shown__c"
    assert found["records"][0]["Metadata"]["inlineHelpText"] == "Why"
    assert (found["size"], found["entityTypeName"]) == (1, "CustomField")
    assert error_of(ask("GET", query)) == (400, "MALFORMED_QUERY")
    assert ask("GET", f"/tooling/sobjects/CustomField/{made}").json()["DeveloperName"] == "BR_Shown"


def test_a_deleted_field_takes_its_permissions_along(ask: Ask, sf: Salesforce) -> None:
    made = field(ask, "Lead.BR_Gone__c").json()["id"]
    field(ask, "Lead.BR_Stays__c")
    grant(sf, permission_set(sf), "Lead", "BR_Gone__c")
    assert ask("DELETE", f"/tooling/sobjects/CustomField/{made}").status_code == 204
    assert "BR_Gone__c" not in names(sf, "Lead")
    assert sf.query("SELECT COUNT() FROM FieldPermissions WHERE Field = 'Lead.BR_Gone__c'")["totalSize"] == 0
    grant(sf, permission_set(sf), "Lead", "BR_Stays__c")
    lead = sf.Lead.create({"LastName": "After", "Company": "Us", "BR_Stays__c": "here"})["id"]
    assert sf.Lead.get(lead)["BR_Stays__c"] == "here"


def test_permissions_on_what_does_not_exist_are_refused(sf: Salesforce) -> None:
    permissions = permission_set(sf)
    with pytest.raises(SalesforceMalformedRequest, match="bad value for restricted picklist field"):
        grant(sf, permissions, "Lead", "Nope__c")
    grant(sf, permissions, "Lead", "Rating")
    with pytest.raises(SalesforceMalformedRequest, match="DUPLICATE_VALUE"):
        grant(sf, permissions, "Lead", "Rating")


def test_taking_a_standard_permission_away_hides_the_field_or_the_object(sf: Salesforce) -> None:
    def own(name: str, field: str, value: str) -> str:
        soql = f"SELECT Id FROM {name} WHERE Parent.Profile.Name = 'System Administrator' AND {field} = '{value}'"
        found: str = sf.query(soql)["records"][0]["Id"]
        return found

    sf.FieldPermissions.delete(own("FieldPermissions", "Field", "Account.AnnualRevenue"))
    assert "AnnualRevenue" not in names(sf, "Account")
    sf.ObjectPermissions.delete(own("ObjectPermissions", "SobjectType", "Quote"))
    with pytest.raises(SalesforceMalformedRequest, match="sObject type 'Quote' is not supported"):
        sf.query("SELECT Id FROM Quote")
    assert "Quote" not in {one["name"] for one in sf.describe()["sobjects"]}


def test_a_section_added_to_a_layout_is_on_the_page(ask: Ask, sf: Salesforce) -> None:
    query = "/tooling/query?q=SELECT+Id,+Metadata+FROM+Layout+WHERE+TableEnumOrId='Opportunity'"
    layout = ask("GET", query).json()["records"][0]
    section = {
        "label": "Buyer Readiness",
        "detailHeading": True,
        "style": "OneColumn",
        "layoutColumns": [{"layoutItems": [{"behavior": "Readonly", "field": "Loss_Reason__c"}]}],
    }
    metadata = {**layout["Metadata"], "layoutSections": [*layout["Metadata"]["layoutSections"], section]}
    assert ask("PATCH", f"/tooling/sobjects/Layout/{layout['Id']}", json={"Metadata": metadata}).status_code == 204
    shown = ask("GET", "/sobjects/Opportunity/describe/layouts").json()
    last = shown["layouts"][0]["detailLayoutSections"][-1]
    assert (last["heading"], last["layoutRows"][0]["layoutItems"][0]["label"]) == ("Buyer Readiness", "Loss Reason")


def test_a_record_type_allows_the_stages_of_its_pipeline(ask: Ask) -> None:
    mappings = ask("GET", "/sobjects/Opportunity/describe/layouts").json()["recordTypeMappings"]
    stages = {
        mapping["name"]: [
            value["value"]
            for picklist in mapping["picklistsForRecordType"]
            if picklist["picklistName"] == "StageName"
            for value in picklist["picklistValues"]
        ]
        for mapping in mappings
    }
    assert stages["New Business"] == ["new-talk", "new-offer", "new-won"]
    assert stages["Renewal"] == ["renew-lost"]
    assert len(stages["Master"]) == 4


def test_definitions_tell_which_fields_keep_a_history_and_which_objects_rules_stand_on(ask: Ask) -> None:
    tracked = (
        "query?q=SELECT+QualifiedApiName+FROM+FieldDefinition+WHERE+IsFieldHistoryTracked=true"
        "+AND+EntityDefinition.QualifiedApiName='Opportunity'+ORDER+BY+QualifiedApiName"
    )
    for door in ("/", "/tooling/"):
        found = ask("GET", door + tracked).json()["records"]
        assert [one["QualifiedApiName"] for one in found] == ["Amount", "CloseDate", "OwnerId", "StageName"]
    rules = "SELECT+Id,+ValidationName+FROM+ValidationRule+WHERE+EntityDefinition.QualifiedApiName='Opportunity'"
    assert ask("GET", f"/tooling/query?q={rules}+AND+Active=true").json()["totalSize"] == 0


def test_rules_and_flows_can_be_listed(ask: Ask) -> None:
    for name in ("ValidationRule", "FlowDefinition", "Flow", "ApexTrigger"):
        found = ask("GET", f"/tooling/query?q=SELECT+Id+FROM+{name}").json()
        assert (found["totalSize"], found["done"]) == (0, True)
