"""One CRM connection as RevOps describes it. Every key but `crm` and the CRM's address has a default."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal
from urllib.parse import urlsplit

from babel.core import get_global
from pydantic import AfterValidator, Field, NonNegativeInt, PositiveFloat, model_validator

from assets.config.auth import HubSpotAuth, SalesforceAuth, hubspot_default, salesforce_default
from assets.config.base import Strict
from assets.config.texts import Cron, HoursText, PathText, Share, SpanText, TimeZone, _span
from transforms.annotate import check_phrases
from transforms.workdays import workdays

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def _address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise ValueError('an address is written like "https://acme.my.salesforce.com"')
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise ValueError("plain http goes to this machine only; write https://")
    if parts.username or parts.password:
        raise ValueError("a secret doesn't belong in the address; name it under auth")
    return url.rstrip("/")


Address = Annotated[str, AfterValidator(_address)]


def _phrases(lexicon: dict[str, list[str]]) -> dict[str, list[str]]:
    check_phrases(lexicon)
    return lexicon


def _with_holidays(country: str | None) -> str | None:
    if country:
        workdays(country, "UTC", datetime(2026, 1, 1, tzinfo=UTC))
    return country


Country = Annotated[str, Field(pattern="^[A-Z]{2}$"), AfterValidator(_with_holidays)]
Lexicon = Annotated[dict[str, list[str]], AfterValidator(_phrases)]
Seat = Literal["decider", "champion", "procurement", "technical", "user", "unknown"]
Phase = Literal["unaware", "aware", "knowledge", "liking", "preference", "conviction", "commitment"]


class Pipelines(Strict):
    """Which pipelines (HubSpot) or record types (Salesforce) take part, by label; all when nothing is said."""

    include: list[str] = Field(default_factory=list)


class Alerts(Strict):
    """How often sellers may be called: tasks per owner per day, days before the same alert may come again, and the
    hours, on the connection's clock, in which no task is put on anybody's list."""

    per_owner_per_day: NonNegativeInt = 5
    cooldown_days: NonNegativeInt = 7
    quiet_hours: HoursText | None = None


class Checks(Strict):
    """When a run must not write: the share of records gone since the last run, and of rows refused."""

    volume_drop: Share = 0.5
    rejected: Share = 0.05


class Common(Strict):
    """What every connection has, whatever its CRM.

    Attributes
    ----------
    mode : observe (compute, write nothing) | pilot (write for `pilot_owners`' records alone) | on.
    stages : pipeline label -> stage label -> the buyer phase that it claims, where history should not decide.
    seats : contact role or association label -> seat, where its words don't say it.
    loss_reasons : loss reason -> lost | no_decision, where its words don't say it.
    currency, rates : corporate currency, and the value in it of one unit of another.
    internal_domains : e-mail domains of the own company, besides those of the sellers.
    hide_phase : share of deals on which no phase is shown until the seller has said theirs.
    lexicon : topic -> further phrases by which it is recognised, written as in transforms/lexicon/*.yaml.
    """

    mode: Literal["observe", "pilot", "on"] = "observe"
    pilot_owners: list[str] = Field(default_factory=list)
    language: Literal["nl", "en"] = "en"
    country: Country | None = None
    time_zone: TimeZone | None = None
    schedule: Cron = "*/15 * * * *"
    history: SpanText = _span("24 months")
    pipelines: Pipelines = Pipelines()
    stages: dict[str, dict[str, Phase]] = Field(default_factory=dict)
    seats: dict[str, Seat] = Field(default_factory=dict)
    loss_reasons: dict[str, Literal["lost", "no_decision"]] = Field(default_factory=dict)
    currency: str = Field(default="EUR", pattern="^[A-Z]{3}$")
    rates: dict[str, PositiveFloat] = Field(default_factory=dict)
    internal_domains: list[str] = Field(default_factory=list)
    lexicon: Lexicon = Field(default_factory=dict)
    hide_phase: Share = 0.0
    alerts: Alerts = Alerts()
    checks: Checks = Checks()

    @model_validator(mode="after")
    def _a_pilot_has_owners(self) -> Common:
        if (self.mode == "pilot") != bool(self.pilot_owners):
            raise ValueError("mode: pilot and pilot_owners (their e-mail addresses) belong together")
        return self

    @property
    def zone(self) -> str:
        """The time zone said, else the first of the country, else UTC."""
        territory = get_global("territory_zones").get(self.country or "", ["UTC"])
        return self.time_zone or str(territory[0])


class Salesforce(Common):
    """A Salesforce org, at its My Domain address."""

    crm: Literal["salesforce"]
    url: Address
    auth: SalesforceAuth = Field(default_factory=salesforce_default)
    provision_auth: SalesforceAuth | None = None
    daily_calls: Share = 0.2


class HubSpot(Common):
    """A HubSpot portal."""

    crm: Literal["hubspot"]
    url: Address = "https://api.hubapi.com"
    auth: HubSpotAuth = Field(default_factory=hubspot_default)
    provision_auth: HubSpotAuth | None = None
    daily_calls: Share = 0.2


class Files(Common):
    """A folder of canonical tables, Parquet or CSV; enriched tables are written to `<path>/enriched`."""

    crm: Literal["files"]
    path: PathText


CrmConfig = Annotated[Salesforce | HubSpot | Files, Field(discriminator="crm")]
