"""How ready buying groups were at moments of deals that are closed by now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import narwhals as nw

from readiness.engine import Keep
from readiness.group import group_readiness
from readiness.model import Model
from readiness.people import people_readiness
from transforms.book import rows
from transforms.reports.phases import moments

FAMILIES = ("mail", "call", "meeting", "web")
SHOWN = ("phase", "mean_phase", "coverage", "known_seats", "missing_decider", "state")


def past_readiness(
    tables: Mapping[str, nw.LazyFrame], model: Model, as_of: datetime, keep: Keep
) -> list[dict[str, Any]]:
    """A row per moment of `phases.moments`: opportunity_id, as_of, moment and `SHOWN`.

    What share of a colleague's contact the CRM captures is known for today only, so the past takes it as whole.

    Parameters
    ----------
    tables : opportunities, signals and members.
    """
    asked = keep("moments", moments(tables, as_of))
    landmarks = keep("past_landmarks", asked.select("opportunity_id", "as_of").unique())
    members = tables["members"].with_columns(**{f"obs_{family}": nw.lit(1.0) for family in FAMILIES})
    people = people_readiness(tables["signals"], members, landmarks, model, keep)
    scored = asked.join(group_readiness(people, landmarks, model, keep), on=["opportunity_id", "as_of"])
    return rows(scored.select("opportunity_id", "as_of", "moment", *SHOWN))
