"""A store belongs to one org, portal or folder: a sandbox's watermark never meets production."""

from __future__ import annotations

from assets.errors import Refused
from assets.warehouse.store import Warehouse
from connectors.protocol import Identity


def bind(store: Warehouse, identity: Identity) -> None:
    """Bind an unbound store to this account; refuse another one.

    Raises
    ------
    Refused : the store was filled from another account.
    """
    meta = {row["key"]: row["value"] for row in store.query("select key, value from meta")}
    if "account_id" not in meta:
        facts = {"crm": identity.crm, "account_id": identity.account_id, "account_name": identity.name}
        store.insert("meta", list(facts.items()))
        return
    if (meta["crm"], meta["account_id"]) != (identity.crm, identity.account_id):
        raise Refused(
            f"{store.name}: this store was filled from {meta['crm']} {meta['account_id']}, but the connection now "
            f"leads to {identity.crm} {identity.account_id}. Point the connection back, or give the other account a "
            "connection of its own name."
        )
