"""A folder of canonical tables, every value as text -> the canonical tables."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import narwhals as nw

from readiness.engine import Keep, in_place
from readiness.schema import CANONICAL, DAY, FLAG, NUMBER, TEXT, TEXTS, TIME, Table
from transforms import deals
from transforms.errors import BadTable
from transforms.frames import Raw, col, no_rows, shaped
from transforms.parsing import Reader, Stream, texts
from transforms.settings import Settings

KIND = {TEXT: "text", NUMBER: "number", FLAG: "flag", DAY: "day", TIME: "time", TEXTS: "list"}
SHARE_OF_BROKEN = 0.5
NEEDED = {
    "people": ("created_at",),
    "opportunities": ("created_at", "pipeline_id", "stage_id", "outcome"),
    "buying_group": ("person_id", "joined_at"),
    "interactions": ("channel", "direction", "occurred_at"),
    "changes": ("field", "changed_at"),
    "quotes": ("opportunity_id", "created_at"),
    "promises": ("made_at",),
}
"""What a row can't do without, besides the first column of its table's key."""


def stream_of(table: Table) -> Stream:
    """How the rows of one file are read: a column per type, required ones marked."""
    fields: dict[str, list[str]] = {}
    needed = NEEDED.get(table.name, ())
    for column in table.columns:
        kind = KIND.get(column.dtype, "count")
        fields.setdefault(kind, []).append(f"{column.name}{'!' if column.name in needed else ''}")
    return Stream(
        table.name, f"{table.name} file", key=" ".join(table.key), **{k: " ".join(v) for k, v in fields.items()}
    )


def canonical(raw: Raw, settings: Settings, as_of: datetime, keep: Keep = in_place) -> dict[str, nw.LazyFrame[Any]]:
    """The canonical tables of a folder, and `rejected` with what could not be read.

    Raises
    ------
    BadTable : a required table or column is missing, or at least half of a column's dates or instants are broken.
    """
    for table in CANONICAL:
        _check_columns(table, raw)
    read = Reader(raw, keep)
    tables = {table.name: _table(table, raw, read, keep) for table in CANONICAL}
    rejected = keep("canonical_rejected", read.rejected_rows())
    _check_times(raw, rejected)
    tables["opportunities"] = keep("canonical_owned", _owned_today(tables["opportunities"], tables["changes"]))
    tables = _in_wanted_pipelines(tables, settings, keep)
    tables["interactions"] = tables["interactions"].filter(col("occurred_at") <= nw.lit(as_of).cast(TIME))
    return {**tables, "rejected": rejected}


def _owned_today(opportunities: nw.LazyFrame[Any], changes: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """The seller of the last change, where there is one: many an export has the seller that a deal began with."""
    last = changes.filter(col("field") == "seller").unique(
        subset=["opportunity_id"], keep="last", order_by=["changed_at", "new_value"]
    )
    joined = opportunities.join(last.select("opportunity_id", last_seller="new_value"), on="opportunity_id", how="left")
    return joined.with_columns(seller_id=nw.coalesce(col("last_seller"), col("seller_id"))).drop("last_seller")


def _table(table: Table, raw: Raw, read: Reader, keep: Keep) -> nw.LazyFrame[Any]:
    some = next(iter(raw.values()))
    if table.name not in raw:
        return keep(f"canonical_{table.name}", no_rows(some, table.dtypes))
    rows = read(stream_of(table))
    lists = [c.name for c in table.columns if c.dtype == TEXTS]
    order = [name for name in table.names if name not in table.key and name not in lists]
    once = rows.unique(subset=list(table.key), keep="last", order_by=order or list(table.key))
    if lists:
        once = once.with_columns(*(texts(col(name)).alias(name) for name in lists))
    return keep(f"canonical_{table.name}", shaped(once, table))


def _check_columns(table: Table, raw: Raw) -> None:
    if table.name not in raw:
        if table.optional:
            return
        raise BadTable(
            f"{table.name}: there is no such file. Add {table.name}.parquet or {table.name}.csv to the folder, with"
            f" the columns {', '.join(table.required)}."
        )
    there = raw[table.name].collect_schema().names()
    missing = [name for name in table.required if name not in there]
    if missing:
        raise BadTable(
            f"{table.name}: column {', '.join(missing)} is missing. Add it to the file; leave its values empty where"
            " they are unknown."
        )


def _check_times(raw: Raw, rejected: nw.LazyFrame[Any]) -> None:
    broken = (
        rejected.filter(
            col("reason").str.starts_with("expected an instant") | col("reason").str.starts_with("expected a date")
        )
        .group_by("stream", "column")
        .agg(n=nw.len(), example=col("key").min())
        .sort("stream", "column")
        .collect()
    )
    for row in broken.iter_rows(named=True):
        filled = raw[row["stream"]].filter(~col(row["column"]).is_null()).select(n=nw.len()).collect().item()
        if row["n"] >= SHARE_OF_BROKEN * filled:
            raise BadTable(
                f"{row['stream']}: {row['n']} of {filled} values in column {row['column']} are no dates (the first at"
                f" {row['example']}). Write them as 2026-11-12 or 2026-11-12T09:30:00Z."
            )


def _in_wanted_pipelines(
    tables: dict[str, nw.LazyFrame[Any]], settings: Settings, keep: Keep
) -> dict[str, nw.LazyFrame[Any]]:
    stages = tables["stages"].with_columns(pipeline=nw.coalesce(col("pipeline"), col("pipeline_id")))
    if settings.stages:
        stages = stages.with_columns(phase=nw.coalesce(deals.claimed_phase(settings), col("phase")))
    opportunities = tables["opportunities"]
    if settings.pipelines:
        stages = stages.filter(deals.wanted_pipeline(settings))
        opportunities = opportunities.join(stages.select("pipeline_id").unique(), on="pipeline_id", how="semi")
    converted = opportunities.with_columns(
        amount=deals.in_corporate_currency(col("amount"), col("currency"), settings),
        currency=deals.shown_currency(col("currency"), settings),
    )
    group = tables["buying_group"]
    own_role = nw.concat_str([col("opportunity_id"), col("person_id")], separator=":")
    kept = {
        **tables,
        "buying_group": keep("roles_named", group.with_columns(role_id=nw.coalesce(col("role_id"), own_role))),
        "stages": keep("wanted_stages", stages),
        "opportunities": keep("wanted_opportunities", converted),
    }
    kept["changes"] = keep(
        "wanted_changes",
        deals.converted_amounts(tables["changes"], opportunities.select("opportunity_id", "currency"), settings),
    )
    if settings.pipelines:
        wanted = kept["opportunities"].select("opportunity_id")
        for name in ("products", "buying_group", "changes", "quotes", "promises", "labels"):
            kept[name] = keep(f"wanted_{name}", kept[name].join(wanted, on="opportunity_id", how="semi"))
    return kept
