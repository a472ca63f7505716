"""Contact roles through time, from one look to the next."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.transforms.engines import Engine, rows_of
from tests.transforms.salesforce_org import only, org, role
from transforms import roles, salesforce
from transforms.settings import Settings


def day(month: int, number: int) -> datetime:
    return datetime(2026, month, number, 10, tzinfo=UTC)


def look(engine: Engine, held: list[dict], as_of: datetime, previous=None):
    raw = {name: engine.text(rows, ["Id"]) for name, rows in org(opportunity_contact_role=held).items()}
    current = engine.keep("current", salesforce.current_roles(raw, Settings(), engine.keep))
    return engine.keep(f"look_{as_of:%m%d}", roles.snapshot(previous, current, as_of))


def guessed(engine: Engine, pairs: list[tuple[str, datetime]]):
    rows = [
        {"opportunity_id": "1", "person_id": p, "seat": "user", "is_primary": False, "since": since, "is_exact": False}
        for p, since in pairs
    ]
    names = roles.CURRENT_ROLES
    import polars as pl

    dtypes = {"since": pl.Datetime("us", "UTC"), "is_primary": pl.Boolean(), "is_exact": pl.Boolean()}
    return engine.frame(rows, {name: dtypes.get(name, pl.String()) for name in names.names})


def test_the_first_look_takes_the_creation_of_the_role(engine: Engine):
    found = only(rows_of(look(engine, [role("00K1", "006A", "003A", "Beslisser")], day(3, 1))))
    assert (found["seat"], found["joined_at"], found["left_at"], found["role_id"]) == (
        "decider",
        day(2, 1),
        None,
        "00K1",
    )


def test_a_role_that_vanished_has_left_and_one_that_came_back_begins_anew(engine: Engine):
    first = look(engine, [role("00K1", "006A", "003A", "Champion")], day(3, 1))
    second = look(engine, [], day(3, 5), first)
    gone = only(rows_of(second))
    assert (gone["joined_at"], gone["left_at"]) == (day(2, 1), day(3, 5))
    third = rows_of(look(engine, [role("00K2", "006A", "003A", "Champion")], day(3, 9), second), "joined_at")
    assert [(r["joined_at"], r["left_at"]) for r in third] == [(day(2, 1), day(3, 5)), (day(3, 5), None)]


def test_a_changed_role_keeps_its_beginning(engine: Engine):
    first = look(engine, [role("00K1", "006A", "003A", "User")], day(3, 1))
    found = only(rows_of(look(engine, [role("00K1", "006A", "003A", "Decision Maker")], day(3, 5), first)))
    assert (found["seat"], found["joined_at"]) == ("decider", day(2, 1))


def test_without_a_date_of_its_own_a_later_link_begins_when_it_is_first_seen(engine: Engine):
    first = engine.keep("first", roles.snapshot(None, guessed(engine, [("a", day(2, 1))]), day(3, 1)))
    both = guessed(engine, [("a", day(2, 1)), ("late", day(2, 1)), ("young", day(3, 3))])
    found = {r["person_id"]: r["joined_at"] for r in rows_of(roles.snapshot(first, both, day(3, 5)))}
    assert found == {"a": day(2, 1), "late": day(3, 5), "young": day(3, 3)}
