"""What phase the seller's stage claims, and how far that is from the buyers'."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import narwhals as nw

from readiness.group import OPPORTUNITY
from readiness.model import Model

STAGE = ("pipeline_id", "stage_id")


def stage_entries(tables: Mapping[str, nw.LazyFrame], model: Model, as_of: datetime) -> nw.LazyFrame:
    """When each won deal first entered each stage; nothing as long as fewer than `model.stage_min_deals` were won.

    Returns
    -------
    opportunity_id, as_of (the entry), pipeline_id, stage_id; one row per deal and stage.
    """
    won = tables["opportunities"].filter(nw.col("outcome") == "won", nw.col("closed_at") <= as_of)
    won = won.select("opportunity_id", "pipeline_id", "created_at", enough=nw.lit(1))
    won = won.with_columns(enough=nw.col("enough").sum().over("enough")).filter(
        nw.col("enough") >= model.stage_min_deals
    )
    moves = tables["changes"].filter(nw.col("field") == "stage", nw.col("changed_at") <= as_of)
    moves = won.join(moves, on="opportunity_id")
    entered = moves.select("opportunity_id", "pipeline_id", stage_id=nw.col("new_value"), as_of=nw.col("changed_at"))
    first = moves.unique("opportunity_id", keep="first", order_by=["changed_at", "new_value"])
    first = first.select("opportunity_id", "pipeline_id", stage_id=nw.col("old_value"), as_of=nw.col("created_at"))
    entries = nw.concat([entered, first]).filter(~nw.col("stage_id").is_null())
    return entries.group_by("opportunity_id", *STAGE).agg(nw.col("as_of").min())


def claimed_phases(stages: nw.LazyFrame, entries: nw.LazyFrame, groups: nw.LazyFrame, model: Model) -> nw.LazyFrame:
    """The phase that each open stage claims.

    What RevOps set for the stage; else the median group phase, at entry into it, of deals later won (those whose group
    could be seen by then); else the open stages of the pipeline spread evenly from phase 1 to the last but one.

    Parameters
    ----------
    stages : `schema.STAGES`.
    entries : what `stage_entries` gives.
    groups : `group.group_readiness` at those entries.

    Returns
    -------
    pipeline_id, stage_id, claimed_phase (0-top); one row per open stage.
    """
    seen = groups.filter(nw.col("state") != "unseen").select(*OPPORTUNITY, "phase")
    entered = entries.join(seen, on=list(OPPORTUNITY))
    phase = nw.col("phase").cast(nw.Float64)
    learnt = entered.group_by(*STAGE).agg(learnt=phase.median())
    configured = "phase" if "phase" in stages.collect_schema().names() else None
    held = nw.lit(None, dtype=nw.Int64) if configured is None else nw.col(configured).cast(nw.Int64)
    open_stages = stages.filter(~nw.col("is_closed")).select(*STAGE, "position", configured=held, one=nw.lit(1))
    open_stages = open_stages.with_columns(
        place=nw.col("one").cum_count().over("pipeline_id", order_by=["position", "stage_id"]).cast(nw.Float64) - 1.0,
        last=nw.col("one").sum().over("pipeline_id").cast(nw.Float64) - 1.0,
    )
    alone = nw.col("last") == 0
    share = nw.when(alone).then(0.5).otherwise(nw.col("place") / nw.max_horizontal("last", nw.lit(1.0)))
    spread = 1.0 + share * float(model.top - 2)
    found = open_stages.join(learnt, on=list(STAGE), how="left")
    claimed = (nw.col("learnt").fill_null(spread) + 0.5).floor().cast(nw.Int64)
    return found.select(*STAGE, claimed_phase=nw.coalesce("configured", claimed))


def stage_at(tables: Mapping[str, nw.LazyFrame], as_of: datetime) -> nw.LazyFrame:
    """The stage that each opportunity stood in: today's, unless it was changed after `as_of`.

    Returns
    -------
    opportunity_id, pipeline_id, stage_id.
    """
    later = tables["changes"].filter(nw.col("field") == "stage", nw.col("changed_at") > as_of)
    later = later.unique("opportunity_id", keep="first", order_by=["changed_at", "old_value"])
    deals = tables["opportunities"].select("opportunity_id", *STAGE)
    found = deals.join(later.select("opportunity_id", "old_value"), on="opportunity_id", how="left")
    return found.select("opportunity_id", "pipeline_id", stage_id=nw.coalesce("old_value", "stage_id"))


def with_gap(groups: nw.LazyFrame, stages: nw.LazyFrame, claimed: nw.LazyFrame) -> nw.LazyFrame:
    """Add claimed_phase and phase_gap = claimed − group phase: positive when the seller is ahead of the buyer.

    Both are null where the stage claims nothing, such as for a lead.

    Parameters
    ----------
    groups : `group.group_readiness`. stages : what `stage_at` gives. claimed : what `claimed_phases` gives.
    """
    stage_of = stages.join(claimed, on=list(STAGE)).select("opportunity_id", "claimed_phase")
    found = groups.join(stage_of, on="opportunity_id", how="left")
    return found.with_columns(phase_gap=nw.col("claimed_phase") - nw.col("phase"))
