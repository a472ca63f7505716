"""What the reports say of leads."""

from __future__ import annotations

import pytest

from tests.transforms.report_book import AS_OF, Rows, ago, book, lead, measured, tables_of
from transforms.leads import REASONS
from transforms.reports.leads import leads


@pytest.fixture(scope="module")
def rows() -> Rows:
    return book()


def test_leads_are_timed_from_the_hand_over_and_those_that_wait_are_counted(rows):
    people = [
        *(lead(n, ready_at=ago(9), touch_minutes=60.0 * n, **{"class": "lead"}) for n in range(1, 16)),
        *(lead(n, ready_at=ago(9), is_unworked=True, qualified="mql", **{"class": "lead"}) for n in range(5)),
        lead(99, is_nurture=True),
        lead(98, is_converted=True),
    ]
    found = leads(tables_of(rows), people, [], AS_OF)
    assert measured(found, "hours_to_touch")["value"] == 8
    assert measured(found, "touched_in_a_day")["value"] == pytest.approx(8 / 20)
    assert measured(found, "unworked")["value"] == pytest.approx(5 / 20)
    assert measured(found, "unworked_mql")["value"] == 5
    assert measured(found, "people", "lead")["value"] == 20
    assert measured(found, "nurture")["value"] == 1
    assert measured(found, "per_seller")["n"] == 21
    assert [row["note"] for row in leads(tables_of(rows), [], [], AS_OF)] == ["no_leads"]


def test_leads_that_get_ready_are_held_against_first_contacts_with_them(rows):
    ready = {"ready_at": ago(20), "class": "lead"}
    called = [lead(n, touched_at=ago(19), **ready) for n in range(45)]
    waiting = [lead(n, is_unworked=True, **ready) for n in range(100, 115)]
    found = leads(tables_of(rows), [*called, *waiting, lead(999, ready_at=ago(200), touched_at=ago(150))], [], AS_OF)
    assert measured(found, "ready_per_week")["value"] == pytest.approx(60 * 7 / 90)
    assert measured(found, "called_per_week")["value"] == pytest.approx(45 * 7 / 90)
    assert measured(found, "weeks_waiting")["value"] == pytest.approx(15 / (45 * 7 / 90))
    assert measured(found, "called_per_week")["note"] == "more_leads"
    assert measured(leads(tables_of(rows), called, [], AS_OF), "called_per_week")["note"] is None


def test_sources_are_set_beside_what_became_of_their_leads(rows):
    none = {f"lost_{reason}": 0 for reason in REASONS}
    fair = {**none, "source": "Fair", "people": 20, "asked": 5, "converted": 1, "lost_never_touched": 6}
    web = {**none, "source": "", "people": 40, "asked": 30, "converted": 10, "lost_timing": 2}
    found = leads(tables_of(rows), [lead(1)], [fair, web], AS_OF)
    assert measured(found, "converted", "Fair")["value"] == pytest.approx(0.05)
    assert measured(found, "asked", "unknown_source")["value"] == pytest.approx(0.75)
    assert measured(found, "ended", "never_touched")["value"] == pytest.approx(0.75)
