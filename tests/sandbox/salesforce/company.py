"""A small company with known facts, and the plain-http door through which simple-salesforce reaches it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from simple_salesforce import Salesforce

from sandbox import server
from sandbox.company import (
    Account,
    Activity,
    Batch,
    Case,
    Change,
    Opportunity,
    Person,
    PlannedTask,
    ProductLine,
    Quote,
    Role,
    Seller,
    Stage,
)
from sandbox.server import Sandbox
from sandbox.world import World

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
BORN = NOW - timedelta(days=60)
MANY = 4_500


def days(number: float) -> datetime:
    return BORN + timedelta(days=number)


def activity(number: int, channel: str, direction: str, **more: Any) -> Activity:
    known = {
        "id": f"act-{number}", "opportunity_id": "opp-1", "account_id": "acc-1", "person_ids": ["anna"],
        "seller_id": "sam", "outcome": None, "subject": "", "body": "", "topics": [], "occurred_at": days(10),
        "recorded_at": days(10) + timedelta(minutes=5),
    }  # fmt: skip
    return Activity(channel=channel, direction=direction, **{**known, **more})


def past() -> Batch:
    """Two accounts, three contacts and a lead, two opportunities, one of every kind of activity, and many notes."""
    stages = [
        Stage("new", "New Business", "new-talk", "Talking", 1, 0.2, is_closed=False, is_won=False),
        Stage("new", "New Business", "new-offer", "Offer", 2, 0.6, is_closed=False, is_won=False),
        Stage("new", "New Business", "new-won", "Won", 3, 1.0, is_closed=True, is_won=True),
        Stage("renew", "Renewal", "renew-lost", "Lost", 1, 0.0, is_closed=True, is_won=False),
    ]
    people = [
        Person("anna", "acc-1", "Anna", "Bos", "anna@acme.example", "CFO", "contact", None, "Web", days(0)),
        Person("bert", "acc-1", "Bert", "Dijk", "bert@acme.example", None, "contact", None, None, days(0)),
        Person("cor", "acc-2", "Cor", "Eik", "cor@beta.example", None, "contact", None, None, days(0)),
        Person("lea", None, "Lea", "Fok", "lea@new.example", None, "lead", "Working - Contacted", "Web", days(3)),
    ]
    opportunities = [
        Opportunity(
            "opp-1", "acc-1", "tess", "new", "new-offer", "Acme – Pumps", 1500.0, "EUR", date(2026, 4, 30),
            days(1), None, None,
        ),
        Opportunity(
            "opp-2", "acc-2", "sam", "renew", "renew-lost", "Beta – Renewal", None, "EUR", date(2026, 2, 1),
            days(2), days(20), "Price",
        ),
    ]  # fmt: skip
    changes = [
        Change("opp-1", "stage", None, "new-talk", days(1)),
        Change("opp-1", "amount", None, "1000", days(1)),
        Change("opp-1", "close_date", None, "2026-03-31", days(1)),
        Change("opp-1", "stage", "new-talk", "new-offer", days(12)),
        Change("opp-1", "amount", "1000", "1500", days(12)),
        Change("opp-1", "close_date", "2026-03-31", "2026-04-30", days(15)),
        Change("opp-1", "seller", "sam", "tess", days(16)),
    ]
    kinds = [
        activity(1, "email", "inbound", person_ids=["anna", "bert"], subject="Question", body="Does it float?"),
        activity(2, "email", "outbound", subject="Answer", body="It does.", thread_id="t1"),
        activity(3, "call", "outbound", outcome="no_answer", duration_seconds=90),
        activity(4, "meeting", "mutual", person_ids=["anna", "bert"], outcome="no_show"),
        activity(5, "form", "inbound", topics=["pricing"]),
        activity(6, "document", "inbound", topics=["returned_document", "legal"]),
        activity(7, "web", "inbound", opportunity_id=None, account_id=None, person_ids=["lea"]),
    ]
    notes = [
        activity(
            100 + number, "other", "outbound", opportunity_id="opp-2", account_id="acc-2", person_ids=["cor"],
            subject=f"Note {number}", body="Noted.", occurred_at=days(5), recorded_at=days(5 + number // 1000),
        )
        for number in range(MANY)
    ]  # fmt: skip
    return Batch(
        NOW,
        sellers=[
            Seller("sam", "Sam Smit", "sam@us.example", team="North", time_zone="Europe/Amsterdam"),
            Seller("tess", "Tess Tol", "tess@us.example", team="North", manager_id="sam"),
            Seller("gone", "Gina Gone", "gina@us.example", is_active=False),
        ],
        stages=stages,
        accounts=[Account("acc-1", "Acme", days(0), "acme.example", 120, 5e6), Account("acc-2", "Beta", days(0))],
        people=people,
        opportunities=opportunities,
        roles=[
            Role("opp-1", "anna", "decider", is_primary=True, joined_at=days(1)),
            Role("opp-1", "bert", "user", is_primary=False, joined_at=days(4)),
            Role("opp-2", "cor", "unknown", is_primary=True, joined_at=days(2), left_at=days(9)),
        ],
        activities=kinds + notes,
        changes=changes,
        quotes=[Quote("q-1", "opp-1", 1, "declined", 1500.0, days(6), days(7), days(8), days(9))],
        tasks=[
            PlannedTask("p-1", "opp-1", "anna", "sam", "call", "Ring Anna", "", days(20), days(40)),
            PlannedTask("p-2", "opp-1", "anna", "sam", "todo", "Send terms", "", days(20), days(30), days(29)),
        ],
        cases=[Case("c-1", "acc-1", "anna", "It leaks", days(11), days(12), None, "High")],
        products=[ProductLine("opp-1", "Pump", 3, 1500.0)],
    )


class Company:
    """The company as the sandbox's world wants it; a day brings nothing."""

    def past(self) -> Batch:
        return past()

    def advance(self, days: int) -> Batch:
        return Batch(NOW + timedelta(days=days))

    def truth(self) -> dict[str, Any]:
        return {}


class Plain(HTTPAdapter):
    """Sends what is meant for https and Salesforce's hosts to the sandbox over plain http."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._host = urlsplit(url).netloc

    def send(self, request: requests.PreparedRequest, **more: Any) -> requests.Response:  # type: ignore[override]
        split = urlsplit(str(request.url))
        request.url = split._replace(scheme="http", netloc=self._host).geturl()
        return super().send(request, **more)


def session(url: str) -> requests.Session:
    made = requests.Session()
    made.mount("https://", Plain(url))
    made.trust_env = False
    return made


def login(url: str, version: str = "65.0") -> Salesforce:
    return Salesforce(
        consumer_key="sandbox", consumer_secret="sandbox", domain="acme.my", version=version, session=session(url)
    )


def running() -> AbstractContextManager[Sandbox]:
    """A sandbox of this company on a free port."""
    return server.running(World(Company(), limits=False))
