"""What the CRM holds of our own fields now: as last pulled, corrected by what we have written since."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import narwhals as nw

from assets.session import Session
from assets.warehouse.raw import DELETED, RUN, table_of
from transforms.fields import FIELDS

RECORDS: dict[str, dict[str, dict[str, str]]] = {
    "salesforce": {
        "opportunity": {"opportunity": '"Id"'},
        "person": {"contact": '"Id"', "lead": '"Id"'},
        "group_role": {"opportunity_contact_role": '"Id"'},
    },
    "hubspot": {"opportunity": {"deals": "id"}, "person": {"contacts": "id"}},
    "files": {
        "opportunity": {"opportunities": "opportunity_id"},
        "person": {"people": "person_id"},
        "group_role": {"buying_group": "opportunity_id || ':' || person_id"},
    },
}
"""Our objects -> the streams whose rows are their records, and a record's id in them."""

NOTHING = "select '' as object, '' as record_id, '' as field, '' as value, 0 as seq, 0 as is_ours where false"


def held(session: Session) -> nw.LazyFrame[Any]:
    """(object, record_id, field, value), one row per value that the CRM holds.

    A row that we wrote is taken from its receipt until the pull has met its echo: what was written in a run is
    newer than what that run had pulled.
    """
    store = session.store
    pulled = " union all ".join([NOTHING, *_pulled(session)])
    ours = (
        "select object, record_id, field, last(after order by seq, sent_at) as value, max(seq) as seq, 1 as is_ours"
        " from receipts where outcome = 'written' group by object, record_id, field"
    )
    return store.keep(
        "held",
        f"select object, record_id, field, last(value order by seq, is_ours) as value"
        f" from ({pulled} union all {ours}) group by object, record_id, field",
    )


def _pulled(session: Session) -> Iterator[str]:
    """One query per field of ours that the raw rows have."""
    crm = session.connection.config.crm
    streams = {stream for records in RECORDS[crm].values() for stream in records}
    columns = {stream: set(session.store.columns(table_of(stream))) for stream in streams}
    for field in FIELDS:
        native = session.connector.native_field(field.object, field.name)
        for stream, record_id in RECORDS[crm].get(field.object, {}).items():
            if native in columns[stream]:
                yield (
                    f"select '{field.object}', {record_id}, '{field.name}', \"{native}\", {RUN}, 0"
                    f' from "{table_of(stream)}" where not {DELETED}'
                )
