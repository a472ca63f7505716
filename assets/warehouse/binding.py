"""A store belongs to one org, portal or folder: a sandbox's watermark never meets production."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from assets.errors import Refused
from assets.warehouse.store import Warehouse
from connectors.protocol import Identity


@dataclass(frozen=True, slots=True)
class Binding:
    """What a store says of itself: its schema's version, and whose data it has; empty texts where nobody's yet."""

    version: int
    crm: str
    account_id: str


def binding_of(path: Path) -> Binding:
    """Read it from a store's file without changing the file.

    Raises
    ------
    Refused : the file is not there, or is no store of ours.
    """
    if not path.is_file():
        raise Refused(f"{path}: no such file. `readiness backup` prints where it put one.")
    try:
        with duckdb.connect(str(path), read_only=True) as file:
            version = file.execute("select max(version) from schema_version").fetchall()[0][0]
            meta = dict(file.execute("select key, value from meta").fetchall())
    except duckdb.Error:
        raise Refused(f"{path.name}: this is no store of Buyer Readiness, is damaged, or is open elsewhere.") from None
    return Binding(int(version or 0), meta.get("crm", ""), meta.get("account_id", ""))


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
