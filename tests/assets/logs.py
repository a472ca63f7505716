"""A made-up sales history as a folder of canonical tables, as somebody's export would have it."""

from __future__ import annotations

from pathlib import Path

from readiness.schema import CANONICAL
from tests.readiness.engines import as_polars
from tests.readiness.fit.markets import Rows, day, market

ACTS = {
    "reply": ("email", "inbound", []),
    "question": ("email", "inbound", ["question"]),
    "document": ("document", "inbound", ["returned_document"]),
    "outbound": ("call", "outbound", []),
}
SEATED = ("opportunity_id", "person_id", "seat", "joined_at")


def history(deals: int, *, signal: bool = True, seed: int = 1) -> Rows:
    """The rows of `market`, with interactions in place of the signals and people in place of the members."""
    rows = market(deals, signal=signal, seed=seed)
    for act in rows.pop("signals"):
        channel, direction, topics = ACTS[act["kind"]]
        same = {name: act[name] for name in ("interaction_id", "opportunity_id", "person_id", "seller_id")}
        times = {"occurred_at": act["occurred_at"], "recorded_at": act["known_at"]}
        rows["interactions"].append(same | {"channel": channel, "direction": direction, "topics": topics} | times)
    for member in rows.pop("members"):
        rows["people"].append({"person_id": member["person_id"], "kind": "contact", "created_at": day(0)})
        rows["buying_group"].append(
            {name: member[name] for name in ("opportunity_id", "person_id", "seat", "joined_at")}
        )
    rows["sellers"] = [{"seller_id": "s1", "name": "S", "is_active": True}]
    rows["accounts"] = [{"account_id": row["account_id"]} for row in rows["opportunities"]]
    return rows


def export(folder: Path, rows: Rows) -> Path:
    """Write the rows as Parquet, required tables also where they are empty."""
    folder.mkdir(parents=True, exist_ok=True)
    for table in CANONICAL:
        if rows[table.name] or not table.optional:
            as_polars(table, rows[table.name]).write_parquet(folder / f"{table.name}.parquet")
    return folder
