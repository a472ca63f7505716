"""What a connection's configuration says about the meaning of its CRM's data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Settings:
    """How one connection reads and words things. Every field has a default that works.

    Attributes
    ----------
    language : "nl" | "en", the language of all texts written to the CRM.
    locale : of dates, numbers and money in those texts, such as "nl_NL"; empty: that of the language.
    time_zone : IANA name, for dates in texts and working days.
    country : ISO 3166 alpha-2, for public holidays; empty: only weekends are off.
    seats : contact role or association label (any case) -> seat; before the words that are recognised by themselves.
    loss_reasons : loss reason (any case) -> "lost" | "no_decision"; before the words that are recognised.
    pipelines : names or ids of the pipelines (Salesforce: record types) to read; empty: all of them.
    stages : pipeline name or id -> stage label or id -> phase 0-6 that the stage claims.
    currency : corporate currency, ISO 4217; amounts with a rate are converted to it.
    rates : currency -> value of one unit in the corporate currency.
    internal_domains : e-mail domains of the seller's own company, besides those recognised from its sellers.
    native : (object, our short field name) -> the CRM's column for it, such as
        ("task", "key") -> "BR_Key__c" and ("opportunity", "seller_view") -> "br_seller_view".
    alerts_per_owner_per_day, cooldown_days : see `alerts.govern`.
    hide_phase : share (0-1) of deals on which no phase is shown until the seller has said theirs.
    """

    language: str = "en"
    locale: str = ""
    time_zone: str = "UTC"
    country: str = ""
    seats: Mapping[str, str] = field(default_factory=dict)
    loss_reasons: Mapping[str, str] = field(default_factory=dict)
    pipelines: tuple[str, ...] = ()
    stages: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    currency: str = "EUR"
    rates: Mapping[str, float] = field(default_factory=dict)
    internal_domains: tuple[str, ...] = ()
    native: Mapping[tuple[str, str], str] = field(default_factory=dict)
    alerts_per_owner_per_day: int = 5
    cooldown_days: int = 7
    hide_phase: float = 0.0
