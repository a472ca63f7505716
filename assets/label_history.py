"""What sellers said of a buyer's phase, remembered as it was first met: a CRM keeps the value, but not when it was set
nor what stood beside it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import narwhals as nw

from assets.session import Session
from readiness.schema import LABELS
from transforms.labels import MIDDLE_OF_BAND

COLUMNS = ", ".join(LABELS.names)


def remembered(session: Session, labels: nw.LazyFrame) -> nw.LazyFrame:
    """All labels ever met, the new ones among `labels` (`schema.LABELS`) put to them; files have their own history.

    A label is new when it says another phase than the last one of that deal. What was shown beside it is what the CRM
    held, or else what we had written last by then.
    """
    if session.connection.config.crm == "files":
        return labels
    store = session.store
    last = {_about(row): row for row in store.query(f"select {COLUMNS} from labels_given order by given_at")}
    shown = _shown(session)
    met = labels.filter(nw.col("given_at") <= session.run.as_of).collect().rows(named=True)
    for row in sorted(met, key=lambda row: row["given_at"]):
        before = last.get(_about(row))
        if before and (row["phase"] == before["phase"] or row["given_at"] <= before["given_at"]):
            continue
        beside = row["shown_phase"]
        if beside is None:
            beside = _at(shown.get(row["opportunity_id"], []), row["given_at"])
        last[_about(row)] = row
        store.insert("labels_given", [tuple((row | {"shown_phase": beside})[name] for name in LABELS.names)])
    return store.keep("labels_met", f"select {COLUMNS} from labels_given")


def _about(row: dict[str, Any]) -> tuple[str, str | None]:
    return row["opportunity_id"], row["person_id"]


def _shown(session: Session) -> dict[str, list[tuple[datetime, int | None]]]:
    """Deal -> since when it showed which phase, by what we wrote; earliest first."""
    rows = session.store.query(
        "select record_id, after, as_of from receipts join runs using (seq)"
        " where object = 'opportunity' and field = 'phase' and outcome = 'written' and as_of is not null order by as_of"
    )
    found: dict[str, list[tuple[datetime, int | None]]] = {}
    for row in rows:
        band = MIDDLE_OF_BAND.get((row["after"] or "").strip().lower())
        found.setdefault(row["record_id"], []).append((row["as_of"], band))
    return found


def _at(shown: list[tuple[datetime, int | None]], instant: datetime) -> int | None:
    return next((phase for since, phase in reversed(shown) if since <= instant), None)
