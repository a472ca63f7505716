"""Messages whose topics an older lexicon found: read again in portions, as their texts were never stored.

The CRM's messages are the only place where the words still are. Each run asks for some of them anew, those of open
opportunities first and the newest of these first, until the last one carries the lexicon of today. When no version has
changed nothing is asked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from assets.budget import HISTORY, Budget
from assets.connect import annotate_of
from assets.session import Session
from assets.warehouse.raw import DELETED, Intake, table_of
from assets.warehouse.store import Warehouse

PER_RUN = 2000
"""Messages in one run: some ten calls to Salesforce, twenty to HubSpot."""
NAMES = {
    "salesforce": ("Id", "CreatedDate", '"Id"'),
    "hubspot": ("id", "createdAt", "'{stream}-' || id"),
}
"""The column of a message's id, that of its making, and how the canonical tables name the message."""
OPEN = """
    select interaction_id from interactions join opportunities using (opportunity_id)
    where opportunities.outcome = 'open' and interaction_id is not null
"""


def reread(session: Session, intakes: Mapping[str, Intake]) -> None:
    """Read a portion of what waits, as far as the budget goes; each intake counts its own."""
    crm, store = session.connection.config.crm, session.store
    if crm not in NAMES:
        return
    version = annotate_of(session.connection)("", "")["lexicon"]
    waiting = {name: n for name in intakes if (n := _waiting(store, name, version))}
    if not waiting:
        return
    for name, n in waiting.items():
        intakes[name].counts.to_reread = n
    budget = Budget(session)
    for name, ids in _portion(store, crm, waiting, version).items():
        if budget.allows(HISTORY):
            _read(session, intakes[name], ids, version)


def _waiting(store: Warehouse, stream: str, version: str | None) -> int:
    """How many messages of the stream carry another version; 0 of a stream without texts."""
    if "lexicon" not in store.columns(table_of(stream)):
        return 0
    condition = f"not {DELETED} and lexicon is distinct from ?"
    return int(store.query(f'select count(*) as n from "{table_of(stream)}" where {condition}', [version])[0]["n"])


def _portion(store: Warehouse, crm: str, streams: Iterable[str], version: str | None) -> dict[str, list[str]]:
    """stream -> ids of its messages whose turn it is."""
    record_id, made, named = NAMES[crm]
    one_of = " union all ".join(
        f'select \'{stream}\' as stream, "{record_id}" as id, "{made}" as made, '
        f"{named.format(stream=stream)} as interaction_id "
        f'from "{table_of(stream)}" where not {DELETED} and lexicon is distinct from ?'
        for stream in streams
    )
    is_open = f"interaction_id in ({OPEN})" if store.has("interactions") else "true"
    rows: list[dict[str, Any]] = store.query(
        f"select stream, id from ({one_of}) order by {is_open} desc, made desc, id limit {PER_RUN}",
        [version] * one_of.count("?"),
    )
    found: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        found[row["stream"]].append(row["id"])
    return found


def _read(session: Session, intake: Intake, ids: Sequence[str], version: str | None) -> None:
    """Store them anew. What the CRM shows no longer keeps the topics it had, and is not asked for again."""
    for page in session.connector.reread(intake.stream, ids):
        intake.take(page)
    intake.flush()
    table, record_id = table_of(intake.stream.name), intake.stream.key[0]
    unseen = f'lexicon is distinct from ? and "{record_id}" = any(?)'
    session.store.execute(f'update "{table}" set lexicon = ? where {unseen}', [version, version, list(ids)])
    intake.counts.reread = len(ids)
    intake.counts.to_reread -= len(ids)
