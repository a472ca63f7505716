"""The same model, written by hand for DuckDB: one statement a stage, nothing portable about it."""

from __future__ import annotations

import math
from itertools import pairwise

from readiness.model import CHANNELS, Model
from readiness.posterior import FLAT, SILENCES, STRAIGHT_DAYS

INSTANT = "timestamptz '2026-03-02 09:00:00+00'"
DAY = 86_400_000_000.0


def stages(model: Model) -> list[tuple[str, str]]:
    """(table, select) in order; the last is the groups' scores."""
    return [("sql_watched", _watched(model)), ("sql_people", _people(model)), ("sql_groups", _groups(model))]


def plain(model: Model) -> str:
    """The plain decayed group-by: a row per person and kind."""
    return f"""
        select opportunity_id, person_id, kind, sum(weight * {_decay(model)}) as evidence
        from signals
        where direction <> 'outbound' and known_at <= {INSTANT}
        group by all"""


def evidence(model: Model) -> str:
    """The decayed aggregation as the model needs it: a column per kind, of acts known at the landmark."""
    return _seen(model)


def _two_to(power: str) -> str:
    return f"exp(({power}) * {math.log(2)})"


def _decay(model: Model) -> str:
    lives = " ".join(f"when '{kind}' then {signal.half_life}" for kind, signal in model.signals.items())
    return _two_to(f"(epoch_us(occurred_at) - epoch_us({INSTANT})) / ({DAY} * case kind {lives} end)")


def _seen(model: Model) -> str:
    kinds = ", ".join(f"'{kind}'" for kind in model.signals)
    sums = ",\n".join(
        f"sum(case when kind = '{kind}' then weight * {_two_to(f'age / {-signal.half_life}')} end) as now_{kind}"
        for kind, signal in model.signals.items()
    )
    return f"""
        select opportunity_id, person_id, min(occurred_at) as first_act_at, max(occurred_at) as last_inbound_at, {sums}
        from (
            select opportunity_id, person_id, kind, occurred_at, least(weight, 1) as weight,
                (epoch_us(as_of) - epoch_us(occurred_at)) / {DAY} as age
            from signals
            join landmarks using (opportunity_id)
            where kind in ({kinds}) and direction in ('inbound', 'mutual') and weight > 0
                and known_at <= as_of and occurred_at <= as_of
        )
        group by 1, 2"""


def _watched(model: Model) -> str:
    then = ",\n".join(
        f"coalesce(now_{kind}, 0) * {_two_to(f'least(silence / {signal.half_life}, 1000)')} as then_{kind}"
        for kind, signal in model.signals.items()
    )
    observed = ",\n".join(f"greatest(least(coalesce(obs_{c}, 1), 1), 0) as obs_{c}" for c in CHANNELS)
    return f"""
        with seen as ({_seen(model)}),
        dated as (
            select * replace (coalesce(last_inbound_at, start) as last_act_at)
            from (
                select *, least(joined_at, first_act_at, as_of) as start, null::timestamptz as last_act_at
                from members
                join landmarks using (opportunity_id)
                left join seen using (opportunity_id, person_id)
                where joined_at <= as_of and (left_at is null or left_at > as_of)
            )
        ), timed as (
            select *,
                (epoch_us(last_act_at) - epoch_us(start)) / {DAY} as tenure,
                (epoch_us(as_of) - epoch_us(last_act_at)) / {DAY} as silence
            from dated
        )
        select opportunity_id, person_id, seat, last_inbound_at, tenure, silence, {observed}, {then} from timed"""


