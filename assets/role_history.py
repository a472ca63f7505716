"""Who was on which deal, and when: no CRM keeps it, so each run compares its contact roles with the last ones."""

from __future__ import annotations

from collections.abc import Mapping

import narwhals as nw

from assets.session import Session
from transforms import hubspot, salesforce
from transforms.roles import ROLE_HISTORY, snapshot
from transforms.settings import Settings

CURRENT = {"salesforce": salesforce.current_roles, "hubspot": hubspot.current_roles}


def looked_at(session: Session, raw: Mapping[str, nw.LazyFrame], settings: Settings) -> dict[str, nw.LazyFrame]:
    """The role history after this look, under its name; nothing for files, whose tables have it themselves.

    A run as of an earlier instant looks back and takes no snapshot: what the CRM holds now was not there then.
    """
    current_roles = CURRENT.get(session.connection.config.crm)
    if current_roles is None:
        return {}
    store, name = session.store, ROLE_HISTORY.name
    previous = store.read(name) if store.has(name) else None
    if previous is None or session.as_of is None:
        current = current_roles(raw, settings, store.keep)
        store.replace(name, store.keep("roles_after_this_look", snapshot(previous, current, session.run.as_of)))
    return {name: store.read(name)}
