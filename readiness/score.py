"""The whole score of one connection's open book: people, groups, explanations and forecast."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import narwhals as nw

from readiness.engine import Keep, in_place, in_utc
from readiness.explain import explanations
from readiness.forecast.features import asked, features
from readiness.forecast.forecast import forecast
from readiness.gap import claimed_phases, stage_at, stage_entries, with_gap
from readiness.group import LEAD, OPPORTUNITY, group_readiness
from readiness.model import Model
from readiness.people import people_readiness
from readiness.schema import TIME
from readiness.seats import expected_seats

Tables = Mapping[str, nw.LazyFrame]


def score(tables: Tables, model: Model, as_of: datetime, keep: Keep = in_place) -> dict[str, nw.LazyFrame]:
    """Score every open opportunity, and every lead without one, as known at `as_of`.

    Parameters
    ----------
    tables : the canonical tables with `signals` and `members` (`schema.CANONICAL`, `SIGNALS`, `MEMBERS`), all of one
        engine.
    as_of : the instant, with a time zone.
    keep : stores intermediate frames; see `engine.Keep`.

    Returns
    -------
    `people_readiness`, `opportunity_readiness`, `explanations` and `forecast`, as in `schema.SCORES`. The forecast has
    the open opportunities alone.

    Raises
    ------
    ValueError
        If `as_of` has no time zone.
    """
    as_of = in_utc(as_of)
    book = keep("book", open_book(tables, model, as_of))
    deals = book.filter(~nw.col("opportunity_id").str.starts_with(LEAD))
    entries = keep("stage_entries", stage_entries(tables, model, as_of))
    moments = nw.concat([book.select(*OPPORTUNITY), entries.select(*OPPORTUNITY), asked(deals)]).unique()
    landmarks = keep("landmarks", moments.join(book, on=list(OPPORTUNITY), how="left"))
    people = people_readiness(tables["signals"], tables["members"], landmarks, model, keep)
    groups = group_readiness(people, landmarks, model, keep)
    claimed = keep("claimed_phases", claimed_phases(tables["stages"], entries, groups, model))
    shown = people.join(book, on=list(OPPORTUNITY), how="semi")
    seen = features(tables, deals, groups, keep)
    return {
        "people_readiness": keep("people_readiness", shown),
        "opportunity_readiness": keep(
            "opportunity_readiness",
            with_gap(groups.join(book, on=list(OPPORTUNITY), how="semi"), stage_at(tables, as_of), claimed),
        ),
        "explanations": keep("explanations", explanations(tables["signals"], shown, model, keep)),
        "forecast": keep("forecast", forecast(seen, tables["opportunities"], model.forecast, as_of, keep)),
    }


def open_book(tables: Tables, model: Model, as_of: datetime) -> nw.LazyFrame:
    """What there is to score: opportunities open at `as_of`, whatever became of them, and leads without one.

    Returns
    -------
    opportunity_id, as_of, expected_seats.
    """
    still_open = (nw.col("outcome") == "open") | (nw.col("closed_at") > as_of)
    deals = tables["opportunities"].filter(nw.col("created_at") <= as_of, still_open)
    leads = tables["members"].filter(nw.col("opportunity_id").str.starts_with(LEAD))
    book = nw.concat([deals.select("opportunity_id"), leads.select("opportunity_id").unique()])
    seats = nw.col("learnt_seats").fill_null(model.expected_seats.default)
    return book.join(expected_seats(tables, model, as_of), on="opportunity_id", how="left").select(
        "opportunity_id", as_of=nw.lit(as_of, dtype=TIME), expected_seats=seats
    )