def _moment(at: int, age: float | None, model: Model) -> tuple[list[str], list[str], list[str], list[str]]:
    """The columns of one moment, after a silence of so many days (none: now): parts, sums, weights, odds."""
    groups = sorted({(signal.half_life, signal.seen_in) for signal in model.signals.values()})
    said = model.signals if age != math.inf else {}
    parts, sums = [], []
    for kind, signal in said.items():
        fade = _two_to(f"-silence / {signal.half_life}") if age is None else str(2.0 ** (-age / signal.half_life))
        parts.append(f"least(then_{kind} * {fade}, {signal.cap}) as acts_{kind}_{at}")
    for group, (life, channels) in enumerate(groups):
        days = "tenure + silence" if age is None else f"tenure + {age}"
        young = "0" if age == math.inf else _two_to(f"-({days}) / {life}")
        seen = " + ".join(f"obs_{channel}" for channel in channels)
        scale = life / (7 * math.log(2)) / len(channels)
        parts.append(f"({seen}) * (1 - {young}) * {scale} as weeks_{group}_{at}")
    sums.append(" + ".join(["0", *(f"acts_{kind}_{at}" for kind in said)]) + f" as acts_{at}")
    for k in range(len(model.phases)):
        rates = [sum(s.rates[k] for s in model.signals.values() if (s.half_life, s.seen_in) == g) for g in groups]
        sums.append(" + ".join(f"weeks_{g}_{at} * {rate}" for g, rate in enumerate(rates)) + f" as due_{k}_{at}")
        logs = [f"acts_{kind}_{at} * {math.log(s.rates[k] / s.rates[0])}" for kind, s in said.items()]
        sums.append(" + ".join(["0", *logs]) + f" as said_{k}_{at}")
    steps = range(1, model.top + 1)
    weights = [_weight(k, at, model) for k in steps]
    odds = [_odds(m, at, model) for m in steps]
    return parts, sums, weights, odds


def _weight(k: int, at: int, model: Model) -> str:
    a = model.loquacity
    quiet = f"(acts_{at} + {a}) * ln((due_{k}_{at} + {a}) / (due_0_{at} + {a}))"
    ratio = model.prior[k] / model.prior[0]
    return f"{ratio} * exp({model.temper} * (said_{k}_{at} - {quiet})) as weight_{k}_{at}"


def _odds(m: int, at: int, model: Model) -> str:
    upper = " + ".join(f"weight_{k}_{at}" for k in range(m, model.top + 1))
    lower = " + ".join(["1", *(f"weight_{k}_{at}" for k in range(1, m))])
    return f"({upper}) / ({lower}) as odds_{m}_{at}"


def _stretched(values: list[str]) -> str:
    """The value for each stretch between two of `SILENCES`."""
    cases = (f"when silence < {end} then {value}" for value, end in zip(values, SILENCES[1:-1], strict=False))
    return f"case {' '.join(cases)} else {values[-1]} end"


def _way(start: float, end: float) -> str:
    whole = 1 - 2.0 ** (-(end - start) / STRAIGHT_DAYS)
    return f"(1 - {_two_to(f'(silence - {start}) / {-STRAIGHT_DAYS}')}) / {whole}"


def _people(model: Model) -> str:
    top, last = model.top, len(SILENCES)
    steps = range(1, top + 1)
    moments = [_moment(at, age, model) for at, age in enumerate([*SILENCES, None])]
    parts, sums, weights, odds = ([column for moment in moments for column in moment[step]] for step in range(4))
    stretches = range(last - 1)
    passed = [
        _stretched([f"least({', '.join(f'odds_{m}_{at}' for at in range(s + 1))})" for s in stretches]) for m in steps
    ]
    ahead = [_stretched([f"odds_{m}_{s + 1}" for s in stretches]) for m in steps]
    way = _stretched([_way(*ends) for ends in pairwise(SILENCES)])
    stretch = ", ".join(
        f"odds_{m}_{last} as odds_{m}, {low} as passed_{m}, least({low}, {near}) as ahead_{m}"
        for m, low, near in zip(steps, passed, ahead, strict=True)
    )
    helds = ", ".join(
        f"case when passed_{m} < ahead_{m} * {1 + FLAT} then passed_{m} + (ahead_{m} - passed_{m}) * way"
        f" else least(passed_{m}, greatest(odds_{m}, ahead_{m})) end as held_{m}"
        for m in steps
    )
    lowest = ", ".join(f"least({', '.join(f'held_{n}' for n in range(1, m + 1))}) as odds_{m}" for m in steps)
    kept = "opportunity_id, person_id, seat, last_inbound_at, silence"
    shown = f"{kept}, acts_{last} as inbound"
    due = " + ".join(f"due_{k}_{last} * {share}" for k, share in enumerate(model.prior))
    tails = [f"odds_{m} / (1 + odds_{m})" for m in range(1, top + 1)]
    chance = ["1 / (1 + odds_1)"]
    for m in range(1, top):
        upper = f"odds_{m} / (1 + odds_{m}) - odds_{m + 1} / (1 + odds_{m + 1})"
        chance.append(f"case when odds_{m} < 1 then {upper} else 1 / (1 + odds_{m + 1}) - 1 / (1 + odds_{m}) end")
    chance.append(tails[-1])
    t = model.thresholds
    score = f"coverage * (1 - entropy / {math.log(top + 1)})"
    return f"""
        with parts as (select {kept}, {", ".join(parts)} from sql_watched),
        sums as (select {kept}, {", ".join(sums)} from parts),
        weights as (select {shown}, {due} as due, {", ".join(weights)} from sums),
        odds as (select {kept}, inbound, due, {", ".join(odds)} from weights),
        stretched as (select {kept}, inbound, due, {way} as way, {stretch} from odds),
        helds as (select {kept}, inbound, due, {helds} from stretched),
        bounded as (select {kept}, inbound, due, {lowest} from helds),
        chances as (
            select {kept}, inbound,
                {", ".join(f"{p} as p_{k}" for k, p in enumerate(chance))},
                {" + ".join(tails)} as mean_phase,
                {" + ".join(f"(odds_{m} >= 1)::int" for m in range(1, top + 1))} as phase,
                1 - exp((inbound + due) / -{t.coverage_scale}) as coverage
            from bounded
        ),
        described as (
            select *, mean_phase * {100 / top} as readiness,
                {" + ".join(f"-p_{k} * ln(greatest(p_{k}, 1e-300))" for k in range(top + 1))} as entropy,
                case when coverage < {t.unseen_below} then 'unseen'
                    when last_inbound_at is null or silence > {t.silent_after_days} then 'silent'
                    else 'seen' end as state
            from chances
        )
        select * exclude (silence),
            case when {score} >= {t.high_from} then 'high' when {score} >= {t.medium_from} then 'medium' else 'low' end
                as confidence
        from described"""


