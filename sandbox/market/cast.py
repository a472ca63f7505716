"""Who takes part: the selling company's people, the companies they sell to and the people who work there."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import TYPE_CHECKING

from sandbox.company import Account, Person, Seller
from sandbox.market import names
from sandbox.market.calendar import Office

if TYPE_CHECKING:
    from sandbox.market.scene import Deal

OFFICES = {zone: Office(zone) for zone in dict.fromkeys(zone for _, _, zone in names.TEAMS)}


@dataclass(slots=True, eq=False)
class Rep:
    """A seller as a human being: what a CRM shows of them, and the habits that nobody sees.

    Rates are relative to an average colleague (1.0) unless they are called a share.
    """

    index: int
    record: Seller
    language: str
    office: Office
    captures_mail: float
    logs_calls: float
    diligence: float
    optimism: float
    honesty: float
    reliability: float
    reply_hours: float
    hygiene: float
    pushy: float

    @property
    def first_name(self) -> str:
        return self.record.name.split(" ", 1)[0]


@dataclass(slots=True, eq=False)
class Firm:
    """A company that may buy."""

    record: Account
    language: str
    is_customer: bool = False
    deals: list[Deal] = field(default_factory=list)


def ascii_slug(text: str) -> str:
    """Lower-case letters and digits only, as in an address."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "", plain.lower())


class Casting:
    """Makes up people and companies, no two companies under one domain and no two people under one address."""

    def __init__(self) -> None:
        self._domains: set[str] = set()
        self._addresses: set[str] = set()
        self._made = 0

    def number(self, prefix: str) -> str:
        self._made += 1
        return f"{prefix}-{self._made:06d}"

    def name(self, rng: Random, language: str) -> tuple[str, str]:
        return rng.choice(names.NAMES[language]["first"]), rng.choice(names.NAMES[language]["last"])

    def company(self, rng: Random, language: str) -> tuple[str, str]:
        """A name and a domain that no other company has."""
        stem, sector = rng.choice(names.NAMES[language]["stem"]), rng.choice(names.NAMES[language]["sector"])
        name = f"{stem} {sector}"
        while ascii_slug(name) in self._domains:
            name = f"{stem} {sector} {rng.choice(names.NAMES[language]['place'])}"
            if ascii_slug(name) in self._domains:
                name = f"{name} {len(self._domains)}"
        self._domains.add(ascii_slug(name))
        return name, f"{ascii_slug(name)}.example"

    def firm(self, rng: Random, language: str, created_at: datetime, known: tuple[str, str] | None = None) -> Firm:
        """A company of which nothing was known, or of which a lead gave name and domain."""
        name, domain = known or self.company(rng, language)
        employees = int(min(5000, max(8, rng.lognormvariate(4.6, 1.0))))
        revenue = round(employees * rng.uniform(90_000, 240_000), -4)
        account = Account(self.number("account"), name, created_at, domain, employees, revenue)
        return Firm(account, language)

    def person(
        self, rng: Random, language: str, seat: str, created_at: datetime, *, firm: Firm | None, owner_id: str | None
    ) -> Person:
        """A contact at a firm, or without one a lead whose company is a name only."""
        first, last = self.name(rng, language)
        company, domain = (firm.record.name, firm.record.domain) if firm else self.company(rng, language)
        return Person(
            id=self.number("contact" if firm else "lead"),
            account_id=firm.record.id if firm else None,
            first_name=first,
            last_name=last,
            email=self._address(first, last, str(domain)),
            title=rng.choice(names.NAMES[language]["title"][seat]),
            kind="contact" if firm else "lead",
            lifecycle=None,
            source=rng.choice(names.SOURCES),
            created_at=created_at,
            owner_id=owner_id,
            company=company,
        )

    def _address(self, first: str, last: str, domain: str) -> str:
        local = f"{ascii_slug(first)}.{ascii_slug(last)}"
        address, n = f"{local}@{domain}", 1
        while address in self._addresses:
            n += 1
            address = f"{local}{n}@{domain}"
        self._addresses.add(address)
        return address

    def reps(self, rng: Random, count: int) -> list[Rep]:
        """The sales department, in two teams or four, each led by its first member."""
        teams = len(names.TEAMS) if count >= 5 * len(names.TEAMS) else 2
        leaders: dict[int, str] = {}
        found = []
        for i in range(count):
            team = i % teams
            label, language, zone = names.TEAMS[team]
            first, last = self.name(rng, language)
            seller_id = f"seller-{i + 1:03d}"
            address = self._address(first, last, names.OWN_DOMAIN)
            seller = Seller(seller_id, f"{first} {last}", address, True, label, leaders.get(team), zone)
            leaders.setdefault(team, seller_id)
            found.append(_habits(rng, i, seller, language, OFFICES[zone]))
        return found


def _habits(rng: Random, index: int, seller: Seller, language: str, office: Office) -> Rep:
    return Rep(
        index=index,
        record=seller,
        language=language,
        office=office,
        captures_mail=rng.choice((0.97, 0.95, 0.9, 0.85, 0.7, 0.45)),
        logs_calls=rng.choice((0.95, 0.9, 0.85, 0.75, 0.6)),
        diligence=rng.lognormvariate(0.0, 0.25),
        optimism=rng.lognormvariate(0.0, 0.3),
        honesty=rng.betavariate(2.0, 3.0),
        reliability=rng.betavariate(7.0, 2.2),
        reply_hours=rng.lognormvariate(1.7, 0.6),
        hygiene=rng.betavariate(2.0, 2.0),
        pushy=rng.lognormvariate(0.0, 0.4),
    )
