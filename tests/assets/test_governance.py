"""Alerts that help and don't tire: which become tasks, which wait, and which never come back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assets.checks.receipts import nothing_is_parked
from assets.config import load
from assets.errors import ConfigError
from assets.governed import governed
from assets.session import Session
from assets.warehouse import Warehouse
from assets.warehouse.intents import DONE, GONE, OPEN, Intent, known, put
from assets.warehouse.receipts import ATTEMPTS, Answer, Change, record
from assets.warehouse.runs import begun
from readiness.schema import FLAG, TEXT, TIME
from tests.assets.way import linked

NOON = datetime(2026, 11, 20, 11, tzinfo=UTC)
COLUMNS = dict.fromkeys(
    ["key", "kind", "opportunity_id", "person_id", "seller_id", "priority", "subject", "body"], TEXT
) | {"due_at": TIME, "since": TIME}


class Desk:
    """A store with alerts in it, looked at on several days."""

    def __init__(self, folder: Path, extra: str = "") -> None:
        extra = f"    country: NL\n    alerts: {{{extra}}}\n"
        self.acme = linked(folder, "files", str(folder), extra=extra)
        self.store = Warehouse(self.acme.store)
        self.sellers(jan=True)
        self.runs = 0

    def look(self, alerts: list[str], at: datetime = NOON) -> tuple[list[str], dict[str, int]]:
        """Keys of the tasks to open and (with a minus) to withdraw, and the counts; then the plan is carried out."""
        self.runs += 1
        run = begun(self.store, f"run {self.runs}")
        run.fix(at)
        rows = [self._alert(key, number) for number, key in enumerate(alerts)]
        self.store.replace("alerts", self.store.frame(rows, COLUMNS))
        counts = governed(Session(self.acme, self.store, run))
        plan = self.store.query("select * from task_plan")
        put(run, [self._opened(row, at) for row in plan if row["action"] == "open"])
        return [("" if row["action"] == "open" else "-") + row["key"] for row in plan], counts

    def sellers(self, **is_active: bool) -> None:
        """Who there is, and whether they are still with the company."""
        rows = [{"seller_id": name, "is_active": active} for name, active in is_active.items()]
        self.store.replace("sellers", self.store.frame(rows, {"seller_id": TEXT, "is_active": FLAG}))

    def answer(self, key: str, answer: str | None, state: str, at: datetime = NOON) -> None:
        """What the seller does with a task."""
        run = begun(self.store, f"run {self.runs}")
        put(run, [replace(known(self.store)[key], answer=answer, state=state, closed_at=None if state == OPEN else at)])

    def _alert(self, key: str, number: int) -> dict[str, object]:
        kind, deal, *_ = key.split(":")
        texts = {"subject": "s", "body": "b", "priority": "normal", "seller_id": "jan"}
        return {**texts, "key": key, "kind": kind, "opportunity_id": deal, "due_at": NOON, "since": self._since(number)}

    def _since(self, number: int) -> datetime:
        return NOON - timedelta(days=30 - number)

    def _opened(self, row: dict[str, str], at: datetime) -> Intent:
        return Intent(row["key"], row["kind"], row["opportunity_id"], None, row["owner_id"], OPEN, "t", opened_at=at)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path, "per_owner_per_day: 2, cooldown_days: 7")
    yield made
    made.store.close()


def silent(deal: int, day: str = "2026-10-01") -> str:
    return f"silent_buyer:d{deal}:{day}"


def test_no_seller_gets_more_tasks_a_day_than_the_cap_and_the_oldest_cause_comes_first(desk: Desk) -> None:
    alerts = [silent(number) for number in range(5)]
    tasks, counts = desk.look(alerts)
    assert tasks == alerts[:2]
    assert counts["over_the_cap"] == 3
    assert desk.look(alerts, NOON + timedelta(hours=3))[0] == []
    assert desk.look(alerts, NOON + timedelta(days=1))[0] == alerts[2:4]


def test_nobody_is_given_a_task_who_has_left_the_company(desk: Desk) -> None:
    desk.sellers(jan=False)
    opened, counts = desk.look([silent(1)])
    assert opened == []
    assert counts["owner_has_left"] == 1


def test_the_same_cause_waits_for_the_cooldown_even_when_its_facts_move(desk: Desk) -> None:
    desk.look([silent(1)])
    desk.answer(silent(1), None, DONE)
    later = silent(1, "2026-11-20")
    tasks, counts = desk.look([later], NOON + timedelta(days=3))
    assert (tasks, counts["in_cooldown"]) == ([], 1)
    assert desk.look([later], NOON + timedelta(days=8))[0] == [later]


def test_not_right_ends_that_alert_on_that_deal_for_good_and_is_counted(desk: Desk) -> None:
    desk.look([silent(1)])
    desk.answer(silent(1), "not_right", DONE)
    tasks, counts = desk.look([silent(1, "2027-02-01"), silent(2)], NOON + timedelta(days=90))
    assert tasks == [silent(2)]
    assert (counts["said_not_right"], counts["answered_not_right"]) == (1, 1)


def test_a_snoozed_alert_comes_back_after_the_cooldown_under_a_key_of_its_own(desk: Desk) -> None:
    desk.look([silent(1)])
    desk.answer(silent(1), "snooze", GONE)
    tasks, counts = desk.look([silent(1)], NOON + timedelta(days=2))
    assert (tasks, counts["snoozed"], counts["answered_snooze"]) == ([], 1, 1)
    day = NOON + timedelta(days=8)
    assert desk.look([silent(1)], day)[0] == [f"{silent(1)}~2"]
    assert desk.look([silent(1)], day)[0] == [], "it is open"
    desk.answer(f"{silent(1)}~2", "snooze", DONE, day)
    assert desk.look([silent(1)], day + timedelta(days=8))[0] == [f"{silent(1)}~3"]
    assert desk.look([], day + timedelta(days=9))[0] == [f"-{silent(1)}~3"], "its cause is gone"


def test_an_answered_alert_without_a_snooze_does_not_come_back(desk: Desk) -> None:
    desk.look([silent(1)])
    desk.answer(silent(1), None, DONE)
    tasks, counts = desk.look([silent(1)], NOON + timedelta(days=60))
    assert (tasks, counts["had_its_task"]) == ([], 1)


def test_in_quiet_hours_nobody_is_called_and_afterwards_they_are(tmp_path: Path) -> None:
    night = Desk(tmp_path, "quiet_hours: 18:00-08:00")
    eleven_at_night = datetime(2026, 11, 20, 22, tzinfo=UTC)
    tasks, counts = night.look([silent(1)], eleven_at_night)
    assert (tasks, counts["in_quiet_hours"]) == ([], 1)
    assert night.look([silent(1)], datetime(2026, 11, 21, 6, 59, tzinfo=UTC))[0] == []
    assert night.look([silent(1)], datetime(2026, 11, 21, 7, tzinfo=UTC))[0] == [silent(1)], "08:00 in Amsterdam"
    night.store.close()


@pytest.mark.parametrize("text", ["18-8", "25:00-08:00", "18:00-18:00", "night"])
def test_hours_that_are_none_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "readiness.yaml"
    path.write_text(f'connections:\n  a: {{crm: files, path: x, alerts: {{quiet_hours: "{text}"}}}}\n')
    with pytest.raises(ConfigError, match=r'a › alerts › quiet_hours: hours are written like "18:00-08:00"'):
        load(path)


def test_what_is_parked_fails_a_check_that_tells_codes_and_no_values(desk: Desk) -> None:
    change = Change("opportunity", "1", "why", None, "Eva asked for a quote")
    for number in range(ATTEMPTS):
        record(begun(desk.store, f"run {number}"), [([change], Answer("rejected", "REQUIRED_FIELD_MISSING: Eva"))])
    passed, detail = nothing_is_parked(Session(desk.acme, desk.store, begun(desk.store, "look")))
    assert not passed
    assert detail == "1 values parked: REQUIRED_FIELD_MISSING (1); see `readiness parked`"