def _groups(model: Model) -> str:
    top, t = model.top, model.thresholds
    steps = range(1, top + 1)
    seats = " ".join(f"when '{seat}' then {weight}" for seat, weight in model.seats.items())
    tails = {m: " + ".join(f"p_{k}" for k in range(m, top + 1)) for m in steps}
    logs = ", ".join(f"sum(weight * ln({tail})) as sum_{m}" for m, tail in tails.items())
    curve = ", ".join(
        f"exp((coalesce(sum_{m}, 0) + chair * {math.log(tail)}) / (coalesce(weights, 0) + chair)) as c_{m}"
        for m, tail in zip(steps, model.prior_tails, strict=True)
    )
    drops = [f"({'1' if m == 0 else f'c_{m}'} - {'0' if m == top else f'c_{m + 1}'})" for m in range(top + 1)]
    spread = " + ".join(f"-{drop} * ln(greatest({drop}, 1e-300))" for drop in drops)
    score = f"coverage * (1 - spread / {math.log(top + 1)})"
    return f"""
        with added as (
            select opportunity_id, {logs}, sum(weight) as weights, sum(weight * mean_phase) as mean_sum,
                sum(weight * mean_phase * mean_phase) as square_sum, sum(coverage) as coverage_sum,
                count(*) as known_seats, count(*) filter (seat = 'decider') as deciders,
                arg_min(person_id, readiness) filter (state <> 'unseen') as least_ready_person_id,
                max(last_inbound_at) as last_inbound_at, sum(inbound) as inbound
            from (select *, case seat {seats} else {model.seats["unknown"]} end as weight from sql_people)
            group by opportunity_id
        ), chairs as (
            select landmarks.*, added.* exclude (opportunity_id),
                case when coalesce(deciders, 0) = 0 then {model.seats["decider"]} else 0 end as chair
            from landmarks left join added using (opportunity_id)
        ), curves as (select *, {curve} from chairs),
        described as (
            select opportunity_id, as_of, {", ".join(f"c_{m}" for m in steps)},
                ({" + ".join(f"c_{m}" for m in steps)}) * {100 / top} as readiness,
                {" + ".join(f"(c_{m} >= 0.5)::int" for m in steps)} as phase,
                coalesce(coverage_sum / known_seats * least(known_seats / {model.expected_seats.default}, 1), 0)
                    as coverage,
                {spread} as spread, mean_sum / weights as mean_phase,
                sqrt(greatest(square_sum / weights - (mean_sum / weights) ** 2, 0)) as dispersion,
                known_seats, chair > 0 as missing_decider, least_ready_person_id, last_inbound_at, inbound
            from curves
        )
        select * exclude (spread),
            case when {score} >= {t.high_from} then 'high' when {score} >= {t.medium_from} then 'medium' else 'low' end
                as confidence,
            case when coverage < {t.unseen_below} then 'unseen'
                when last_inbound_at is null or as_of - last_inbound_at > interval {int(t.silent_after_days)} days
                then 'silent' else 'seen' end as state
        from described"""
