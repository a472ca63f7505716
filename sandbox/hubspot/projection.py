"""The company projected into HubSpot: owners, pipelines, companies, contacts and leads; deals and activities elsewhere.

What the company calls an id becomes the custom, unique property `external_id` on companies, contacts and deals.
A person of kind "lead" becomes a contact of lifecycle stage lead with a lead object on it. Roles on an opportunity
become associations with a label per seat; HubSpot keeps no history of those.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sandbox.company import Account, Batch, Case, Person, Role, Seller, Stage
from sandbox.hubspot import pipelines
from sandbox.hubspot.association_types import internal_name
from sandbox.hubspot.owners import Owner
from sandbox.hubspot.project_activities import Activities
from sandbox.hubspot.project_deals import Deals
from sandbox.hubspot.properties import custom
from sandbox.hubspot.state import USER_ID, State
from sandbox.hubspot.store import Record, Source
from sandbox.hubspot.wire import millis, stamp

SEAT_LABELS = {
    "decider": "Decision maker",
    "champion": "Champion",
    "procurement": "Procurement",
    "technical": "Technical buyer",
    "user": "End user",
}
PRIMARY_LABEL = "Primary contact"
LIFECYCLE = {
    "suspect": "subscriber",
    "subscriber": "subscriber",
    "prospect": "lead",
    "lead": "lead",
    "mql": "marketingqualifiedlead",
    "sql": "salesqualifiedlead",
    "opportunity": "opportunity",
    "customer": "customer",
}
LEAD_STAGE = {"prospect": "attempting-stage-id", "mql": "connected-stage-id", "sql": "qualified-stage-id"}
ORIGINS = {
    "referral": "REFERRALS",
    "partner": "REFERRALS",
    "search": "ORGANIC_SEARCH",
    "web": "DIRECT_TRAFFIC",
    "campaign": "EMAIL_MARKETING",
    "mail": "EMAIL_MARKETING",
    "social": "SOCIAL_MEDIA",
    "linkedin": "SOCIAL_MEDIA",
}
PRIORITIES = {
    "low": "LOW",
    "medium": "MEDIUM",
    "normal": "MEDIUM",
    "high": "HIGH",
    "urgent": "URGENT",
    "critical": "URGENT",
}
FIRST_OWNER, FIRST_USER = 81_000_000, 61_000_000


class Projection:
    """Applies batches to the portal's state.

    Attributes
    ----------
    ids : (kind, the company's id) -> the portal's id.
    pipelines, stages : the company's id -> the portal's id.
    floor : no record of the next batch was modified before this instant (ms): the last batch ended there, or somebody
        saw the portal after that.
    """

    def __init__(self, state: State) -> None:
        self.state = state
        self.ids: dict[tuple[str, str], int] = {}
        self.pipelines: dict[str, str] = {}
        self.stages: dict[str, str] = {}
        self.floor = 0
        self.deals = Deals(self)
        self.activities = Activities(self)
        self._prepare()

    def apply(self, batch: Batch) -> None:
        self.floor = max(self.floor, self.state.served)
        for seller in batch.sellers:
            self._seller(seller)
        self._stages(batch.stages)
        for account in batch.accounts:
            self._account(account)
        for person in batch.people:
            self._person(person)
        self.deals.apply(batch)
        for role in sorted(batch.roles, key=lambda role: role.joined_at):
            self._role(role)
        for case in batch.cases:
            self._case(case)
        self.activities.apply(batch)
        self.floor = millis(batch.as_of)

    def owner(self, seller_id: str | None) -> str | None:
        """The owner id of a seller, as text."""
        id = self.ids.get(("sellers", seller_id)) if seller_id else None
        return str(id) if id is not None else None

    def source(self, seller_id: str | None) -> Source:
        """Who a change by this seller is put down to."""
        id = self.ids.get(("sellers", seller_id)) if seller_id else None
        if id is None:
            return Source("IMPORT", "sandbox")
        user = self.state.owners[id].user_id
        return Source("CRM_UI", f"userId:{user}", user)

    def put(
        self, plural: str, key: str, created: datetime, values: Mapping[str, str | None], source: Source
    ) -> tuple[Record, bool]:
        """The record of a company's id, new or brought up to date, and whether it is new."""
        table = self.state.tables[plural]
        id = self.ids.get((plural, key))
        if id is not None:
            record = table.records[id]
            self.update(plural, record, values, self.floor, source)
            return record, False
        record = Record(self.state.next_id(), millis(created), source)
        record.updated = max(record.created, self.floor)
        table.fill(record, values)
        table.add(record)
        self.ids[(plural, key)] = record.id
        return record, True

    def update(self, plural: str, record: Record, values: Mapping[str, str | None], at: int, source: Source) -> None:
        """Bring a record up to date; only what differs makes a version."""
        table = self.state.tables[plural]
        differs = [table.change(record, name, value or "", at, source) for name, value in values.items()]
        if any(differs):
            self.touch(plural, record, at)

    def touch(self, plural: str, record: Record, at: int) -> None:
        """Note that a record was modified at that instant, though not before anybody saw it unmodified."""
        record.updated = max(record.updated, at, self.floor)
        self.state.tables[plural].touched(record)

    def link(self, start: str, id: int, end: str, key: str | None, *, primary: bool = False) -> None:
        """Associate a record with the one of a company's id, if there is one."""
        other = self.ids.get((end, key)) if key else None
        if other is not None:
            pair = (start, end)
            self.state.graph.link(pair, id, other, self.state.types.primary[pair] if primary else None)

    def _prepare(self) -> None:
        """What the portal's admins set up: the company's own id as a property, and a label per seat."""
        now = self.state.now()
        for plural in ("companies", "contacts", "deals"):
            properties = self.state.properties[plural]
            fields = {
                "name": "external_id",
                "label": "External ID",
                "type": "string",
                "fieldType": "text",
                "groupName": next(iter(properties.groups)),
                "hasUniqueValue": True,
            }
            properties.add(custom(fields, now, str(USER_ID)))
            self.state.tables[plural].index_unique("external_id")
        for label in (*SEAT_LABELS.values(), PRIMARY_LABEL):
            self.state.types.define(("deals", "contacts"), label, internal_name(label))

    def _seller(self, seller: Seller) -> None:
        id = self.ids.setdefault(("sellers", seller.id), FIRST_OWNER + 13 * len(self.state.owners))
        first, _, last = seller.name.partition(" ")
        now = max(self.floor, self.state.now())
        held = self.state.owners.get(id)
        team = (str(7_000_000 + sum(map(ord, seller.team))), seller.team) if seller.team else None
        self.state.owners[id] = Owner(
            id,
            held.user_id if held else FIRST_USER + 13 * len(self.state.owners),
            seller.email,
            first,
            last,
            not seller.is_active,
            held.created if held else 1_400_000_000_000,
            now,
            team,
        )

    def _stages(self, stages: list[Stage]) -> None:
        """The company's first pipeline becomes the portal's default one."""
        held, now = self.state.pipelines["deals"], self.state.now()
        for stage in stages:
            id = self.pipelines.get(stage.pipeline_id)
            if id is None:
                id = self.pipelines[stage.pipeline_id] = str(self.state.next_id()) if self.pipelines else "default"
                held.add(pipelines.Pipeline(id, stage.pipeline, len(held.by_id), now, now))
            self._stage(held.by_id[id], stage, now)
        for pipeline in held:
            labels = [(stage.id, stage.label) for stage in pipeline.ordered()]
            self.state.properties["deals"].add_stage_dates(labels, pipeline.label)

    def _stage(self, pipeline: pipelines.Pipeline, stage: Stage, now: int) -> None:
        id = self.stages.setdefault(stage.id, str(self.state.next_id()))
        chance = 1.0 if stage.is_won else 0.0 if stage.is_closed else stage.probability
        if chance is None:
            chance = min(0.9, round(stage.position / 20, 2))
        metadata = {"isClosed": str(stage.is_closed).lower(), "probability": str(chance)}
        made = pipelines.Stage(id, stage.label, stage.position, metadata, now, now)
        self.state.pipelines["deals"].put_stage(pipeline, made)

    def _account(self, account: Account) -> None:
        values = {
            "external_id": account.id,
            "name": account.name,
            "domain": account.domain,
            "website": account.domain,
            "numberofemployees": _number(account.employees),
            "annualrevenue": _number(account.annual_revenue),
            "lifecyclestage": "opportunity",
        }
        self.put("companies", account.id, account.created_at, values, self.source(None))

    def _person(self, person: Person) -> None:
        stage = LIFECYCLE.get((person.lifecycle or "").lower(), "other") if person.lifecycle else None
        origin = next((name for word, name in ORIGINS.items() if word in (person.source or "").lower()), "OFFLINE")
        values = {
            "external_id": person.id,
            "email": person.email.lower() if person.email else None,
            "firstname": person.first_name,
            "lastname": person.last_name,
            "jobtitle": person.title,
            "company": person.company,
            "lifecyclestage": stage or ("lead" if person.kind == "lead" else None),
            "hs_analytics_source": origin if person.source else None,
            "hs_analytics_source_data_1": person.source,
            "hs_email_optout": "true" if person.opted_out else None,
            "hubspot_owner_id": self.owner(person.owner_id),
        }
        values["email"] = self._own_address(person, values["email"])
        record, _ = self.put("contacts", person.id, person.created_at, values, self.source(person.owner_id))
        self.link("contacts", record.id, "companies", person.account_id, primary=True)
        if person.kind == "lead" or ("leads", person.id) in self.ids:
            self._lead(person, record)

    def _own_address(self, person: Person, email: str | None) -> str | None:
        """HubSpot holds an address once: whoever comes second with it has none there."""
        holder = self.state.tables["contacts"].holder("email", email or "")
        return email if holder is None or self.ids.get(("contacts", person.id)) == holder.id else None

    def _lead(self, person: Person, contact: Record) -> None:
        stage = (
            "qualified-stage-id" if person.kind != "lead" else LEAD_STAGE.get(person.lifecycle or "", "new-stage-id")
        )
        values = {
            "hs_lead_name": f"{person.first_name} {person.last_name}".strip(),
            "hs_lead_label": "WARM",
            "hs_lead_type": "NEW_BUSINESS",
            "hs_pipeline": "lead-pipeline-id",
            "hs_pipeline_stage": stage,
            "hubspot_owner_id": self.owner(person.owner_id),
        }
        lead, is_new = self.put("leads", person.id, person.created_at, values, self.source(person.owner_id))
        if is_new:
            self.state.graph.link(
                ("leads", "contacts"), lead.id, contact.id, self.state.types.primary[("leads", "contacts")]
            )

    def _role(self, role: Role) -> None:
        deal, person = self.ids.get(("deals", role.opportunity_id)), self.ids.get(("contacts", role.person_id))
        if deal is None or person is None:
            return
        pair, graph = ("deals", "contacts"), self.state.graph
        if role.left_at is not None:
            graph.unlink(pair, deal, person)
            return
        graph.link(pair, deal, person)
        wanted = {SEAT_LABELS.get(role.seat), PRIMARY_LABEL if role.is_primary else None}
        for kind in self.state.types.of(pair):
            if kind.label in wanted and kind.label:
                graph.label(pair, deal, person, kind)
            elif kind.category == "USER_DEFINED":
                graph.unlabel(pair, deal, person, kind)

    def _case(self, case: Case) -> None:
        values = {
            "subject": case.subject or "Support request",
            "hs_pipeline": "0",
            "hs_pipeline_stage": "4" if case.closed_at else "3" if case.first_response_at else "1",
            "hs_ticket_priority": PRIORITIES.get(case.priority.lower(), "MEDIUM"),
            "closed_date": stamp(millis(case.closed_at)) if case.closed_at else None,
            "first_agent_reply_date": stamp(millis(case.first_response_at)) if case.first_response_at else None,
        }
        record, is_new = self.put("tickets", case.id, case.opened_at, values, self.source(None))
        for at in (case.first_response_at, case.closed_at):
            if at:
                self.touch("tickets", record, millis(at))
        if is_new:
            self.link("tickets", record.id, "companies", case.account_id, primary=True)
            self.link("tickets", record.id, "contacts", case.person_id)


def _number(value: float | None) -> str | None:
    """A number as HubSpot shows it, whole ones without a point."""
    return None if value is None else str(int(value)) if value == int(value) else str(value)
