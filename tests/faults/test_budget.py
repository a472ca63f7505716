"""As the quota shrinks, history waits, then people, never the write to the open opportunities."""

from __future__ import annotations

import logging

import pytest

from assets import push
from assets.budget import Spent
from sandbox.server import Sandbox
from tests.assets.way import stored
from tests.faults.scene import Scene, rows_of

QUOTA = 625_000
OURS = QUOTA // 100
ONE_PERCENT = "    daily_calls: 1%\n"


@pytest.fixture
def scene(scenes: dict[str, Scene]) -> Scene:
    return scenes["hubspot"]


def leave(sandbox: Sandbox, share: float) -> None:
    """Other integrations spend until this share of our one percent is left, beside what nobody of us may touch."""
    sandbox.world.limits.forgive()
    sandbox.world.limits.leave(int(QUOTA * 0.05 + OURS * share), "hubspot")


@pytest.mark.parametrize(
    ("share", "waiting"),
    [
        (0.9, set()),
        (0.2, {"line_items", "tickets"}),
        (0.1, {"line_items", "tickets", "companies", "contacts", "leads"}),
    ],
)
def test_history_waits_then_people_and_open_opportunities_are_written_all_the_same(
    scene: Scene, sandbox: Sandbox, share: float, waiting: set[str], caplog: pytest.LogCaptureFixture
) -> None:
    connection = scene.connection(filled=True, extra=ONE_PERCENT)
    wanted = scene.intention()
    sandbox.world.advance(3)
    leave(sandbox, share)
    told = scene.run(connection, wanted)
    warned = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    left_out = {name for message in warned for name in message.partition(": ")[2].split(", ")}
    assert left_out - {""} == waiting
    assert told["rows_written"] == len(wanted.opportunities)
    sandbox.world.limits.forgive()
    scene.run(connection, wanted)
    here = scene.here(connection)
    assert all(here[table] == rows for table, rows in rows_of(scene.there(connection)).items()), "it has caught up"


def test_a_connection_that_was_never_read_is_not_scored_on_half_of_it(scene: Scene, sandbox: Sandbox) -> None:
    leave(sandbox, 0.1)
    with pytest.raises(Spent, match=r"our share of 6,250 calls a day \(1% of 625,000\) is used up"):
        scene.run(scene.connection(filled=False, extra=ONE_PERCENT), scene.intention())
    sandbox.world.limits.forgive()


@pytest.mark.slow
def test_with_nothing_left_people_wait_and_opportunities_are_still_written(
    scene: Scene, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = scene.connection(filled=True, extra=ONE_PERCENT)
    wanted = scene.intention()
    genuine = push.push

    def push_with_nothing_left(session: object, changes: list[push.Change]) -> dict[str, int]:
        leave(sandbox, 0.0)
        session.connector.identity()  # type: ignore[attr-defined]
        contact = session.store.query("select id from raw_contacts where not _deleted limit 1")[0]["id"]  # type: ignore[attr-defined]
        person = push.Change("person", contact, "readiness", None, "10")
        return genuine(session, [person, *changes])  # type: ignore[arg-type]

    monkeypatch.setattr("assets.legs.writeback.push", push_with_nothing_left)
    sandbox.world.limits.forgive()
    scene.run(connection, wanted)
    sandbox.world.limits.forgive()
    with stored(connection) as store:
        written = store.query("select distinct object, outcome from receipts")
        waits = store.query("select sum(value)::int as n from tallies where name = 'rows_waiting'")
    assert written == [{"object": "opportunity", "outcome": "written"}]
    assert waits == [{"n": 1}]
