"""What the CRM holds of our own fields now: as last pulled, corrected by what we have written since."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import narwhals as nw
from transforms.fields import FIELDS

from assets.session import Session
from assets.warehouse.raw import DELETED, RUN, table_of
from readiness.schema import COUNT, TEXT

RECORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "salesforce": {
        "opportunity": ("opportunity",),
        "person": ("contact", "lead"),
        "group_role": ("opportunity_contact_role",),
    },
    "hubspot": {"opportunity": ("deals",), "person": ("contacts",)},
    "files": {},
}
"""Our objects -> the streams whose rows are their records."""

IDS = {"salesforce": "Id", "hubspot": "id", "files": ""}
HELD = {"object": TEXT, "record_id": TEXT, "field": TEXT, "value": TEXT, RUN: COUNT}


def held(session: Session) -> nw.LazyFrame[Any]:
    """(object, record_id, field, value), one row per value that the CRM holds.

    A row that we wrote is taken from its receipt until the pull has met its echo: what was written in a run is
    newer than what that run had pulled.
    """
    store = session.store
    stored = store.keep("held", nw.concat([*_pulled(session), store.frame([], HELD)]))
    ours = store.keep(
        "ours",
        "select object, record_id, field, last(after order by seq, sent_at) as value, max(seq) as _run"
        " from receipts where outcome = 'written' group by object, record_id, field",
    )
    both = store.keep(
        "both", nw.concat([stored.with_columns(nw.lit(0).alias("rank")), ours.with_columns(nw.lit(1).alias("rank"))])
    )
    return both.unique(subset=["object", "record_id", "field"], keep="last", order_by=[RUN, "rank"]).select(
        "object", "record_id", "field", "value"
    )


def _pulled(session: Session) -> Iterator[nw.LazyFrame[Any]]:
    crm = session.connection.config.crm
    for field in FIELDS:
        native = session.connector.native_field(field.object, field.name)
        for stream in RECORDS[crm].get(field.object, ()):
            if native in session.store.columns(table_of(stream)):
                rows = session.store.read(table_of(stream)).filter(~nw.col(DELETED))
                yield rows.select(
                    nw.lit(field.object).alias("object"),
                    nw.col(IDS[crm]).alias("record_id"),
                    nw.lit(field.name).alias("field"),
                    nw.col(native).alias("value"),
                    nw.col(RUN),
                )
