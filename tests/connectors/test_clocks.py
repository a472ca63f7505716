"""The CRM's web servers may tell another time than its records carry: no record is passed over for that."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

import pytest

from tests.connectors.conftest import fault
from tests.contract.mirror import Mirror
from tests.contract.subjects import Subject


@pytest.fixture(params=["salesforce", "hubspot"])
def subject(request: pytest.FixtureRequest) -> Subject:
    found: Subject = request.getfixturevalue(request.param)
    return found


@pytest.mark.parametrize("hours", [1, -1])
def test_a_server_whose_clock_is_an_hour_off_moves_no_cursor_ahead_of_its_rows(subject: Subject, hours: int) -> None:
    time.sleep(1.1)  # what others stamped in this very second would be read again
    fault(subject.url, "clock_skew", seconds=3600 * hours)  # type: ignore[attr-defined]
    mirror = Mirror()
    mirror.sync(subject.open(), subject.opportunities)
    target = str(sorted(mirror.ids(subject.opportunities), key=str)[0])
    for name in ("renamed within the hour", "and again"):
        subject.rename([target], name)
        mirror.sync(subject.open(), subject.opportunities)
        assert mirror.tables[subject.opportunities][(target,)][subject.name] == name
    assert mirror.sync(subject.open(), subject.opportunities)[subject.opportunities] <= 1


def test_a_clock_that_is_right_costs_no_row_a_second_reading(subject: Subject) -> None:
    time.sleep(1.1)  # what is stamped in the very second of a pull is read again by the next one
    mirror = Mirror()
    mirror.sync(subject.open(), subject.opportunities)
    assert mirror.sync(subject.open(), subject.opportunities)[subject.opportunities] == 0


def test_what_the_crm_calls_now_is_told_as_it_says_it(subject: Subject) -> None:
    before: datetime = subject.open().now()
    fault(subject.url, "clock_skew", seconds=3600)  # type: ignore[attr-defined]
    assert subject.open().now() - before > timedelta(minutes=59)
