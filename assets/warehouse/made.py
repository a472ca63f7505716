"""When tables were last made from what the store holds of the CRM; nothing once something else has come to it."""

from __future__ import annotations

from datetime import UTC, datetime

from assets.warehouse.store import Warehouse


def when(store: Warehouse, what: str, by: str) -> datetime | None:
    """The instant of the run that made them by these means; None where something has come or gone since."""
    rows = store.query("select as_of from made where what = ? and made_by = ?", [what, by])
    return rows[0]["as_of"].astimezone(UTC) if rows else None


def note(store: Warehouse, what: str, as_of: datetime, by: str) -> None:
    """They have been made now.

    Parameters
    ----------
    by : a digest of what else decides what is in them.
    """
    store.execute("delete from made where what = ?", [what])
    store.insert("made", [(what, as_of, by)])


def forget(store: Warehouse) -> None:
    """Something has come, or gone, that any of them may speak of."""
    store.execute("delete from made")
