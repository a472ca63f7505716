"""Tables stand while only time passes, each for its while, and are made anew with whatever else happens."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assets.connection import Connection
from assets.model import shelf
from assets.unchanged import EVIDENCE, TABLES
from tests.assets.logs import export
from tests.assets.way import linked, stored, walk
from tests.transforms.report_book import AS_OF, book

UP_TO_FIELDS = 5


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export(tmp_path_factory.mktemp("log") / "export", book())


@pytest.fixture
def acme(tmp_path: Path, log: Path) -> Connection:
    acme = linked(tmp_path, "files", str(log), "observe")
    walk(acme, AS_OF, UP_TO_FIELDS)
    return acme


def when_worded(acme: Connection, at: datetime) -> str:
    """The time of writing that the fields carry after a run at that instant."""
    walk(acme, at, UP_TO_FIELDS)
    with stored(acme) as store:
        [row] = store.query("select distinct value from fields where field = 'updated_at' and value is not null")
    return str(row["value"])


def test_an_hour_in_which_nothing_came_rewords_no_field(acme: Connection) -> None:
    assert when_worded(acme, AS_OF + timedelta(hours=1)) == f"{AS_OF:%Y-%m-%dT%H:%M:%SZ}"


def when_made(acme: Connection, at: datetime, what: str) -> datetime:
    """The instant as of which a run at that moment has them."""
    walk(acme, at, UP_TO_FIELDS)
    with stored(acme) as store:
        [row] = store.query("select as_of from made where what = ?", [what])
    return row["as_of"].astimezone(UTC)


@pytest.mark.parametrize("what", [TABLES, EVIDENCE])
@pytest.mark.parametrize(("minutes", "stands"), [(-30, False), (30, True), (60, False)])
def test_what_scores_are_made_from_is_an_hour_old_at_most(
    acme: Connection, what: str, minutes: int, stands: bool
) -> None:
    later = AS_OF + timedelta(minutes=minutes)
    assert when_made(acme, later, what) == (AS_OF if stands else later)


def test_a_day_tells_what_its_passing_has_changed(acme: Connection) -> None:
    later = AS_OF + timedelta(days=1)
    assert when_worded(acme, later) == f"{later:%Y-%m-%dT%H:%M:%SZ}"


def test_a_person_s_new_name_rewords_them(tmp_path: Path) -> None:
    rows = book()
    acme = linked(tmp_path, "files", str(export(tmp_path / "log", rows)), "observe")
    walk(acme, AS_OF, UP_TO_FIELDS)
    rows["people"][0]["name"] = "Kris"
    export(tmp_path / "log", rows)
    later = AS_OF + timedelta(hours=1)
    assert when_worded(acme, later) == f"{later:%Y-%m-%dT%H:%M:%SZ}"


def test_another_language_rewords_them(acme: Connection, log: Path) -> None:
    changed = linked(acme.folder.parent.parent, "files", str(log), "observe", "    language: nl\n")
    assert changed.store == acme.store
    later = AS_OF + timedelta(hours=1)
    assert when_worded(changed, later) == f"{later:%Y-%m-%dT%H:%M:%SZ}"


def test_another_model_rewords_them(acme: Connection) -> None:
    shelf.put(acme, replace(shelf.in_use(acme), version="fit-1"))
    shelf.choose(acme, "fit-1")
    later = AS_OF + timedelta(hours=1)
    assert when_worded(acme, later) == f"{later:%Y-%m-%dT%H:%M:%SZ}"
