"""The cells of the matrix: fault × CRM × step, as a table to read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Match = Mapping[str, str]

STEPS: Mapping[str, Mapping[str, Match]] = {
    "salesforce": {
        "log in": {"path": "oauth2/token"},
        "identify": {"path": "userinfo"},
        "describe": {"path": "composite/batch"},
        "first pull": {"path": "/query", "query": "FROM (Task|Contact) "},
        "pull": {"path": "/queryAll", "query": "FROM Opportunity "},
        "history": {"path": "/query", "query": "FROM OpportunityFieldHistory "},
        "write fields": {"method": "PATCH", "path": "composite/sobjects"},
        "look before": {"path": "composite/batch"},
        "load fields": {"method": "PUT", "path": "jobs/ingest/.*/batches"},
        "wait for load": {"method": "GET", "path": "jobs/ingest/750"},
        "find tasks": {"path": "/query", "query": "FROM Task WHERE WhatId"},
        "write tasks": {"method": "POST", "path": "composite/sobjects$"},
        "withdraw tasks": {"method": "DELETE", "path": "composite/sobjects"},
    },
    "hubspot": {
        "identify": {"path": "account-info"},
        "describe": {"path": "properties/.*/deals"},
        "first pull": {"method": "GET", "path": "objects/.*emails"},
        "pull": {"path": "/deals/search"},
        "history": {"path": "/deals/batch/read"},
        "links": {"path": "associations/.*deals/contacts/batch/read"},
        "write fields": {"path": "/deals/batch/update"},
        "find tasks": {"path": "associations/.*deals/tasks/batch/read"},
        "write tasks": {"path": "/tasks/batch/create"},
        "withdraw tasks": {"path": "/tasks/batch/archive"},
    },
}
"""A step of a run -> the requests by which the sandbox knows it."""

AFTER = {"look before": 1}
"""How many requests of a step's kind belong to an earlier one: the describe is a batch too."""
LOADS = ("load fields", "wait for load")
"""Steps of a write of many rows."""
WELL = ""
"""The faulty run gets over it by itself."""
LATER = "next run goes on"
ROWS = ("write fields", "write tasks")


@dataclass(frozen=True, slots=True)
class Cell:
    """One fault at one step.

    Attributes
    ----------
    posted : the fault as the sandbox's control plane takes it, but for what it matches.
    event : what else happens, by name: "deleted", "disk full", "two runs".
    ends : a part of the message with which the faulty run ends; `WELL` where it doesn't fail.
    receipt : a part of the reason on the receipt of the row that was struck; "" where no row is.
    """

    crm: str
    fault: str
    step: str
    posted: Mapping[str, Any] = field(default_factory=dict, hash=False)
    event: str = ""
    ends: str = WELL
    receipt: str = ""

    @property
    def name(self) -> str:
        return f"{self.crm} - {self.fault} - {self.step}"

    @property
    def asked(self) -> Mapping[str, Any]:
        """The fault as it is posted, with what it matches."""
        return {"match": dict(self.match), "after": AFTER.get(self.step, 0), **self.posted}

    @property
    def match(self) -> Match:
        return STEPS[self.crm].get(self.step, {})


PASSING: dict[str, dict[str, Any]] = {
    "429 with Retry-After": {"kind": "rate_limit", "retry_after": 1},
    "429 without Retry-After": {"kind": "rate_limit"},
    "500": {"kind": "server_error", "status": 500},
    "502": {"kind": "server_error", "status": 502},
    "503": {"kind": "server_error", "status": 503},
    "504": {"kind": "server_error", "status": 504},
    "reset": {"kind": "reset"},
    "answer lost": {"kind": "lost_answer"},
    "reset within the body": {"kind": "reset_mid_body"},
    "truncated body": {"kind": "truncated"},
    "drop by drop": {"kind": "slow_loris", "seconds": 0.3},
}
"""Over by the next attempt, at any step."""

