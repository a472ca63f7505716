"""From the CRM: its own rows, as it words them, since the last run."""

from __future__ import annotations

import dagster as dg

from assets.connection import Connection
from assets.erasure.erase import erase_gone
from assets.legs.step import Facts, Leg, Produced, asset_of
from assets.pull import pull
from assets.reports.files import withdraw
from assets.session import Session
from assets.warehouse.raw import table_of
from readiness.schema import CANONICAL

STREAMS = {
    "salesforce": """
        user account contact lead record_type opportunity_stage opportunity opportunity_history
        opportunity_field_history opportunity_contact_role opportunity_line_item quote quote_history
        task event event_relation email_message email_message_relation case
    """,
    "hubspot": """
        owners companies contacts leads deal_pipelines deals property_history associations
        emails calls meetings notes tasks quotes line_items tickets
    """,
    "files": " ".join(table.name for table in CANONICAL),
}
"""The streams of each kind of CRM, as the connectors name them."""
PEOPLE = ("contact", "contacts", "people")


def assets_for(connection: Connection) -> list[dg.AssetsDefinition]:
    """One table per stream of this kind of CRM."""
    crm = connection.config.crm
    tables = [
        Produced(table_of(stream), f"`{stream}` as {crm} gives it: every value as text, nothing left out or added.")
        for stream in STREAMS[crm].split()
    ]
    return [asset_of(connection, Leg("raw", "1", crm, tables, work))]


def work(session: Session) -> Facts:
    """Pull every stream; the run's instant is the CRM's own clock, unless one was given."""
    session.run.fix(session.as_of or session.connector.now())
    counts = pull(session)
    session.run.tally(rows_pulled=sum(count.pulled for count in counts.values()))
    forgotten = erase_gone(session)
    if forgotten:
        withdraw(session)
    unread = session.connector.capabilities().missing_streams
    return {
        table_of(name): {
            "rows": count.pulled,
            "changed": count.changed,
            "unchanged": count.unchanged,
            "deleted": count.deleted,
            **({"not_readable": unread[name]} if name in unread else {}),
            **({"erased": forgotten} if forgotten and name in PEOPLE else {}),
            **({"reread": count.reread, "to_reread": count.to_reread} if count.reread or count.to_reread else {}),
            **({"waits": "few calls are left of daily_calls; a later run goes on"} if count.waits else {}),
        }
        for name, count in counts.items()
    }
