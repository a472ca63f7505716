from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sandbox.clock import Clock

START = datetime(2026, 3, 2, 9, 0, 0, 400_000, tzinfo=UTC)


def test_the_clock_runs_from_its_start_and_jumps_when_days_pass() -> None:
    clock = Clock(START)
    assert timedelta(0) <= clock.now() - START < timedelta(seconds=5)
    clock.advance(2)
    assert timedelta(days=2) <= clock.now() - START < timedelta(days=2, seconds=5)


def test_a_held_clock_stands_at_a_full_second_and_never_goes_back() -> None:
    clock = Clock(START)
    before = clock.now()
    clock.hold()
    held = clock.now()
    assert held.microsecond == 0
    assert held > before
    assert clock.now() == held
    clock.advance(1)
    assert clock.now() == held + timedelta(days=1)
    clock.release()
    assert clock.now() >= held + timedelta(days=1)


def test_the_date_header_is_in_gmt() -> None:
    assert Clock(START).http_date() == "Mon, 02 Mar 2026 09:00:00 GMT"
