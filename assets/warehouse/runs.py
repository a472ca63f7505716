"""What happened in each run: its instant, and its counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from assets.errors import Refused
from assets.warehouse.store import Warehouse

COUNTS = (
    "rows_pulled",
    "api_calls",
    "rows_written",
    "rows_unchanged",
    "rows_rejected",
    "rows_parked",
    "tasks_opened",
    "tasks_closed",
)


PULLED = "pulled_at"


@dataclass(frozen=True)
class Run:
    """One run on this store. `seq` orders runs: a raw row or a receipt of a higher one is newer."""

    store: Warehouse
    seq: int
    run_id: str

    def fix(self, as_of: datetime) -> datetime:
        """Settle the instant of this run, once; a second call returns the first one's instant."""
        fixed = self._own()
        if fixed is None:
            fixed = as_of.astimezone(UTC).replace(microsecond=0)
            self.store.execute("update runs set as_of = ? where seq = ?", [fixed, self.seq])
        return fixed

    @property
    def as_of(self) -> datetime:
        """The instant of this run, or of the last run that pulled when this one didn't.

        Raises
        ------
        Refused : nothing has been pulled yet.
        """
        own = self._own()
        if own is not None:
            return own
        rows = self.store.query("select as_of from runs where as_of is not null order by seq desc limit 1")
        if not rows:
            raise Refused(f"{self.store.name}: nothing has been pulled yet. Run `readiness sync` first.")
        return _utc(rows[0]["as_of"])

    def pulled(self, began: datetime) -> None:
        """Note that all streams were read to their ends by a pull that began at this instant of the CRM's clock."""
        self.store.execute("delete from meta where key = ?", [PULLED])
        self.store.insert("meta", [(PULLED, began.isoformat())])

    @property
    def pulled_at(self) -> datetime:
        """The beginning of the last pull that was complete, by the CRM's own clock."""
        rows = self.store.query("select value from meta where key = ?", [PULLED])
        return datetime.fromisoformat(rows[0]["value"]) if rows else datetime(2000, 1, 1, tzinfo=UTC)

    def tally(self, **counts: int) -> None:
        """Add to this run's counts."""
        self.store.insert("tallies", [(self.seq, name, value) for name, value in counts.items()])

    def tallied(self) -> dict[str, int]:
        rows = self.store.query(
            "select name, sum(value)::bigint as value from tallies where seq = ? group by name", [self.seq]
        )
        return {row["name"]: row["value"] for row in rows}

    @cached_property
    def calls_before(self) -> int:
        """Calls to the CRM in runs that began in the 24 hours before this one."""
        rows = self.store.query(
            "select coalesce(sum(t.value), 0)::bigint as calls from tallies t join runs r using (seq)"
            " where t.name = 'api_calls' and r.started_at > ? and r.seq < ?",
            [datetime.now(UTC) - timedelta(hours=24), self.seq],
        )
        return int(rows[0]["calls"])

    def summary(self) -> dict[str, Any]:
        """What the run did, in counts, and how long it took; `api_calls` to `tasks_closed` are 0 where nothing was."""
        counts, row = self.tallied(), self.store.query("select started_at from runs where seq = ?", [self.seq])[0]
        seconds = (datetime.now(UTC) - _utc(row["started_at"])).total_seconds()
        return {
            "connection": self.store.name,
            "run_id": self.run_id,
            "as_of": self.as_of.isoformat(),
            **{name: counts.get(name, 0) for name in COUNTS},
            "seconds": round(seconds, 1),
        }

    def _own(self) -> datetime | None:
        rows = self.store.query("select as_of from runs where seq = ?", [self.seq])
        return _utc(rows[0]["as_of"]) if rows[0]["as_of"] else None


def begun(store: Warehouse, run_id: str) -> Run:
    """The run of that id: a new one, or the one that an earlier step of it began."""
    known = store.query("select seq from runs where run_id = ?", [run_id])
    if known:
        return Run(store, known[0]["seq"], run_id)
    seq = store.query("select coalesce(max(seq), 0) + 1 as seq from runs")[0]["seq"]
    store.insert("runs", [(seq, run_id, None, datetime.now(UTC))])
    return Run(store, seq, run_id)


def _utc(value: datetime) -> datetime:
    return value.astimezone(UTC)
