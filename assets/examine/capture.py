"""How much of each owner's mail, calls and meetings the CRM captures: what isn't there can't speak of a buyer."""

from __future__ import annotations

from collections.abc import Iterator

from assets.connection import Connection
from assets.examine.finding import Finding
from assets.warehouse import Warehouse
from readiness.schema import CANONICAL
from transforms.members import capture

KINDS = {"obs_mail": "mail", "obs_call": "calls", "obs_meeting": "meetings"}
HARDLY = 0.25
"""At most this share of what the team's median owner has: next to nothing."""
REMEDY = {
    "salesforce": "Connect their mailbox and calendar (Einstein Activity Capture, Gmail/Outlook integration).",
    "hubspot": "Have them connect inbox, calendar and calling under Settings › General.",
    "files": "See whether the export left their activities out.",
}


def captured(connection: Connection) -> Iterator[Finding]:
    """One finding per owner of open deals; a note where next to nothing of a channel arrives.

    It says what the CRM records, as a share of the team's median per open deal, never what anybody did: an owner
    without a connected mailbox looks exactly like one who writes no mail.
    """
    store = Warehouse(connection.store, wait_seconds=2)
    try:
        if not store.has("opportunities"):
            return
        as_of = store.query("select max(as_of) as as_of from runs")[0]["as_of"]
        with store.scratch():
            tables = {table.name: store.read(table.name) for table in CANONICAL}
            shares = capture(tables, as_of, store.keep).collect().rows(named=True)
        names = {row["seller_id"]: row["name"] for row in store.query("select seller_id, name from sellers")}
    finally:
        store.close()
    for row in sorted(shares, key=lambda row: str(names.get(row["seller_id"]) or row["seller_id"])):
        owner = names.get(row["seller_id"]) or row["seller_id"]
        said = ", ".join(f"{kind} {row[column]:.0%}" for column, kind in KINDS.items())
        dark = [kind for column, kind in KINDS.items() if row[column] <= HARDLY]
        if dark:
            found = f"{owner}: {said}; next to no {' and '.join(dark)}"
            yield Finding("note", "capture", found, REMEDY[connection.config.crm])
        else:
            yield Finding("ok", "capture", f"{owner}: {said}")
