"""A company small enough to know by heart: three deals, four buyers, one lead, two sellers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

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

AS_OF = datetime(2026, 3, 2, 9, tzinfo=UTC)


def day(number: int, hour: int = 10, milli: int = 0) -> datetime:
    """A moment `number` days after 1 January 2026."""
    return datetime(2026, 1, 1, hour, tzinfo=UTC) + timedelta(days=number, milliseconds=milli)


def activity(id: str, channel: str, direction: str, at: datetime, **more: Any) -> Activity:
    given: dict[str, Any] = {
        "opportunity_id": "o1",
        "account_id": "a1",
        "person_ids": ["p1"],
        "seller_id": "s1",
        "outcome": None,
        "subject": "About the pump",
        "body": "We need it before summer.",
        "topics": ["need"],
        "recorded_at": at + timedelta(minutes=5),
    }
    return Activity(id=id, channel=channel, direction=direction, occurred_at=at, **{**given, **more})


def past() -> Batch:
    """All that happened up to `AS_OF`."""
    mute: dict[str, str] = {"subject": "", "body": ""}
    return Batch(
        AS_OF,
        sellers=[
            Seller("s1", "Anna Jansen", "anna@seller.example", team="North"),
            Seller("s2", "Ben de Wit", "ben@seller.example", is_active=False),
        ],
        stages=[
            Stage("nb", "New Business", "lead-in", "Qualification", 1, 0.1, False, False),
            Stage("nb", "New Business", "offer", "Proposal", 2, 0.6, False, False),
            Stage("nb", "New Business", "yes", "Closed Won", 3, 1.0, True, True),
            Stage("nb", "New Business", "no", "Closed Lost", 4, 0.0, True, False),
            Stage("rn", "Renewal", "rn-open", "Review", 1, None, False, False),
            Stage("rn", "Renewal", "rn-yes", "Renewed", 2, None, True, True),
        ],
        accounts=[
            Account("a1", "Pompen BV", day(0), "pompen.example", 120, 4_500_000.5),
            Account("a2", "Kranen BV", day(0), "kranen.example"),
        ],
        people=[
            Person("p1", "a1", "Carla", "Smit", "Carla@Pompen.example", "CFO", "contact", "sql", "Referral", day(0)),
            Person("p2", "a1", "Dirk", "Bos", "dirk@pompen.example", "Engineer", "contact", "customer", None, day(1)),
            Person("p3", "a2", "Els", "Vos", None, None, "contact", None, None, day(1), opted_out=True),
            Person("p4", "a2", "Finn", "Tak", "dirk@pompen.example", None, "contact", None, None, day(2)),
            Person(
                "l1", None, "Gé", "Prins", "ge@prins.example", "Owner", "lead", "mql", "Website", day(3),
                owner_id="s1", company="Prins VOF",
            ),
        ],
        opportunities=[
            Opportunity(
                "o1", "a1", "s1", "nb", "offer", "Pumps", 12000.0, "EUR", date(2026, 4, 1), day(5), None, None
            ),
            Opportunity(
                "o2", "a2", "s1", "nb", "no", "Taps", None, "EUR", date(2026, 2, 1), day(6), day(31), "No budget"
            ),
            Opportunity("o3", "a1", "s1", "rn", "rn-open", "Renewal", 900.0, "EUR", None, day(7), None, None),
        ],
        roles=[
            Role("o1", "p1", "decider", True, day(5)),
            Role("o1", "p2", "technical", False, day(5)),
            Role("o2", "p3", "champion", False, day(6), left_at=day(20)),
            Role("o2", "p4", "unknown", False, day(6)),
        ],
        activities=[
            activity("e-in", "email", "inbound", day(10)),
            activity("e-out", "email", "outbound", day(11), outcome="bounced", person_ids=["p1", "p2"]),
            activity("call", "call", "outbound", day(12), outcome="no_answer", duration_seconds=90),
            activity("meet", "meeting", "mutual", day(13), outcome="held", person_ids=["p1", "p2"]),
            activity("form", "form", "inbound", day(14), **mute, topics=["form_submitted", "quote_request"]),
            activity("doc", "document", "inbound", day(15), **mute, topics=["returned_document"], opportunity_id=None),
        ],
        changes=[
            Change("o1", "stage", None, "lead-in", day(5)),
            Change("o1", "stage", "lead-in", "offer", day(9, milli=123)),
            Change("o1", "close_date", "2026-03-01", "2026-04-01", day(16)),
            Change("o1", "seller", "s2", "s1", day(8)),
            Change("o2", "stage", None, "lead-in", day(6)),
            Change("o2", "stage", "lead-in", "no", day(31)),
        ],
        quotes=[
            Quote("q1", "o1", 1, "accepted", 12000.0, day(12), day(13), day(14), day(20)),
            Quote("q2", "o2", 1, "declined", None, day(12), day(13), None, day(21)),
            Quote("q3", "o2", 2, "draft", 10.0, day(22)),
        ],
        tasks=[
            PlannedTask("t1", "o1", "p1", "s1", "call", "Ring Carla", "", day(17), day(18), day(18, 12)),
            PlannedTask("t2", "o1", "p1", "s1", "todo", "Send references", "", day(50), day(70)),
        ],
        cases=[Case("c1", "a1", "p2", "Leak", day(30), day(31), day(33), "high")],
        products=[ProductLine("o1", "Pump X", 2.0, 12000.0)],
    )  # fmt: skip


def next_days() -> Batch:
    """What the three days after that bring: the deal is won, Dirk leaves it, a colleague comes in."""
    at = AS_OF + timedelta(hours=1)
    won = Opportunity(
        "o1", "a1", "s1", "nb", "yes", "Pumps", 12000.0, "EUR", date(2026, 4, 1), day(5), at + timedelta(days=1), None
    )
    bought = replace(next(person for person in past().people if person.id == "p1"), lifecycle="customer")
    return Batch(
        AS_OF + timedelta(days=3),
        people=[bought],
        opportunities=[won],
        changes=[Change("o1", "stage", "offer", "yes", at + timedelta(days=1))],
        roles=[
            Role("o1", "p2", "technical", False, day(5), left_at=at),
            Role("o1", "p3", "champion", False, at),
        ],
        activities=[activity("late", "email", "inbound", AS_OF + timedelta(seconds=1), recorded_at=AS_OF)],
    )


class Company:
    """The company as the sandbox's world wants it."""

    def past(self) -> Batch:
        return past()

    def advance(self, days: int) -> Batch:
        return next_days()

    def truth(self) -> dict[str, Any]:
        return {}
