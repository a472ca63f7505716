"""What an org's own set-up may do to our reads and writes: rights, required fields, picklists, rules, flows, triggers.

Source: Salesforce REST API, Describe Global; Tooling API, ValidationRule, Flow, ApexTrigger.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from connectors.protocol import Obstacle
from connectors.recovery import Refusal
from connectors.salesforce.client import SalesforceDoor
from connectors.salesforce.describe import Org
from connectors.salesforce.streams import OBJECTS, OURS
from connectors.salesforce.tasks import PRIORITIES, STATUS

WRITTEN = ("Opportunity", "Contact", "Lead", "OpportunityContactRole", "Task")
NEEDED = {"Task": ("createable", "updateable", "deletable")}
RIGHTS = {"createable": "Create", "updateable": "Edit", "deletable": "Delete"}
GIVEN = ("Subject", "Status", "Priority", "OwnerId")
"""What every task of ours has; other fields that the org requires would be lacking."""
MOST_FLOWS = 50


def obstacles(door: SalesforceDoor, org: Org) -> Iterator[Obstacle]:
    """Each kind in turn; what the user may not look at is itself an obstacle to be told."""
    yield from _rights(door)
    yield from _required(org)
    yield from _task_choices(org)
    for look in (_validation_rules, _triggers, _flows):
        try:
            yield from look(door)
        except Refusal as refusal:
            yield Obstacle(
                look.__name__.strip("_").replace("_", " "),
                f"can't be looked at ({refusal.code})",
                "Give the user of `provision_auth` the right View Setup and Configuration to have them looked at.",
            )


def _rights(door: SalesforceDoor) -> Iterator[Obstacle]:
    described = {entry["name"]: entry for entry in door.json("GET", "sobjects")["sobjects"]}
    for name in WRITTEN:
        if name not in described:
            continue
        lacking = [RIGHTS[right] for right in NEEDED.get(name, ("updateable",)) if not described[name][right]]
        if lacking:
            remedy = f"Give the integration user {' and '.join(lacking)} on {name} in a permission set."
            yield Obstacle("object rights", f"{name}: no right to {', '.join(lacking).lower()}", remedy, "writing")


def _required(org: Org) -> Iterator[Obstacle]:
    """A task of ours lacks what the org requires of tasks; a record whose required field is empty can't be saved."""
    for native in dict.fromkeys(name for names in OBJECTS.values() for name in names):
        fields = org.fields(native).values()
        names = [f.name for f in fields if f.required and f.updateable and f.name.endswith("__c")]
        if native == "Task":
            lacking = [f.name for f in fields if f.required and f.updateable and f.name not in GIVEN]
            if lacking:
                remedy = "Make it not required, or give it a default value, so that our tasks can be saved."
                yield Obstacle("required fields", f"Task requires {', '.join(lacking)}", remedy, "writing")
        elif names:
            remedy = "Fill it on the records where it is still empty: those can't be saved by anybody until then."
            yield Obstacle("required fields", f"{native} requires {', '.join(names)}", remedy)


def _task_choices(org: Org) -> Iterator[Obstacle]:
    fields = org.fields("Task")
    for name, values in (("Status", (STATUS,)), ("Priority", tuple(PRIORITIES.values()))):
        choices = fields[name].choices if name in fields else ()
        lacking = [value for value in values if choices and value not in choices]
        if lacking:
            remedy = f"Activate the value in Setup › Object Manager › Task › {name}."
            yield Obstacle("picklists", f"Task.{name} has no {', '.join(lacking)}", remedy, "writing")


def _validation_rules(door: SalesforceDoor) -> Iterator[Obstacle]:
    soql = "SELECT ValidationName, EntityDefinitionId, ErrorMessage FROM ValidationRule WHERE Active = true"
    for rule in _asked(door, soql):
        if rule["EntityDefinitionId"] in WRITTEN:
            yield Obstacle(
                "validation rule",
                f"{rule['EntityDefinitionId']}.{rule['ValidationName']}: {rule['ErrorMessage']}",
                "A record that breaks it can't be written; leave the integration user out of the rule, as with "
                "AND($User.Id <> '005…', …), or see such records in `readiness parked`.",
            )


def _triggers(door: SalesforceDoor) -> Iterator[Obstacle]:
    soql = "SELECT Name, TableEnumOrId, UsageBeforeUpdate, UsageAfterUpdate FROM ApexTrigger WHERE Status = 'Active'"
    for trigger in _asked(door, soql):
        if trigger["TableEnumOrId"] in WRITTEN and (trigger["UsageBeforeUpdate"] or trigger["UsageAfterUpdate"]):
            yield Obstacle(
                "trigger",
                f"{trigger['TableEnumOrId']}: {trigger['Name']} runs at each of our writes",
                f"See that it takes 200 records at once and leaves {OURS}… fields alone.",
            )


def _flows(door: SalesforceDoor) -> Iterator[Obstacle]:
    found = _asked(door, "SELECT Id, MasterLabel FROM Flow WHERE Status = 'Active'")
    for entry in found[:MOST_FLOWS]:
        flow = door.send("GET", f"tooling/sobjects/Flow/{entry['Id']}", own={400, 403, 404}).data
        metadata = flow.get("Metadata") or {}
        start = metadata.get("start") or {}
        if start.get("object") not in WRITTEN or "Update" not in str(start.get("recordTriggerType")):
            continue
        loops = OURS in json.dumps(metadata)
        yield Obstacle(
            "flow",
            f"{start['object']}: {entry['MasterLabel']} "
            + ("reads or writes our fields: it may loop with us" if loops else "starts at each of our writes"),
            f"Add an entry condition that leaves out changes of {OURS}… fields made by the integration user.",
        )
    if len(found) > MOST_FLOWS:
        yield Obstacle(
            "flow", f"only {MOST_FLOWS} of {len(found)} active flows were looked at", "See the others by hand."
        )


def _asked(door: SalesforceDoor, soql: str) -> Sequence[Mapping[str, Any]]:
    answer = door.send("GET", "tooling/query", None, {"q": soql}, own={400, 403, 404})
    records: Sequence[Mapping[str, Any]] = answer.data["records"]
    return records