LASTING: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "503 throughout": ({"kind": "server_error", "status": 503, "times": None}, LATER),
    "resets throughout": ({"kind": "reset", "times": None}, LATER),
    "permission lost": ({"kind": "permission_lost", "times": None}, "may not do this"),
}
"""Until somebody mends it; the message that the admin reads."""

STRUCK: Mapping[str, tuple[Mapping[str, Any], Mapping[str, str]]] = {
    "partial failure": ({"kind": "partial_failure"}, {"salesforce": "can't be saved", "hubspot": "not valid"}),
    "required field": (
        {"kind": "required_field", "field": "Reason__c"},
        {"salesforce": "REQUIRED_FIELD_MISSING", "hubspot": "required"},
    ),
    "restricted picklist": (
        {"kind": "restricted_picklist", "field": "BR_Phase__c"},
        {"salesforce": "RESTRICTED_PICKLIST", "hubspot": "allowed options"},
    ),
    "duplicate rule": ({"kind": "duplicate_rule"}, {"salesforce": "DUPLICATES_DETECTED", "hubspot": "already exists"}),
    "row locked throughout": (
        {"kind": "row_lock", "times": None},
        {"salesforce": "UNABLE_TO_LOCK_ROW", "hubspot": "LOCKED"},
    ),
}
"""Faults of single rows; the reason on the receipt. A batch that HubSpot refuses as a whole is halved to the row."""

BUT = {("write tasks", "row locked throughout"), ("hubspot", "write tasks", "duplicate rule")}
"""What the CRMs do not have: a new task is no row to lock, and HubSpot's 409 names the task that has this key."""


def cells(crm: str) -> Iterator[Cell]:
    """All cells of one CRM."""
    yield from _of_calls(crm)
    yield from _of_rows(crm)
    yield from _of_limits_and_clocks(crm)
    yield from _of_events(crm)


def _of_calls(crm: str) -> Iterator[Cell]:
    """A call that fails once, or until it is mended. Logging in is no call that a limit or a right concerns."""
    for step in STEPS[crm]:
        is_call = step != "log in"
        for name, posted in PASSING.items():
            if is_call or posted["kind"] != "rate_limit":
                yield Cell(crm, name, step, posted)
        for name, (posted, ends) in LASTING.items():
            if (step, posted["kind"]) == ("write tasks", "reset"):
                yield Cell(crm, name, step, posted, receipt="no answer")
            elif is_call or posted["kind"] != "permission_lost":
                yield Cell(crm, name, step, posted, ends=ends)
        if is_call and crm == "salesforce":
            yield Cell(crm, "session expires", step, {"kind": "expired_token"})


def _of_rows(crm: str) -> Iterator[Cell]:
    """A row that is refused among others."""
    for step in ROWS:
        for name, (posted, reasons) in STRUCK.items():
            if not BUT & {(step, name), (crm, step, name)}:
                yield Cell(crm, name, step, posted, receipt=reasons[crm])
    yield Cell(crm, "row locked once", "write fields", {"kind": "row_lock"})


def _of_limits_and_clocks(crm: str) -> Iterator[Cell]:
    for step in ("describe", "pull", "history", "write fields", "write tasks"):
        yield Cell(crm, "daily limit", step, {"kind": "daily_limit", "times": None}, ends="quota")
    for seconds in (-240, 240):
        yield Cell(crm, f"servers' clocks {seconds} s apart", "identify", {"kind": "clock_skew", "seconds": seconds})
    if crm == "hubspot":
        yield Cell(crm, "search lags", "pull", {"kind": "search_lag", "seconds": 60})


def _of_events(crm: str) -> Iterator[Cell]:
    for step in ("pull", "write fields"):
        yield Cell(crm, "disk full", step, event="disk full", ends="disk")
    yield Cell(crm, "record deleted since the pull", "write fields", event="deleted")
    yield Cell(crm, "two runs at once", "pull", event="two runs", ends="another run is at work")
