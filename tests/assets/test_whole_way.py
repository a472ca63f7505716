"""From the CRM to the CRM, over real HTTP: what is written, what isn't, and what a second run does."""

from __future__ import annotations

from pathlib import Path

import pytest

from assets.connect import connect
from assets.errors import ConfigError, Refused
from assets.session import session
from assets.warehouse.runs import begun
from assets.warehouse.verdicts import Verdict, record
from sandbox.server import Sandbox
from tests.assets.way import STEPS, keys_in_crm, linked, provision, stored, walk

CRMS = pytest.mark.parametrize("crm", ["salesforce", "hubspot"])


@CRMS
def test_a_book_is_enriched_then_settles_then_follows_the_market(tmp_path: Path, sandbox: Sandbox, crm: str) -> None:
    acme = linked(tmp_path, crm, sandbox.url, extra="    language: nl\n    country: NL\n")
    provision(acme)
    first = walk(acme)
    assert first["rows_written"] > 10
    assert first["rows_rejected"] == 0
    assert first["tasks_opened"] > 0
    echo, settled = walk(acme), walk(acme)
    for later in (echo, settled):
        assert (later["rows_written"], later["tasks_opened"], later["tasks_closed"]) == (0, 0, 0)
    assert settled["rows_pulled"] < first["rows_pulled"] / 10
    keys = keys_in_crm(acme)
    assert len(keys) == len(set(keys)) == first["tasks_opened"]
    sandbox.world.advance(5)
    moved = walk(acme)
    assert 0 < moved["rows_written"] < first["rows_written"] * 2
    _crm_holds_what_was_decided(acme)


def _crm_holds_what_was_decided(acme) -> None:  # type: ignore[no-untyped-def]
    """After one more pull, every field of ours stands in the CRM as the last leg wanted it."""
    walk(acme, steps=6)
    with stored(acme) as store:
        assert store.query("select object, record_id, field, old, new from plan") == []
        texts = store.query("select value from fields where field = 'why' and value is not null limit 1")
        assert texts[0]["value"]


@CRMS
def test_observe_computes_all_and_writes_nothing(tmp_path: Path, sandbox: Sandbox, crm: str) -> None:
    acme = linked(tmp_path, crm, sandbox.url, mode="observe")
    summary = walk(acme)
    assert (summary["rows_written"], summary["tasks_opened"]) == (0, 0)
    with stored(acme) as store:
        assert store.count("plan") > 0
        assert store.count("receipts") == 0
    writes = [call for call in sandbox.world.stats.shown()["calls"] if "update" in call or call.startswith("PATCH")]
    assert writes == []


@CRMS
def test_without_its_fields_nothing_is_written_and_the_remedy_is_named(
    tmp_path: Path, sandbox: Sandbox, crm: str
) -> None:
    acme = linked(tmp_path, crm, sandbox.url)
    with pytest.raises(Refused, match=r"acme: nothing was written, because the CRM lacks .*readiness provision"):
        walk(acme)
    with stored(acme) as store:
        assert store.count("receipts") == 0


def test_a_failed_check_keeps_the_writer_from_writing_even_when_it_runs_alone(tmp_path: Path, sandbox: Sandbox) -> None:
    acme = linked(tmp_path, "hubspot", sandbox.url)
    provision(acme)
    walk(acme, steps=6)
    with stored(acme) as store:
        record(begun(store, "look"), [Verdict("volume", "people", False, True, "3 rows, 90 before")])
    with session(acme, "alone") as opened, pytest.raises(Refused, match="people, volume: 3 rows, 90 before"):
        STEPS[-1](opened)


def test_a_pilot_touches_its_owners_records_alone(tmp_path: Path, sandbox: Sandbox) -> None:
    scout = linked(tmp_path / "scout", "salesforce", sandbox.url, mode="observe")
    walk(scout, steps=2)
    with stored(scout) as store:
        owner = store.query(
            "select s.seller_id, s.email, count(*) as n from opportunities o join sellers s using (seller_id)"
            " where outcome = 'open' group by all order by n desc limit 1"
        )[0]
    acme = linked(tmp_path / "acme", "salesforce", sandbox.url, "pilot", f"    pilot_owners: [{owner['email']}]\n")
    provision(acme)
    walk(acme)
    with stored(acme) as store:
        touched = store.query(
            "select distinct o.seller_id from receipts r join opportunities o on o.opportunity_id = r.record_id"
        )
        tasks = store.query("select distinct owner_id from task_intents")
    assert [row["seller_id"] for row in touched] == [owner["seller_id"]]
    assert {row["owner_id"] for row in tasks} <= {owner["seller_id"]}


def test_a_pilot_owner_whom_the_crm_does_not_know_is_named(tmp_path: Path, sandbox: Sandbox) -> None:
    acme = linked(tmp_path, "salesforce", sandbox.url, "pilot", "    pilot_owners: [nobody@acme.example]\n")
    with pytest.raises(ConfigError, match=r"acme › pilot_owners: the CRM has no seller nobody@acme\.example"):
        walk(acme)


@pytest.mark.parametrize("crm", [pytest.param("salesforce", marks=pytest.mark.slow), "hubspot"])
def test_an_empty_store_beside_a_crm_that_we_wrote_to_makes_no_second_task(
    tmp_path: Path, sandbox: Sandbox, crm: str
) -> None:
    first = linked(tmp_path / "first", crm, sandbox.url)
    provision(first)
    walk(first)
    keys = keys_in_crm(first)
    second = linked(tmp_path / "second", crm, sandbox.url)
    again = walk(second)
    assert keys
    assert keys_in_crm(second) == keys
    assert (again["rows_written"], again["tasks_opened"]) == (0, 0)


def test_a_task_that_its_seller_ticked_off_does_not_come_back(tmp_path: Path, sandbox: Sandbox) -> None:
    acme = linked(tmp_path, "salesforce", sandbox.url)
    provision(acme)
    walk(acme)
    keys = keys_in_crm(acme)
    connector = connect(acme)
    with stored(acme) as store:
        ids = [row["opportunity_id"] for row in store.query("select opportunity_id from opportunities")]
    task = next(iter(connector.tasks_of(ids)))
    door = connector._door  # type: ignore[attr-defined]
    door.json("PATCH", f"/services/data/v{door.version}/sobjects/Task/{task.task_id}", {"Status": "Completed"})
    connector.close()
    for _ in range(2):
        walk(acme)
    with stored(acme) as store:
        assert store.query("select state from task_intents where key = ?", [task.key]) == [{"state": "done"}]
    assert len(keys_in_crm(acme)) == len(keys)
