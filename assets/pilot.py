"""Mode pilot: only the records of the named owners are written."""

from __future__ import annotations

from typing import Any

import narwhals as nw

from assets.config.base import meant
from assets.errors import ConfigError
from assets.session import Session

RECORDS = """
select 'opportunity' as object, opportunity_id as record_id from opportunities semi join owner using (seller_id)
union select 'person', person_id from people semi join owner using (seller_id)
union select 'person', b.person_id from buying_group b
  join opportunities o using (opportunity_id) semi join owner using (seller_id) where b.left_at is null
"""
ROLES = """
union select 'group_role', r."Id" from raw_opportunity_contact_role r
  join opportunities o on o.opportunity_id = r."OpportunityId" semi join owner using (seller_id)
"""


def owners(session: Session) -> list[str] | None:
    """The seller ids that we may write for; None when it is everybody.

    Raises
    ------
    ConfigError : a pilot owner isn't among the CRM's sellers.
    """
    config = session.connection.config
    if config.mode != "pilot":
        return None
    rows = session.store.query("select lower(email) as email, seller_id from sellers where email is not null")
    known = {row["email"]: row["seller_id"] for row in rows}
    for email in config.pilot_owners:
        if email.lower() not in known:
            guess = meant(email.lower(), sorted(known)[:20])
            raise ConfigError(f"{session.connection.at('pilot_owners')}: the CRM has no seller {email}{guess}.")
    return [known[email.lower()] for email in config.pilot_owners]


def only_pilot(session: Session, fields: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """The rows of (object, record_id, …) that may be written: all, or those of the pilot's owners and their buyers."""
    sellers = owners(session)
    if sellers is None:
        return fields
    store = session.store
    store.execute("create or replace temp table owner (seller_id varchar)")
    store.insert("owner", [(seller,) for seller in sellers])
    roles = ROLES if store.has("raw_opportunity_contact_role") else ""
    records = store.keep("pilot", f"{RECORDS} {roles}")
    return fields.join(records, on=["object", "record_id"], how="semi")
