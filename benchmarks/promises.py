"""Promises found beside promises made, on the simulated market.

    python -m benchmarks.promises [opportunities] [seed]

A promise counts as found when the ledger has one on the same deal by the same side, made within two days of it and due
within a day of it (or the day before it, or three days after over a weekend). What the CRM holds of it, in a message
or in a task, is what could be found.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from benchmarks.market import World, rows, world

MADE, EARLY, LATE = timedelta(days=2), timedelta(days=2), timedelta(days=4)


@dataclass(frozen=True)
class Figures:
    """Shares of planted promises found and of found ones invented, and of kept ones seen kept."""

    planted: int
    found: int
    listed: int
    invented: int
    kept_right: float

    @property
    def recall(self) -> float:
        return self.found / max(1, self.planted)

    @property
    def invented_share(self) -> float:
        return self.invented / max(1, self.listed)


def measured(here: World) -> Figures:
    """The ledger against the truth of a market."""
    held = {row["interaction_id"] for row in rows(here.tables["interactions"].select("interaction_id"))}
    tasks = {row["task_id"] for row in rows(here.tables["tasks"].select("task_id"))}
    planted = [one for one in here.truth["promises"] if one.activity_id in held or one.task_id in tasks]
    listed = rows(here.tables["promises"])
    by_deal: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in listed:
        by_deal[row["opportunity_id"], row["made_by"]].append(row)
    matched: set[str] = set()
    found, right, judged = 0, 0, 0
    for one in planted:
        hits = [row for row in by_deal[one.opportunity_id, one.made_by] if _is(row, one.made_at, one.due_at)]
        matched.update(row["promise_id"] for row in hits)
        found += bool(hits)
        if hits and one.due_at < here.as_of and not one.lapsed:
            judged += 1
            right += (one.kept_at is not None) == any(row["kept_at"] for row in hits)
    return Figures(len(planted), found, len(listed), len(listed) - len(matched), right / max(1, judged))


def _is(row: dict[str, Any], made_at: datetime, due_at: datetime) -> bool:
    return bool(abs(row["made_at"] - made_at) <= MADE and -EARLY <= row["due_at"] - due_at <= LATE)


def main(arguments: Iterable[str]) -> None:
    """Print the figures."""
    given = [int(argument) for argument in arguments]
    figures = measured(world(*(given or [600])))
    print(f"planted {figures.planted:,}, found {figures.recall:.1%}")
    print(
        f"listed {figures.listed:,}, invented {figures.invented_share:.1%}; kept or not: right {figures.kept_right:.1%}"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
