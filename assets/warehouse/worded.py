"""What the fields were last worded from; nothing while something else has come to the store since."""

from __future__ import annotations

from datetime import date

from assets.warehouse.store import Warehouse


def stand(store: Warehouse, day: date, made_by: str) -> bool:
    """Whether the fields were worded on that day, by the same means, from all that the store holds of the CRM."""
    return bool(store.query("select 1 from worded where day = ? and made_by = ?", [day, made_by]))


def note(store: Warehouse, day: date, made_by: str) -> None:
    """They have been worded now.

    Parameters
    ----------
    day : on the connection's calendar.
    made_by : a digest of what else decides the wording.
    """
    forget(store)
    store.insert("worded", [(day, made_by)])


def forget(store: Warehouse) -> None:
    """Something has come, or gone, that they may speak of."""
    store.execute("delete from worded")
