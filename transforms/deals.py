"""What both CRMs' opportunities share: outcome, money in one currency, stages' claimed phases, versions of quotes."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import narwhals as nw

from readiness.schema import COUNT, NUMBER, TEXT, TIME
from transforms.frames import col, folded, nothing
from transforms.settings import Settings
from transforms.words import lost_as


def outcome(is_closed: nw.Expr, is_won: nw.Expr, reason: nw.Expr, settings: Settings) -> nw.Expr:
    """open | won | lost | no_decision."""
    return (
        nw.when(is_won.fill_null(False))
        .then(nw.lit("won"))
        .otherwise(nw.when(is_closed.fill_null(False)).then(lost_as(reason, settings)).otherwise(nw.lit("open")))
    )


def rate(currency: nw.Expr, settings: Settings) -> nw.Expr:
    """Value of one unit in the corporate currency; null where no rate is configured."""
    if not settings.rates:
        return nothing(NUMBER)
    return currency.replace_strict(
        {k: float(v) for k, v in settings.rates.items()}, default=nothing(NUMBER), return_dtype=NUMBER
    )


def in_corporate_currency(amount: nw.Expr, currency: nw.Expr, settings: Settings) -> nw.Expr:
    return amount * nw.coalesce(rate(currency, settings), nw.lit(1.0))


def shown_currency(currency: nw.Expr, settings: Settings) -> nw.Expr:
    converted = ~rate(currency, settings).is_null()
    return (
        nw.when(converted).then(nw.lit(settings.currency)).otherwise(nw.coalesce(currency, nw.lit(settings.currency)))
    )


def converted_amounts(changes: nw.LazyFrame, currencies: nw.LazyFrame, settings: Settings) -> nw.LazyFrame:
    """The amounts among `changes` in the corporate currency, where there is a rate for the opportunity's own.

    `currencies`: opportunity_id, currency.
    """
    if not settings.rates:
        return changes
    names = changes.collect_schema().names()
    factor = nw.when(col("field") == "amount").then(col("_rate"))

    def scaled(name: str) -> nw.Expr:
        number = nw.when(~factor.is_null()).then(col(name)).cast(NUMBER) * factor
        return nw.coalesce(number.cast(TEXT), col(name)).alias(name)

    rates = currencies.select("opportunity_id", _rate=rate(col("currency"), settings))
    joined = changes.join(rates, on="opportunity_id", how="left")
    return joined.with_columns(scaled("old_value"), scaled("new_value")).select(*names)


def claimed_phase(settings: Settings) -> nw.Expr:
    """The phase that RevOps gave a stage, over columns pipeline_id, pipeline, stage_id and label; else null."""
    phase: nw.Expr = nothing(COUNT)
    for pipeline, stages in settings.stages.items():
        for stage, claimed in stages.items():
            here = _named(pipeline, "pipeline_id", "pipeline") & _named(stage, "stage_id", "label")
            phase = nw.when(here).then(nw.lit(claimed)).otherwise(phase)
    return phase.cast(COUNT)


def wanted_pipeline(settings: Settings) -> nw.Expr:
    """Whether the configuration includes the row's pipeline, over columns pipeline_id and pipeline."""
    wanted = [name.strip().lower() for name in settings.pipelines]
    return folded(col("pipeline_id")).is_in(wanted) | folded(col("pipeline")).is_in(wanted).fill_null(False)


def _named(name: str, *columns: str) -> nw.Expr:
    wanted = name.strip().lower()
    found = folded(col(columns[0])) == wanted
    for column in columns[1:]:
        found = found | (folded(col(column)) == wanted).fill_null(False)
    return found


def midnight(day: nw.Expr) -> nw.Expr:
    """The first instant of a day, UTC."""
    return _instant(day, "T00:00:00+0000")


def day_end(day: nw.Expr, time_zone: str) -> nw.Expr:
    """The end of a day in `time_zone`, in UTC; where clocks change, an hour before it in one half of the year.

    Either way it is still that day there, so that a text names the day which the CRM shows.
    """
    zone = ZoneInfo(time_zone)
    ahead = max(datetime(2026, month, 1, tzinfo=zone).utcoffset() or timedelta(0) for month in (1, 7))
    return _instant(day, "T23:59:59+0000").dt.offset_by(f"{-int(ahead.total_seconds())}s")


def _instant(day: nw.Expr, clock: str) -> nw.Expr:
    text = nw.concat_str([day.dt.to_string("%Y-%m-%d"), nw.lit(clock)])
    return text.str.to_datetime(format="%Y-%m-%dT%H:%M:%S%z").cast(TIME)


def quote_version() -> nw.Expr:
    """1, 2, 3 … in the order of drafting within the opportunity."""
    return col("quote_id").cum_count().over("opportunity_id", order_by=["created_at", "quote_id"])
