"""What the config left to be inferred, as it was inferred, and how to say otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import narwhals as nw
import pyarrow as pa

from assets.connection import Connection
from assets.examine.finding import Finding, some
from assets.warehouse import Warehouse
from transforms.labels import PHASES
from transforms.settings import Settings
from transforms.words import lost_as, seat

Reading = Callable[[nw.Expr, Settings], nw.Expr]

MOST_WORDS = 12
NO_SEAT = "primary"
"""HubSpot's labels "Primary" and "Primary contact" say whom to call first, nothing of a seat."""
ROLES = {
    "salesforce": ("raw_opportunity_contact_role", "Role", '"Role"'),
    "hubspot": ("raw_associations", "label", "case when 'contacts' in (from_type, to_type) then label end"),
}
REASONS = {
    "salesforce": ("raw_opportunity", "Loss_Reason__c", '"Loss_Reason__c"'),
    "hubspot": ("raw_deals", "closed_lost_reason", "closed_lost_reason"),
}
"""Kind of CRM -> where the tenant's words stand: table, column, and how to read it."""
STAGES = """
select coalesce(s.pipeline, s.pipeline_id) as pipeline, s.label, s.position,
  round(median(r.claimed_phase))::int as phase
from opportunities o join opportunity_readiness r using (opportunity_id)
join stages s on s.pipeline_id = o.pipeline_id and s.stage_id = o.stage_id
where r.claimed_phase is not null group by all order by 1, s.position, s.label
"""


def from_config(connection: Connection) -> Iterator[Finding]:
    """What needs no data."""
    config = connection.config
    yield Finding("ok", "mode", config.mode)
    if config.time_zone or config.country:
        source = "as said" if config.time_zone else f"that of {config.country}"
        yield Finding("ok", "time zone", f"{config.zone}, {source}")
    else:
        yield Finding(
            "note", "time zone", "UTC, as no country is given", "Say country: (or time_zone:) in readiness.yaml."
        )
    holidays = f"public holidays of {config.country}" if config.country else "no holidays, as no country is given"
    yield Finding("ok", "working days", f"Monday to Friday, {holidays}; tasks fall due at the end of the next one")
    yield Finding("ok", "history", f"the first sync reads {config.history}")
    yield Finding("ok", "language", config.language)


def from_store(connection: Connection) -> Iterator[Finding]:
    """What the last pulled data was read as."""
    store = Warehouse(connection.store, wait_seconds=2)
    try:
        for table in ("opportunities", "stages"):
            if not store.has(table):
                return
        yield from _pipelines(connection, store)
        yield from _currencies(connection, store)
        yield from _stages(connection, store)
        yield from _seats(connection, store)
        yield from _person_accounts(store)
        yield from _loss_reasons(connection, store)
    finally:
        store.close()


def _pipelines(connection: Connection, store: Warehouse) -> Iterator[Finding]:
    rows = store.query(
        "select coalesce(s.pipeline, o.pipeline_id, 'none') as name, count(*) filter (where o.outcome = 'open') as n"
        " from opportunities o left join (select distinct pipeline_id, pipeline from stages) s using (pipeline_id)"
        " group by 1 order by 2 desc, 1"
    )
    said = "as said" if connection.config.pipelines.include else "all of them, as none is named"
    yield Finding("ok", "pipelines", f"{said}: " + some([f"{row['name']} ({row['n']:,} open)" for row in rows]))


def _currencies(connection: Connection, store: Warehouse) -> Iterator[Finding]:
    config = connection.config
    rows = store.query("select distinct currency from opportunities where currency is not null order by 1")
    others = [row["currency"] for row in rows if row["currency"] not in (config.currency, *config.rates)]
    if others:
        remedy = (
            f"Say rates: {{{others[0]}: …}}, the value of one {others[0]} in {config.currency}, or currency: itself."
        )
        yield Finding("note", "currency", f"{config.currency}; amounts in {some(others)} are not converted", remedy)
    else:
        yield Finding("ok", "currency", config.currency)


def _stages(connection: Connection, store: Warehouse) -> Iterator[Finding]:
    if not store.has("opportunity_readiness"):
        return
    by_pipeline: dict[str, list[str]] = {}
    for row in store.query(STAGES):
        by_pipeline.setdefault(row["pipeline"], []).append(f"{row['label']} → {PHASES[row['phase']]}")
    for pipeline, stages in by_pipeline.items():
        yield Finding("ok", "stages", f"{pipeline}: {'; '.join(stages)}")


def _seats(connection: Connection, store: Warehouse) -> Iterator[Finding]:
    choices = "decider, champion, procurement, technical, user"
    return _read_as("seats", _counted(connection, store, ROLES), seat, connection, "unknown", choices)


def _person_accounts(store: Warehouse) -> Iterator[Finding]:
    """Salesforce alone has them."""
    if "IsPersonAccount" not in store.columns("raw_account"):
        return
    found = store.query("select count(*) as n from raw_account where not _deleted and \"IsPersonAccount\" = 'true'")
    if found[0]["n"]:
        yield Finding(
            "ok",
            "person accounts",
            f"{found[0]['n']:,} accounts are a person, who decides on their opportunities without a contact role; "
            "what is said of that person stands on the opportunity",
        )


def _loss_reasons(connection: Connection, store: Warehouse) -> Iterator[Finding]:
    return _read_as("loss_reasons", _counted(connection, store, REASONS), lost_as, connection, None, "")


def _counted(connection: Connection, store: Warehouse, places: dict[str, tuple[str, str, str]]) -> list[str]:
    """The tenant's own words, the most frequent first."""
    table, column, reading = places.get(connection.config.crm, ("", "", ""))
    if column not in store.columns(table):
        return []
    rows = store.query(
        f'select {reading} as word, count(*) as n from "{table}" where not _deleted group by 1 order by 2 desc, 1'
    )
    return [row["word"] for row in rows if row["word"] and not row["word"].lower().startswith(NO_SEAT)]


def _read_as(
    key: str, words: list[str], reading: Reading, connection: Connection, unread: str | None, choices: str
) -> Iterator[Finding]:
    """Each word with what it was taken for; `unread` is what an unknown one is taken for."""
    if not words:
        return
    settings = Settings(seats=connection.config.seats, loss_reasons=connection.config.loss_reasons)
    frame = nw.from_native(pa.table({"word": words}), eager_only=True).lazy("polars")
    rows = frame.select("word", meaning=reading(nw.col("word"), settings)).collect().rows(named=True)
    yield Finding("ok", key.replace("_", " "), some([f"{row['word']} → {row['meaning']}" for row in rows], MOST_WORDS))
    unknown = [row["word"] for row in rows if row["meaning"] == unread]
    if unknown:
        remedy = f"Say {key}: {{{unknown[0]}: …}} in readiness.yaml, one of {choices}."
        yield Finding("note", key, f"not recognised: {some(unknown)}", remedy)
