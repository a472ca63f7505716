"""Why a person is shown in a phase: what each act, their silence and the prior add to the log-odds, exactly.

An explanation compares the shown phase with a reference: unaware, or for somebody shown as unaware the prior's median
phase. Terms of one person add up to ln(p_phase / p_reference).
"""

from __future__ import annotations

import math

import narwhals as nw
import pyarrow as pa

from readiness.engine import Keep, in_place, with_days
from readiness.evidence import PERSON, known_acts
from readiness.model import Model
from readiness.people import TINY

TERMS = ("opportunity_id", "person_id", "interaction_id", "kind", "term", "occurred_at", "phase", "reference")


def explanations(signals: nw.LazyFrame, people: nw.LazyFrame, model: Model, keep: Keep = in_place) -> nw.LazyFrame:
    """Additive terms of every person's shown phase.

    An act of kind s adds η · m · decay · ln(λ_s,phase / λ_s,reference); where a kind's decayed count is capped, its
    acts share the cap pro rata. What was not said, and the bound on silence, are one term.

    Parameters
    ----------
    signals : `schema.SIGNALS`.
    people : what `people.people_readiness` gives, at one landmark per opportunity.
    keep : stores the stages "explained" and "act_terms".

    Returns
    -------
    `schema.EXPLANATIONS`.
    """
    shown = keep("explained", people.select(*PERSON, "phase", "last_inbound_at", *_compared(model)))
    acts = keep("act_terms", _act_terms(signals, shown, model))
    said = acts.group_by("opportunity_id", "person_id").agg(said=nw.col("term").sum())
    rest = shown.join(said, on=["opportunity_id", "person_id"], how="left")
    silence = nw.col("log_odds") - nw.col("prior_term") - nw.col("said").fill_null(0.0)
    return nw.concat(
        [
            acts.select(*TERMS),
            _whole(rest, "silence", silence, nw.col("last_inbound_at")),
            _whole(rest, "prior", nw.col("prior_term"), nw.lit(None, dtype=nw.Datetime("us", "UTC"))),
        ]
    )


def reference_phase(phase: int, model: Model) -> int:
    return 0 if phase > 0 else model.prior_phase


def _compared(model: Model) -> list[nw.Expr]:
    """reference, log_odds of the shown phase against it, and what the prior alone would say."""
    phases = range(model.top + 1)
    log_p = [nw.max_horizontal(f"p_{k}", nw.lit(TINY)).log() for k in phases]
    references = [reference_phase(k, model) for k in phases]
    return [
        _by_phase([nw.lit(reference) for reference in references]).cast(nw.Int64).alias("reference"),
        _by_phase([log_p[k] - log_p[references[k]] for k in phases]).alias("log_odds"),
        _by_phase([nw.lit(math.log(model.prior[k] / model.prior[references[k]])) for k in phases]).alias("prior_term"),
    ]


def _act_terms(signals: nw.LazyFrame, shown: nw.LazyFrame, model: Model) -> nw.LazyFrame:
    acts = known_acts(signals, shown.select(*PERSON, "phase", "reference"), _kinds(model))
    acts = with_days(acts, day="occurred_at", now="as_of")
    acts = acts.with_columns(fresh=nw.col("weight") * ((nw.col("day") - nw.col("now")) * nw.col("fading")).exp())
    counted = nw.col("fresh").sum().over(*PERSON, "kind")
    acts = acts.with_columns(share=nw.min_horizontal(nw.col("cap") / counted, nw.lit(1.0)))
    contrast = _by_phase([nw.col(f"contrast_{k}") for k in range(model.top + 1)])
    return acts.with_columns(term=nw.col("fresh") * nw.col("share") * contrast * model.temper).select(*TERMS)


def _kinds(model: Model) -> pa.Table:
    """Per kind of act: fading, what a day takes from it; cap; contrast_<k>, what it says for phase k."""
    signals = model.signals.values()
    contrasts = {
        f"contrast_{k}": [math.log(signal.rates[k] / signal.rates[reference_phase(k, model)]) for signal in signals]
        for k in range(model.top + 1)
    }
    fading = [math.log(2) / signal.half_life for signal in signals]
    return pa.table({"kind": [*model.signals], "fading": fading, "cap": [one.cap for one in signals], **contrasts})


def _whole(people: nw.LazyFrame, kind: str, term: nw.Expr, occurred_at: nw.Expr) -> nw.LazyFrame:
    return people.select(
        "opportunity_id",
        "person_id",
        nw.lit(None, dtype=nw.String).alias("interaction_id"),
        nw.lit(kind).alias("kind"),
        term.alias("term"),
        occurred_at.alias("occurred_at"),
        "phase",
        "reference",
    )


def _by_phase(values: list[nw.Expr]) -> nw.Expr:
    chosen = values[0]
    for phase, value in enumerate(values[1:], start=1):
        chosen = nw.when(nw.col("phase") == phase).then(value).otherwise(chosen)
    return chosen
