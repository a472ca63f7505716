"""Who there is to cast: the names in names.yaml, the selling company's teams, its products, where people come from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

NAMES: dict[str, dict[str, Any]] = yaml.load(
    Path(__file__).with_name("names.yaml").read_text("utf-8"), yaml.CSafeLoader
)
TEAMS = (
    ("Benelux Noord", "nl", "Europe/Amsterdam"),
    ("UK & Ireland", "en", "Europe/London"),
    ("Benelux Zuid", "nl", "Europe/Amsterdam"),
    ("International", "en", "Europe/London"),
)
PRODUCTS = (
    ("Planner", 9_000.0),
    ("Route", 7_500.0),
    ("Stock", 6_000.0),
    ("Insight", 4_500.0),
    ("Connect", 3_000.0),
    ("Implementation", 8_000.0),
    ("Training", 2_000.0),
)
SOURCES = ("Website", "Webinar", "Trade show", "Referral", "Partner", "Cold call", "Newsletter")
OWN_DOMAIN = "meridiaan.example"
