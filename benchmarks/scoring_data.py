"""A made-up open book in DuckDB: opportunities with three people and twenty signals each, ids as long as a CRM's."""

from __future__ import annotations

from datetime import UTC, datetime

import duckdb

from readiness.model import CHANNELS

AS_OF = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PEOPLE_EACH = 3
SIGNALS_EACH = 20
KINDS = (
    *("content",) * 5,
    *("reply",) * 5,
    *("outbound",) * 4,
    *("meeting", "question") * 2,
    *("form", "pricing", "quote_request", "reference_request", "document", "delay", "objection", "no_show", "trial"),
)


def fill(connection: duckdb.DuckDBPyConnection, opportunities: int, seed: int = 7) -> None:
    """Make the tables `signals`, `members` and `landmarks`; the same for the same seed."""

    def draw(salt: int, below: int) -> str:
        return f"(hash(n * 1000003 + {salt} + {seed}) % {below})::bigint"

    people = opportunities * PEOPLE_EACH
    kinds = "[" + ", ".join(f"'{kind}'" for kind in KINDS) + "]"
    instant = f"timestamptz '{AS_OF.isoformat()}'"
    connection.execute(f"""
        create table signals as
        select
            format('00U{{:012d}}AAA', n) as interaction_id,
            format('006{{:012d}}AAA', person // {PEOPLE_EACH}) as opportunity_id,
            format('003{{:012d}}AAA', person) as person_id,
            format('005{{:012d}}AAA', person % 500) as seller_id,
            {kinds}[1 + kind] as kind,
            case when {kinds}[1 + kind] = 'outbound' then 'outbound' else 'inbound' end as direction,
            case when {draw(3, 4)} = 0 then 0.3 else 1.0 end::double as weight,
            {instant} - to_seconds(seconds) as occurred_at,
            {instant} - to_seconds(greatest(seconds - {draw(5, 86400)}, 0)) as known_at
        from (
            select n, {draw(0, people)} as person, {draw(1, len(KINDS))} as kind, {draw(2, 86400 * 300)} as seconds
            from range({opportunities * SIGNALS_EACH}) rows(n)
        )""")
    connection.execute(f"""
        create table members as
        select
            format('006{{:012d}}AAA', n // {PEOPLE_EACH}) as opportunity_id,
            format('003{{:012d}}AAA', n) as person_id,
            ['decider', 'champion', 'user', 'technical', 'unknown'][1 + {draw(11, 5)}] as seat,
            {instant} - to_seconds(86400 * {draw(12, 300)}) as joined_at,
            null::timestamptz as left_at,
            {", ".join(f"0.2 + {draw(20 + i, 80)} / 100.0 as obs_{channel}" for i, channel in enumerate(CHANNELS))}
        from range({people}) rows(n)""")
    connection.execute(f"""
        create table landmarks as
        select format('006{{:012d}}AAA', n) as opportunity_id, {instant} as as_of
        from range({opportunities}) rows(n)""")
